import Foundation
import Markup
import Testing

@testable import Workbench

// `Tests/Errors/E203.txt`: one bad program per error code, with its exact screen in English and in Chinese.

private func session(_ language: Language, _ cause: ErrorCode.Cause) throws -> Session {
  var session = Session(language: language)
  switch cause {
  case .line: break
  case .interrupt: session.isInterrupted = { true }
  case .timeout: session.settings.timeLimit = 0.01
  case .file:
    let folder = FileManager.default.temporaryDirectory.appending(path: "losslab-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try "a,b\n1,2\n3\n".write(to: folder.appending(path: "broken.csv"), atomically: true, encoding: .utf8)
    session.settings.dataFolders = [folder.path]
  }
  return session
}

@Test(arguments: ErrorCodes.table.map(\.code)) func everyErrorHasItsScreenInBothLanguages(_ code: String) throws {
  let row = try #require(ErrorCodes[code: code])
  let transcript = try Transcript("Errors/\(code).txt")
  #expect(Set(transcript.parts.map(\.language)) == [.en, .zh])
  for part in transcript.parts {
    var session = try session(part.language, row.cause)
    var codes: [String] = []
    for entry in part.entries {
      let reply = session.submit(entry.typed)
      if let code = reply.diagnostic?.code { codes.append(code) }
      #expect(Transcript.screen(reply.output) == entry.screen, "\(code): \(entry.typed.prefix(60))")
    }
    #expect(codes.contains(code))
  }
}

@Test func everyCodeThrownSomewhereIsExplained() throws {
  let sources = Transcript.tests.deletingLastPathComponent().appending(path: "Sources")
  let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
  var thrown: Set<String> = []
  for case let file as URL in files where file.pathExtension == "swift" && file.lastPathComponent != "ErrorCodes.swift"
  {
    let text = try String(contentsOf: file, encoding: .utf8)
    for match in text.matches(of: /"(E\d{3})"/) { thrown.insert(String(match.1)) }
  }
  let explained = Set(ErrorCodes.table.map(\.code)).union(ErrorCodes.inner)
  #expect(
    thrown.subtracting(explained).isEmpty, "give these a row in ErrorCodes.swift and a file in Tests/Errors")
  #expect(explained.subtracting(thrown).isEmpty, "nothing throws these")
  #expect(ErrorCodes.table.count + ErrorCodes.inner.count == explained.count)
}

/// What `:why` shows under a code leads to that code, and what it recommends instead works.
@Test(arguments: ErrorCodes.table.map(\.code)) func theExamplesOfACodeDoWhatTheySay(_ code: String) throws {
  let row = try #require(ErrorCodes[code: code])
  var bad = try session(.en, row.cause)
  let replies = row.bad.map { bad.submit($0) }
  #expect(replies.last?.diagnostic?.code == code)
  #expect(replies.dropLast().allSatisfy { $0.diagnostic == nil })
  var good = Session()
  if row.cause == .line, code != "E106" { for line in row.bad.dropLast() { _ = good.submit(line) } }
  for line in row.good {
    let reply = good.submit(line)
    #expect(reply.diagnostic == nil, "\(line): \(reply.output.plain)")
  }
}

/// What `:fix` offers is a line that no longer fails in the same way.
@Test(arguments: ErrorCodes.table.map(\.code)) func whatFixOffersIsBetter(_ code: String) throws {
  let row = try #require(ErrorCodes[code: code])
  var broken = try session(.en, row.cause)
  for line in row.bad { _ = broken.submit(line) }
  let failure = try #require(broken.failure)
  for line in Repair.lines(for: failure.diagnostic, failure.source, broken) {
    var copy = broken
    #expect(copy.submit(line).diagnostic?.code != code, "\(line)")
  }
}

/// Writes the screens anew for a person to review as a diff; run only on request.
@Test(.enabled(if: ProcessInfo.processInfo.environment["LOSSLAB_WRITE_SCREENS"] != nil))
func writeTheScreensAnew() throws {
  func write(_ path: String, _ cause: ErrorCode.Cause) throws {
    let text = try Transcript(path).rewritten { language in
      var session = (try? session(language, cause)) ?? Session(language: language)
      return { line in Transcript.screen(session.submit(line).output) }
    }
    try text.write(to: Transcript.tests.appending(path: path), atomically: true, encoding: .utf8)
  }
  for row in ErrorCodes.table {
    let path = "Errors/\(row.code).txt"
    let file = Transcript.tests.appending(path: path)
    if !FileManager.default.fileExists(atPath: file.path) {
      let lines = row.bad.map { "> " + $0 + "\n" }.joined()
      try (lines + "lang zh\n" + lines).write(to: file, atomically: true, encoding: .utf8)
    }
    try write(path, row.cause)
  }
  for name in Transcript.names(in: "Transcripts") { try write("Transcripts/" + name, .line) }
}
