import Markup
import Testing

@testable import Terminal

/// A terminal in memory: what is typed is given in pieces, what is written is kept.
private final class MemoryTerminal: TerminalDevice {
  let descriptor: Int32 = -1
  var size = (columns: 80, rows: 24)
  var written = ""
  var typed: [[UInt8]] = []

  func write(_ text: String) { written += text }
  func read(milliseconds: Int32) -> Arrival {
    typed.isEmpty ? (milliseconds < 0 ? .end : .nothing) : .bytes(typed.removeFirst()[...])
  }
  func beginLine() {}
  func endLine() {}
}

@Test func onlyLinesThatChangedAreSent() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, on: terminal)
  screen.begin()
  screen.draw(StyledText("one\ntwo\nthree"))
  terminal.written = ""
  screen.draw(StyledText("one\nTWO\nthree"))
  #expect(terminal.written == "\u{1B}[?2026h\u{1B}[2A\r\r\nTWO\u{1B}[K\r\n\u{1B}[?2026l")
  terminal.written = ""
  screen.draw(StyledText("one"))
  #expect(terminal.written == "\u{1B}[?2026h\u{1B}[2A\r\u{1B}[J\u{1B}[?2026l")
}

@Test func theCursorIsHiddenWhileItIsDrawnAndBackAfterwards() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, on: terminal)
  screen.begin()
  screen.draw(StyledText("x"))
  screen.end()
  #expect(terminal.written.hasPrefix("\u{1B}[?25l"))
  #expect(terminal.written.hasSuffix("\r\n\u{1B}[?25h"))
}

@Test func keysArriveWhateverPiecesTheirBytesComeIn() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, on: terminal)
  terminal.typed = [[0x1B], Array("[C".utf8), Array("\u{1B}[Dq".utf8), [0xEF, 0xBC], [0x9F], [0x0D, 0x7F]]
  let expected: [LiveScreen.Key] = [.right, .left, .character("q"), .character("？"), .enter, .backspace]
  #expect(expected.map { _ in screen.next(milliseconds: 100) } == expected.map { .key($0) })
  terminal.typed = [[0x1B]]
  #expect(screen.next(milliseconds: 10) == .key(.escape))
}

@Test func aLongDrawingOfOneStepIsShort() {
  // 24 rows of 80 columns, one of them changed: a slow line carries one row, not the screen.
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, on: terminal)
  var lines = (0..<24).map { row in String(repeating: "⣿", count: 79) + "\(row)" }
  screen.draw(StyledText(lines.joined(separator: "\n")))
  terminal.written = ""
  lines[7] = "changed"
  screen.draw(StyledText(lines.joined(separator: "\n")))
  #expect(terminal.written.utf8.count < 100)
}
