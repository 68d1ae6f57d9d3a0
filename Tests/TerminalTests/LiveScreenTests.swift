import Markup
import PseudoTerminal
import Testing

@testable import Terminal

/// A terminal in memory: what is typed is given in pieces, what is written is kept and shown.
private final class MemoryTerminal: TerminalDevice {
  let descriptor: Int32 = -1
  var size = (columns: 80, rows: 24)
  var written = ""
  var typed: [[UInt8]] = []
  var screen = ScreenModel(columns: 80, rows: 24)
  /// Called for each read: a slow line answers late.
  var answer: (MemoryTerminal) -> [UInt8]? = { _ in nil }

  func write(_ text: String) {
    written += text
    screen.feed(text)
  }

  func read(milliseconds: Int32, echo: Echo?) -> Arrival {
    if let answer = answer(self) { return .bytes(answer[...]) }
    if !typed.isEmpty { return .bytes(typed.removeFirst()[...]) }
    return milliseconds < 0 ? .end : .nothing
  }
  var hasInput: Bool { !typed.isEmpty }
  func beginLine() {}
  func endLine() {}
}

private let (begin, end) = ("\u{1B}[?2026h", "\u{1B}[?2026l\u{1B}[6n")

@Test func onlyCellsThatChangedAreSent() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, Keyboard(terminal))
  screen.begin()
  screen.draw(StyledText("one\ntwo and more\nthree"))
  terminal.written = ""
  screen.draw(StyledText("one\ntwo or  more\nthree"))
  #expect(terminal.written == begin + "\u{1B}[A\u{1B}[5Gor " + end)
  terminal.written = ""
  screen.draw(StyledText("one"))
  #expect(terminal.written == begin + "\u{1B}[A\u{1B}[B\r\u{1B}[J\u{1B}[A" + end)
  #expect(terminal.screen.lines == ["one"])
}

/// Whatever is drawn after whatever, with wide characters and colours, the screen is the drawing.
@Test func theScreenIsAlwaysTheLastDrawing() {
  let pieces = ["", "a", "学习率 0.5", "⣿⣷⢀  ⠈⠑", "step 12 of 200", "    @", "率", "x率x率x率", "ŷ = 3"]
  var random = SystemRandomNumberGenerator()
  for theme in [Theme.none, .dark] {
    let terminal = MemoryTerminal()
    let screen = LiveScreen(theme, Keyboard(terminal))
    screen.begin()
    for _ in 0..<300 {
      let lines = (0..<Int.random(in: 1...9, using: &random)).map { _ in
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          StyledText(pieces.randomElement(using: &random) ?? "", [.plain, .strong, .dim].randomElement() ?? .plain)
        }.joined(separator: " ")
      }
      screen.draw(lines.joined(separator: "\n"))
      var wanted = lines.map { line -> String in
        var text = line.characters
        while text.last == " " { text.removeLast() }
        return text
      }
      while wanted.last == "" { wanted.removeLast() }
      #expect(terminal.screen.lines == wanted)
    }
  }
}

@Test func theCursorIsHiddenWhileItIsDrawnAndBackAfterwards() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, Keyboard(terminal))
  screen.begin()
  screen.draw(StyledText("x\ny"))
  screen.end()
  #expect(terminal.written.hasPrefix("\u{1B}[?25l"))
  #expect(terminal.written.hasSuffix("\r\n\u{1B}[?25h"))
}

@Test func keysArriveWhateverPiecesTheirBytesComeIn() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, Keyboard(terminal))
  terminal.typed = [[0x1B], Array("[C".utf8), Array("\u{1B}[Dq".utf8), [0xEF, 0xBC], [0x9F], [0x0D, 0x7F]]
  let expected: [LiveScreen.Key] = [.right, .left, .character("q"), .character("？"), .enter, .backspace]
  #expect(expected.map { _ in screen.next { "" } } == expected.map { .key($0) })
  terminal.typed = [[0x1B]]
  #expect(screen.next { "" } == .key(.escape))
}

@Test func keysThatAreWaitingAreTakenTogether() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, Keyboard(terminal))
  terminal.typed = Array(repeating: Array("n".utf8), count: 50)
  var step = 0
  var drawn: [Int] = []
  while screen.next({
    drawn.append(step)
    return StyledText("\(step)")
  }) != .interrupted { step += 1 }
  #expect(step == 50)
  #expect(drawn.count < 5)
  #expect(drawn.last == 50)
}

/// A line so slow that a drawing takes as long as seven keys: none is sent while one is on its way, and the last drawing
/// shows the last step.
@Test func onASlowLineDrawingsAreLeftOut() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, Keyboard(terminal))
  var (step, keysSince, drawings, keys) = (0, 0, 0, 0)
  var isOnItsWay = false
  terminal.answer = { terminal in
    if isOnItsWay, keysSince >= 7 {
      isOnItsWay = false
      return Array("\u{1B}[1;1R".utf8)
    }
    if keys < 70 {
      keys += 1
      keysSince += 1
      return Array("n".utf8)
    }
    keysSince += 1
    return nil
  }
  var shown = 0
  while screen.next({
    #expect(!isOnItsWay)
    (isOnItsWay, keysSince, shown) = (true, 0, step)
    drawings += 1
    return StyledText("\(step)")
  }) != .interrupted { step += 1 }
  #expect(step == 70 && shown == 70)
  #expect(drawings <= 12)
}

@Test func aTerminalThatDoesNotAnswerIsDrawnOnAllTheSame() {
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, Keyboard(terminal))
  screen.patience.unknown = .zero
  var keys = 3
  // A key after each drawing.
  terminal.answer = { terminal in
    guard keys > 0, terminal.screen.lines == ["step \(3 - keys)"] else { return nil }
    keys -= 1
    return Array("n".utf8)
  }
  var step = 0
  while screen.next({ StyledText("step \(step)") }) != .interrupted { step += 1 }
  #expect(terminal.screen.lines == ["step 3"])
  // Asked once, and then no more.
  #expect(terminal.written.ranges(of: "\u{1B}[6n").count == 1)
}

@Test func aLongDrawingOfOneStepIsShort() {
  // 24 rows of 80 columns, one of them changed: a slow line carries one row, not the screen.
  let terminal = MemoryTerminal()
  let screen = LiveScreen(.none, Keyboard(terminal))
  var lines = (0..<24).map { row in String(repeating: "⣿", count: 79) + "\(row)" }
  screen.draw(StyledText(lines.joined(separator: "\n")))
  terminal.written = ""
  lines[7] = "changed"
  screen.draw(StyledText(lines.joined(separator: "\n")))
  #expect(terminal.written.utf8.count < 100)
}
