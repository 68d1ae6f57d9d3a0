import CEditLine
import Glibc
import Markup

/// One line at a time through libedit.
///
/// libedit keeps the keys, the buffer and the history; what is on the screen is redrawn here before each wait for a
/// key, coloured and exact for wide characters, which libedit's own differences are not.
/// It lives on one thread, and libedit calls back on that thread while `readLine` runs.
package final class LineEditor {
  private let editor: OpaquePointer
  private let history: OpaquePointer
  package var hooks: EditorHooks
  private let theme: Theme
  private var prompt: [wchar_t] = [0]
  private var promptPointer = UnsafeMutablePointer<wchar_t>.allocate(capacity: 1)
  private var promptWidth = 0
  var screen = (columns: 80, rows: 24)
  private var wasInterrupted = false
  /// Names given to libedit, which keeps the pointers.
  private var names: [UnsafeMutablePointer<wchar_t>] = []

  package init?(theme: Theme, history lines: [String], hooks: EditorHooks) {
    guard let editor = ll_editor_new("losslab"), let history = history_winit() else { return nil }
    self.editor = editor
    self.history = history
    self.theme = theme
    self.hooks = hooks
    promptPointer.pointee = 0
    ll_history_set_size(history, 10_000)
    for line in lines { wide(line) { ll_history_enter(history, $0) } }
    ll_editor_set_signals(editor, 0)  // libedit would send the signal on to the whole process group
    ll_editor_set_emacs(editor)
    ll_editor_set_history(editor, history)
    ll_editor_set_client(editor, Unmanaged.passUnretained(self).toOpaque())
    ll_editor_set_prompt(editor, { LineEditor.of($0)?.promptPointer }, 1)
    ll_editor_set_reader(editor) { editor, out in
      guard let out, let self = LineEditor.of(editor) else { return -1 }
      return self.nextCharacter(out)
    }
    // With these, libedit shifts cells by characters and leaves halves of wide ones behind.
    for capability in ["dc", "DC", "ic", "IC", "im", "ei"] {
      wide(capability) { name in wide("") { ll_editor_set_capability(editor, name, $0) } }
    }
    el_source(editor, nil)  // the learner's own ~/.editrc, before the keys that must work
    bindKeys()
  }

  deinit {
    el_end(editor)
    history_wend(history)
    promptPointer.deallocate()
    for name in names { name.deallocate() }
  }

  private static func of(_ editor: OpaquePointer?) -> LineEditor? {
    guard let client = ll_editor_client(editor) else { return nil }
    return Unmanaged<LineEditor>.fromOpaque(client).takeUnretainedValue()
  }

  // MARK: Keys

  private func bindKeys() {
    add("losslab-enter") { editor, _ in LineEditor.of(editor)?.enter() ?? UInt8(CC_ERROR) }
    add("losslab-row") { editor, _ in LineEditor.of(editor)?.insert("\n") ?? UInt8(CC_ERROR) }
    add("losslab-paste") { editor, _ in LineEditor.of(editor)?.paste() ?? UInt8(CC_ERROR) }
    add("losslab-complete") { editor, _ in LineEditor.of(editor)?.complete() ?? UInt8(CC_ERROR) }
    add("losslab-delete") { editor, key in LineEditor.of(editor)?.deleteForward(key) ?? UInt8(CC_ERROR) }
    let keys = [
      ("\r", "losslab-enter"), ("\n", "losslab-enter"), ("\u{1b}\r", "losslab-row"), ("\u{1b}\n", "losslab-row"),
      ("\u{1b}[200~", "losslab-paste"), ("\t", "losslab-complete"), ("\u{4}", "losslab-delete"),
      ("\u{1b}[3~", "losslab-delete"), ("\u{1e}", "ed-newline"), ("\u{12}", "em-inc-search-prev"),
      ("\u{1b}[H", "ed-move-to-beg"), ("\u{1b}[F", "ed-move-to-end"), ("\u{1b}[1~", "ed-move-to-beg"),
      ("\u{1b}[4~", "ed-move-to-end"), ("\u{1b}[1;5C", "em-next-word"), ("\u{1b}[1;5D", "ed-prev-word"),
      ("\u{17}", "ed-delete-prev-word"),
    ]
    for (key, function) in keys { wide(key) { key in wide(function) { ll_editor_bind(editor, key, $0) } } }
  }

  private func add(_ name: String, _ function: @escaping ll_key_function) {
    let scalars = name.unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
    let copy = UnsafeMutablePointer<wchar_t>.allocate(capacity: scalars.count)
    copy.initialize(from: scalars, count: scalars.count)
    names.append(copy)
    ll_editor_add_function(editor, copy, function)
  }

  private func insert(_ text: String) -> UInt8 {
    let inserted = wide(text) { el_winsertstr(editor, $0) }
    return inserted < 0 ? UInt8(CC_ERROR) : UInt8(CC_REFRESH)
  }

  private func enter() -> UInt8 {
    if hooks.isUnfinished(buffer) { return insert("\n  ") }
    el_push(editor, "\u{1e}")
    return UInt8(CC_NORM)
  }

  private func deleteForward(_ key: Int32) -> UInt8 {
    guard let line = el_wline(editor)?.pointee else { return UInt8(CC_ERROR) }
    if line.cursor == line.lastchar {
      return line.lastchar == line.buffer && key == 4 ? UInt8(CC_EOF) : UInt8(CC_ERROR)
    }
    el_cursor(editor, 1)
    el_deletestr(editor, 1)
    return UInt8(CC_REFRESH)
  }

  /// A bracketed paste: everything up to its end mark is text, newlines too; nothing runs before Enter.
  private func paste() -> UInt8 {
    let end = Array("\u{1b}[201~".unicodeScalars)
    var pasted: [Unicode.Scalar] = []
    var next: wchar_t = 0
    while nextCharacter(&next) == 1 {
      pasted.append(Unicode.Scalar(UInt32(bitPattern: next)) ?? "\u{FFFD}")
      if pasted.count >= end.count, Array(pasted.suffix(end.count)) == end {
        pasted.removeLast(end.count)
        break
      }
      if pasted.count > 1 << 20 { break }
    }
    var text = String.UnicodeScalarView()
    for (index, scalar) in pasted.enumerated() {
      if scalar == "\r" {
        if index + 1 == pasted.count || pasted[index + 1] != "\n" { text.append("\n") }
      } else if scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control {
        text.append(scalar == "\t" ? " " : scalar)
      }
    }
    while text.last == "\n" { text.removeLast() }
    return text.isEmpty ? UInt8(CC_NORM) : insert(String(text))
  }

  private func complete() -> UInt8 {
    guard let line = el_wline(editor)?.pointee else { return UInt8(CC_ERROR) }
    let cursor = line.cursor - line.buffer
    let completion = hooks.complete(buffer, cursor)
    let candidates = completion.candidates
    let replacing = cursor - completion.replaced.lowerBound
    guard let first = candidates.first else { return UInt8(CC_REFRESH_BEEP) }
    var common = first.text
    for candidate in candidates.dropFirst() { common = common.commonPrefix(with: candidate.text) }
    if candidates.count == 1 || common.unicodeScalars.count > replacing {
      if replacing > 0 { el_deletestr(editor, Int32(replacing)) }
      return insert(common)
    }
    var table = Table(header: [], alignments: [.left, .left])
    for candidate in candidates.prefix(12) {
      table.rows.append([StyledText(candidate.text, .function), StyledText(candidate.description, .dim)])
    }
    var list = "\r\n"
    for row in table.render(indent: 2).lines where !row.isEmpty {
      list += row.truncated(to: screen.columns - 1).ansi(theme) + "\r\n"
    }
    if candidates.count > 12 { list += "  … \(candidates.count - 12)\r\n" }
    ll_draw(list)
    return UInt8(CC_REDISPLAY)
  }

  // MARK: Reading

  private var buffer: String {
    guard let line = el_wline(editor)?.pointee else { return "" }
    return String(wide: line.buffer, count: line.lastchar - line.buffer)
  }

  /// Shows the prompt and returns the line that was entered.
  package func readLine(prompt text: StyledText) -> LineInput {
    setPrompt(text)
    measure()
    wasInterrupted = false
    Interrupts.take()
    ll_editor_prepare_terminal(editor, 1)  // before the prompt, or keys typed early are echoed by the terminal
    ll_draw("\u{1b}[?2004h")
    var count: Int32 = 0
    let line = el_wgets(editor, &count)
    ll_draw("\u{1b}[?2004l")
    if wasInterrupted {
      ll_draw("\u{1b}[J^C\r\n")
      ll_editor_prepare_terminal(editor, 0)
      return .interrupted
    }
    guard let line, count > 0 else {
      ll_editor_prepare_terminal(editor, 0)
      return .end
    }
    var text = String(wide: line, count: Int(count))
    while text.unicodeScalars.last == "\n" || text.unicodeScalars.last == "\r" { text.unicodeScalars.removeLast() }
    return .line(text)
  }

  /// Adds a line to what the arrow keys bring back.
  package func remember(_ line: String) { wide(line) { ll_history_enter(history, $0) } }

  private func setPrompt(_ text: StyledText) {
    // Each literal must be followed by a visible character, or libedit loses the prompt.
    var marked = ""
    for run in text.runs {
      let code = run.style.sgr(theme)
      if code.isEmpty {
        marked += run.text
      } else {
        for character in run.text { marked += "\u{1}\u{1b}[\(code)m\u{1}\(character)" }
        marked += "\u{1}\u{1b}[0m\u{1}"
      }
    }
    promptWidth = text.displayWidth
    if marked.hasSuffix("\u{1}") {
      marked += " "
      promptWidth += 1
    }
    let scalars = marked.unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
    promptPointer.deallocate()
    promptPointer = .allocate(capacity: scalars.count)
    promptPointer.initialize(from: scalars, count: scalars.count)
  }

  private func measure() {
    var columns: Int32 = 0
    var rows: Int32 = 0
    if ll_screen_size(1, &columns, &rows) == 0 { screen = (max(4, Int(columns)), max(2, Int(rows))) }
  }

  /// The next scalar typed, after the screen has been brought up to date. 1 for one, 0 at the end, -1 for a signal.
  private func nextCharacter(_ out: UnsafeMutablePointer<wchar_t>) -> Int32 {
    var bytes: [UInt8] = []
    var isPainted = false
    while true {
      if Interrupts.termination != nil { return 0 }
      if Interrupts.take() {
        wasInterrupted = true
        errno = EINTR
        return -1
      }
      let signals = ll_take_screen_signals()
      if signals != 0 {
        redraw(wasStopped: signals & Int32(LL_CONTINUED) != 0)
        isPainted = false
      }
      if !isPainted, ll_wait(0, 0) == 2 {
        paint()
        isPainted = true
      }
      guard ll_wait(0, -1) == 1 else { continue }
      var byte: UInt8 = 0
      let count = read(0, &byte, 1)
      if count == 0 { return 0 }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return 0
      }
      bytes.append(byte)
      var decoder = UTF8()
      var iterator = bytes.makeIterator()
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar):
        out.pointee = wchar_t(bitPattern: scalar.value)
        return 1
      default:
        let needed = byteCount(bytes[0])
        if bytes.count >= needed { bytes = [] }  // a broken sequence is dropped
      }
    }
  }

  private func byteCount(_ lead: UInt8) -> Int {
    switch lead {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }

  // MARK: The screen

  /// After a resize or a stop: erases what was drawn, at the width that now holds, and draws it again.
  private func redraw(wasStopped: Bool) {
    if wasStopped {
      ll_editor_prepare_terminal(editor, 0)
      ll_editor_prepare_terminal(editor, 1)
    }
    measure()
    guard let line = el_wline(editor)?.pointee else { return }
    let layout = ScreenLayout(start: promptWidth, columns: screen.columns)
    let before = layout.position(after: String(wide: line.buffer, count: line.cursor - line.buffer))
    ll_draw("\r" + (before.row > 0 && !wasStopped ? "\u{1b}[\(before.row)A" : "") + "\u{1b}[J")
    el_resize(editor)
    ll_editor_refresh(editor)
  }

  /// Draws the buffer over libedit's, coloured, and puts the cursor where the next character goes.
  private func paint() {
    guard let line = el_wline(editor)?.pointee else { return }
    let text = String(wide: line.buffer, count: line.lastchar - line.buffer)
    if text.isEmpty { return }
    let layout = ScreenLayout(start: promptWidth, columns: screen.columns)
    let cursor = layout.cursor(in: text, after: line.cursor - line.buffer)
    let end = layout.position(after: text)
    guard end.row + 1 < screen.rows else { return }
    // libedit's cursor: as ours, for the same rules of wrapping.
    var drawing = "\u{1b}[?25l\r" + (cursor.row > 0 ? "\u{1b}[\(cursor.row)A" : "")
    drawing += (promptWidth > 0 ? "\u{1b}[\(promptWidth)C" : "") + "\u{1b}[J"
    drawing += layout.drawing(of: hooks.highlight(text), theme: theme)
    drawing += "\r" + (end.row > cursor.row ? "\u{1b}[\(end.row - cursor.row)A" : "")
    drawing += (cursor.column > 0 ? "\u{1b}[\(cursor.column)C" : "") + "\u{1b}[?25h"
    ll_draw(drawing)
  }
}

// MARK: - Wide strings

extension String {
  /// Scalars as libedit holds them.
  init(wide pointer: UnsafePointer<wchar_t>, count: Int) {
    self.init()
    for index in 0..<max(0, count) {
      unicodeScalars.append(Unicode.Scalar(UInt32(bitPattern: pointer[index])) ?? "\u{FFFD}")
    }
  }

  fileprivate func commonPrefix(with other: String) -> String {
    var view = String.UnicodeScalarView()
    for (a, b) in zip(unicodeScalars, other.unicodeScalars) {
      if a != b { break }
      view.append(a)
    }
    return String(view)
  }
}

@discardableResult
private func wide<Result>(_ text: String, _ body: (UnsafePointer<wchar_t>) -> Result) -> Result {
  let scalars = text.unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
  return scalars.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("a terminated string is never empty") }
    return body(base)
  }
}
