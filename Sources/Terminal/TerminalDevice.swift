import CEditLine
import Glibc

/// The terminal as the line editor uses it: the real one, or one in the memory of a test.
protocol TerminalDevice: AnyObject {
  /// A terminal's descriptor, whose modes libedit sets.
  var descriptor: Int32 { get }
  var size: (columns: Int, rows: Int) { get }
  func write(_ text: String)
  /// Waits at most that long for something typed; a negative limit waits for ever.
  func read(milliseconds: Int32) -> Arrival
  /// Whether something typed is waiting.
  var hasInput: Bool { get }
  /// Around each line: signals wait for `read`, keys are not echoed by the system.
  func beginLine()
  func endLine()
}

enum Arrival {
  case bytes(ArraySlice<UInt8>)
  case nothing
  case signal
  /// The other end is gone.
  case end
}

/// Standard input and output.
final class StandardTerminal: TerminalDevice {
  let descriptor: Int32 = 0
  private var piece = [UInt8](repeating: 0, count: 1 << 16)

  init() { ll_terminal_keep(0) }

  var size: (columns: Int, rows: Int) {
    var columns: Int32 = 0
    var rows: Int32 = 0
    guard ll_screen_size(1, &columns, &rows) == 0 else { return (80, 24) }
    return (Int(columns), Int(rows))
  }

  func write(_ text: String) { Output.send(text, to: 1) }

  func read(milliseconds: Int32) -> Arrival {
    switch ll_wait(0, milliseconds, true) {
    case 0: return .signal
    case 2: return .nothing
    case 1: break
    default: return .end
    }
    // What can be read now was typed after a Ctrl-C that is still held, and belongs to the next line.
    ll_signals_deliver()
    if Interrupts.isPending { return .signal }
    let count = Glibc.read(0, &piece, piece.count)
    if count > 0 { return .bytes(piece[..<count]) }
    return count < 0 && (errno == EINTR || errno == EAGAIN) ? .signal : .end
  }

  var hasInput: Bool {
    var ready = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, 0) > 0
  }

  func beginLine() { ll_signals_hold(true) }

  func endLine() { ll_signals_hold(false) }
}
