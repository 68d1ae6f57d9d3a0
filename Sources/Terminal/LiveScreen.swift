import CEditLine
import Markup

/// A part of the terminal that is drawn again and again in the same place.
///
/// Each drawing is one synchronised update (the terminal shows it whole or not at all), and only lines that changed are
/// sent: nothing flickers, and a slow connection keeps up.
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
    case nothing
  }

  private let device: any TerminalDevice
  private let theme: Theme
  private var decoder = KeyDecoder()
  private var shown: [String] = []
  private var size = (columns: 0, rows: 0)

  package convenience init(_ theme: Theme) { self.init(theme, on: StandardTerminal()) }

  init(_ theme: Theme, on device: any TerminalDevice) {
    self.theme = theme
    self.device = device
  }

  package func begin() {
    device.beginLine()
    ll_terminal_raw(device.descriptor, true)
    size = device.size
    device.write("\u{1B}[?25l")
  }

  /// Leaves the last drawing where it is, with the cursor below it.
  package func end() {
    device.write((shown.isEmpty ? "" : "\r\n") + "\u{1B}[?25h")
    shown = []
    ll_terminal_raw(device.descriptor, false)
    device.endLine()
  }

  package func draw(_ text: StyledText) {
    let lines = text.lines.map { $0.ansi(theme) }
    var out = "\u{1B}[?2026h"
    if shown.count > 1 { out += "\u{1B}[\(shown.count - 1)A" }
    out += "\r"
    for (index, line) in lines.enumerated() {
      if index > 0 { out += "\r\n" }
      if index >= shown.count || shown[index] != line { out += line + "\u{1B}[K" }
    }
    if lines.count < shown.count { out += "\u{1B}[J" }
    shown = lines
    device.write(out + "\u{1B}[?2026l")
  }

  /// The next thing that happens, within that many milliseconds; a negative limit waits for ever.
  package func next(milliseconds: Int32 = -1) -> Event {
    var limit = milliseconds
    while true {
      if let key = decoder.next(), let found = LiveScreen.key(key) { return .key(found) }
      if decoder.isInside { limit = 50 }  // an Escape alone, or the first byte of something longer
      switch device.read(milliseconds: limit) {
      case .bytes(let bytes): decoder.feed(bytes)
      case .nothing:
        if let key = decoder.next(isQuiet: true), let found = LiveScreen.key(key) { return .key(found) }
        if milliseconds >= 0 { return .nothing }
        limit = milliseconds
      case .signal:
        if Interrupts.take() || Interrupts.termination != nil { return .interrupted }
        let signals = ll_take_screen_signals()
        if signals & Int32(LL_STOPPING) != 0 { stop() }
        if signals & Int32(LL_RESIZED | LL_CONTINUED | LL_STOPPING) != 0 { return redrawn() }
      case .end: return .interrupted
      }
    }
  }

  /// Where the old lines are after a resize only the terminal knows: everything is drawn anew from the top.
  private func redrawn() -> Event {
    size = device.size
    shown = []
    device.write("\u{1B}[2J\u{1B}[H")
    return .resized
  }

  private func stop() {
    device.write("\r\n\u{1B}[?25h")
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
