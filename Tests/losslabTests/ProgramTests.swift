import Foundation
import PseudoTerminal
import Testing

// The real binary, on a real terminal and in pipes.

private struct Finished {
  var output: String
  var errors: String
  var status: Int32
}

private func run(_ arguments: [String], input: String = "") throws -> Finished {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: binary)
  process.arguments = arguments
  process.environment = ["HOME": try emptyHome(), "PATH": "/usr/bin:/bin"]
  let (standardInput, output, errors) = (Pipe(), Pipe(), Pipe())
  process.standardInput = standardInput
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
  try standardInput.fileHandleForWriting.close()
  let printed = try output.fileHandleForReading.readToEnd() ?? Data()
  let complained = try errors.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return Finished(
    output: String(decoding: printed, as: UTF8.self), errors: String(decoding: complained, as: UTF8.self),
    status: process.terminationStatus)
}

@Suite(.serialized) struct BatchTests {
  @Test func evalPrintsValuesAndFailsWithOne() throws {
    let good = try run(["eval", "1+1", "-2^2"])
    #expect(good.output == "2\n-4\n")
    #expect(good.status == 0)
    let bad = try run(["eval", "1+1", "foo"])
    #expect(bad.output == "2\n")
    #expect(bad.errors.contains("error[E201]"))
    #expect(bad.status == 1)
  }

  @Test func jsonIsOneObjectPerLineWithNaNAsText() throws {
    let result = try run(["eval", "--json"], input: "x = [1, 0/0]\n1/0\nfoo\n")
    #expect(
      result.output == """
        {"input":"x = [1, 0/0]","kind":"tensor","shape":[2],"value":[1,"nan"]}
        {"input":"1/0","kind":"number","shape":[],"value":"inf"}
        {"input":"foo","error":{"code":"E201","message":"`foo` has no value","span":[0,3],"help":"give it a value first: foo = 1"}}

        """)
    #expect(result.status == 1)
  }

  @Test func aPipeIsAScriptWithoutPromptsOrColours() throws {
    let result = try run([], input: "L(w) = (w - 3)^2\nL'(0)\n")
    #expect(result.output == "L(w) = (w - 3)^2\n-6\n")
    #expect(!result.output.contains("\u{1B}"))
  }

  @Test(arguments: [
    (String(repeating: "(", count: 1_000_000) + "1" + String(repeating: ")", count: 1_000_000), "E106"),
    ("zeros(1e9)", "E210"), ("f(x) = f(x)\nf(1)", "E211"), ("\u{1}\u{2}", "E102"),
  ])
  func abuseGetsOneClearSentence(_ input: String, _ code: String) throws {
    let result = try run([], input: input + "\n")
    #expect(result.errors.contains("error[\(code)]"))
    #expect(result.status == 1)
    #expect(result.errors.utf8.count < 600)
  }

  @Test func aSumOfAHundredThousandTermsIsItsValue() throws {
    let result = try run([], input: "1" + String(repeating: "+1", count: 100_000) + "\n")
    #expect(result.output == "100001\n")
  }

  /// The least-squares line of mpg on weight, by NumPy's lstsq: 46.3173644, −0.00767661.
  @Test func aDescentOnRealDataEndsAtTheLeastSquaresSolution() throws {
    let result = try run(
      ["eval", "--json"],
      input: """
        t = load("mpg.csv")
        x = (t.weight - mean(t.weight)) / std(t.weight)
        y = t.mpg
        R(a, b) = mse(a*x + b, y)
        d = descend(R, a=0, b=0, rate=0.3, steps=100)
        slope = d.a[101] / std(t.weight)
        d.b[101] - slope * mean(t.weight)

        """)
    let values = result.output.split(separator: "\n").suffix(2).compactMap { line in
      line.split(separator: ":").last.flatMap { Double($0.dropLast()) }
    }
    #expect(values.count == 2)
    #expect(abs(values[0] - -0.00767661) < 1e-6)
    #expect(abs(values[1] - 46.3173644) < 1e-6)
  }
}

