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

/// A session sees what others have added, before its own lines.
@Test func sessionsSideBySideReadEachOther() {
  let path = path()
  History(path: path).add("before")
  let (a, b) = (History(path: path), History(path: path))
  a.add("a1")
  b.add("b1")
  a.catchUp()
  #expect(a.lines == ["before", "b1", "a1"])
  a.add("a2")
  b.catchUp()
  #expect(b.lines == ["before", "a1", "a2", "b1"])
}

@Test func aTornEndDoesNotTakeTheNextLineWithIt() throws {
  let path = path()
  try Data("whole\nto".utf8).write(to: URL(fileURLWithPath: path))
  History(path: path).add("next")
  #expect(History(path: path).lines == ["whole", "to", "next"])
}

@Test func aLongFileIsShortenedToItsLatestLines() throws {
  let path = path()
  let text = (1...20_001).map { "line \($0)\n" }.joined()
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  let other = History(path: path)
  #expect(other.lines.count == 10_000)
  other.add("last")
  let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
  #expect(lines.count == 10_001 && lines.first == "line 10002" && lines.last == "last")
}

@Test func fiftySessionsAtOnceLoseNothing() async {
  let path = path()
  await withTaskGroup(of: Void.self) { group in
    for session in 0..<50 {
      group.addTask { for line in 0..<10 { History(path: path).add("\(session) \(line)") } }
    }
  }
  #expect(Set(History(path: path).lines).count == 500)
}

@Test func repetitionsAndLinesThatStartWithABlankAreNotKept() {
  let history = History(path: path())
  #expect(history.add("x"))
  #expect(!history.add("x"))
  #expect(!history.add(" secret"))
  #expect(!history.add("\u{3000}也不留"))
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
