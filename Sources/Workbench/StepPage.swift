import Interpreter
import Markup
import Tensors

/// The lines of one explained step, laid out so that none is wider than the screen: a word on the left, and what belongs
/// to it beside it, or below it where the screen is narrow.
struct StepPage {
  private let width: Int
  let language: Language
  private(set) var text = StyledText()

  init(_ settings: Settings) {
    width = max(16, settings.width)
    language = settings.language
  }

  /// Columns before what a word belongs to.
  private var indent: Int { width < 44 ? 3 : 13 }
  /// Columns there are for it.
  var contentWidth: Int { width - indent }

  mutating func title(_ title: Phrase, rate: Double, rule: [String]) {
    let head = " " + title[language]
    let rateText = "   rate = \(shortNumber(rate))"
    text.append(head, .heading)
    let whole = rateText + (rule.isEmpty ? "" : "   ") + rule.joined(separator: ",  ")
    if head.displayWidth + whole.displayWidth < width {
      text.append(whole + "\n", .dim)
      return
    }
    text.append((head.displayWidth + rateText.displayWidth < width ? "" : "\n") + rateText + "\n", .dim)
    for line in rule {
      for (index, piece) in line.wrapped(width: width - 5).enumerated() {
        text.append((index == 0 ? "   " : "     ") + piece + "\n", .dim)
      }
    }
  }

  /// What belongs to a word, in parts that are not broken as long as each fits on a line of its own.
  mutating func line(_ word: Phrase?, _ parts: String...) { line(word, parts) }

  mutating func line(_ word: Phrase?, _ parts: [String]) {
    var lines = [""]
    for part in parts {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = part
      } else if last.displayWidth + 3 + part.displayWidth <= contentWidth {
        lines[lines.count - 1] += "   " + part
      } else {
        lines.append(part)
      }
    }
    put(word, lines)
  }

  private mutating func put(_ word: Phrase?, _ lines: [String]) {
    let label = word.map { "   " + $0[language] } ?? ""
    var isFirst = true
    if !label.isEmpty, indent <= label.displayWidth {
      text.append(label + "\n", .dim)
      isFirst = false
    }
    for line in lines {
      for (index, piece) in hanging(line).enumerated() {
        let before = isFirst ? label : ""
        text.append(before, .dim)
        let pad = indent - before.displayWidth + (index == 0 ? 0 : 2)
        text.append(String(repeating: " ", count: max(1, pad)) + piece + "\n")
        isFirst = false
      }
    }
  }

  /// Spaces in front stay, because they stand for what is not repeated there.
  private func hanging(_ line: String) -> [String] {
    if line.displayWidth <= contentWidth { return [line] }
    let spaces = String(line.prefix { $0 == " " })
    let isRoomy = spaces.count * 3 < contentWidth
    let rest = String(line.dropFirst(spaces.count))
    return rest.wrapped(width: max(10, contentWidth - 2 - (isRoomy ? spaces.count : 0))).map {
      (isRoomy ? spaces : "") + $0
    }
  }

  /// Numbers after a word of their own, as many as fit on two lines.
  mutating func row(_ word: Phrase?, _ head: String, _ numbers: ArraySlice<Double>) {
    var body = "["
    var shown = 0
    for number in numbers {
      let piece = (shown == 0 ? "" : ", ") + shortNumber(number)
      let rest = numbers.count - shown
      if head.displayWidth + body.displayWidth + piece.displayWidth + 14 > contentWidth * 2, rest > 1 {
        body += Phrase(en: ", … \(numbers.count) in all", zh: "，…… 共 \(numbers.count) 个")[language]
        break
      }
      body += piece
      shown += 1
    }
    put(word, [head + " " + body + "]"])
  }

  /// A matrix as a table; of a large one its corner.
  mutating func matrix(_ word: Phrase, _ tensor: Tensor) {
    guard tensor.rank == 2 else {
      line(word, "H = \(shortNumber(tensor.elements.first ?? .nan))")
      return
    }
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    var shown = min(columns, 8)
    func cells(_ shown: Int) -> [[String]] {
      (0..<min(rows, shown)).map { row in
        (0..<shown).map { shortNumber(tensor.elements[row * columns + $0]) } + (shown < columns ? ["…"] : [])
      }
    }
    var table = cells(shown)
    func widths() -> [Int] {
      table[0].indices.map { column in table.map { $0[column].displayWidth }.max() ?? 0 }
    }
    while shown > 1, widths().reduce(6, { $0 + $1 + 2 }) > contentWidth {
      shown -= 1
      table = cells(shown)
    }
    let across = widths()
    var lines = table.enumerated().map { index, row in
      let padded = zip(row, across).map { String(repeating: " ", count: $1 - $0.displayWidth) + $0 }
      return (index == 0 ? "H = [" : "     ") + padded.joined(separator: ", ")
        + (index == table.count - 1 && shown == columns ? "]" : shown < columns ? "" : ";")
    }
    if shown < columns { lines.append("     … \(Shapes.describe(tensor.shape))]") }
    put(word, lines)
  }
}
