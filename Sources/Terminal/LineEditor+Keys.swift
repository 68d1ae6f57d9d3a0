import CEditLine
import Markup

// What keys do. libedit knows the keys of emacs and vi; those that matter on several rows, that show something, or that
// libedit defines by a notion of a word without Chinese or brackets in mind are here.

extension LineEditor {
  private typealias KeyFunction = (name: String, run: ll_key_function)

  private static func run(_ editor: OpaquePointer?, _ body: (LineEditor) -> UInt8) -> UInt8 {
    LineEditor.of(editor).map(body) ?? UInt8(CC_ERROR)
  }

  /// libedit's screen is not ours: nothing has to be refreshed there after a change. Only letters that libedit itself
  /// inserts, as it does for vi, go through that screen; there it has to know what has become of the line, or it would in
  /// time write below its last row.
  private var done: UInt8 { UInt8(isVi && count < 20_000 ? CC_REFRESH : CC_NORM) }

  private static let functions: [KeyFunction] = [
    ("losslab-enter", { e, _ in run(e) { $0.enter() } }),
    ("losslab-line-break", { e, _ in run(e) { $0.change { $0.insert("\n") } } }),
    ("losslab-paste", { e, _ in run(e) { $0.change { $0.insertPaste() } } }),
    ("losslab-complete", { e, _ in run(e) { $0.change { $0.complete(backward: false) } } }),
    ("losslab-complete-back", { e, _ in run(e) { $0.change { $0.complete(backward: true) } } }),
    ("losslab-up", { e, _ in run(e) { $0.change { $0.moveRow(up: true) } } }),
    ("losslab-down", { e, _ in run(e) { $0.change { $0.moveRow(up: false) } } }),
    ("losslab-older", { e, _ in run(e) { $0.change { $0.recall(older: true, byPrefix: true) } } }),
    ("losslab-newer", { e, _ in run(e) { $0.change { $0.recall(older: false, byPrefix: true) } } }),
    ("losslab-left", { e, _ in run(e) { $0.change { $0.cursor -= 1 } } }),
    ("losslab-right", { e, _ in run(e) { $0.change { $0.moveRight() } } }),
    ("losslab-home", { e, _ in run(e) { $0.change { $0.cursor = $0.rowStart } } }),
    ("losslab-end", { e, _ in run(e) { $0.change { $0.moveToEnd() } } }),
    ("losslab-text-start", { e, _ in run(e) { $0.change { $0.cursor = 0 } } }),
    ("losslab-text-end", { e, _ in run(e) { $0.change { $0.cursor = $0.scalars.count } } }),
    ("losslab-word-left", { e, _ in run(e) { $0.change { $0.cursor = $0.wordStart } } }),
    ("losslab-word-right", { e, _ in run(e) { $0.change { $0.moveWordRight() } } }),
    ("losslab-delete", { e, key in run(e) { $0.deleteForward(mayEnd: key == 4) } }),
    ("losslab-delete-word", { e, _ in run(e) { $0.change { $0.kill($0.cursor..<$0.wordEnd) } } }),
    ("losslab-delete-word-back", { e, _ in run(e) { $0.change { $0.kill($0.wordStart..<$0.cursor) } } }),
    ("losslab-kill-row", { e, _ in run(e) { $0.change { $0.killRow() } } }),
    ("losslab-kill", { e, _ in run(e) { $0.change { $0.kill(0..<$0.scalars.count) } } }),
    ("losslab-yank", { e, _ in run(e) { $0.change { $0.insert($0.killed) } } }),
    ("losslab-undo", { e, _ in run(e) { $0.change { $0.undo() } } }),
    ("losslab-search", { e, _ in run(e) { $0.searchHistory() } }),
    ("losslab-clear", { e, _ in run(e) { $0.change { $0.display.clear() } } }),
    ("losslab-nothing", { _, _ in UInt8(CC_NORM) }),
    ("losslab-insert", { e, key in run(e) { $0.insert(typed: key) } }),
  ]

