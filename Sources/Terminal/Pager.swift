import CEditLine
import Markup

/// Shows a long text a screen at a time. It stays in the ordinary screen, so that what was read is still there
/// afterwards, says in its last row which keys it knows, and every habitual way out is one: q, Esc, Ctrl-C, Ctrl-D, and
/// Enter or Space on the last page.
package struct Pager {
  /// What a key led to.
  enum Action: Hashable { case redraw, scroll, stay, leave }

  private let text: [StyledText]
  /// The rows each line of the text takes, and all of them.
  private var folds: [[StyledText]] = []
  private(set) var lines: [StyledText] = []
  private(set) var columns = 80
  /// Rows for text; one more is for the keys.
  private(set) var rows = 23
  private(set) var top = 0
  /// What is searched for, while it is typed and afterwards.
  private(set) var pattern = ""
  private(set) var isTypingPattern = false
  private(set) var failed = false
  private let language: Language

  init(_ text: StyledText, columns: Int, rows: Int, language: Language) {
    self.language = language
    var text = text.lines
    if text.last?.isEmpty ?? false { text.removeLast() }
    self.text = text
    fit(columns: columns, rows: rows)
  }

  /// Breaks the text for a window of this size; what is read at its top stays there.
  mutating func fit(columns: Int, rows: Int) {
    var passed = 0
    let first =
      folds.firstIndex {
        passed += $0.count; return passed > top
      } ?? 0
    self.columns = max(10, columns)
    self.rows = max(1, rows - 1)
    // A line wider than the screen would take rows that are not counted.
    folds = text.map { Pager.folded($0, to: self.columns) }
    lines = folds.flatMap { $0 }
    top = min(folds.prefix(first).reduce(0) { $0 + $1.count }, lastTop)
  }

  private static func folded(_ line: StyledText, to width: Int) -> [StyledText] {
    if line.displayWidth <= width { return [line] }
    var pieces = [StyledText()]
    var used = 0
    for run in line.runs {
      for character in run.text {
        if used + character.displayWidth > width {
          pieces.append(StyledText())
          used = 0
        }
        used += character.displayWidth
        pieces[pieces.count - 1].append(String(character), run.style)
      }
    }
    return pieces
  }

  private var lastTop: Int { max(0, lines.count - rows) }
  var isAtEnd: Bool { top >= lastTop }

  // MARK: Keys

  /// A key: a character, or the name of one that has none.
  mutating func press(_ key: String) -> Action {
    failed = false
    if isTypingPattern { return type(key) }
    switch key {
    case "q", "Q", "escape", "\u{3}", "\u{4}": return .leave
    case " ", "f", "pagedown", "\u{6}": return isAtEnd ? .leave : move(to: top + rows)
    case "\r", "\n", "j", "down", "\u{E}": return isAtEnd ? (key == "j" || key == "down" ? .stay : .leave) : step()
    case "b", "pageup", "\u{2}": return move(to: top - rows)
    case "k", "up", "\u{10}": return move(to: top - 1)
    case "g", "home", "<": return move(to: 0)
    case "G", "end", ">": return move(to: lastTop)
    case "/":
      isTypingPattern = true
      pattern = ""
      return .stay
    case "n": return search(from: top + 1)
    case "N": return search(from: top - 1, backward: true)
    default: return .stay
    }
  }

  private mutating func step() -> Action {
    top += 1
    return .scroll
  }

  private mutating func move(to line: Int) -> Action {
    let target = min(max(0, line), lastTop)
    if target == top { return .stay }
    top = target
    return .redraw
  }

  private mutating func type(_ key: String) -> Action {
    switch key {
    case "\r", "\n":
      isTypingPattern = false
      return pattern.isEmpty ? .stay : search(from: top)
    case "escape", "\u{3}", "\u{4}":
      isTypingPattern = false
      pattern = ""
    case "\u{7F}", "\u{8}":
      if pattern.isEmpty { isTypingPattern = false } else { pattern.removeLast() }
    default:
      if key.count == 1, let scalar = key.unicodeScalars.first, scalar.properties.generalCategory != .control {
        pattern += key
      }
    }
    return .stay
  }

  private mutating func search(from start: Int, backward: Bool = false) -> Action {
    guard !pattern.isEmpty else { return .stay }
    let wanted = pattern.lowercased()
    let order =
      backward ? Array(stride(from: start, through: 0, by: -1)) : Array(max(0, start)..<max(start, lines.count))
    for index in order where lines.indices.contains(index) && lines[index].characters.lowercased().contains(wanted) {
      top = min(index, lastTop)
      return .redraw
    }
    failed = true
    return .stay
  }

  // MARK: The screen

  /// The rows of text now shown, with what is searched for standing out.
  var page: [StyledText] {
    let shown = lines[min(top, lines.count)..<min(top + rows, lines.count)]
    guard !pattern.isEmpty, !isTypingPattern else { return Array(shown) }
    let wanted = pattern.lowercased()
    return shown.map { $0.characters.lowercased().contains(wanted) ? StyledText($0.characters, .strong) : $0 }
  }

  /// The row of keys.
  var status: StyledText {
    if isTypingPattern { return StyledText("/" + pattern, .strong) }
    var text = StyledText()
    if failed {
      text.append(Phrase(en: "not found: ", zh: "没有找到：")[language] + pattern + "  ", .warning)
    }
    let last = min(top + rows, lines.count)
    text.append("\(last)/\(lines.count)  ", .dim)
    let keys =
      isAtEnd
      ? Phrase(en: "Enter or q leaves   b back   / search", zh: "回车或 q 结束   b 上一页   / 搜索")
      : Phrase(
        en: "Space next page   Enter next line   b back   / search   q leave",
        zh: "空格 下一页   回车 下一行   b 上一页   / 搜索   q 结束")
    text.append(keys[language], .note)
    return text.truncated(to: columns - 1)
  }
}
