import Glibc
import PseudoTerminal

@testable import Terminal

/// A terminal in memory that types what it is told, piece by piece, and looks at its screen before each piece.
final class ScriptedTerminal: TerminalDevice {
  let descriptor: Int32
  private let master: Int32
  var screen: ScreenModel
  private var pieces: [String]
  private var next = 0
  /// After how many pieces the screen changes its size.
  var sizes: [Int: (columns: Int, rows: Int)] = [:]
  /// What arrives just before the terminal's answer to where its cursor is.
  var typedWhileAsked = ""
  /// Called when the editor waits for a key: everything typed so far must be on the screen.
  var look: (ScriptedTerminal, _ typed: Int) -> Void = { _, _ in }

  init?(columns: Int, rows: Int, rewraps: Bool = false, typing pieces: [String]) {
    var (master, slave): (Int32, Int32) = (-1, -1)
    guard openpty(&master, &slave, nil, nil, nil) == 0 else { return nil }
    self.master = master
    descriptor = slave
    self.pieces = pieces
    screen = ScreenModel(columns: columns, rows: rows, rewraps: rewraps)
  }

  deinit {
    close(master)
    close(descriptor)
  }

  var size: (columns: Int, rows: Int) { (screen.columns, screen.rows) }

  func write(_ text: String) { screen.feed(text) }

  func read(milliseconds: Int32, echo: Echo?) -> Arrival {
    let answers = screen.takeAnswers()
    if !answers.isEmpty {
      defer { typedWhileAsked = "" }
      return .bytes(Array((typedWhileAsked + answers).utf8)[...])
    }
    if milliseconds >= 0 { return .nothing }
    if let (columns, rows) = sizes[next] {
      sizes[next] = nil
      screen.resize(columns: columns, rows: rows)
      return .signal
    }
    look(self, next)
    guard next < pieces.count else { return .end }
    next += 1
    let bytes = Array(pieces[next - 1].utf8)[...]
    if let echo, Echo.shows(bytes) { write(echo.before + pieces[next - 1] + echo.after) }
    return .bytes(bytes)
  }

  var hasInput: Bool { false }

  func beginLine() {}
  func endLine() {}
}
