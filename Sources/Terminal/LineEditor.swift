import CEditLine
import Glibc
import Markup

/// One line at a time through libedit.
///
/// libedit keeps the keys (emacs and vi, with the learner's own `~/.editrc`) and the line. It draws nothing: before each
/// wait for a key the whole line is laid out as an `EditorFrame` and the `FramePainter` brings the screen there, coloured
/// and exact for wide characters, which libedit's own differences are not.
/// It lives on one thread, and libedit calls back on that thread while `readLine` runs.
package final class LineEditor {
  package var hooks = EditorHooks()
  package var theme: Theme {
    get { display.theme }
    set { display.theme = newValue }
  }
  package var language: Language = .en
  /// Whether to show dimly how the line could go on.
  package var showsHints = true
  /// The longest line taken, in scalars. Pasting one of a million takes some tens of milliseconds.
  static let limit = 2_000_000

  let editor: OpaquePointer
  let keyboard: Keyboard
  let history: History
  private let vi: OpaquePointer
  private var isHistoryShared = false
  /// Names given to libedit, which keeps the pointers.
  var names: [UnsafeMutablePointer<wchar_t>] = []
  let hasLearnersKeys: Bool
  let isVi: Bool
  var learnersSequences: [String: Bool] = [:]

  // The line being read.
  var prompt = StyledText()
  var outcome: LineInput?
  /// What libedit is given before the next key.
  var waitingScalars: [Unicode.Scalar] = []
  var pasted = ""
  /// Whether the last key has been shown as it came, and nothing else has been drawn since.
  var hasEchoed = false
  var walk = HistoryWalk()
  var menu: CompletionMenu?
  var search: HistorySearch?
  var notice: StyledText?
  var killed = ""
  var past = EditHistory()

  // What is seen of it.
  var display: LineDisplay
  var hintSearch = PrefixSearch()
  var styled: (line: [Unicode.Scalar], styles: [Style]) = ([], [])

  convenience init?(theme: Theme, history: History, device: any TerminalDevice) {
    self.init(theme: theme, history: history, keyboard: Keyboard(device))
  }

  package init?(theme: Theme, history: History, keyboard: Keyboard) {
    let device = keyboard.device
    let isUTF8 = ll_use_utf8()
    guard let editor = ll_editor_new("losslab", device.descriptor, device.descriptor), let vi = history_winit() else {
      return nil
    }
    self.editor = editor
    self.vi = vi
    self.history = history
    self.keyboard = keyboard
    display = LineDisplay(keyboard, theme: theme)
    ll_editor_set_signals(editor, 0)  // libedit would send the signal on to the whole process group
    ll_editor_set_quiet_modes(editor)
    ll_editor_set_emacs(editor)
    ll_history_set_size(vi, 2_000)
    ll_editor_set_history(editor, vi)
    ll_editor_set_no_prompt(editor)
    ll_editor_set_reader(editor) { editor, out in
      guard let out, let self = LineEditor.of(editor) else { return -1 }
      return self.nextCharacter(out)
    }
    hasLearnersKeys = el_source(editor, nil) == 0
    isVi = ll_editor_is_vi(editor)
    ll_editor_set_client(editor, Unmanaged.passUnretained(self).toOpaque())
    bindKeys()
    if !isUTF8, isVi { bindLetters() }
  }

  deinit {
    ll_editor_free(editor)
    history_wend(vi)
    for name in names { name.deallocate() }
  }

  static func of(_ editor: OpaquePointer?) -> LineEditor? {
    guard let client = ll_editor_client(editor) else { return nil }
    return Unmanaged<LineEditor>.fromOpaque(client).takeUnretainedValue()
  }

  // MARK: A line

  /// Shows the prompt and returns the line that was entered.
  package func readLine(prompt text: StyledText) -> LineInput {
    prompt = text
    outcome = nil
    walk = HistoryWalk()
    past = EditHistory()
    (menu, search, notice) = (nil, nil, nil)
    if isHistoryShared { history.catchUp() }
    keyboard.device.beginLine()
    defer { keyboard.device.endLine() }
    ll_editor_prepare_terminal(editor, 1)  // before the prompt, or keys typed early are echoed by the terminal
    display.begin()
    var count: Int32 = 0
    el_wgets(editor, &count)
    let result = outcome ?? .end
    if outcome == nil { history.add(self.text) }  // a closed window or a signal does not take half a line with it
    (menu, search, notice) = (nil, nil, nil)
    display.finish(frame(isFinal: true), sign: result == .interrupted ? "^C" : "")
    return result
  }

  // MARK: The line in libedit

  var scalars: [Unicode.Scalar] {
    guard let line = el_wline(editor)?.pointee else { return [] }
    return (0..<max(0, line.lastchar - line.buffer)).map {
      Unicode.Scalar(UInt32(bitPattern: line.buffer[$0])) ?? "\u{FFFD}"
    }
  }

  var text: String { String(scalars: scalars) }

  var count: Int { el_wline(editor).map { $0.pointee.lastchar - $0.pointee.buffer } ?? 0 }

  var cursor: Int {
    get { Int(el_cursor(editor, 0)) }
    set { el_cursor(editor, Int32(newValue) - el_cursor(editor, 0)) }
  }

  /// - Returns: false when the line would become too long.
  @discardableResult func insert(_ text: String) -> Bool {
    guard let line = el_wline(editor)?.pointee else { return false }
    let count = text.unicodeScalars.count
    if count == 0 { return true }
    guard line.lastchar - line.buffer + count <= LineEditor.limit else {
      notice = StyledText(
        Phrase(
          en:
            "\(count) characters are more than a line takes (\(LineEditor.limit)); put data in a CSV file and load it",
          zh: "\(count) 个字符超过了一行的上限（\(LineEditor.limit)）；数据请放进 CSV 文件再 load")[language], .warning)
      return false
    }
    wide(text) { _ = el_winsertstr(editor, $0) }
    return true
  }

  func replace(_ range: Range<Int>, with text: String) {
    cursor = range.upperBound
    el_deletestr(editor, Int32(range.count))
    insert(text)
  }

  func replaceLine(with text: String, cursor: Int? = nil) {
    wide(text) { ll_editor_replace(editor, $0, cursor ?? text.unicodeScalars.count) }
  }

  // MARK: History

  /// Lines from before for libedit's own history keys, once the prompt is on the screen.
  func shareHistory() {
    if isHistoryShared { return }
    isHistoryShared = true
    for line in history.lines.suffix(2_000) { wide(line) { ll_history_enter(vi, $0) } }
  }

  /// Adds a line to what the arrow keys bring back.
  package func remember(_ line: String) {
    if isHistoryShared { wide(line) { ll_history_enter(vi, $0) } }
  }
}

// MARK: - Wide strings

extension String {
  init(scalars: [Unicode.Scalar]) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}

@discardableResult
func wide<Result>(_ text: String, _ body: (UnsafePointer<wchar_t>) -> Result) -> Result {
  let scalars = text.unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
  return scalars.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("a terminated string is never empty") }
    return body(base)
  }
}
