import Markup

/// The Markdown of lessons as styled text: paragraphs, lists, quotes, **emphasis** (also between Chinese characters),
/// `code`.
enum Prose {
  static func render(_ text: String, width: Int) -> StyledText {
    var result = StyledText()
    var paragraph: [Substring] = []
    func flush() {
      if paragraph.isEmpty { return }
      append(join(paragraph), indent: "  ", first: "  ", width, to: &result)
      result.append("\n")
      paragraph = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        flush()
      } else if line.hasPrefix("- ") {
        flush()
        append(String(line.dropFirst(2)), indent: "    ", first: "  • ", width, to: &result)
      } else if line.hasPrefix("> ") {
        flush()
        append(String(line.dropFirst(2)), indent: "  │ ", first: "  │ ", width, to: &result)
      } else if line.hasPrefix("    ") {
        flush()
        result.append("    " + line.dropFirst(4) + "\n", .function)
      } else {
        paragraph.append(line)
      }
    }
    flush()
    return result
  }

  /// Lines of one paragraph: joined by a blank between Latin words, by nothing between Chinese characters.
  private static func join(_ lines: [Substring]) -> String {
    var result = ""
    for line in lines {
      if let last = result.last, let first = line.first, last.displayWidth < 2 || first.displayWidth < 2 {
        result += " "
      }
      result += line
    }
    return result
  }

  private static func append(_ text: String, indent: String, first: String, _ width: Int, to result: inout StyledText) {
    // Styles are found after wrapping, so that marks do not count as width: they are replaced by private characters.
    let marked = inline(text)
    let lines = marked.characters.wrapped(width: max(20, min(width, 84) - indent.displayWidth))
    var runs = marked.runs.flatMap { run in run.text.map { ($0, run.style) } }[...]
    for (index, line) in lines.enumerated() {
      result.append(index == 0 ? first : indent)
      for character in line {
        while let next = runs.first, next.0 != character { runs = runs.dropFirst() }
        result.append(String(character), runs.popFirst()?.1 ?? .plain)
      }
      result.append("\n")
    }
  }

  private static func inline(_ text: String) -> StyledText {
    var result = StyledText()
    var style = Style.plain
    var index = text.startIndex
    while index < text.endIndex {
      if style != .function, text[index...].hasPrefix("**") {
        style = style == .strong ? .plain : .strong
        index = text.index(index, offsetBy: 2)
      } else if text[index] == "`" {
        style = style == .function ? .plain : .function
        index = text.index(after: index)
      } else {
        result.append(String(text[index]), style)
        index = text.index(after: index)
      }
    }
    return result
  }
}
