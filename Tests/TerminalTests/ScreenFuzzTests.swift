import Foundation
import Markup
import PseudoTerminal
import Testing

@testable import Terminal

// Random edits on wrapped lines of Chinese, Latin and Greek: before each wait for a key the screen shows exactly the line,
// and the cursor stands where the next character goes.

/// xorshift64*, so that a failing seed fails everywhere (Vigna 2016).
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

/// The line as a learner believes it to be, from the meaning of the keys alone.
private struct Model {
  var text: [Unicode.Scalar] = []
  var cursor = 0
  let history: [String]
  private var shown: Int?
  private var draft: [Unicode.Scalar] = []

  init(history: [String]) { self.history = history }

  mutating func insert(_ string: String) {
    text.insert(contentsOf: string.unicodeScalars, at: cursor)
    cursor += string.unicodeScalars.count
  }

  private func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || "0"..."9" ~= scalar
  }
  private var rowStart: Int { (text[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }

  /// A random key and what it does.
  mutating func step(_ random: inout Seeded) -> String {
    switch Int.random(in: 0..<41, using: &random) {
    case 0..<16:
      let letter = "ab12损误差函数均方×ŷθΣ(），é".unicodeScalars.randomElement(using: &random) ?? "a"
      insert(String(letter))
      return String(letter)
    case 16..<20:
      cursor = max(0, cursor - 1)
      return "\u{1B}[D"
    case 20..<22:
      cursor = min(text.count, cursor + 1)
      return "\u{1B}[C"
    case 22..<25:
      if cursor > 0 { text.remove(at: cursor - 1); cursor -= 1 }
      return "\u{7F}"
    case 25..<28:
      if cursor < text.count { text.remove(at: cursor) }
      return "\u{1B}[3~"
    case 28:
      cursor = rowStart
      return "\u{1}"
    case 29:
      cursor = text[cursor...].firstIndex(of: "\n") ?? text.count
      return "\u{5}"
    case 30:
      while cursor > 0, !isWord(text[cursor - 1]) { cursor -= 1 }
      while cursor > 0, isWord(text[cursor - 1]) { cursor -= 1 }
      return "\u{1B}b"
    case 31:
      while cursor < text.count, !isWord(text[cursor]) { cursor += 1 }
      while cursor < text.count, isWord(text[cursor]) { cursor += 1 }
      return "\u{1B}f"
    case 32:
      let end = cursor
      while cursor > 0, !isWord(text[cursor - 1]) { cursor -= 1 }
      while cursor > 0, isWord(text[cursor - 1]) { cursor -= 1 }
      text.removeSubrange(cursor..<end)
      return "\u{17}"
    case 33:
      let paste = ["损失 = （1＋2）×4", "mean((y - ŷ)^2)", "第一行\n第二行 x"].randomElement(using: &random) ?? ""
      insert(paste)
      return "\u{1B}[200~" + paste + "\u{1B}[201~"
    case 34:
      insert("\n")
      return "\u{1B}\r"
    case 35:
      let end = text[cursor...].firstIndex(of: "\n") ?? text.count
      text.removeSubrange(cursor..<(end == cursor ? min(end + 1, text.count) : end))
      return "\u{B}"
    case 36, 37:
      if rowStart > 0 {
        let column = cursor - rowStart
        let above = rowStart - 1
        cursor = min(((text[..<above].lastIndex(of: "\n") ?? -1) + 1) + column, above)
      } else if (shown ?? history.count) > 0 {
        if shown == nil { draft = text }
        let index = (shown ?? history.count) - 1
        shown = index
        text = Array(history[index].unicodeScalars)
        cursor = text.count
      }
      return "\u{1B}[A"
    case 38:
      if let end = text[cursor...].firstIndex(of: "\n") {
        let column = cursor - rowStart
        cursor = min(end + 1 + column, text[(end + 1)...].firstIndex(of: "\n") ?? text.count)
      } else if let index = shown {
        shown = index + 1 < history.count ? index + 1 : nil
        text = shown.map { Array(history[$0].unicodeScalars) } ?? draft
        cursor = text.count
      }
      return "\u{1B}[B"
    case 39 where history.count > 1:
      if shown == nil { draft = text }
      shown = 1
      text = Array(history[1].unicodeScalars)
      cursor = text.count
      return "\u{12}损失\u{1B}[F"
    default:
      text.insert("_", at: cursor)
      cursor += 1
      return "_"
    }
  }

  /// The rows a screen should show, and the cursor's place, by the rules a reader would give: characters one after the
  /// other, a wide one that would stick out on the next row, a row that is full makes the next one begin.
  func expected(columns: Int, prompt: String) -> (rows: [String], cursor: [Int]) {
    var rows = [""]
    var column = 0
    var place = [0, 0]
    func put(_ scalar: Unicode.Scalar) {
      let width = ScreenModel.width(scalar)
      if column + width > columns { rows.append(""); column = 0 }
      rows[rows.count - 1].unicodeScalars.append(scalar)
      column += width
      if column == columns { rows.append(""); column = 0 }
    }
    for scalar in prompt.unicodeScalars { put(scalar) }
    let indent = column * 2 <= columns ? column : 0
    for (index, scalar) in (text + ["\0"]).enumerated() {
      if index == cursor {
        let sticksOut = scalar != "\0" && scalar != "\n" && column + ScreenModel.width(scalar) > columns
        place = sticksOut ? [rows.count, 0] : [rows.count - 1, column]
      }
      if scalar == "\0" { break }
      if scalar == "\n" {
        rows.append(String(repeating: " ", count: indent))
        column = indent
      } else {
        put(scalar)
      }
    }
    return (rows, place)
  }
}

private func trimmed(_ rows: [String]) -> [String] {
  var rows = rows.map { row in
    var row = row
    while row.last == " " { row.removeLast() }
    return row
  }
  while rows.last == "" { rows.removeLast() }
  return rows
}

/// One sequence; nil if every screen was right, else what was not.
private func firstDifference(seed: UInt64, theme: Theme) throws -> String? {
  var random = Seeded(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
  for _ in 0..<4 { _ = random.next() }
  let columns = [20, 24, 31, 40, 80].randomElement(using: &random) ?? 24
  let history = ["x = 1", "损失函数(预测, 真实值) = 均值((预测 - 真实值)^2)", "f(a) = {\n  a\n}"]
  var model = Model(history: history)
  var models: [Model] = [model]
  var keys: [String] = []
  for _ in 0..<60 {
    keys.append(model.step(&random))
    models.append(model)
  }
  let rows = 40
  guard let terminal = ScriptedTerminal(columns: columns, rows: rows, typing: keys) else { return "no terminal" }
  terminal.screen.feed("above\r\n")
  let past = History(path: nil)
  for line in history { past.add(line) }
  guard let editor = LineEditor(theme: theme, history: past, device: terminal) else { return "no editor" }
  editor.showsHints = false
  var difference: String?
  terminal.look = { terminal, typed in
    let (wanted, place) = models[typed].expected(columns: columns, prompt: "loss> ")
    let seen = terminal.screen.lines
    let cursor = [terminal.screen.cursor.row - 1, terminal.screen.cursor.column]
    guard difference == nil, seen != ["above"] + trimmed(wanted) || cursor != place else { return }
    difference =
      "seed \(seed) after \(keys[..<typed].suffix(3).map(\.debugDescription)): \(seen) \(cursor) not \(wanted) \(place)"
  }
  _ = editor.readLine(prompt: "loss> ")
  return difference
}

@Suite(.serialized) struct ScreenFuzzTests {
  /// `LOSSLAB_FUZZ=1000 swift test --filter ScreenFuzz` runs more.
  @Test func theScreenShowsTheLineAfterAnyEdits() throws {
    let count = ProcessInfo.processInfo.environment["LOSSLAB_FUZZ"].flatMap(UInt64.init) ?? 60
    for seed in 1...count {
      let difference = try firstDifference(seed: seed, theme: seed % 2 == 0 ? .none : .dark)
      #expect(difference == nil)
      if difference != nil { return }
    }
  }
}
