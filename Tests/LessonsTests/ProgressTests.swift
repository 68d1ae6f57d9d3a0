import Foundation
import Testing

@testable import Lessons

private func path() -> String {
  FileManager.default.temporaryDirectory.appending(path: "progress-\(UUID().uuidString).json").path
}

private func record(_ step: String, done: Set<String>) -> LessonRecord {
  var record = LessonRecord()
  record.step = step
  record.done = done
  return record
}

@Test func whatIsSavedIsReadBack() {
  let path = path()
  var progress = Progress(path: path)
  let isSaved = progress.save("02", record("b", done: ["a"]))
  #expect(isSaved)
  #expect(Progress(path: path)["02"] == record("b", done: ["a"]))
}

@Test func twoWritersKeepEachOthersSteps() {
  let path = path()
  var (a, b) = (Progress(path: path), Progress(path: path))
  a.save("02", record("b", done: ["a"]))
  b.save("03", record("y", done: ["x"]))
  let both = Progress(path: path)
  #expect(both["02"].done == ["a"])
  #expect(both["03"].done == ["x"])
}

@Test(arguments: ["", "{\"version\":1,\"lessons\":{\"02\":", "\0\0\0\0", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["])
func aTornFileIsKeptAsideAndAFreshOneBegun(_ content: String) throws {
  let path = path()
  try Data(content.utf8).write(to: URL(fileURLWithPath: path))
  var progress = Progress(path: path)
  #expect(progress.damagedCopy == path + ".bad")
  let isSaved = progress.save("00", record("a", done: []))
  #expect(isSaved)
  #expect(FileManager.default.fileExists(atPath: path + ".bad"))
}

@Test func aFileOfALaterVersionIsLeftAlone() throws {
  let path = path()
  let content = "{\"version\":99,\"lessons\":{}}"
  try Data(content.utf8).write(to: URL(fileURLWithPath: path))
  var progress = Progress(path: path)
  progress.save("00", record("a", done: []))
  #expect(try String(contentsOfFile: path, encoding: .utf8) == content)
}