  private func insert(typed key: Int32) -> UInt8 {
    guard let scalar = Unicode.Scalar(UInt32(bitPattern: key)) else { return UInt8(CC_ERROR) }
    insert(String(Character(scalar)))
    return done
  }

  private func change(_ body: (LineEditor) -> Void) -> UInt8 {
    body(self)
    return done
  }

  // MARK: Binding

  /// Keys of emacs mode, with what libedit binds them to: where the learner's `~/.editrc` says otherwise, it holds.
  private static let emacs: [(key: String, function: String, libedit: String)] = [
    ("^A", "losslab-home", "ed-move-to-beg"), ("^E", "losslab-end", "ed-move-to-end"),
    ("^F", "losslab-right", "ed-next-char"), ("^P", "losslab-up", "ed-prev-history"),
    ("^N", "losslab-down", "ed-next-history"), ("^K", "losslab-kill-row", "ed-kill-line"),
    ("^U", "losslab-kill", "em-kill-line"), ("^W", "losslab-delete-word-back", "em-kill-region"),
    ("^Y", "losslab-yank", "em-yank"), ("^_", "losslab-undo", "ed-unassigned"),
    ("^L", "losslab-clear", "ed-clear-screen"), ("^R", "losslab-search", "ed-redisplay"),
    ("^V", "losslab-nothing", "ed-quoted-insert"), ("^[f", "losslab-word-right", "em-next-word"),
    ("^[b", "losslab-word-left", "ed-prev-word"), ("^[d", "losslab-delete-word", "em-delete-next-word"),
    ("^[^?", "losslab-delete-word-back", "ed-delete-prev-word"),
    ("^[^H", "losslab-delete-word-back", "ed-delete-prev-word"), ("^[<", "losslab-text-start", "ed-unassigned"),
    ("^[>", "losslab-text-end", "ed-unassigned"), ("^[p", "losslab-older", "ed-search-prev-history"),
    ("^[n", "losslab-newer", "ed-search-next-history"), ("^[x", "losslab-nothing", "ed-command"),
    ("^[X", "losslab-nothing", "ed-command"),
  ]

  private static let specials: [(SpecialKey, String)] = [
    (.up, "losslab-up"), (.down, "losslab-down"), (.left, "losslab-left"), (.right, "losslab-right"),
    (.home, "losslab-home"), (.end, "losslab-end"), (.delete, "losslab-delete"), (.wordLeft, "losslab-word-left"),
    (.wordRight, "losslab-word-right"), (.deleteWord, "losslab-delete-word"), (.pageUp, "losslab-older"),
    (.pageDown, "losslab-newer"), (.textStart, "losslab-text-start"), (.textEnd, "losslab-text-end"),
    (.backTab, "losslab-complete-back"), (.lineBreak, "losslab-line-break"), (.paste, "losslab-paste"),
    (.ignored, "losslab-nothing"),
  ]

  func bindKeys() {
    for function in LineEditor.functions { add(function) }
    if !isVi {
      for (key, function, libedit) in LineEditor.emacs where !isLearnersOwn(key: key, unless: libedit) {
        bind(key, function)
      }
      for value in Array<UInt8>(0x20...0x7E) + Array(0xA0...0xFF) {
        let key = LineEditor.named(value)
        if !isLearnersOwn(key: key, unless: "ed-insert") { bind(key, "losslab-insert") }
      }
    }
    for key in ["\r", "\n"] { bind(key, "losslab-enter", inCommandMode: isVi) }
    for key in ["^[\r", "^[\n"] where !isVi { bind(key, "losslab-line-break") }  // typed slowly
    bind("\t", "losslab-complete")
    bind("^D", "losslab-delete", inCommandMode: isVi)
    for (special, function) in LineEditor.specials {
      bind(String(Unicode.Scalar(special.rawValue)), function, inCommandMode: isVi)
    }
    if isVi {
      bind("^R", "losslab-search", inCommandMode: true)
      bind("^L", "losslab-clear", inCommandMode: true)
      // In command mode libedit's own moves keep the cursor on a character and serve as ranges of `d` and `c`.
      for (special, function) in [(SpecialKey.left, "ed-prev-char"), (.right, "ed-next-char")] {
        bindInCommandMode(String(Unicode.Scalar(special.rawValue)), function)
      }
      for (key, function) in [
        ("k", "losslab-up"), ("j", "losslab-down"), ("/", "losslab-search"), ("?", "losslab-search"),
      ] {
        bindInCommandMode(key, function)
      }
      // libedit would read the words after these into the line itself.
      for key in [":", "@", "v"] { bindInCommandMode(key, "losslab-nothing") }
    }
  }

