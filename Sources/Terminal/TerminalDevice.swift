import CEditLine
import Glibc

/// The terminal as the line editor uses it: the real one, or one in the memory of a test.
protocol TerminalDevice: AnyObject {
  /// A terminal's descriptor, whose modes libedit sets.
  var descriptor: Int32 { get }
  var size: (columns: Int, rows: Int) { get }
  func write(_ text: String)
  /// Waits at most that long for something typed; a negative limit waits for ever.
  /// - Parameter echo: how a printable ASCII character that comes alone is shown at once; nil to show nothing.
  func read(milliseconds: Int32, echo: Echo?) -> Arrival
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

/// What is written before and after a character to show it in its style.
struct Echo {
  var before = ""
  var after = ""

  /// Whether a terminal that was given one has shown what came.
  static func shows(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.count == 1 && bytes.allSatisfy { (0x20..<0x7F).contains($0) }
  }
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

  func read(milliseconds: Int32, echo: Echo?) -> Arrival {
    let count =
      if let echo {
        ll_read_keys(0, milliseconds, &piece, piece.count, echo.before, echo.after)
      } else {
        ll_read_keys(0, milliseconds, &piece, piece.count, nil, nil)
      }
    switch count {
    case 1...: return .bytes(piece[..<count])
    case 0: return .end
    case Int(LL_QUIET): return .nothing
    default: return .signal
    }
  }

  var hasInput: Bool {
    var ready = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, 0) > 0
  }

  func beginLine() { ll_signals_hold(true) }

  func endLine() { ll_signals_hold(false) }
}