@Suite(.serialized) struct TerminalSessionTests {
  @Test func aWholeLessonIsPlayedThroughTheBinary() throws {
    let home = try emptyHome()
    let terminal = try launched(home)
    #expect(terminal.wait(for: "loss>"))
    terminal.send(":learn 0\r")
    #expect(terminal.wait(for: "A tour in two minutes"))
    #expect(terminal.wait(for: "00> "))
    // Enter through everything; answer what is asked, the first time wrongly.
    for (reply, expected) in [
      ("\r", "mse([1,2,3], [2,3,4])"), ("\r", "mean squared error"), ("\r", "3.66667"), ("\r", "true values [2, 3, 7]"),
      ("9\r", "divide by 3"), (":hint\r", "Only one prediction"), ("mse([2,3,4], [2,3,7])\r", "Right."),
      ("\r", "plot(L"),
      ("\r", "lowest point"), ("\r", "-14"), ("\r", "To make the loss"), ("2\r", "falls as w grows"), ("1\r", "Right."),
      ("\r", "what will w do"), ("1\r", "As you said"), ("\r", "steps(t, 1)"), ("\r", "That was the tour"),
      ("\r", "End of the lesson"),
    ] {
      terminal.send(reply)
      #expect(terminal.wait(for: expected), "after \(reply.debugDescription): \(terminal.visible.suffix(600))")
      #expect(terminal.wait(for: "> "))
    }
    terminal.send("\u{4}")
    #expect(terminal.waitForExit() == 0)
  }

  @Test func progressSurvivesAKill() throws {
    let home = try emptyHome()
    var terminal: PseudoTerminal? = try launched(home)
    terminal?.send(":learn 0\r")
    #expect(terminal?.wait(for: "00>") ?? false)
    terminal?.send("\r")
    #expect(terminal?.wait(for: "00>") ?? false)
    terminal?.send("\r")
    #expect(terminal?.wait(for: "mean squared error") ?? false)
    terminal?.signal(SIGKILL)
    _ = terminal?.waitForExit()
    terminal = try launched(home)
    terminal?.send(":learn 0\r")
    #expect(terminal?.wait(for: "continued at step") ?? false, "\(terminal?.visible ?? "")")
  }

  @Test func controlCClearsALineAndStopsAComputation() throws {
    let terminal = try launched(try emptyHome())
    #expect(terminal.wait(for: "loss>"))
    terminal.send("1 + \u{3}")
    #expect(terminal.wait(for: "^C"))
    #expect(terminal.wait(for: "loss>"))
    for line in [
      "repeat 1000000000 { w = 1 }", "fold((a, b) -> a + b, 1..100000000)", "sum(randn(100000000, seed=1))",
      "inverse(randn(3000, 3000, seed=1))", "Σ_{i=1}^{100000000} sin(i)", "sort(randn(50000000, seed=1))",
    ] {
      terminal.send(line + "\r")
      #expect(terminal.wait(for: "\n"))
      Thread.sleep(forTimeInterval: 0.3)
      terminal.send("\u{3}")
      #expect(terminal.wait(for: "E290"), "\(line): \(terminal.visible.suffix(300))")
      #expect(terminal.wait(for: "loss>"))
    }
    terminal.send("6*7\r")
    #expect(terminal.wait(for: "42"))
    #expect(terminal.wait(for: "loss>"))
    terminal.send("\u{4}")
    #expect(terminal.waitForExit() == 0)
  }

  @Test func chineseIsTypedEditedAndRecalledWithoutALocale() throws {
    let home = try emptyHome()
    let terminal = try launched(home)
    #expect(terminal.wait(for: "loss>"))
    terminal.send("损失 = （1＋2）×4\u{7F}3\r")
    #expect(terminal.wait(for: "9\n"))
    #expect(terminal.wait(for: "loss>"))
    terminal.send("\u{1B}[A\u{1B}[D\u{7F}*\r")
    #expect(terminal.wait(for: "9\n"))
    #expect(terminal.wait(for: "loss>"))
    terminal.send("\u{4}")
    #expect(terminal.waitForExit() == 0)
    let history = home + "/.local/state/losslab/history"
    #expect(try String(contentsOfFile: history, encoding: .utf8) == "损失 = （1＋2）×3\n损失 = （1＋2）*3\n")
    let mode = try FileManager.default.attributesOfItem(atPath: history)[.posixPermissions] as? NSNumber
    #expect(mode?.intValue == 0o600)
  }

