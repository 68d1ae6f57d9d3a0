import Foundation
import Markup
import Testing

@testable import Workbench

/// `Tests/Transcripts/*.txt`: lines typed after `> `, and below each the exact screen. `lang zh` in the first line plays
/// the file in Chinese. They are the language's manual as much as its test.
private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "Transcripts")

private let names =
  ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".txt") }.sorted()

@Test(arguments: names) func theScreenIsExactlyAsWritten(_ name: String) throws {
  let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
  let language: Language = lines.first == "lang zh" ? .zh : .en
  if language == .zh { lines = lines.dropFirst() }
  var session = Session(language: language)
  var typed: Substring?
  var expected: [Substring] = []
  func compare() {
    guard let typed else { return }
    while expected.last?.isEmpty ?? false { expected.removeLast() }
    let screen = session.submit(String(typed.dropFirst(2))).output.plain
    var shown = screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while shown.last?.isEmpty ?? false { shown.removeLast() }
    #expect(shown == expected.map(String.init), "\(name): \(typed)")
  }
  for line in lines {
    if line.hasPrefix("> ") {
      compare()
      typed = line
      expected = []
    } else if typed != nil, !line.hasPrefix("--") {
      expected.append(line)
    }
  }
  compare()
}

@Test func thereAreTranscripts() { #expect(names.count >= 5) }