  /// A character in libedit's notation, in which some have a meaning.
  private static func named(_ value: UInt8) -> String {
    let character = String(Unicode.Scalar(value))
    return "^\\-".utf8.contains(value) ? "\\" + character : character
  }

  /// libedit asks the locale which of the characters from U+00A0 to U+00FF are letters; without one it has to be told.
  func bindLetters() {
    for value: UInt8 in 0xA0...0xFF { bind(String(Unicode.Scalar(value)), "ed-insert") }
  }

  private func add(_ function: KeyFunction) {
    let scalars = function.name.unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
    let copy = UnsafeMutablePointer<wchar_t>.allocate(capacity: scalars.count)
    copy.initialize(from: scalars, count: scalars.count)
    names.append(copy)
    ll_editor_add_function(editor, copy, function.run)
  }

  private func bind(_ key: String, _ function: String, inCommandMode: Bool = false) {
    wide(key) { key in wide(function) { ll_editor_bind(editor, key, $0) } }
    if inCommandMode { bindInCommandMode(key, function) }
  }

  private func bindInCommandMode(_ key: String, _ function: String) {
    wide(key) { key in wide(function) { ll_editor_bind_command_mode(editor, key, $0) } }
  }

  // MARK: The learner's ~/.editrc

  private func isLearnersOwn(key: String, unless libedit: String) -> Bool {
    guard hasLearnersKeys else { return false }
    let text = described(key)
    return !text.isEmpty && !text.hasPrefix("Unbound") && !text.contains(libedit) && !text.contains("ed-unassigned")
  }

  /// Whether the learner has bound an escape sequence that we would swallow.
  func isLearnersOwn(_ sequence: String) -> Bool {
    guard hasLearnersKeys else { return false }
    if let known = learnersSequences[sequence] { return known }
    let own = isLearnersOwn(key: "^[" + sequence.dropFirst(), unless: "ed-sequence-lead-in")
    learnersSequences[sequence] = own
    return own
  }

