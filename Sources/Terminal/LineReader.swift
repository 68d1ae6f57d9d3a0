import CEditLine
import Glibc
import Markup

/// What came of asking for a line.
package enum LineInput: Sendable, Hashable {
  case line(String)
  /// Ctrl-C at the prompt.
  case interrupted
  case end
  case tooLong(bytes: Int)
}

/// Lines from a pipe, a file or a terminal that cannot be drawn on.
package final class LineReader {
  private var buffer: [UInt8] = []
  private var isAtEnd = false
  private let descriptor: Int32
  /// The longest line that is taken.
  package static let limit = 4 << 20

  package init(descriptor: Int32 = 0) { self.descriptor = descriptor }

  /// The next line without its ending; broken UTF-8 arrives as U+FFFD, which the lexer reports with its place.
  package func next() -> LineInput {
    var searched = 0
    var skipped = 0
    while true {
      if let newline = buffer[searched...].firstIndex(of: 0x0A) {
        var line = buffer[..<newline]
        if line.last == 0x0D { line = line.dropLast() }
        let text = String(decoding: line, as: UTF8.self)
        buffer.removeSubrange(...newline)
        return skipped > 0 ? .tooLong(bytes: skipped) : .line(text)
      }
      searched = buffer.count
      if buffer.count > LineReader.limit {
        skipped += buffer.count
        buffer.removeAll(keepingCapacity: true)
        searched = 0
      }
      if isAtEnd {
        if buffer.isEmpty { return skipped > 0 ? .tooLong(bytes: skipped) : .end }
        let text = String(decoding: buffer, as: UTF8.self)
        buffer = []
        return .line(text)
      }
      var piece = [UInt8](repeating: 0, count: 65536)
      let count = read(descriptor, &piece, piece.count)
      if count > 0 {
        buffer.append(contentsOf: piece[..<count])
      } else if count == 0 {
        isAtEnd = true
      } else if errno == EINTR {
        if Interrupts.termination != nil { return .end }
        if Interrupts.take() {
          buffer = []
          return .interrupted
        }
      } else {
        isAtEnd = true
      }
    }
  }
}
