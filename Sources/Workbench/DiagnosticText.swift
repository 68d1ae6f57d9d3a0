import Markup
import Syntax

/// An error as the learner sees it: the sentence, the rows with carets under the guilty places, the way out.
package enum DiagnosticText {
  /// - Parameter canMend: whether `:fix` has something to offer.
  package static func render(
    _ diagnostic: Diagnostic, _ source: Source, _ settings: Settings, canMend: Bool = false
  ) -> StyledText {
    let language = settings.language
    let width = max(20, settings.width)
    var text = StyledText()
    let head = language == .en ? "error[\(diagnostic.code)] " : "错误[\(diagnostic.code)] "
    let sentence = diagnostic.message[language].wrapped(width: width - head.displayWidth)
    for (index, line) in sentence.enumerated() {
      text.append(index == 0 ? head : String(repeating: " ", count: head.displayWidth), .error)
      text.append(line + "\n", .strong)
    }
    if let inside = diagnostic.inside {
      text.append((language == .en ? "  inside " : "  出自 ") + inside + "\n", .dim)
    }
    text.append(Excerpt(source, width: width, language).render(diagnostic.labels))
    text.append(wayOut(diagnostic, language, width: width, canMend: canMend))
    return text
  }

  /// The help, and what can be asked about it; on lines of their own where one is too narrow.
  private static func wayOut(
    _ diagnostic: Diagnostic, _ language: Language, width: Int, canMend: Bool
  ) -> StyledText {
    var questions: [String] = canMend ? [":fix"] : []
    if ErrorCodes[code: diagnostic.code] != nil { questions.append(":why \(diagnostic.code)") }
    let asked = questions.joined(separator: "  ")
    guard let help = diagnostic.help else {
      return asked.isEmpty ? StyledText() : StyledText("  " + asked + "\n", .dim)
    }
    let label = language == .en ? "  help: " : "  提示："
    var text = StyledText()
    var used = 0
    for (index, line) in help[language].wrapped(width: width - label.displayWidth).enumerated() {
      if index > 0 {
        text.append("\n" + String(repeating: " ", count: label.displayWidth))
      } else {
        text.append(label, .note)
      }
      text.append(line)
      used = label.displayWidth + line.displayWidth
    }
    if !asked.isEmpty {
      let fits = used + 6 + asked.displayWidth <= width
      text.append((fits ? "      " : "\n  ") + asked, .dim)
    }
    text.append("\n")
    return text
  }
}

/// The rows of a typed line that an error points at, with carets counted by columns.
private struct Excerpt {
  let source: Source
  /// The widest piece of a row that is repeated.
  let window: Int
  let language: Language

  init(_ source: Source, width: Int, _ language: Language) {
    self.source = source
    window = max(16, min(width - 10, 100))
    self.language = language
  }

  func render(_ labels: [Diagnostic.Label]) -> StyledText {
    guard !source.scalars.isEmpty, !labels.isEmpty else { return StyledText() }
    var text = StyledText()
    var start = 0
    var shown = 0
    while start <= source.scalars.count, shown < 3 {
      let end = source.scalars[start...].firstIndex(of: "\n") ?? source.scalars.count
      let isLast = end == source.scalars.count
      let here = labels.filter { label in
        let place = min(label.span.lowerBound, source.scalars.count)
        return place >= start && (place < end || place == end && (isLast || label.span.isEmpty))
      }
      if !here.isEmpty {
        text.append(row(start..<end, here))
        shown += 1
      }
      start = end + 1
    }
    return text
  }

  private func row(_ row: Range<Int>, _ labels: [Diagnostic.Label]) -> StyledText {
    let visible = labels.sorted { $0.span.lowerBound < $1.span.lowerBound }
    let place = min(labels[0].span.lowerBound, row.upperBound)
    // A long row is shown around the first place.
    var start = row.lowerBound
    if place - start > window - 10 { start = max(start, min(place - window / 2, row.upperBound - window)) }
    let end = min(row.upperBound, start + window)
    let isCut = start > row.lowerBound
    func column(_ offset: Int) -> Int {
      OutputGate.sanitize(source[start..<max(start, min(offset, end))]).displayWidth + (isCut ? 1 : 0)
    }
    var text = StyledText("  " + (isCut ? "…" : ""))
    text.append(source[start..<end] + (end < row.upperBound ? "…" : "") + "\n")
    var carets = ""
    var marked: [Diagnostic.Label] = []
    for label in visible where label.span.lowerBound >= start && label.span.lowerBound <= end {
      let from = column(label.span.lowerBound)
      if from < carets.count { continue }
      let width = max(1, column(min(label.span.upperBound, end)) - from)
      carets += String(repeating: " ", count: from - carets.count) + String(repeating: "^", count: width)
      marked.append(label)
    }
    // The last label's words stand beside its carets, the others below theirs.
    if let words = marked.last?.text { carets += " " + words[language] }
    text.append("  " + carets + "\n", .caret)
    for label in marked.dropLast().reversed() {
      guard let words = label.text else { continue }
      text.append("  " + String(repeating: " ", count: column(label.span.lowerBound)) + words[language] + "\n", .caret)
    }
    return text
  }
}
