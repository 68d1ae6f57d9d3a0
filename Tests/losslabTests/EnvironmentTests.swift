import Foundation
import PseudoTerminal
import Testing

// The real binary on every kind of terminal and under every signal.

private func historyLines(_ home: String) -> [String] {
  let text = try? String(contentsOfFile: home + "/.local/state/losslab/history", encoding: .utf8)
  return (text ?? "").split(separator: "\n").map(String.init)
}

extension PseudoTerminal {
  /// Whether the program answers: a sum nobody else asks for.
  fileprivate func answers(_ number: Int) -> Bool {
    send("\(number)+1\r")
    return wait(for: "\n\(number + 1)")
  }
}

@Suite(.serialized) struct EnvironmentTests {
  @Test(arguments: [
    ["TERM": "xterm-256color"], ["TERM": "linux"], ["TERM": "tmux-256color"], ["TERM": "vt100"],
    ["TERM": "no-such-terminal"],
    ["TERM": "dumb"], ["TERM": ""], ["LANG": "C"], ["LC_ALL": "POSIX"], ["LC_ALL": "zh_CN.GBK"],
    ["LANG": "xx_YY.UTF-8"],
    ["NO_COLOR": "1"], ["EDITRC": "/nowhere"], ["HOME": "/nowhere"], ["HOME": ""], ["XDG_STATE_HOME": "relative"],
    ["COLUMNS": "-1", "LINES": "x"],
  ])
  func everyEnvironmentGivesAPromptThatComputes(_ environment: [String: String]) throws {
    let terminal = try launched(try emptyHome(), environment)
    #expect(terminal.wait(for: "loss>"))
    terminal.send("mse([1,2],[2,4])\r")
    #expect(terminal.wait(for: "\n2.5"))
    #expect(terminal.wait(for: "loss>"))
    terminal.send("损失 = （3＋4）×6\r")
    #expect(terminal.wait(for: "\n42"))
    #expect(terminal.wait(for: "loss>"))
    terminal.send("\u{4}")
    #expect(terminal.waitForExit() == 0)
    #expect(terminal.isSane)
  }

  @Test func withoutTERMThereIsNoEscape() throws {
    let environment = ["HOME": try emptyHome(), "PATH": "/usr/bin:/bin"]
    let terminal = try #require(PseudoTerminal(binary, environment: environment))
    #expect(terminal.wait(for: "loss>"))
    #expect(terminal.answers(41))
    #expect(!terminal.output.contains("\u{1B}"))
  }

