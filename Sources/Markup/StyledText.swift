/// What a run of text is, so that a theme can decide how it looks. Names meaning, never a colour.
package enum Style: Sendable, Hashable {
  case plain, strong, emphasis, heading, dim
  case number, name, function, keyword, `operator`, string, comment, command
  case error, warning, note, caret, success
  case prompt, hint
  /// The bracket at the cursor and its partner; a chosen row of a list.
  case bracket, selected
  /// The n-th curve of a picture, from 0.
  case series(Int)
  /// The n-th of eight grounds from low to high, with what is drawn on it; or with a mark that stands out from that.
  case band(Int), bandMark(Int)
}

/// Text with meaning attached, which knows no terminal. Lines end with "\n"; other controls are shown, never sent.
package struct StyledText: Sendable, Hashable, ExpressibleByStringLiteral {
  package struct Run: Sendable, Hashable {
    package var text: String
    package var style: Style
  }

  package private(set) var runs: [Run] = []

  package init() {}
  package init(_ text: String, _ style: Style = .plain) { append(text, style) }
  package init(stringLiteral value: String) { self.init(value) }

  package mutating func append(_ text: String, _ style: Style = .plain) {
    if text.isEmpty { return }
    if let last = runs.indices.last, runs[last].style == style {
      runs[last].text += text
    } else {
      runs.append(Run(text: text, style: style))
    }
  }

  package mutating func append(_ other: StyledText) {
    for run in other.runs { append(run.text, run.style) }
  }

  /// Starts a new line unless the text already stands at one.
  package mutating func endLine() {
    if let last = runs.last, !last.text.hasSuffix("\n") { append("\n") }
  }

  package var isEmpty: Bool { runs.isEmpty }
  /// The characters alone, unsanitised: for tests and for measuring, never for output.
  package var characters: String { runs.map(\.text).joined() }
  package var displayWidth: Int { runs.reduce(0) { $0 + $1.text.displayWidth } }

  package static func + (left: StyledText, right: StyledText) -> StyledText {
    var sum = left
    sum.append(right)
    return sum
  }
  package static func += (left: inout StyledText, right: StyledText) { left.append(right) }

  /// The text split at newlines; the newlines themselves are dropped.
  package var lines: [StyledText] {
    var result = [StyledText()]
    for run in runs {
      var first = true
      for piece in run.text.split(separator: "\n", omittingEmptySubsequences: false) {
        if !first { result.append(StyledText()) }
        first = false
        result[result.count - 1].append(String(piece), run.style)
      }
    }
    return result
  }
}

extension Sequence where Element == StyledText {
  package func joined(separator: StyledText = StyledText()) -> StyledText {
    var result = StyledText()
    var first = true
    for piece in self {
      if !first { result.append(separator) }
      first = false
      result.append(piece)
    }
    return result
  }
}

extension StyledText {
  /// The text cut to `width` columns, with an ellipsis where something is missing.
  package func truncated(to width: Int, ellipsis: String = "…") -> StyledText {
    if displayWidth <= width { return self }
    var result = StyledText()
    var used = 0
    for run in runs {
      for character in run.text {
        if used + character.displayWidth > width - 1 {
          result.append(ellipsis, .dim)
          return result
        }
        used += character.displayWidth
        result.append(String(character), run.style)
      }
    }
    return result
  }
}

extension StyledText {
  /// The text without blanks at its end.
  package var withoutTrailingSpaces: StyledText {
    var kept = runs[...]
    while let last = kept.last, last.text.allSatisfy({ $0 == " " }) { kept = kept.dropLast() }
    var result = StyledText()
    for (index, run) in kept.enumerated() {
      result.append(index + 1 == kept.count ? run.text.trimmingTrailingSpaces : run.text, run.style)
    }
    return result
  }
}
