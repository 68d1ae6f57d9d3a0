import CEditLine
import Glibc
import Markup

/// Shows a long text a screen at a time. It stays in the ordinary screen, so that what was read is still there
/// afterwards, says in its last row which keys it knows, and every habitual way out is one: q, Esc, Ctrl-C, Ctrl-D, and
/// Enter or Space on the last page.
package struct Pager {
  /// What a key led to.
  enum Action: Hashable { case redraw, scroll, stay, leave }

  let lines: [StyledText]
  let columns: Int
  /// Rows for text; one more is for the keys.
  let rows: Int
  private(set) var top = 0
  /// What is searched for, while it is typed and afterwards.
  private(set) var pattern = ""
  private(set) var isTypingPattern = false
  private(set) var failed = false
  private let language: Language

  init(_ text: StyledText, columns: Int, rows: Int, language: Language) {
    self.columns = max(10, columns)
    self.rows = max(1, rows - 1)
    self.language = language
    var lines = text.lines
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    // A line wider than the screen would take rows that are not counted.
    self.lines = lines.flatMap { Pager.folded($0, to: max(10, columns)) }
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

  // MARK: On a terminal

  /// Writes a text, by the screen if it is longer and both ends are a terminal that can move its cursor.
  /// - Returns: false when the other end is gone.
  @discardableResult
  package static func show(
    _ text: StyledText, _ output: Output, _ capabilities: Capabilities, language: Language
  ) -> Bool {
    var pager = Pager(text, columns: capabilities.width, rows: capabilities.height, language: language)
    guard capabilities.editsLines, capabilities.height >= 4, pager.lines.count > pager.rows else {
      return output.write(text)
    }
    return pager.run(output)
  }

  private mutating func run(_ output: Output) -> Bool {
    var saved = termios()
    guard tcgetattr(0, &saved) == 0 else { return output.write(lines.joined(separator: "\n") + "\n") }
    var raw = saved
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
    tcsetattr(0, TCSADRAIN, &raw)
    defer { tcsetattr(0, TCSADRAIN, &saved) }
    guard draw(output, cleared: false) else { return false }
    while let key = Pager.nextKey() {
      if key == "\u{1A}" {  // Ctrl-Z
        output.write(verbatim: "\r\u{1b}[K")
        tcsetattr(0, TCSADRAIN, &saved)
        kill(getpid(), SIGTSTP)
        tcsetattr(0, TCSADRAIN, &raw)
        guard draw(output, cleared: true) else { return false }
        continue
      }
      let action = press(key)
      let isAlive: Bool
      switch action {
      case .leave:
        output.write(verbatim: "\r\u{1b}[K")
        return true
      case .scroll:
        isAlive =
          output.write(verbatim: "\r\u{1b}[K") && output.write((page.last ?? StyledText()) + "\n")
          && output.write(status)
      case .redraw: isAlive = draw(output, cleared: true)
      case .stay: isAlive = output.write(verbatim: "\r\u{1b}[K") && output.write(status)
      }
      if !isAlive { return false }
    }
    output.write(verbatim: "\r\u{1b}[K")
    return true
  }

  private func draw(_ output: Output, cleared: Bool) -> Bool {
    if cleared { output.write(verbatim: "\u{1b}[H\u{1b}[2J") }
    return output.write(page.joined(separator: "\n") + "\n") && output.write(status)
  }

  /// The next key; nil at the end of input or when the program is asked to end.
  private static func nextKey() -> String? {
    func byte(within milliseconds: Int32) -> UInt8? {
      while true {
        var ready = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        let count = poll(&ready, 1, milliseconds)
        if count < 0, errno == EINTR {
          if Interrupts.termination != nil { return nil }
          if Interrupts.take() { return 3 }
          continue
        }
        if count <= 0 { return nil }
        var byte: UInt8 = 0
        return read(0, &byte, 1) == 1 ? byte : nil
      }
    }
    guard let first = byte(within: -1) else { return nil }
    if first == 0x1B {
      guard let second = byte(within: 50) else { return "escape" }
      guard second == UInt8(ascii: "[") || second == UInt8(ascii: "O") else { return "escape" }
      var code = ""
      while let next = byte(within: 50) {
        code.unicodeScalars.append(Unicode.Scalar(next))
        if next >= 0x40 { break }
      }
      let names = [
        "A": "up", "B": "down", "5~": "pageup", "6~": "pagedown", "H": "home", "F": "end", "1~": "home", "4~": "end",
      ]
      return names[code] ?? "unknown"
    }
    var bytes = [first]
    let needed = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1
    while bytes.count < needed, let next = byte(within: 50) { bytes.append(next) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
