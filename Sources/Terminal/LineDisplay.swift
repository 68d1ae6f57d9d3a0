import Glibc
import Markup

/// The rows of the terminal that the line being edited takes, from its prompt on: shows one frame after the other, and
/// finds them again when the window has changed.
struct LineDisplay {
  private let keyboard: Keyboard
  private var device: any TerminalDevice { keyboard.device }
  private var painter: FramePainter
  private(set) var size = (columns: 80, rows: 24)
  private var shown = EditorFrame(columns: 80)
  private var shownColumns = 80
  /// The first row of the frame that is on the screen, of a frame that is taller.
  private var top = 0
  /// Rows that a resize has scrolled off the screen, as they are in the terminal's memory.
  private var stale: [[Cell]] = []
  private var queued = ""
  private var terminalRewraps = LineDisplay.knownRewrapping

  private static let pasteOn = "\u{1B}[?2004h"
  private static let pasteOff = "\u{1B}[?2004l"

  init(_ keyboard: Keyboard, theme: Theme) {
    self.keyboard = keyboard
    painter = FramePainter(theme: theme)
  }

  var theme: Theme {
    get { painter.theme }
    set { painter.theme = newValue }
  }

  /// Whether the terminal is one that rewraps long lines when its width changes, where its environment says which it is.
  private static var knownRewrapping: Bool? {
    let rewrapping = ["TMUX", "VTE_VERSION", "KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION"]
    if rewrapping.contains(where: { (name: String) in getenv(name) != nil }) { return true }
    return getenv("XTERM_VERSION") == nil ? nil : false
  }

  // MARK: From the prompt to Enter

  /// A frame is to be drawn where the cursor stands.
  mutating func begin() {
    queued += LineDisplay.pasteOn
    (top, stale) = (0, [])
    painter.forget()
    measure()
  }

  mutating func show(_ frame: EditorFrame) {
    draw(frame)
    flush()
  }

  private mutating func draw(_ frame: EditorFrame) {
    var frame = frame
    frame.window(size.rows, top: &top)
    queued += painter.update(to: frame, columns: size.columns)
    shown = frame
    shownColumns = size.columns
  }

  /// The line as it was entered, and the cursor on the row after it: all in one write, so that what computes next is not
  /// kept from the processor by a terminal that draws.
  mutating func finish(_ frame: EditorFrame, sign: String = "") {
    draw(frame)
    queued += sign + "\r\n" + LineDisplay.pasteOff
    flush()
  }

  private mutating func flush() {
    if queued.isEmpty { return }
    device.write(queued)
    queued = ""
  }

  mutating func beep() { queued += "\u{7}" }

  mutating func clear() {
    queued += "\u{1B}[H\u{1B}[2J"
    (top, stale) = (0, [])
    painter.forget()
  }

  // MARK: A typed character, at once

  /// How a character typed now is shown before anything has been asked about the line; nil where it cannot be guessed.
  var echo: Echo? { painter.echo(columns: size.columns) }

  mutating func echoed(_ scalar: Unicode.Scalar) { painter.echoed(scalar, columns: size.columns) }

  // MARK: The window

  var hasNewSize: Bool { LineDisplay.size(of: device) != size }

  private static func size(of device: any TerminalDevice) -> (columns: Int, rows: Int) {
    let (columns, rows) = device.size
    return (max(2, columns), max(1, rows))
  }

  private mutating func measure() { size = LineDisplay.size(of: device) }

  /// Erases what was drawn, wherever the terminal has put it; it is to be drawn anew at the width that now holds.
  mutating func resized() {
    measure()
    let cursor = keyboard.cursorReport()
    let resized = ResizedFrame(
      shown, stale: stale, from: shownColumns, to: size.columns, cursor: cursor, rewraps: &terminalRewraps)
    queued += painter.erase(rowsAbove: resized.rowsAbove)
    stale = resized.scrolledOff
    top = 0
  }
}
