import Glibc
import PseudoTerminal
import Tensors
import Workbench

/// The program as a whole: starting, the first prompt, a picture of a million points, a symbolic derivative.
enum ProgramTasks {
  static let all: [Tasks.Task] = [
    ("start", start), ("prompt", prompt), ("plot_1e6", plot), ("symbolic_bce", symbolic), ("first_line", firstLine),
  ]

  /// The program beside this one.
  static var program: String {
    let own = CommandLine.arguments[0]
    let folder = own.lastIndex(of: "/").map { own[..<$0] } ?? "."
    return folder + "/losslab"
  }

  /// `losslab eval '1+1'`, whole process.
  private static func start(_ harness: Harness) {
    harness.report(n: 1, seconds: harness.median { run([program, "eval", "1+1"], harness) })
  }

  /// From starting `losslab` on a terminal to the prompt on the screen.
  private static func prompt(_ harness: Harness) {
    var samples: [Double] = []
    for _ in 0..<21 {
      let before = Harness.now()
      guard
        let terminal = PseudoTerminal(
          program, environment: ["TERM": "xterm-256color", "HOME": "/nonexistent", "LANG": "en_US.UTF-8"], columns: 100,
          rows: 30), terminal.wait(for: "> ")
      else { harness.fail("\(program) shows no prompt") }
      samples.append(Harness.now() - before)
    }
    harness.report(n: 1, seconds: Harness.median(of: Array(samples.dropFirst())))
  }

  /// `plot(v)` of a million numbers, to the characters on the screen.
  private static func plot(_ harness: Harness) {
    let n = 1_000_000
    var session = harness.session()
    session.settings.width = 100
    session.settings.height = 30
    session.define(
      "v", Tensor(vector: (0..<n).map { sin(Double($0) * 20 / Double(n)) + 0.3 * sin(Double($0) * 0.37) }))
    harness.report(n: n, seconds: harness.median { harness.submit(["plot(v)"], to: &session) })
  }

  /// A function typed, and its partial derivative as a formula.
  private static func symbolic(_ harness: Harness) {
    harness.report(
      n: 1,
      seconds: harness.median {
        var session = harness.session()
        harness.submit(["f(w, x, b, y) = bce(sigmoid(w*x + b), y)", "∂f/∂w"], to: &session)
      })
  }

  /// A line of three numbers each never typed before, from its characters to the characters of its value.
  private static func firstLine(_ harness: Harness) {
    var session = harness.session()
    var count = 0
    harness.report(
      n: 3,
      seconds: harness.median {
        count += 1
        harness.submit(["mse([1, 2, \(count)], [2, 3, 4])"], to: &session)
      })
  }

  private static func run(_ arguments: [String], _ harness: Harness) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    var pid: pid_t = 0
    var argv = arguments.map { strdup($0) } + [nil]
    let failed = posix_spawn(&pid, arguments[0], &actions, nil, &argv, environ)
    for pointer in argv { free(pointer) }
    posix_spawn_file_actions_destroy(&actions)
    var status: Int32 = 0
    guard failed == 0, waitpid(pid, &status, 0) == pid, status == 0 else {
      harness.fail("cannot run \(arguments[0]): build the product losslab beside this program")
    }
  }
}
