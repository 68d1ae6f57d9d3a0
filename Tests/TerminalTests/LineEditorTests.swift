import Markup
import PseudoTerminal
import Testing

@testable import Terminal

// The editor over libedit, on a terminal in memory.

/// Types pieces of keys and says what was entered, and what the screen showed before each.
private struct Typed {
  var result: LineInput
  var screens: [[String]] = []
  var cursors: [[Int]] = []
}

private func type(
  _ pieces: [String], columns: Int = 40, rows: Int = 10, history: [String] = [], theme: Theme = .none,
  hooks: EditorHooks = EditorHooks()
) throws -> Typed {
  let terminal = try #require(ScriptedTerminal(columns: columns, rows: rows, typing: pieces))
  let past = History(path: nil)
  for line in history { past.add(line) }
  let editor = try #require(LineEditor(theme: theme, history: past, device: terminal))
  editor.hooks = hooks
  var typed = Typed(result: .end)
  terminal.look = { terminal, _ in
    typed.screens.append(terminal.screen.lines)
    typed.cursors.append([terminal.screen.cursor.row, terminal.screen.cursor.column])
  }
  typed.result = editor.readLine(prompt: "loss> ")
  return typed
}

private func entered(_ pieces: String..., history: [String] = []) throws -> String {
  guard case .line(let text) = try type(pieces, history: history).result else { return "(none)" }
  return text
}

private func brackets() -> EditorHooks {
  var hooks = EditorHooks()
  hooks.isUnfinished = { $0.filter { $0 == "(" }.count > $0.filter { $0 == ")" }.count }
  return hooks
}

@Suite(.serialized) struct LineEditorTests {
  @Test(arguments: [
    ("损失\u{1B}[D\u{7F}均\r", "均失"), ("abc\u{1}\u{1B}[3~\r", "bc"), ("f(xs, ys)\u{17}\r", "f(xs, "),
    ("one two\u{1B}b\u{1B}d1\r", "one 1"), ("1+2\u{1}\u{B}3\u{19}\r", "31+2"), ("abc\u{1F}\r", ""),
    ("ab\u{1B}[1;5D\u{1B}[Cx\r", "axb"), ("损失函数\u{1B}\u{7F}L\r", "L"), ("x\u{1B}[15~\u{1B}[<0;1;1My\r", "xy"),
    ("a\u{1B}OHb\r", "ba"),
  ])
  func keysEdit(_ keys: String, _ line: String) throws {
    #expect(try entered(keys) == line)
  }

  @Test func keysTypedWhileAResizedTerminalIsAskedAreNotLost() throws {
    let terminal = try #require(ScriptedTerminal(columns: 40, rows: 10, typing: ["1 + 2"]))
    terminal.sizes[1] = (30, 10)
    terminal.typedWhileAsked = "+4\r"
    let editor = try #require(LineEditor(theme: .none, history: History(path: nil), device: terminal))
    guard case .line(let text) = editor.readLine(prompt: "loss> ") else {
      Issue.record("nothing was entered")
      return
    }
    #expect(text == "1 + 2+4")
  }

  /// libedit counts rows of a screen that is never shown; letters typed through it ran over its end.
  @Test(arguments: [(2, 60), (4, 3), (7, 2), (80, 1)]) func aLineTypedAndTakenBackForEverHarmsNothing(
    _ size: (Int, Int)
  )
    throws
  {
    let round = ["abcdefgh损失éŷ", "\u{2}", "\u{18}\u{18}", "\u{1B}[D", "\u{15}"]
    let pieces = Array(repeating: round, count: 100).flatMap { $0 } + ["~^\\-M1", "\r"]
    let typed = try type(
      pieces.flatMap { $0.hasPrefix("\u{1B}") ? [$0] : $0.map { String($0) } }, columns: size.0, rows: size.1)
    #expect(typed.result == .line("~^\\-M1"))
  }

  @Test(arguments: [
    ("y\u{302}", "ŷ"), ("θ\u{302}1", "θ_hat1"), ("x\u{304}", "x_bar"), ("a\u{200D}b\u{FEFF}\u{202E}c", "abc"),
    ("e\u{301}", "é"), ("か\u{3099}", "が"), ("\u{301}x", "x"),
  ])
  func combiningMarksAreComposedOrWrittenOut(_ typed: String, _ line: String) throws {
    #expect(try entered(typed + "\r") == line)
    #expect(try entered("\u{1B}[200~" + typed + "\u{1B}[201~", "\r") == line)
  }

