import Foundation
import PseudoTerminal
import Testing

// What the real binary keeps between sessions: history, settings, the start-up file.

@Suite(.serialized) struct SessionFilesTests {
  private func started(
    _ home: String, _ extra: [String: String] = [:], _ arguments: [String] = []
  ) throws -> PseudoTerminal {
    let terminal = try launched(home, extra, arguments)
    #expect(terminal.wait(for: "loss>"))
    return terminal
  }

  private func enter(_ line: String, _ terminal: PseudoTerminal, until text: String) {
    terminal.send(line + "\r")
    #expect(terminal.wait(for: text), "\(line)")
    #expect(terminal.wait(for: "loss>"))
  }

  private func leave(_ terminal: PseudoTerminal) {
    terminal.send("\u{4}")
    #expect(terminal.waitForExit() == 0)
  }

  private func history(_ home: String) -> [String] {
    let text = try? String(contentsOfFile: home + "/.local/state/losslab/history", encoding: .utf8)
    return (text ?? "").split(separator: "\n").map(String.init)
  }

  private func write(_ text: String, toInitOf home: String) throws {
    let folder = home + "/.config/losslab"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: folder + "/init.loss", atomically: true, encoding: .utf8)
  }

  // MARK: History

  @Test func linesOfSessionsSideBySideAreAllKeptAndReachTheOther() throws {
    let home = try emptyHome()
    let (left, right) = (try started(home), try started(home))
    enter("100+1", left, until: "\n101")
    enter("200+2", right, until: "\n202")
    enter("300+3", left, until: "\n303")
    #expect(history(home) == ["100+1", "200+2", "300+3"])
    // Its own lines first, then the other's.
    for line in ["300+3", "100+1", "200+2"] {
      left.send("\u{1B}[A")
      #expect(left.waitForScreen { $0.lines.last == "loss> " + line })
    }
  }

  @Test func aLineThatStartsWithABlankIsNotKept() throws {
    let home = try emptyHome()
    let terminal = try started(home)
    enter("1+1", terminal, until: "\n2")
    enter(" secret = 5", terminal, until: "\n5")
    #expect(history(home) == ["1+1"])
    terminal.send("\u{1B}[A")
    #expect(terminal.waitForScreen { $0.lines.last == "loss> 1+1" })
  }

  @Test func aLineIsKeptBeforeThePromptComesBackAndWhatFixMadeToo() throws {
    let home = try emptyHome()
    let terminal = try started(home)
    enter("hubr(1, 2)", terminal, until: "E201")
    enter(":fix", terminal, until: "0.5")
    terminal.signal(SIGKILL)
    _ = terminal.waitForExit()
    #expect(history(home) == ["hubr(1, 2)", ":fix", "huber(1, 2)"])
  }

  // MARK: Settings

  @Test func settingsOutliveTheSession() throws {
    let home = try emptyHome()
    var terminal = try started(home)
    enter(":set hints off", terminal, until: "hints = off")
    enter(":set theme light", terminal, until: "theme = light")
    enter(":lang zh", terminal, until: "中文")
    leave(terminal)
    terminal = try started(home)
    enter(":set", terminal, until: "light")
    #expect(terminal.visible.contains("回车") || terminal.visible.contains("课程"))
    leave(terminal)
    // What the way of starting decides holds, and is not kept in the place of what was.
    terminal = try started(home, ["NO_COLOR": "1"], ["--lang", "en"])
    #expect(terminal.visible.contains("starts the course"))
    #expect(!terminal.output.contains("\u{1B}[38;5"))
    enter(":set glyphs ascii", terminal, until: "glyphs = ascii")
    enter(":set digits 9", terminal, until: "digits = 9")  // numbers look alike in every session
    leave(terminal)
    terminal = try started(home)
    #expect(terminal.visible.contains("课程"))
    enter("1/3", terminal, until: "\n0.333333\n")
    enter(":set", terminal, until: "ascii")
    #expect(terminal.visible.contains("light"))
  }

  // MARK: init.loss

  @Test func theStartUpFileRunsAndWhatItSetsIsNotKept() throws {
    let home = try emptyHome()
    try write("k = 7\nf(x) =\n  k*x\n:set digits 3\n", toInitOf: home)
    var terminal = try started(home)
    enter("f(6)", terminal, until: "\n42")
    enter("1/3", terminal, until: "\n0.333\n")
    leave(terminal)
    try FileManager.default.removeItem(atPath: home + "/.config/losslab/init.loss")
    terminal = try started(home)
    enter("1/3", terminal, until: "\n0.333333\n")
  }

  @Test func aBrokenStartUpFileSaysWhereAndEndsNothing() throws {
    let home = try emptyHome()
    try write("k = 7\nfoo(1)\nm = 2\n损失 = (1 +\n", toInitOf: home)
    let terminal = try launched(home, ["LANG": "zh_CN.UTF-8"])
    #expect(terminal.wait(for: "init.loss:2"))
    #expect(terminal.wait(for: "E201"))
    #expect(terminal.wait(for: "init.loss:4"))
    #expect(terminal.wait(for: "loss>"))
    enter("3*k*m", terminal, until: "\n42")
  }

  @Test func aStartUpFileThatCannotBeReadIsNamed() throws {
    let home = try emptyHome()
    try FileManager.default.createDirectory(
      atPath: home + "/.config/losslab/init.loss", withIntermediateDirectories: true)
    let terminal = try launched(home, ["LOSSLAB_LANG": "en"])
    #expect(terminal.wait(for: "init.loss cannot be read"))
    #expect(terminal.wait(for: "loss>"))
    enter("6*7", terminal, until: "\n42")
  }
}
