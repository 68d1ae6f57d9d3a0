import Foundation
import PseudoTerminal
import Testing

// The pager of the real binary: it says its keys, obeys them, and lets everyone out.

@Suite(.serialized) struct PagingTests {
  private func paging(columns: UInt16 = 80, rows: UInt16 = 24, then keys: String = "") throws -> PseudoTerminal {
    let terminal = try launched(try emptyHome(), columns: columns, rows: rows)
    #expect(terminal.wait(for: "loss>"))
    terminal.send(":glossary\r" + keys)
    return terminal
  }

  private func isPaging(_ screen: ScreenModel) -> Bool { screen.lines.last?.contains("/ search") ?? false }

  @Test func keysAreShownAndTurnPages() throws {
    let terminal = try paging()
    #expect(terminal.waitForScreen { isPaging($0) && $0.lines.count == 24 })
    #expect(terminal.screen.lines.last?.contains("q leave") ?? false)
    let first = terminal.screen.lines
    terminal.send(" ")
    #expect(terminal.waitForScreen { isPaging($0) && $0.lines != first })
    let second = terminal.screen.lines
    terminal.send("\u{1B}[B")
    #expect(terminal.waitForScreen { isPaging($0) && $0.lines.first == second[1] })
    terminal.send("\u{1B}[A")
    #expect(terminal.waitForScreen { $0.lines == second })
    terminal.send("b")
    #expect(terminal.waitForScreen { $0.lines.dropLast() == first.dropLast() })
    terminal.send("/gradient\r")
    #expect(terminal.waitForScreen { isPaging($0) && $0.lines.prefix(23).contains { $0.contains("gradient") } })
    terminal.send("G")
    #expect(terminal.waitForScreen { $0.lines.last?.contains("Enter or q leaves") ?? false })
    terminal.send(" ")
    #expect(terminal.waitForScreen { $0.lines.last == "loss>" })
    #expect(terminal.screen.lines.count == 24)  // what was read stays
    terminal.send("6*7\r")
    #expect(terminal.wait(for: "\n42"))
  }

  @Test(arguments: ["q", "\u{3}", "\u{4}", "\u{1B}", "G\r", "/no such word\r\u{3}", "\u{1B}[15~q", "损失q"])
  func everyWayOutLeadsToThePrompt(_ keys: String) throws {
    let terminal = try paging()
    #expect(terminal.waitForScreen(isPaging))
    terminal.send(keys)
    #expect(terminal.waitForScreen { $0.lines.last == "loss>" })
    terminal.send("6*7\r")
    #expect(terminal.wait(for: "\n42"))
  }

  @Test func whatWasTypedAheadIsForThePagerAndThenForThePrompt() throws {
    let terminal = try paging(then: "q6*7\r")
    #expect(terminal.wait(for: "\n42"))
  }

  @Test func aWindowThatChangesIsFollowed() throws {
    let terminal = try paging()
    #expect(terminal.waitForScreen(isPaging))
    terminal.send(" ")
    #expect(terminal.waitForScreen(isPaging))
    terminal.resize(columns: 20, rows: 8)
    #expect(terminal.waitForScreen { $0.lines.count == 8 && $0.lines.last?.contains("/") ?? false })
    terminal.resize(columns: 1, rows: 1)
    terminal.resize(columns: 100, rows: 30)
    #expect(
      terminal.waitForScreen(seconds: 3) { isPaging($0) && $0.lines.count == 30 },
      "\(terminal.screen.lines.count) \(terminal.screen.lines.suffix(3)) \(terminal.screen.cursor)")
    terminal.send("q6*7\r")
    #expect(terminal.wait(for: "\n42"))
  }

  @Test func aClosedWindowEndsIt() throws {
    let terminal = try paging()
    #expect(terminal.waitForScreen(isPaging))
    terminal.hangUp()
    #expect(terminal.waitForExit() == 128 + SIGHUP)
  }
}
