import CEditLine
import Markup

/// A part of the terminal that is drawn again and again in the same place.
///
/// Each drawing is one synchronised update (the terminal shows it whole or not at all), and only cells that changed are
/// sent. After each the terminal is asked where its cursor is: until it answers, the drawing is still on its way, and no
/// other is sent after it. So nothing flickers, and on a slow line the screen is never behind by more than one drawing.
package final class LiveScreen {
  package enum Key: Sendable, Hashable {
    case left, right, up, down, home, end, enter, escape, backspace
    case character(Character)
  }

  package enum Event: Sendable, Hashable {
    case key(Key)
    /// Ctrl-C, or a signal that ends the program.
    case interrupted
    case resized
  }

  private let keyboard: Keyboard
  private var device: any TerminalDevice { keyboard.device }
  private var painter: RowPainter
  private var size = (columns: 0, rows: 0)
  private let clock = ContinuousClock()
  private var drawn: ContinuousClock.Instant?
  /// Something has happened since the last drawing.
  private var isStale = true
  private var answers = Answers.unknown
  /// The terminal was asked and has not answered yet.
  private var isAsked = false

  /// Whether the terminal says when it has drawn what it was sent.
  private enum Answers { case unknown, some, none }

  /// No more drawings a second than an eye takes for motion: 15, and a little for waking up.
  private static let interval = Duration.seconds(1) / 16
  /// How long an answer is waited for: from a terminal that has answered before, as long as a slow line takes.
  var patience = (unknown: Duration.seconds(1), known: Duration.seconds(20))

  package init(_ theme: Theme, _ keyboard: Keyboard) {
    painter = RowPainter(theme: theme)
    self.keyboard = keyboard
  }

  package func begin() {
    device.beginLine()
    ll_terminal_raw(device.descriptor, true)
    size = device.size
    device.write("\u{1B}[?25l")
  }

  /// Leaves the last drawing where it is, with the cursor below it.
  package func end() {
    device.write(painter.leave() + "\u{1B}[?25h")
    // An answer that is still on its way would be read by whoever reads next.
    if isAsked, answers == .some { _ = keyboard.wait(milliseconds: 200) }
    ll_terminal_raw(device.descriptor, false)
    device.endLine()
  }

  /// One synchronised update with what changed, and the question whether it has arrived.
  func draw(_ text: StyledText) {
    let question = answers == .none ? "" : "\u{1B}[6n"
    device.write("\u{1B}[?2026h" + painter.update(to: text) + "\u{1B}[?2026l" + question)
    isAsked = !question.isEmpty
    drawn = clock.now
    isStale = false
  }

  // MARK: Keys

  /// The next thing that happens. Before it waits it draws, if anything has happened since the last drawing, no key is
  /// waiting and the last drawing has arrived: on a slow line drawings are left out, and the last one is of what is true.
  package func next(_ picture: () -> StyledText) -> Event {
    while true {
      while let key = keyboard.next() {
        if let event = event(key) { return event }
      }
      if Interrupts.take() || Interrupts.termination != nil { return .interrupted }
      let signals = ll_take_screen_signals()
      if signals & Int32(LL_STOPPING) != 0 { stop() }
      if signals & Int32(LL_RESIZED | LL_CONTINUED | LL_STOPPING) != 0 { return redrawn() }
      var limit: Int32 = -1
      if isStale {
        limit = untilDue
        if limit == 0, device.hasInput { limit = 1 }
        if limit == 0 {
          draw(picture())
          limit = -1
        }
      }
      if keyboard.isInside { limit = limit < 0 ? 50 : min(limit, 50) }  // an Escape alone, or the start of something
      switch keyboard.wait(milliseconds: limit) {
      case .arrived, .signal: continue
      case .nothing:
        if let key = keyboard.next(isQuiet: true), let event = event(key) { return event }
      case .end: return .interrupted
      }
    }
  }

  /// Milliseconds until the next drawing may be sent.
  private var untilDue: Int32 {
    guard let drawn else { return 0 }
    let passed = clock.now - drawn
    if isAsked {
      let patience = answers == .some ? patience.known : patience.unknown
      if passed < patience { return LiveScreen.milliseconds(patience - passed) }
      if answers == .unknown { answers = .none }
      isAsked = false
    }
    return passed < LiveScreen.interval ? LiveScreen.milliseconds(LiveScreen.interval - passed) : 0
  }

  private static func milliseconds(_ duration: Duration) -> Int32 {
    let (seconds, attoseconds) = duration.components
    return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
  }

  private func event(_ key: Pressed) -> Event? {
    if case .cursorReport = key {
      answers = .some
      isAsked = false
      return nil
    }
    guard let found = LiveScreen.key(key) else { return nil }
    isStale = true
    return .key(found)
  }

  /// Where the old lines are after a resize only the terminal knows: everything is drawn anew from the top.
  private func redrawn() -> Event {
    size = device.size
    painter.forget()
    isStale = true
    isAsked = false
    device.write("\u{1B}[2J\u{1B}[H")
    return .resized
  }

  private func stop() {
    device.write(painter.leave() + "\u{1B}[?25h")
    ll_terminal_raw(device.descriptor, false)
    ll_terminal_restore()
    ll_stop()
    _ = ll_take_screen_signals()
    ll_terminal_raw(device.descriptor, true)
    device.write("\u{1B}[?25l")
  }

  private static func key(_ key: Pressed) -> Key? {
    switch key {
    case .special(let special):
      switch special {
      case .left: .left
      case .right, .pageDown: .right
      case .up, .pageUp: .up
      case .down: .down
      case .home, .textStart: .home
      case .end, .textEnd: .end
      default: nil
      }
    case .scalar(let scalar):
      switch scalar.value {
      case 0x0D, 0x0A: .enter
      case 0x1B: .escape
      case 0x7F, 0x08: .backspace
      case 0x04: .character("q")
      case 0..<0x20: nil
      default: .character(Character(scalar))
      }
    default: nil
    }
  }
}

/// A key as the decoder gives it, under a name that the nested one does not hide.
private typealias Pressed = Terminal.Key
