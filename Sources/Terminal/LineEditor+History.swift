import CEditLine
import Markup

// Lines from before: up and down, by what they begin with, and searched.

/// Where the arrow keys have led.
struct HistoryWalk {
  /// The line shown; nil for the one being typed.
  var index: Int?
  /// The line being typed, while others are shown.
  var draft = ""
  /// What the lines looked for begin with.
  var prefix = ""
}

extension LineEditor {
  /// The next older or newer line, or one that begins as the draft does.
  func recall(older: Bool, byPrefix: Bool) {
    let lines = history.lines
    if walk.index == nil {
      guard older else { return display.beep() }
      walk.draft = text
      walk.prefix = text
    }
    var index = walk.index ?? lines.count
    repeat {
      index += older ? -1 : 1
    } while byPrefix && lines.indices.contains(index)
      && (lines[index] == text || !lines[index].utf8.starts(with: walk.prefix.utf8))
    if index < 0 { return display.beep() }
    walk.index = index < lines.count ? index : nil
    replaceLine(with: InputText.clean(index < lines.count ? lines[index] : walk.draft))
  }

  /// Ctrl-R: each letter narrows, Ctrl-R again goes further back, Enter runs what is found, Ctrl-G goes back to the line
  /// as it was; any other key keeps what is found and does what it does.
  func searchHistory() -> UInt8 {
    let draft = (text: text, cursor: cursor)
    var state = HistorySearch(start: history.lines.count)
    search = state
    defer { search = nil }
    while true {
      guard let key = nextKey() else { return UInt8(CC_EOF) }
      switch key {
      case .scalar("\u{12}"): state.find(in: history.lines, older: true, again: true)
      case .scalar("\u{13}"): state.find(in: history.lines, older: false, again: true)
      case .scalar("\u{7F}"), .scalar("\u{8}"): state.shorten(in: history.lines)
      case .scalar("\u{7}"):
        walk = HistoryWalk()
        replaceLine(with: draft.text, cursor: draft.cursor)
        return UInt8(CC_NORM)
      case .scalar(let scalar) where scalar.value >= 0x20:
        state.extend(by: String(Character(scalar)), in: history.lines)
      case .paste(let text): state.extend(by: InputText.clean(text), in: history.lines)
      case .scalar("\u{1B}"): return UInt8(CC_NORM)
      default:
        keyboard.giveBack(key)
        return UInt8(CC_NORM)
      }
      search = state
      if let found = state.found {
        let line = InputText.clean(history.lines[found])
        replaceLine(with: line, cursor: line.offset(of: state.pattern) ?? 0)
        if walk.index == nil { walk.draft = draft.text }
        walk.index = found  // the arrows go on from here
      } else if state.pattern.isEmpty {
        replaceLine(with: draft.text, cursor: draft.cursor)
      }
    }
  }
}

/// A search backwards through the history, letter by letter.
struct HistorySearch {
  private(set) var pattern = ""
  private(set) var found: Int?
  private var hasFailed = false
  private let start: Int

  init(start: Int) { self.start = start }

  mutating func extend(by text: String, in lines: [String]) {
    pattern += text
    find(in: lines, older: true, again: false)
  }

  mutating func shorten(in lines: [String]) {
    if pattern.isEmpty { return }
    pattern.unicodeScalars.removeLast()
    found = nil
    hasFailed = false
    if !pattern.isEmpty { find(in: lines, older: true, again: false) }
  }

  mutating func find(in lines: [String], older: Bool, again: Bool) {
    if pattern.isEmpty { return }
    let current = found.map { lines[$0] }
    var index = found ?? start
    if again || found == nil { index += older ? -1 : 1 }
    while lines.indices.contains(index) {
      if lines[index].offset(of: pattern) != nil, !again || lines[index] != current {
        found = index
        hasFailed = false
        return
      }
      index += older ? -1 : 1
    }
    hasFailed = true
  }

  func prompt(_ language: Language) -> StyledText {
    let word = hasFailed ? Phrase(en: "not found", zh: "未找到") : Phrase(en: "search", zh: "查找")
    return StyledText(word[language] + " ", hasFailed ? .warning : .dim) + StyledText(pattern, .strong)
      + StyledText(": ", .dim)
  }

  /// Shows which part of the line was found, from the cursor on.
  func mark(_ styles: inout [Style], at cursor: Int) {
    guard found != nil, !hasFailed else { return }
    for index in cursor..<min(styles.count, cursor + pattern.unicodeScalars.count) { styles[index] = .bracket }
  }
}

/// The most recent line that begins with what is typed. Asked after each key, so an answer is kept while it holds.
struct PrefixSearch {
  private var text = ""
  private var count = 0
  private var answer: String?

  mutating func line(startingWith prefix: String, in lines: [String]) -> String? {
    if lines.count == count, !text.isEmpty, prefix.utf8.starts(with: text.utf8) {
      guard let known = answer else { return nil }
      if known.utf8.starts(with: prefix.utf8) {
        text = prefix
        return known.utf8.count > prefix.utf8.count ? known : nil
      }
    }
    text = prefix
    count = lines.count
    answer = lines.suffix(2_000).last { $0.utf8.count > prefix.utf8.count && $0.utf8.starts(with: prefix.utf8) }
    return answer
  }
}

extension String {
  /// Where a text occurs, in scalars; capitals matter only if it has some.
  fileprivate func offset(of pattern: String) -> Int? {
    let folds = pattern == pattern.lowercased()
    let wanted = Array(pattern.unicodeScalars)
    let own = folds ? Array(lowercased().unicodeScalars) : Array(unicodeScalars)
    guard own.count >= wanted.count, own.count == unicodeScalars.count || !folds else { return nil }
    return (0...(own.count - wanted.count)).first { own[$0..<$0 + wanted.count].elementsEqual(wanted) }
  }
}