  /// Standard input a file, closed, or empty; standard output closed or gone: a quiet end, and the values if there is
  /// anyone to read them.
  @Test(arguments: [
    ("echo 6*7 | \"$0\"", "42\n", 0), ("echo 6*7 > \"$HOME/f\"; \"$0\" < \"$HOME/f\"", "42\n", 0),
    ("\"$0\" <&-", "", 0),
    ("\"$0\" </dev/null", "", 0), ("echo 6*7 | \"$0\" >&-", "", 0), ("echo 6*7 | \"$0\" >&- 2>&-", "", 0),
    ("yes 6*7 | head -20000 | \"$0\" | head -1", "42\n", 0), ("echo foo | \"$0\" 2>/dev/null", "", 1),
    ("\"$0\" eval 6*7 <&- 2>&-", "42\n", 0), ("\"$0\" eval 6*7 >/dev/full 2>&1", "", 0),
  ])
  func pipesFilesAndClosedDescriptors(_ command: String, _ output: String, _ status: Int32) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command, binary]
    process.environment = ["HOME": try emptyHome(), "PATH": "/usr/bin:/bin"]
    let (printed, complained) = (Pipe(), Pipe())
    process.standardOutput = printed
    process.standardError = complained
    try process.run()
    let text = try printed.fileHandleForReading.readToEnd() ?? Data()
    let complaints = try complained.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(String(decoding: text, as: UTF8.self) == output)
    #expect(complaints.isEmpty)
    #expect(process.terminationStatus == status)
  }

  @Test func twentyColumnsShowTheWholeLineAndItsErrors() throws {
    let terminal = try launched(try emptyHome(), ["LANG": "zh_CN.UTF-8"], columns: 20)
    #expect(terminal.wait(for: "loss>"))
    terminal.send("损失函数 = mean((预测 - 真实)^2)")
    #expect(terminal.waitForScreen { $0.lines.suffix(2) == ["loss> 损失函数 = mea", "n((预测 - 真实)^2)"] })
    #expect(terminal.screen.cursor == (terminal.screen.lines.count - 1, 18))
    terminal.send("\r")
    #expect(terminal.wait(for: "E201"))
    #expect(terminal.answers(50))
  }

  @Test func aSlowLinkMayCutKeysInPieces() throws {
    let terminal = try launched(try emptyHome())
    #expect(terminal.wait(for: "loss>"))
    for byte in Array("损失＝1\u{1B}[D2\u{1B}[200~3\u{1B}[201~".utf8) {
      terminal.send(bytes: [byte])
      usleep(byte == 0x1B || byte == UInt8(ascii: "[") ? 60_000 : 8_000)
    }
    terminal.send("\r")
    #expect(terminal.wait(for: "\n231"))
  }

  @Test func aThousandResizesEvenToNothingAreSurvived() throws {
    let terminal = try launched(try emptyHome())
    #expect(terminal.wait(for: "loss>"))
    terminal.send("损失 = 1 + 2")
    for round in 0..<1_000 {
      terminal.resize(columns: UInt16(1 + round * 37 % 211), rows: UInt16(1 + round * 13 % 61))
    }
    terminal.resize(columns: 80, rows: 24)
    terminal.send("+4\r")
    #expect(terminal.wait(for: "\n7"))
  }

  @Test func aLineTypedDuringAComputationAppearsAtTheNextPrompt() throws {
    let terminal = try launched(try emptyHome())
    #expect(terminal.wait(for: "loss>"))
    terminal.send("repeat 300000 { w = 1 }\r")
    terminal.send("6*7\r")
    #expect(terminal.wait(for: "loss> 6*7\n42"))
  }

  @Test func aPastedMegabyteIsTakenAndAnswered() throws {
    let terminal = try launched(try emptyHome())
    #expect(terminal.wait(for: "loss>"))
    terminal.send("\u{1B}[200~" + String(repeating: "1+", count: 500_000) + "1\u{1B}[201~\r")
    #expect(terminal.wait(for: "\n500001", seconds: 60))
  }
}

@Suite(.serialized) struct SignalTests {
  enum State: CaseIterable {
    case prompt, typing, searching, computing, lesson

    var keys: String {
      switch self {
      case .prompt: ""
      case .typing: "w = 损失"
      case .searching: "\u{12}k"
      case .computing: "repeat 1000000000 { w = 1 }\r"
      case .lesson: ":learn 0\r"
      }
    }
    var sign: String {
      switch self {
      case .prompt: "loss>"
      case .typing: "损失"
      case .searching: "search k"
      case .computing: "}\n"
      case .lesson: "00>"
      }
    }
  }

