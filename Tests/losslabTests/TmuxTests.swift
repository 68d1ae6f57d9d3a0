import Foundation
import PseudoTerminal
import Testing

// The real binary inside tmux, whose screen is the judge: it rewraps lines on resizing and has its own table of widths.

/// A tmux of its own, with one window that runs losslab, on a terminal whose size is its size.
private final class Tmux {
  static let path = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  private let socket = "losslab-\(UUID().uuidString)"
  private let environment: [String: String]
  private let terminal: PseudoTerminal

  init(columns: UInt16, rows: UInt16) throws {
    environment = ["HOME": try emptyHome(), "TERM": "xterm-256color", "PATH": "/usr/bin:/bin"]
    let arguments = ["-u", "-L", socket, "-f", "/dev/null", "new-session", binary, ";", "set", "status", "off"]
    let path = try #require(Tmux.path)
    terminal = try #require(
      PseudoTerminal(
        path, arguments, environment: environment, columns: columns, rows: rows))
  }

  deinit { _ = try? run("kill-server") }

  func resize(columns: UInt16, rows: UInt16) { terminal.resize(columns: columns, rows: rows) }

  @discardableResult func run(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Tmux.path))
    process.arguments = ["-u", "-L", socket] + arguments
    process.environment = environment
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self)
  }

  /// The rows of the screen without empty ones at the end.
  func lines() throws -> [String] {
    var lines = try run("capture-pane", "-p").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  func wait(_ isReady: ([String]) -> Bool) throws -> Bool {
    for _ in 0..<200 {
      if isReady(try lines()) { return true }
      _ = terminal.wait(for: "\u{0}", seconds: 0.05)  // a terminal that nobody reads would stop tmux
    }
    return false
  }
}

@Suite(.serialized, .enabled(if: Tmux.path != nil, "script/prerequisites tests installs it")) struct TmuxTests {
  @Test func aWrappedChineseLineSurvivesResizingAndRuns() throws {
    let tmux = try Tmux(columns: 60, rows: 14)
    #expect(try tmux.wait { $0.last == "loss>" })
    let line = "损失 = mean(([1,2,3] - [2,4,6])^2) + 0.5*sum(abs([1,-1]))"
    try tmux.run("send-keys", "-l", line)
    #expect(try tmux.wait { $0.joined().hasSuffix("[1,-1]))") })
    for columns: UInt16 in [20, 33, 60] {
      tmux.resize(columns: columns, rows: 14)
      #expect(
        try tmux.wait { lines in
          let shown = lines.joined().filter { $0 != " " }
          return shown.components(separatedBy: "损失").count == 2 && shown.hasSuffix("loss>" + line.filter { $0 != " " })
        }, "\(columns)")
    }
    // The prompt and the line take 63 columns.
    #expect(try tmux.run("display-message", "-p", "#{cursor_x}") == "3\n")
    try tmux.run("send-keys", "Enter")
    #expect(try tmux.wait { $0.contains("5.66667") && $0.last == "loss>" })
  }

  @Test func keysTmuxTranslatesAreOurs() throws {
    let tmux = try Tmux(columns: 60, rows: 14)
    #expect(try tmux.wait { $0.last == "loss>" })
    try tmux.run("send-keys", "1", "3", "Left", "2", "Home", "4", "0", "0", "+", "End", "DC", "BSpace", "Enter")
    #expect(try tmux.wait { $0.contains("412") })
    try tmux.run("send-keys", "Up", "C-a", "1", "+", "Enter")
    #expect(try tmux.wait { $0.contains("413") })
    try tmux.run("send-keys", "C-r", "4", "1", "2")
    try tmux.run("send-keys", "C-c")
    try tmux.run("send-keys", "-l", "6*7")
    try tmux.run("send-keys", "Enter")
    #expect(try tmux.wait { $0.contains("42") })
  }
}