  @Test func enterGoesOnWhileABracketIsOpen() throws {
    let typed = try type(["f(1,", "\r", "2)", "\r"], hooks: brackets())
    #expect(typed.result == .line("f(1,\n  2)"))
    #expect(typed.screens[2] == ["loss> f(1,"])
    #expect(typed.cursors[2] == [1, 8])
    #expect(typed.screens[3] == ["loss> f(1,", "        2)"])
  }

  @Test func enterOnAnEmptyRowRunsAnUnfinishedLine() throws {
    #expect(try type(["f(1,\r", "\r"], hooks: brackets()).result == .line("f(1,\n  "))
  }

  @Test func arrowsMoveInsideSeveralRowsAndThenThroughTheHistory() throws {
    let history = ["older", "f(\n  1)"]
    #expect(try entered("\u{1B}[A", "\u{1B}[A", "X\r", history: history) == "f(X\n  1)")
    #expect(try entered("\u{1B}[A", "\u{1B}[A", "\u{1B}[A", "\r", history: history) == "older")
    #expect(try entered("draft", "\u{1B}[A", "\u{1B}[B", "!\r", history: history) == "draft!")
  }

  @Test func pageUpRecallsLinesThatBeginAsTheDraftDoes() throws {
    #expect(try entered("ma", "\u{1B}[5~", "\r", history: ["mae(1)", "mse(1)"]) == "mae(1)")
  }

  @Test(arguments: [
    ("\u{12}测试\r", "f(测试)"), ("\u{12}f\u{12}\r", "f(1)"), ("draft\u{12}f\u{7}\r", "draft"),
    ("\u{12}f(测\u{1B}[F+1\r", "f(测试)+1"), ("\u{12}zzz\u{7F}\u{7F}\u{7F}g\r", "g"),
  ])
  func controlRSearchesBackwards(_ keys: String, _ line: String) throws {
    #expect(try entered(keys, history: ["f(1)", "f(测试)", "g"]) == line)
  }

  @Test func aPasteWaitsForEnterAndItsEndMarkInsideIsText() throws {
    let paste = "\u{1B}[200~a\r\nb\u{1B}[201~\rc\n\u{1B}[201~"
    #expect(try entered(paste, "!\r") == "a\nb\nc!")
    #expect(try entered(paste + "\r") == "a\nb\nc")
  }

  @Test func aMillionCharactersArePastedAtOnce() throws {
    let long = String(repeating: "1+", count: 500_000) + "1"
    let count = { (line: String) in line.utf8.count }
    #expect(count(try entered("\u{1B}[200~" + long + "\u{1B}[201~", "\r")) == 1_000_001)
    #expect(count(try entered(long, "\r")) == 1_000_001)
    let typed = try type(
      ["\u{1B}[200~" + String(repeating: "1", count: 2_000_001) + "\u{1B}[201~", "\r"], columns: 100)
    #expect(typed.result == .line(""))
    #expect(typed.screens[1].last?.contains("CSV") ?? false)
  }