  @Test func pastedLinesWaitForEnter() throws {
    let terminal = try launched(try emptyHome())
    #expect(terminal.wait(for: "loss>"))
    terminal.send("\u{1B}[200~[10,\n20]\u{1B}[201~")
    #expect(terminal.wait(for: "20]"))
    terminal.send(" + 1\r")
    #expect(terminal.wait(for: "[11, 21]"))
  }

  @Test func aDumbTerminalGetsNoEscapeAtAll() throws {
    let terminal = try launched(try emptyHome(), ["TERM": "dumb"])
    #expect(terminal.wait(for: "loss>"))
    terminal.send("mse([1,2],[2,4])\r")
    #expect(terminal.wait(for: "2.5"))
    #expect(!terminal.output.contains("\u{1B}"))
    terminal.send("\u{4}")
    #expect(terminal.waitForExit() == 0)
  }

  @Test func noColorMeansNoColours() throws {
    let terminal = try launched(try emptyHome(), ["NO_COLOR": "1"])
    #expect(terminal.wait(for: "loss>"))
    terminal.send("foo\r")
    #expect(terminal.wait(for: "E201"))
    #expect(!terminal.output.contains("\u{1B}[38;5"))
    #expect(!terminal.output.contains("\u{1B}[1;38"))
  }
}

@Suite(.serialized) struct StepperTests {
  @Test func aDescentIsWalkedThroughByKeysAndThePromptComesBack() throws {
    let terminal = try launched(try emptyHome(), ["LOSSLAB_LANG": "en"])
    #expect(terminal.wait(for: "loss>"))
    terminal.send("t = descend(w -> w^2, w=3, rate=0.1, steps=20)\r")
    #expect(terminal.wait(for: "loss>"))
    terminal.send("step(t)\r")
    #expect(terminal.wait(for: "step 0 of 20"))
    terminal.send("\u{1B}[C")
    #expect(terminal.waitForScreen { $0.lines.contains { $0.hasPrefix(" step 1 of 20") } })
    terminal.send("r0.5\r")
    #expect(terminal.waitForScreen { $0.lines.contains { $0.hasPrefix(" from step 1, rate 0.5") } })
    terminal.send("q")
    #expect(terminal.wait(for: "loss>"))
    terminal.send("6*7\r")
    #expect(terminal.wait(for: "42"))
    #expect(terminal.wait(for: "loss>"))
    terminal.send("\u{4}")
    #expect(terminal.waitForExit() == 0)
  }

  /// Fifteen drawings a second are a few thousand bytes: each is one synchronised update, whole, of the cells that changed.
  @Test func aStepIsRedrawnWholeAndInFewBytes() throws {
    let terminal = try launched(try emptyHome(), ["LOSSLAB_LANG": "en"])
    #expect(terminal.wait(for: "loss>"))
    terminal.send("step(descend((x, y) -> (1 - x)^2 + 100*(y - x^2)^2, x=-1.5, y=2.5, rate=5e-4, steps=200))\r")
    #expect(terminal.waitForScreen { $0.lines.contains { $0.hasPrefix(" step 0 of 200") } })
    let first = terminal.output.count
    for step in 1...20 {
      terminal.send("\u{1B}[C")
      #expect(terminal.waitForScreen { $0.lines.contains { $0.hasPrefix(" step \(step) of 200") } })
    }
    let drawings = String(terminal.output.dropFirst(first)).components(separatedBy: "\u{1B}[?2026h").dropFirst()
    #expect(drawings.count == 20)
    for drawing in drawings { #expect(drawing.contains("\u{1B}[?2026l")) }
    // A screen of 80 × 24 in braille and colours is four thousand.
    #expect(drawings.reduce(0) { $0 + $1.utf8.count } < 20 * 700)
    terminal.send("q")
    #expect(terminal.wait(for: "loss>"))
    terminal.send("\u{4}")
    #expect(terminal.waitForExit() == 0)
  }
}
