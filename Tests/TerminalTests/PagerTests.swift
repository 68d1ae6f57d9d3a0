import Markup
import Testing

@testable import Terminal

private func pager(_ count: Int, rows: Int = 6) -> Pager {
  Pager(StyledText((1...count).map { "line \($0)\n" }.joined()), columns: 80, rows: rows, language: .en)
}

@Test func spaceTurnsThePageAndLeavesAtTheEnd() {
  var pager = pager(12)  // five rows of text and one of keys
  #expect(pager.page.map(\.characters) == ["line 1", "line 2", "line 3", "line 4", "line 5"])
  #expect(pager.press(" ") == .redraw)
  #expect(pager.page.first?.characters == "line 6")
  #expect(pager.press(" ") == .redraw)
  #expect(pager.page.last?.characters == "line 12")
  #expect(pager.press(" ") == .leave)
}

@Test(arguments: ["q", "escape", "\u{3}", "\u{4}"]) func everyHabitualWayOutIsOne(_ key: String) {
  var pager = pager(100)
  #expect(pager.press(key) == .leave)
}

@Test func enterGoesLineByLineAndLeavesAtTheEnd() {
  var pager = pager(7)
  #expect(pager.press("\r") == .scroll)
  #expect(pager.press("\r") == .scroll)
  #expect(pager.page.last?.characters == "line 7")
  #expect(pager.press("\r") == .leave)
}

@Test func backAndEndsAreReached() {
  var pager = pager(30)
  _ = pager.press("G")
  #expect(pager.isAtEnd)
  #expect(pager.press("b") == .redraw)
  _ = pager.press("g")
  #expect(pager.top == 0)
  #expect(pager.press("k") == .stay)
}

@Test func searchFindsRowsAndSaysWhenThereIsNone() {
  var pager = pager(50)
  for key in ["/", "L", "i", "n", "e", " ", "2", "0", "\r"] { _ = pager.press(key) }
  #expect(pager.page.first?.characters == "line 20")
  for key in ["/", "x", "\u{7F}", "损", "\r"] { _ = pager.press(key) }
  #expect(pager.failed)
  #expect(pager.status.plain.contains("not found: 损"))
  // Typing a pattern can be given up, and does not leave.
  #expect(pager.press("/") == .stay)
  #expect(pager.press("\u{3}") == .stay)
  #expect(pager.press("q") == .leave)
}

@Test func theRowOfKeysFitsAnyScreen() {
  for columns in [10, 20, 40, 80] {
    let narrow = Pager(StyledText(String(repeating: "损失\n", count: 50)), columns: columns, rows: 10, language: .zh)
    #expect(narrow.status.displayWidth < columns)
  }
}

@Test func rowsWiderThanTheScreenAreFolded() {
  let pager = Pager(StyledText(String(repeating: "损", count: 25) + "\n"), columns: 20, rows: 10, language: .en)
  #expect(pager.lines.map(\.displayWidth) == [20, 20, 10])
}
