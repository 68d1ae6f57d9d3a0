import Foundation
import Testing

@testable import Workbench

private func temporary(_ content: String? = nil) throws -> String {
  let path = FileManager.default.temporaryDirectory.appending(path: "losslab-\(UUID().uuidString).loss").path
  if let content { try content.write(toFile: path, atomically: true, encoding: .utf8) }
  return path
}

@Test func aSavedSessionPlaysAgain() throws {
  let path = try temporary()
  defer { try? FileManager.default.removeItem(atPath: path) }
  var session = Session()
  for line in ["w = 3", "f(x) = x^2 + w", "f(2)", "w = 99", ":undo", "oops", "repeat 2 { w = w + 1 }"] {
    _ = session.submit(line)
  }
  #expect(session.submit(":save \(path)").diagnostic == nil)
  var fresh = Session()
  #expect(fresh.submit(":load \(path)").diagnostic == nil)
  #expect(fresh.submit("f(w)").value?.numbers?.elements == [30])
  // What was undone or failed is not in it.
  let text = try String(contentsOfFile: path, encoding: .utf8)
  #expect(text.split(separator: "\n").dropFirst() == ["w = 3", "f(x) = x^2 + w", "f(2)", "repeat 2 { w = w + 1 }"])
}

@Test func aScriptThatFailsChangesNothing() throws {
  let path = try temporary("w = 1\nv = w +\n")
  defer { try? FileManager.default.removeItem(atPath: path) }
  var session = Session()
  _ = session.submit("w = 3")
  let reply = session.submit(":load \(path)")
  #expect(reply.diagnostic?.code == "E107")
  #expect(reply.output.plain.contains("line 2"))
  #expect(session.submit("w").value?.numbers?.elements == [3])
}

@Test func onlyASavedSessionIsReplaced() throws {
  let path = try temporary("my thesis\n")
  defer { try? FileManager.default.removeItem(atPath: path) }
  var session = Session()
  #expect(session.submit(":save \(path)").diagnostic?.code == "E306")
  #expect(try String(contentsOfFile: path, encoding: .utf8) == "my thesis\n")
  #expect(session.submit(":save \(path) overwrite").diagnostic == nil)
  #expect(session.submit(":save \(path)").diagnostic == nil)
}

@Test func scriptsMayNotRunCommandsOfTheirOwn() throws {
  let path = try temporary(":quit\n")
  defer { try? FileManager.default.removeItem(atPath: path) }
  var session = Session()
  #expect(session.submit(":load \(path)").diagnostic?.code == "E402")
  #expect(session.submit(":load /dev/zero").diagnostic?.code == "E304")
}

@Test func timeShowsTheValueAndHowLongItTook() throws {
  var session = Session()
  let reply = session.submit(":time mse([1,2,3], [2,3,4])")
  #expect(reply.value?.numbers?.elements == [1])
  #expect(reply.output.plain.contains(/first run [\d.e+]+ (s|ms|µs|ns), then [\d.e+]+ (ms|µs|ns)/))
  _ = session.submit(":time w = 2")
  #expect(session.submit("w").value?.numbers?.elements == [2])
  #expect(session.submit(":time 1/").diagnostic?.code == "E107")
}
