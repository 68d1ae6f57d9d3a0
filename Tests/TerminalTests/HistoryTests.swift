import Foundation
import Testing

@testable import Terminal

private func path() -> String {
  FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)").path
}

@Test func linesComeBackInOrderNewlinesIncluded() {
  let path = path()
  let first = History(path: path)
  for line in ["a = 1", "f(x) =\n  x", "back\\slash", "a = 1"] { first.add(line) }
  #expect(History(path: path).lines == ["a = 1", "f(x) =\n  x", "back\\slash", "a = 1"])
}

@Test func repetitionsAndLinesThatStartWithABlankAreNotKept() {
  let history = History(path: path())
  #expect(history.add("x"))
  #expect(!history.add("x"))
  #expect(!history.add(" secret"))
  #expect(history.lines == ["x"])
}

@Test func twoSessionsKeepEachOthersLines() {
  let path = path()
  let (a, b) = (History(path: path), History(path: path))
  a.add("one")
  b.add("two")
  a.add("three")
  #expect(History(path: path).lines == ["one", "two", "three"])
}

@Test func tornLinesAreSkipped() throws {
  let path = path()
  try Data([0x61, 0x0A, 0xFF, 0xFE, 0x0A, 0x62]).write(to: URL(fileURLWithPath: path))
  #expect(History(path: path).lines == ["a", "b"])
}
