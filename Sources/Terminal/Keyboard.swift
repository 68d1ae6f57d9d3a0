/// The keys of a terminal, for whoever has its screen: the line editor, the pager, a screen that is walked through. What
/// was typed ahead of one of them is there for the next.
package final class Keyboard {
  let device: any TerminalDevice
  private var decoder = KeyDecoder()
  private var waiting: [Key] = []

  enum Event {
    /// Bytes: ask for `next`. `isShown` says that they are one character which is on the screen already.
    case arrived(isShown: Bool)
    case nothing
    case signal
    /// The other end is gone.
    case end
  }

  package convenience init() { self.init(StandardTerminal()) }

  init(_ device: any TerminalDevice) { self.device = device }

  /// Whether what has arrived is the beginning of something longer.
  var isInside: Bool { decoder.isInside }
  /// Whether the end mark of a paste has just come: what else came with it follows at once.
  var isPasteEnding: Bool { decoder.isPasteEnding }

  /// The next key, if all of it has arrived.
  /// - Parameter isQuiet: nothing has followed for a while: what is there is all there is.
  func next(isQuiet: Bool = false) -> Key? {
    waiting.isEmpty ? decoder.next(isQuiet: isQuiet) : waiting.removeFirst()
  }

  func giveBack(_ key: Key) { waiting.insert(key, at: 0) }

  func clear() {
    decoder.clear()
    waiting = []
  }

  func wait(milliseconds: Int32, echo: Echo? = nil) -> Event {
    switch device.read(milliseconds: milliseconds, echo: echo) {
    case .bytes(let bytes):
      decoder.feed(bytes)
      return .arrived(isShown: echo != nil && Echo.shows(bytes))
    case .nothing: return .nothing
    case .signal: return .signal
    case .end: return .end
    }
  }

  /// Asks the terminal where its cursor is, from 0; nil where it does not say. What is typed meanwhile comes first afterwards.
  func cursorReport() -> (row: Int, column: Int)? {
    device.write("\u{1B}[6n")
    var answer: (row: Int, column: Int)?
    for _ in 0..<20 {
      guard answer == nil, case .arrived = wait(milliseconds: 100) else { break }
      while let key = decoder.next() {
        if case .cursorReport(let row, let column) = key {
          answer = (row - 1, column - 1)
        } else {
          waiting.append(key)
        }
      }
    }
    return answer
  }
}