  /// Every signal in every state: it ends the program with the status a shell expects, or leaves it at work; the terminal
  /// is as it was, and what was entered, even half a line, is in the history.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH, SIGUSR1, SIGPIPE, SIGSEGV], State.allCases)
  func signalsLeaveEverythingInOrder(_ number: Int32, _ state: State) throws {
    let home = try emptyHome()
    let terminal = try launched(home)
    #expect(terminal.wait(for: "loss>"))
    terminal.send("keep = 1\r")
    #expect(terminal.wait(for: "\n1\n"))
    terminal.send(state.keys)
    #expect(terminal.wait(for: state.sign))
    terminal.signal(number)
    if [SIGTERM, SIGHUP, SIGQUIT, SIGUSR1].contains(number) {
      #expect(terminal.waitForExit() == 128 + number)
      #expect(terminal.isSane)
    } else if number == SIGSEGV {
      #expect(terminal.waitForExit() == -SIGSEGV)
      #expect(terminal.isSane)
    } else {
      // A computation goes on unless it was interrupted.
      if state == .computing, number != SIGINT { terminal.send("\u{3}") }
      if state == .computing { #expect(terminal.wait(for: "E290")) }
      if state == .typing || state == .searching { terminal.send("\u{3}") }
      #expect(terminal.answers(700))
    }
    #expect(historyLines(home).first == "keep = 1")
    if state == .typing, number == SIGHUP { #expect(historyLines(home).last == "w = 损失") }
  }

  @Test func aClosedWindowEndsTheProgramAndKeepsTheLine() throws {
    let home = try emptyHome()
    let terminal = try launched(home)
    #expect(terminal.wait(for: "loss>"))
    terminal.send("w = 7\r")
    #expect(terminal.wait(for: "\n7"))
    terminal.send("half")
    #expect(terminal.wait(for: "half"))
    terminal.hangUp()
    #expect(terminal.waitForExit() == 128 + SIGHUP)
    #expect(historyLines(home) == ["w = 7", "half"])
  }

  @Test func fiftyControlCsLeaveThePrompt() throws {
    let terminal = try launched(try emptyHome())
    #expect(terminal.wait(for: "loss>"))
    for _ in 0..<50 { terminal.send("1+\u{3}") }
    #expect(terminal.answers(60))
  }

  /// Under a shell with job control: stopped, the terminal is the shell's; continued, the line is there again.
  @Test func controlZStopsAndFgGoesOnInTheMiddleOfALine() throws {
    let environment = ["HOME": try emptyHome(), "TERM": "xterm", "PATH": "/usr/bin:/bin", "PS1": "shell$ "]
    let terminal = try #require(PseudoTerminal("/bin/sh", ["-i"], environment: environment))
    #expect(terminal.wait(for: "shell$"))
    terminal.send("exec 2>&1; '\(binary)'\r")
    #expect(terminal.wait(for: "loss>"))
    terminal.send("损失 = 40 +")
    #expect(terminal.wait(for: "40 +"))
    terminal.send("\u{1A}")
    #expect(terminal.wait(for: "shell$"))
    terminal.send("echo sh$((1+1))\r")
    #expect(terminal.wait(for: "\nsh2"))
    terminal.send("fg\r")
    #expect(terminal.wait(for: "loss> 损失 = 40 +"))
    terminal.send("\u{7F}+ 2\r")
    #expect(terminal.wait(for: "\n42"))
    #expect(terminal.wait(for: "loss>"))  // a Ctrl-D before the prompt would belong to nobody
    terminal.send("\u{4}")
    #expect(terminal.wait(for: "shell$"))
  }
}

@Suite(.serialized) struct KeyTests {
  private func launched(editrc: String) throws -> PseudoTerminal {
    let home = try emptyHome()
    try editrc.write(toFile: home + "/.editrc", atomically: true, encoding: .utf8)
    let terminal = try losslabTests.launched(home)
    #expect(terminal.wait(for: "loss>"))
    return terminal
  }

  /// Insertion, arrows that do not leave it, commands, Enter from either mode, recall with k, search with /.
  @Test func viModeOfEditrc() throws {
    let terminal = try launched(editrc: "bind -v\n")
    terminal.send("损1失\u{1B}[D\u{1B}[D\u{1B}[3~\r")
    #expect(terminal.wait(for: "E201"))
    terminal.send("10+30")
    #expect(terminal.wait(for: "10+30"))
    terminal.send("\u{1B}")
    usleep(120_000)
    terminal.send("0x$i+")
    #expect(terminal.waitForScreen { $0.lines.last == "loss> 0+3+0" })
    terminal.send("\r")
    #expect(terminal.wait(for: "\n3"))
    terminal.send("1+1\r")
    #expect(terminal.wait(for: "\n2"))
    terminal.send("\u{1B}")
    usleep(120_000)
    terminal.send("kk")
    #expect(terminal.waitForScreen { $0.lines.last == "loss> 0+3+0" })
    terminal.send("/1+\r")
    #expect(terminal.wait(for: "\n2"))
  }

  @Test func keysOfEditrcHoldAndEnterStaysOurs() throws {
    let terminal = try launched(
      editrc: "bind ^T ed-move-to-beg\nbind ^[[15~ ed-move-to-beg\nbind ^K ed-move-to-beg\nbind ^M ed-kill-line\n")
    terminal.send("1\u{14}2\u{1B}[15~3\u{B}4\r")
    #expect(terminal.wait(for: "\n4321"))
  }

  @Test func hintsAreDimTakenByRightAndSwitchedOff() throws {
    let terminal = try losslabTests.launched(try emptyHome())
    #expect(terminal.wait(for: "loss>"))
    terminal.send("123456+1\r")
    #expect(terminal.wait(for: "\n123457"))
    terminal.send("123")
    #expect(terminal.waitForScreen { $0.lines.last == "loss> 123456+1" && $0.cursor.column == 9 })
    terminal.send("\u{1B}[C\r")
    #expect(terminal.wait(for: "\n123457"))
    terminal.send(":set hints off\r")
    #expect(terminal.wait(for: "loss>"))
    terminal.send("123")
    #expect(terminal.waitForScreen { $0.lines.last == "loss> 123" })
  }
}
