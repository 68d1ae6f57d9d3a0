import CEditLine
import Glibc
import Markup

// How keys reach libedit: one character each, after the screen has been brought up to date.

extension LineEditor {
  /// The next character for libedit: 1 for one, 0 at the end, -1 for Ctrl-C.
  func nextCharacter(_ out: UnsafeMutablePointer<wchar_t>) -> Int32 {
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
      case .scalar(let scalar) where scalar.value < 0x80: return give(scalar.value)
      case .scalar(let scalar):
        let position = cursor
        switch InputText.action(for: scalar, after: position > 0 ? scalars[position - 1] : nil) {
        case .insert:
          // libedit has functions for the first 256 characters only, and would insert the others through its own screen.
          if isVi || scalar.value < 0x100 { return give(scalar.value) }
          insert(String(Character(scalar)))
        case .drop: continue
        case .spell(let name): waitingScalars = Array(name.unicodeScalars)
        case .replaceLast(let composed):
          el_deletestr(editor, 1)
          if isVi { return give(composed.value) }
          insert(String(Character(composed)))
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

  /// Waits for a key, after the screen has been brought up to date; nil at the end and for Ctrl-C.
  func nextKey() -> Key? {
    var isPainted = false
    while true {
      if Interrupts.termination != nil { return nil }
      if Interrupts.take() {
        keyboard.clear()
        outcome = .interrupted
        return nil
      }
      let signals = ll_take_screen_signals()
      if signals != 0 {
        answer(signals)
        isPainted = false
      }
      if let key = keyboard.next() { return key }
      // A line so long that drawing it takes time is drawn when no more of it comes.
      let patience =
        keyboard.isPasteEnding ? 10 : keyboard.isInside ? pause : count > 20_000 ? 20 : hasEchoed ? settling : 0
      hasEchoed = false
      var event = keyboard.wait(milliseconds: patience)
      if case .nothing = event {
        if let key = keyboard.next(isQuiet: true) { return key }
        if !isPainted {
          display.show(frame())
          isPainted = true
          shareHistory()
        }
        event = keyboard.wait(milliseconds: -1, echo: echo)
      }
      switch event {
      case .arrived(isShown: false), .nothing: continue
      case .arrived(isShown: true):
        guard let key = keyboard.next() else { continue }
        if case .scalar(let scalar) = key { display.echoed(scalar) }
        hasEchoed = true
        return key
      case .signal:
        if display.hasNewSize {
          display.resized()
          isPainted = false
        }
      case .end: return nil
      }
    }
  }

  /// How a character at the end of the line is shown at once: colours and hints follow within a fraction of a millisecond.
  /// Only a guess at what libedit will do with it, which the next frame corrects where it is wrong.
  private var echo: Echo? {
    guard !isVi, search == nil, menu == nil, !keyboard.isInside, let line = el_wline(editor)?.pointee,
      line.cursor == line.lastchar
    else { return nil }
    return display.echo
  }

  /// Milliseconds within which the rest of an escape sequence follows its Escape. In vi mode the Escape has a meaning of
  /// its own, which must not wait; in emacs mode the next key decides, and a slow link is given time.
  private var pause: Int32 { isVi ? 50 : 300 }

  /// Milliseconds between a typed character and its colours: the processor is left to whoever brings the character to the
  /// screen. On two busy ones the rest of this key would otherwise come first, which is a fifth of a millisecond.
  private var settling: Int32 { 1 }

  // MARK: Signals

  private func answer(_ signals: Int32) {
    if signals & Int32(LL_STOPPING) != 0 { stop() }
    if signals & Int32(LL_CONTINUED) != 0 { resume() }
    if signals & Int32(LL_RESIZED) != 0, display.hasNewSize { display.resized() }
  }

  private func stop() {
    display.finish(frame(isFinal: true))
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
    display.begin()
  }
}
