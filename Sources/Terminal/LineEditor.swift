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
    get { painter.theme }
    set { painter.theme = newValue }
  }
  package var language: Language = .en
  /// Whether to show dimly how the line could go on.
  package var showsHints = true
  /// The longest line taken, in scalars. Pasting one of a million takes some tens of milliseconds.
  static let limit = 2_000_000

  let editor: OpaquePointer
  let device: any TerminalDevice
  let history: History
  private let vi: OpaquePointer
  private var isHistoryShared = false
  /// Names given to libedit, which keeps the pointers.
  var names: [UnsafeMutablePointer<wchar_t>] = []
  let hasLearnersKeys: Bool
  let isVi: Bool
  var learnersSequences: [String: Bool] = [:]

  // Keys on their way.
  private var decoder = KeyDecoder()
  private var waitingKeys: [Key] = []
  private var waitingScalars: [Unicode.Scalar] = []
  var pasted = ""

  // The line being read.
  private var prompt = StyledText()
  var outcome: LineInput?
  var walk = HistoryWalk()
  var menu: CompletionMenu?
  var search: HistorySearch?
  var notice: StyledText?
  var killed = ""
  var past = EditHistory()

  // The screen.
  private var painter: FramePainter
  private(set) var size = (columns: 80, rows: 24)
  private var shown = EditorFrame(columns: 80)
  private var shownColumns = 80
  private var top = 0
  /// Rows that a resize has scrolled off the screen, as they are in the terminal's memory.
  private var stale: [[Cell]] = []
  private var queued = ""
  private var terminalRewraps = LineEditor.knownRewrapping
  private var hintSearch = PrefixSearch()

  package convenience init?(theme: Theme, history: History) {
    self.init(theme: theme, history: history, device: StandardTerminal())
  }

  init?(theme: Theme, history: History, device: any TerminalDevice) {
    let isUTF8 = ll_use_utf8()
    guard let editor = ll_editor_new("losslab", device.descriptor, device.descriptor), let vi = history_winit() else {
      return nil
    }
    self.editor = editor
    self.vi = vi
    self.history = history
    self.device = device
    painter = FramePainter(theme: theme)
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
    if !isUTF8 { bindLetters() }
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
    (top, stale) = (0, [])
    if isHistoryShared { history.catchUp() }
    painter.forget()
    measure()
    device.beginLine()
    defer { device.endLine() }
    ll_editor_prepare_terminal(editor, 1)  // before the prompt, or keys typed early are echoed by the terminal
    queued += "\u{1B}[?2004h"
    var count: Int32 = 0
    el_wgets(editor, &count)
    let result = outcome ?? .end
    if outcome == nil { history.add(self.text) }  // a closed window or a signal does not take half a line with it
    finish(after: result)
    return result
  }

  /// The line as it was entered, without hints, and the cursor on the row after it.
  private func finish(after result: LineInput) {
    (menu, search, notice) = (nil, nil, nil)
    paint(isFinal: true)
    if result == .interrupted { queued += "^C" }
    queued += "\r\n\u{1B}[?2004l"
    flush()
  }

  // MARK: The line in libedit

  var scalars: [Unicode.Scalar] {
    guard let line = el_wline(editor)?.pointee else { return [] }
    return (0..<max(0, line.lastchar - line.buffer)).map {
      Unicode.Scalar(UInt32(bitPattern: line.buffer[$0])) ?? "\u{FFFD}"
    }
  }

  var text: String { String(scalars: scalars) }

  private var count: Int { el_wline(editor).map { $0.pointee.lastchar - $0.pointee.buffer } ?? 0 }

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

  // MARK: Keys for libedit

  /// The next character for libedit: 1 for one, 0 at the end, -1 for Ctrl-C.
  private func nextCharacter(_ out: UnsafeMutablePointer<wchar_t>) -> Int32 {
    func give(_ value: UInt32) -> Int32 {
      out.pointee = wchar_t(bitPattern: value)
      return 1
    }
    while true {
      if !waitingScalars.isEmpty { return give(waitingScalars.removeFirst().value) }
      guard let key = nextKey() else {
        if outcome == .interrupted {
          errno = EINTR
          return -1
        }
        return 0
      }
      notice = nil
      if key != .scalar("\t"), key != .special(.backTab) { menu = nil }
      past.note(before: key, count: count) { (self.text, self.cursor) }
      switch key {
      case .scalar(let scalar) where scalar.value < 0x80:
        echo(scalar)
        return give(scalar.value)
      case .scalar(let scalar):
        let position = cursor
        switch InputText.action(for: scalar, after: position > 0 ? scalars[position - 1] : nil) {
        case .insert: return give(scalar.value)
        case .drop: continue
        case .spell(let name): waitingScalars = Array(name.unicodeScalars)
        case .replaceLast(let composed):
          el_deletestr(editor, 1)
          return give(composed.value)
        }
      case .special(let special): return give(UInt32(special.rawValue))
      case .paste(let text):
        pasted = text
        return give(UInt32(SpecialKey.paste.rawValue))
      case .unknown(let sequence):
        if isLearnersOwn(sequence) { waitingScalars = Array(sequence.unicodeScalars) }
      case .cursorReport: continue
      }
    }
  }

  /// Shows a typed character before anything has been asked about the line: colours and hints follow within a tenth of a
  /// millisecond. Only a guess at what libedit will do with it, which the next frame corrects where it is wrong.
  private func echo(_ scalar: Unicode.Scalar) {
    guard scalar.value >= 0x20, scalar.value < 0x7F, !isVi, search == nil, menu == nil, !decoder.isInside,
      let line = el_wline(editor)?.pointee, line.cursor == line.lastchar
    else { return }
    queued += painter.echo(scalar, columns: size.columns)
    flush()
  }

  /// Waits for a key, after the screen has been brought up to date; nil at the end and for Ctrl-C.
  func nextKey() -> Key? {
    var isPainted = false
    while true {
      if Interrupts.termination != nil { return nil }
      if Interrupts.take() {
        decoder.clear()
        waitingKeys = []
        outcome = .interrupted
        return nil
      }
      let signals = ll_take_screen_signals()
      if signals != 0 {
        answer(signals)
        isPainted = false
      }
      // Among them what was typed while a resized terminal was asked where its cursor is: it comes before what follows.
      if !waitingKeys.isEmpty { return waitingKeys.removeFirst() }
      if let key = decoder.next() { return key }
      // A line so long that drawing it takes time is drawn when no more of it comes.
      let patience = decoder.isPasteEnding ? 10 : decoder.isInside ? pause : count > 20_000 ? 20 : 0
      var arrival = device.read(milliseconds: patience)
      if case .nothing = arrival {
        if let key = decoder.next(isQuiet: true) { return key }
        if !isPainted {
          paint()
          isPainted = true
          shareHistory()
        }
        arrival = device.read(milliseconds: -1)
      }
      switch arrival {
      case .bytes(let bytes): decoder.feed(bytes)
      case .nothing: continue
      case .signal:
        if sizeNow != size {
          resized()
          isPainted = false
        }
      case .end: return nil
      }
    }
  }

  /// Milliseconds within which the rest of an escape sequence follows its Escape. In vi mode the Escape has a meaning of
  /// its own, which must not wait; in emacs mode the next key decides, and a slow link is given time.
  private var pause: Int32 { isVi ? 50 : 300 }

  func giveBack(_ key: Key) { waitingKeys.insert(key, at: 0) }

  /// Lines from before for libedit's own history keys, once the prompt is on the screen.
  private func shareHistory() {
    if isHistoryShared { return }
    isHistoryShared = true
    for line in history.lines.suffix(2_000) { wide(line) { ll_history_enter(vi, $0) } }
  }

  /// Adds a line to what the arrow keys bring back.
  package func remember(_ line: String) {
    if isHistoryShared { wide(line) { ll_history_enter(vi, $0) } }
  }

  // MARK: The screen

  private var sizeNow: (columns: Int, rows: Int) {
    let (columns, rows) = device.size
    return (max(2, columns), max(1, rows))
  }

  private func measure() { size = sizeNow }

  private func flush() {
    if queued.isEmpty { return }
    device.write(queued)
    queued = ""
  }

  func beep() { queued += "\u{7}" }

  func clearScreen() {
    queued += "\u{1B}[H\u{1B}[2J"
    (top, stale) = (0, [])
    painter.forget()
  }

  /// Brings the screen to what the line now is.
  private func paint(isFinal: Bool = false) {
    let scalars = scalars
    var styles = styles(of: scalars)
    let position = isFinal ? scalars.count : cursor
    if theme != .none, !isFinal { Brackets.mark(&styles, in: scalars, cursor: position) }
    search?.mark(&styles, at: position)
    var frame = EditorFrame(columns: size.columns)
    frame.append(search?.prompt(language) ?? prompt)
    frame.append(line: scalars, styles: styles, cursor: position)
    if !isFinal {
      if let hint = hint(for: scalars, at: position) {
        frame.append(hint: StyledText(hint.continuation, .hint) + (hint.continuation.isEmpty ? "" : "   ") + hint.note)
      }
      for row in rowsBelow(room: size.rows - frame.rows.count) { frame.append(below: row) }
    }
    frame.window(size.rows, top: &top)
    queued += painter.update(to: frame, columns: size.columns)
    shown = frame
    shownColumns = size.columns
    flush()
  }

  private func styles(of scalars: [Unicode.Scalar]) -> [Style] {
    guard theme != .none, scalars.count < 5_000 else { return [Style](repeating: .plain, count: scalars.count) }
    var styles: [Style] = []
    styles.reserveCapacity(scalars.count)
    for run in hooks.highlight(String(scalars: scalars)).runs {
      styles += repeatElement(run.style, count: run.text.unicodeScalars.count)
    }
    return styles.count == scalars.count ? styles : [Style](repeating: .plain, count: scalars.count)
  }

  private func rowsBelow(room: Int) -> [StyledText] {
    if let notice { return [notice] }
    return menu?.rows(room: room, columns: size.columns, language) ?? []
  }

  /// How the line could go on, by what was typed before and by the owner.
  func hint(for scalars: [Unicode.Scalar], at position: Int) -> Hint? {
    guard showsHints, theme != .none, menu == nil, search == nil, !scalars.isEmpty, scalars.count < 2_000 else {
      return nil
    }
    let text = String(scalars: scalars)
    var hint = hooks.hint(text, position) ?? Hint()
    if position < scalars.count {
      hint.continuation = ""
    } else if let line = hintSearch.line(startingWith: text, in: history.lines) {
      hint.continuation = String(line.unicodeScalars.dropFirst(scalars.count))
    }
    return hint.continuation.isEmpty && hint.note.isEmpty ? nil : hint
  }

  /// Whether the terminal is one that rewraps long lines when its width changes, where its environment says which it is.
  private static var knownRewrapping: Bool? {
    let rewrapping = ["TMUX", "VTE_VERSION", "KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION"]
    if rewrapping.contains(where: { (name: String) in getenv(name) != nil }) { return true }
    return getenv("XTERM_VERSION") == nil ? nil : false
  }

  // MARK: Signals

  private func answer(_ signals: Int32) {
    if signals & Int32(LL_STOPPING) != 0 { stop() }
    if signals & Int32(LL_CONTINUED) != 0 { resume() }
    if signals & Int32(LL_RESIZED) != 0, sizeNow != size { resized() }
  }

  private func stop() {
    paint(isFinal: true)
    queued += "\r\n"
    flush()
    ll_editor_prepare_terminal(editor, 0)
    ll_terminal_restore()
    ll_stop()
    _ = ll_take_screen_signals()
    resume()
  }

  /// The shell has had the terminal: its modes are set again and the line is drawn on a row of its own.
  private func resume() {
    ll_editor_prepare_terminal(editor, 0)
    ll_editor_prepare_terminal(editor, 1)
    queued += "\u{1B}[?2004h"
    (top, stale) = (0, [])
    painter.forget()
    measure()
  }

  /// Erases what was drawn, wherever the terminal has put it, and draws it anew at the width that now holds.
  private func resized() {
    measure()
    device.write("\u{1B}[6n")
    var answer: (row: Int, column: Int)?
    for _ in 0..<20 {
      guard answer == nil, case .bytes(let bytes) = device.read(milliseconds: 100) else { break }
      decoder.feed(bytes)
      while let key = decoder.next() {
        if case .cursorReport(let row, let column) = key {
          answer = (row - 1, column - 1)
        } else {
          waitingKeys.append(key)
        }
      }
    }
    let resized = ResizedFrame(
      shown, stale: stale, from: shownColumns, to: size.columns, cursor: answer, rewraps: &terminalRewraps)
    queued += painter.erase(rowsAbove: resized.rowsAbove)
    stale = resized.scrolledOff
    top = 0
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
