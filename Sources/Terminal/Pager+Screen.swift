import CEditLine
import Markup

// The pager on a terminal.

extension Pager {
  /// Writes a text, by the screen if it is longer and both ends are a terminal that can move its cursor.
  /// - Parameter keyboard: nil on a terminal whose lines are not edited.
  /// - Returns: false when the other end is gone.
  @discardableResult
  package static func show(
    _ text: StyledText, _ output: Output, _ keyboard: Keyboard?, _ capabilities: Capabilities, language: Language
  ) -> Bool {
    var pager = Pager(text, columns: capabilities.width, rows: capabilities.height, language: language)
    guard let keyboard, capabilities.height >= 4, pager.lines.count > pager.rows else { return output.write(text) }
    return pager.run(output, keyboard)
  }

  private mutating func run(_ output: Output, _ keyboard: Keyboard) -> Bool {
    let device = keyboard.device
    device.beginLine()
    ll_terminal_raw(device.descriptor, true)
    defer {
      ll_terminal_raw(device.descriptor, false)
      device.endLine()
    }
    guard draw(output, cleared: false) else { return false }
    while let name = next(keyboard, output) {
      let action = press(name)
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

  /// The name of the next key; nil at the end of input or when the program is asked to end. Answers the window's changes
  /// and Ctrl-Z meanwhile.
  private mutating func next(_ keyboard: Keyboard, _ output: Output) -> String? {
    while true {
      if let key = keyboard.next() {
        if let name = Pager.name(of: key) { return name }
        continue
      }
      if Interrupts.termination != nil { return nil }
      if Interrupts.take() { return "\u{3}" }
      let signals = ll_take_screen_signals()
      if signals & Int32(LL_STOPPING) != 0 { stop(keyboard, output) }
      if signals != 0 {
        let size = keyboard.device.size
        fit(columns: size.columns, rows: size.rows)
        guard draw(output, cleared: true) else { return nil }
      }
      switch keyboard.wait(milliseconds: keyboard.isInside ? 50 : -1) {
      case .arrived, .signal: continue
      case .nothing: if let key = keyboard.next(isQuiet: true), let name = Pager.name(of: key) { return name }
      case .end: return nil
      }
    }
  }

  private func stop(_ keyboard: Keyboard, _ output: Output) {
    output.write(verbatim: "\r\u{1b}[K")
    ll_terminal_raw(keyboard.device.descriptor, false)
    ll_terminal_restore()
    ll_stop()
    _ = ll_take_screen_signals()
    ll_terminal_raw(keyboard.device.descriptor, true)
  }

  private static func name(of key: Key) -> String? {
    switch key {
    case .scalar("\u{1B}"): "escape"
    case .scalar(let scalar): String(Character(scalar))
    case .special(.up): "up"
    case .special(.down): "down"
    case .special(.pageUp): "pageup"
    case .special(.pageDown): "pagedown"
    case .special(.home), .special(.textStart): "home"
    case .special(.end), .special(.textEnd): "end"
    default: nil
    }
  }
}
