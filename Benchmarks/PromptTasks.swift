import Glibc
import PseudoTerminal

/// The prompt under the fingers: from a key to its echo, from Enter to a value, a pasted megabyte. Colours and hints are
/// on, and keys come apart as fingers type them, so that the program has gone to sleep before each.
enum PromptTasks {
  static let all: [Tasks.Task] = [
    ("key_echo_floor", floor), ("key_echo", echo), ("enter_value", enter), ("paste_1mb", paste),
  ]

  private static let keys = Array("1+2*3-4/5+6*7-8")

  /// The least a key can take: a terminal in raw mode and `cat`.
  private static func floor(_ harness: Harness) {
    guard
      let terminal = PseudoTerminal(
        "/bin/sh", ["-c", "stty raw -echo; echo on; exec cat"], environment: ["PATH": "/bin:/usr/bin"]),
      terminal.wait(for: "on")
    else { harness.fail("no /bin/sh") }
    usleep(100_000)
    report(
      harness,
      (0..<300).map { time(harness, terminal, String(keys[$0 % keys.count]), until: String(keys[$0 % keys.count])) })
  }

  private static func echo(_ harness: Harness) {
    let terminal = prompt(harness)
    _ = time(harness, terminal, "1+2*3-4/5+6*7-8\r", until: "loss>")
    let samples = (0..<300).map { index in
      if index % 30 == 0 {
        terminal.send("\u{15}")
        usleep(50_000)
      }
      let key = String(keys[index % keys.count])
      return time(harness, terminal, key, until: key)
    }
    report(harness, samples)
  }

  /// Enter to the value of a line never typed before.
  private static func enter(_ harness: Harness) {
    let terminal = prompt(harness)
    let samples = (1...100).map { index in
      terminal.send("mse([\(index + 4000), 1, 1], [\(index), 1, 1]) - 16000000/3 + \(index)123")
      usleep(30_000)
      return time(harness, terminal, "\r", until: "\(index)123\u{1B}")
    }
    report(harness, samples)
  }

  /// A bracketed paste of 1,000,001 characters, to the moment they are in the line and on the screen.
  private static func paste(_ harness: Harness) {
    let terminal = prompt(harness)
    let text = String(repeating: "1+", count: 500_000) + "7"
    let sample = time(harness, terminal, "\u{1B}[200~" + text + "\u{1B}[201~", until: "7", seconds: 60)
    harness.report(n: text.utf8.count, seconds: sample)
  }

  private static func prompt(_ harness: Harness) -> PseudoTerminal {
    let environment = ["TERM": "xterm-256color", "HOME": "/nonexistent", "LANG": "en_US.UTF-8"]
    guard
      let terminal = PseudoTerminal(ProgramTasks.program, environment: environment, columns: 100, rows: 30),
      terminal.wait(for: "loss>")
    else { harness.fail("\(ProgramTasks.program) shows no prompt") }
    usleep(100_000)
    return terminal
  }

  private static func time(
    _ harness: Harness, _ terminal: PseudoTerminal, _ keys: String, until text: String, seconds: Double = 5
  ) -> Double {
    usleep(UInt32.random(in: 15_000...30_000))
    guard let duration = terminal.exchange(keys, until: text, seconds: seconds) else {
      harness.fail("no answer to a key")
    }
    return duration / .seconds(1)
  }

  /// The median as the time of one, and beside it what one key in a hundred takes, as a task of its own.
  private static func report(_ harness: Harness, _ samples: [Double]) {
    harness.report(n: 1, seconds: Harness.median(of: samples))
    Harness(task: harness.task + "_p99", threads: harness.threads)
      .report(n: 1, seconds: samples.sorted()[samples.count * 99 / 100])
  }
}