  @Test func tabTypesWhatCandidatesShareAndThenGoesThroughThem() throws {
    var hooks = EditorHooks()
    hooks.complete = { text, cursor in
      let names = [("mse", "mean squared error"), ("msle", "of logarithms"), ("mae", "absolute")]
      let start = cursor - text.reversed().prefix { $0.isLetter }.count
      let typed = text.dropFirst(start)
      return Completion(
        replacing: start..<cursor,
        candidates: names.filter { $0.0.hasPrefix(typed) }.map { Candidate(text: $0.0, description: $0.1) })
    }
    let typed = try type(["1+m", "\t", "s", "\t", "\t", "\t", "(\r"], hooks: hooks)
    #expect(
      typed.screens[2] == ["loss> 1+m", "  mse   mean squared error", "  msle  of logarithms", "  mae   absolute"])
    #expect(typed.screens[3] == ["loss> 1+ms"])
    #expect(typed.screens[5][0] == "loss> 1+mse")
    #expect(typed.result == .line("1+msle("))
  }

  @Test func hintsComeFromTheHistoryAndTheOwnerAndAreTakenByRight() throws {
    var hooks = EditorHooks()
    hooks.hint = { text, _ in text.hasSuffix("(") ? Hint(continuation: "p, t)", note: "f(p, t)") : nil }
    let typed = try type(["f(", "\u{1B}[C", "\r"], theme: .dark, hooks: hooks)
    #expect(typed.screens[1] == ["loss> f(p, t)   f(p, t)"])
    #expect(typed.cursors[1] == [0, 8])
    #expect(typed.result == .line("f(p, t)"))
    let recalled = try type(["ms", "\u{1B}[1;5C", "\r"], history: ["mse([1], [2])"], theme: .dark)
    #expect(recalled.screens[1] == ["loss> mse([1], [2])"])
    #expect(recalled.result == .line("mse"))
    #expect(try type(["ms", "\r"], history: ["mse(1)"], theme: .none).screens[1] == ["loss> ms"])
  }

  /// 200 columns to 20 and back in the middle of a line, on terminals that rewrap and on those that cut off: what stood
  /// above is still there once, and so is the line.
  @Test(arguments: [true, false]) func aResizeLeavesOneCopyOfTheLine(_ rewraps: Bool) throws {
    let line = "损失 = mean((预测 - 真实值)^2) + 0.5 * sum(abs(权重)) + θ"
    let terminal = try #require(
      ScriptedTerminal(columns: 200, rows: 24, rewraps: rewraps, typing: [line, "\u{1B}b", "a", "b", "c\r"]))
    terminal.sizes = [2: (20, 24), 3: (200, 24), 4: (37, 12)]
    terminal.screen.feed("first\r\nsecond\r\n")
    let editor = try #require(LineEditor(theme: .dark, history: History(path: nil), device: terminal))
    var screens: [[String]] = []
    terminal.look = { terminal, _ in screens.append(terminal.screen.lines) }
    #expect(editor.readLine(prompt: "loss> ") == .line(line.dropLast() + "abcθ"))
    for (screen, typed) in zip(screens, ["", line, line, line.dropLast() + "aθ", line.dropLast() + "abθ"]) {
      #expect(screen.prefix(2) == ["first", "second"])
      #expect(screen.dropFirst(2).joined().filter { $0 != " " } == ("loss>" + typed).filter { $0 != " " })
    }
    #expect(screens[3].count == 3 && screens[2].count > 4)
  }

  /// The cursor stood in column 119 and is said to be in column 19 of 20: rewrapped or cut off, it would be there. What is
  /// known of the terminal decides, and without that nothing above is erased.
  @Test(arguments: [(true, 5), (false, 0), (nil, 0)] as [(Bool?, Int)])
  func aTerminalThatDoesNotTellIsTakenForWhatItWas(_ known: Bool?, _ rows: Int) {
    var frame = EditorFrame(columns: 200)
    frame.append(line: Array(repeating: "x", count: 130), styles: Array(repeating: .plain, count: 130), cursor: 119)
    var rewraps = known
    let resized = ResizedFrame(frame, from: 200, to: 20, cursor: (7, 19), rewraps: &rewraps)
    #expect(resized.rowsAbove == rows)
    #expect(rewraps == known)
    #expect(ResizedFrame(frame, from: 200, to: 50, cursor: (7, 19), rewraps: &rewraps).rowsAbove == 2)
    #expect(rewraps == true)
  }

  /// Two of six rows are above the screen after the window was made narrow. Made wide again, they are back as a row of
  /// their own, and are erased with the rest.
  @Test func rowsThatAResizeScrolledOffAreErasedWhenTheyComeBack() {
    func frame(_ columns: Int) -> EditorFrame {
      var frame = EditorFrame(columns: columns)
      frame.append(line: Array(repeating: "x", count: 110), styles: Array(repeating: .plain, count: 110), cursor: 105)
      return frame
    }
    var rewraps: Bool? = true
    let narrow = ResizedFrame(frame(200), from: 200, to: 20, cursor: (3, 5), rewraps: &rewraps)
    #expect(narrow.rowsAbove == 3)
    #expect(narrow.scrolledOff.count == 2)
    let wide = ResizedFrame(
      frame(20), stale: narrow.scrolledOff, from: 20, to: 200, cursor: (9, 105), rewraps: &rewraps)
    #expect(wide.rowsAbove == 1)
    #expect(wide.scrolledOff.isEmpty)
  }
}
