import Glibc
import Markup

/// Where styled text leaves the program, through the gate inside the renderers.
package struct Output: Sendable {
  private let descriptor: Int32
  package var theme: Theme

  package static func standard(_ theme: Theme) -> Output { Output(descriptor: 1, theme: theme) }
  package static func error(_ theme: Theme) -> Output { Output(descriptor: 2, theme: theme) }

  /// False when the other end is gone; there is then no one left to tell.
  @discardableResult package func write(_ text: StyledText) -> Bool { Output.send(text.ansi(theme), to: descriptor) }

  /// Leaves the processor for a moment to whoever brings to the screen what was just written: where there are few of them
  /// and all busy, it would otherwise be seen only after what comes next.
  package static func letReadersIn() { usleep(1) }

  /// For text that is a format of its own, JSON: nothing but the characters.
  @discardableResult package func writeLine(verbatim text: String) -> Bool {
    Output.send(text + "\n", to: descriptor)
  }

  /// Puts text in the place of the line the cursor is on, and leaves the cursor there.
  package func redrawLine(_ text: StyledText) { Output.send("\r" + text.ansi(theme) + "\u{1B}[K", to: descriptor) }

  /// For the movements of a cursor.
  @discardableResult func write(verbatim text: String) -> Bool { Output.send(text, to: descriptor) }

  @discardableResult static func send(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var sent = 0
      while sent < bytes.count {
        let written = Glibc.write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
        if written > 0 {
          sent += written
        } else if errno == EAGAIN {
          var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wait, 1, 1000)
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
  }
}