  private func described(_ key: String) -> String {
    var bytes = [CChar](repeating: 0, count: 256)
    let count = wide(key) { ll_editor_describe_key(editor, $0, &bytes, bytes.count) }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: Entering

  /// Enter runs the line, or begins another row while a bracket or a definition is open. On an empty last row it runs in
  /// any case: the error then says what is missing.
  private func enter() -> UInt8 {
    let scalars = scalars
    let row = scalars[rowStart...]
    let isLeaving = cursor == scalars.count && rowStart > 0 && row.allSatisfy { $0 == " " }
    // Each row of a long paste without marks would ask about all rows before it.
    if !isLeaving, scalars.count < 20_000, hooks.isUnfinished(String(scalars: scalars)) {
      let indent = rowStart == 0 ? 2 : row.prefix { $0 == " " }.count
      insert("\n" + String(repeating: " ", count: indent))
      return done
    }
    outcome = .line(String(scalars: scalars))
    return UInt8(CC_NEWLINE)
  }

  /// A paste is text, newlines too; nothing runs before Enter.
  private func insertPaste() {
    var text = InputText.clean(pasted)
    pasted = ""
    while text.unicodeScalars.last == "\n" { text.unicodeScalars.removeLast() }
    insert(text)
  }

  // MARK: Moving

  /// The first position of the row the cursor is on, rows being what newlines separate.
  private var rowStart: Int { (scalars[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }
  private var rowEnd: Int { scalars[cursor...].firstIndex(of: "\n") ?? scalars.count }

  private func moveRight() {
    if !acceptHint() { cursor += 1 }
  }

  private func moveToEnd() {
    if rowEnd != cursor || !acceptHint() { cursor = rowEnd }
  }

  private func moveWordRight() {
    let end = wordEnd
    if end > cursor {
      cursor = end
    } else if let hint = hint(for: scalars, at: cursor) {
      let rest = Array(hint.continuation.unicodeScalars)
      let gap = rest.prefix { !isWord($0) }
      insert(String(scalars: gap + rest[gap.count...].prefix(while: isWord)))
    }
  }

  /// Types what the hint proposes; false without one.
  private func acceptHint() -> Bool {
    let scalars = scalars
    guard cursor == scalars.count, let hint = hint(for: scalars, at: cursor), !hint.continuation.isEmpty else {
      return false
    }
    return insert(hint.continuation)
  }

  private func moveRow(up: Bool) {
    let scalars = scalars
    let column = cursor - rowStart
    if up {
      guard rowStart > 0 else { return recall(older: true, byPrefix: false) }
      let above = rowStart - 1
      let start = (scalars[..<above].lastIndex(of: "\n") ?? -1) + 1
      cursor = min(start + column, above)
    } else {
      guard rowEnd < scalars.count else { return recall(older: false, byPrefix: false) }
      let start = rowEnd + 1
      cursor = min(start + column, scalars[start...].firstIndex(of: "\n") ?? scalars.count)
    }
  }

  /// A word: letters, digits and underscores, of whatever script.
  private func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  private var wordStart: Int {
    let scalars = scalars
    var position = cursor
    while position > 0, !isWord(scalars[position - 1]) { position -= 1 }
    while position > 0, isWord(scalars[position - 1]) { position -= 1 }
    return position
  }

  private var wordEnd: Int {
    let scalars = scalars
    var position = cursor
    while position < scalars.count, !isWord(scalars[position]) { position += 1 }
    while position < scalars.count, isWord(scalars[position]) { position += 1 }
    return position
  }

  // MARK: Deleting

  private func deleteForward(mayEnd: Bool) -> UInt8 {
    let count = scalars.count
    if count == 0, mayEnd { return UInt8(CC_EOF) }
    if cursor < count { replace(cursor..<cursor + 1, with: "") }
    return done
  }

  private func kill(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    killed = String(scalars: Array(scalars[range]))
    replace(range, with: "")
  }

  /// To the end of the row; there, the newline.
  private func killRow() {
    let end = rowEnd
    kill(cursor..<(end == cursor ? min(end + 1, scalars.count) : end))
  }

  private func undo() {
    guard let (text, position) = past.undo(from: text) else { return display.beep() }
    replaceLine(with: text, cursor: position)
  }
}

/// What the line was, for undo: one state per group of typed letters and per other change.
struct EditHistory {
  private var states: [(text: String, cursor: Int)] = []
  private var wasTyping = false

  mutating func note(before key: Key, count: Int, text: () -> (String, Int)) {
    if key == .scalar("\u{1F}") || count > 20_000 { return }
    var isTyping = false
    if case .scalar(let scalar) = key { isTyping = scalar.value > 0x20 && scalar.value != 0x7F }
    defer { wasTyping = isTyping }
    if isTyping, wasTyping { return }
    let (line, cursor) = text()
    if line == states.last?.text { return }
    states.append((line, cursor))
    if states.count > 200 { states.removeFirst() }
  }

  mutating func undo(from text: String) -> (String, Int)? {
    wasTyping = false
    while let state = states.popLast() {
      if state.text != text { return state }
    }
    return nil
  }
}
