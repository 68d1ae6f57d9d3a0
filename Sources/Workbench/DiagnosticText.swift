import Markup
import Syntax

/// An error as the learner sees it: the sentence, the line with carets under the guilty places, the way out.
package enum DiagnosticText {
  package static func render(_ diagnostic: Diagnostic, _ source: Source, _ language: Language) -> StyledText {
    var text = StyledText()
    text.append(language == .en ? "error[\(diagnostic.code)] " : "错误[\(diagnostic.code)] ", .error)
    text.append(diagnostic.message[language] + "\n", .strong)
    if let inside = diagnostic.inside {
      text.append((language == .en ? "  inside " : "  出自 ") + inside + "\n", .dim)
    }
    text.append(excerpt(diagnostic, source, language))
    if let help = diagnostic.help {
      text.append(language == .en ? "  help: " : "  提示：", .note)
      text.append(help[language])
      if ErrorCodes.table[diagnostic.code] != nil { text.append("      :why \(diagnostic.code)", .dim) }
      text.append("\n")
    }
    return text
  }

  /// The widest piece of the line that is repeated.
  private static let window = 70

  private static func excerpt(_ diagnostic: Diagnostic, _ source: Source, _ language: Language) -> StyledText {
    guard let first = diagnostic.labels.first, !source.scalars.isEmpty else { return StyledText() }
    // A long line is shown around the first place.
    let count = source.scalars.count
    var start = 0
    if first.span.lowerBound > window - 10 { start = max(0, min(first.span.lowerBound - window / 2, count - window)) }
    let end = min(count, start + window)
    let shown = source[start..<end].map { $0 == "\n" ? " " : String($0) }.joined()
    func column(_ offset: Int) -> Int {
      let piece = source[start..<max(start, min(offset, end))]
      return OutputGate.sanitize(piece).displayWidth + (start > 0 ? 1 : 0)
    }
    var text = StyledText("  " + (start > 0 ? "…" : "") + shown + (end < count ? "…" : "") + "\n")
    let visible = diagnostic.labels.filter { $0.span.lowerBound >= start && $0.span.lowerBound <= end }
      .sorted { $0.span.lowerBound < $1.span.lowerBound }
    var carets = ""
    for label in visible {
      let from = column(label.span.lowerBound)
      let width = max(1, column(min(label.span.upperBound, end)) - from)
      if from < carets.count { continue }
      carets += String(repeating: " ", count: from - carets.count) + String(repeating: "^", count: min(width, window))
    }
    // The last label's words stand beside its carets, the others below theirs.
    if let last = visible.last, let words = last.text { carets += " " + words[language] }
    text.append("  ")
    text.append(carets + "\n", .caret)
    for label in visible.dropLast().reversed() {
      guard let words = label.text else { continue }
      text.append("  " + String(repeating: " ", count: column(label.span.lowerBound)))
      text.append(words[language] + "\n", .caret)
    }
    return text
  }
}
