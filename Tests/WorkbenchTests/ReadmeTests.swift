import Foundation
import Markup
import Testing

@testable import Workbench

/// What a README shows is what a newcomer sees: every row of its screens stands, in order, on the real one (`…` stands
/// for rows left out).
@Test(arguments: [("README.md", Language.en), ("README.zh-CN.md", .zh)]) func theReadmeShowsWhatHappens(
  _ name: String, _ language: Language
) throws {
  let file = Transcript.tests.deletingLastPathComponent().appending(path: name)
  var session = Session(language: language)
  var screen: [String] = []
  var isScreen = false
  for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false) {
    if line.hasPrefix("```") {
      isScreen.toggle()
    } else if isScreen, line.hasPrefix("loss> ") {
      screen = Transcript.screen(session.submit(String(line.dropFirst(6))).output).map(\.trimmingTrailingSpaces)
    } else if isScreen, line.drop(while: { $0 == " " }) != "…" {
      let row = String(line)
      let place = screen.firstIndex(of: row)
      #expect(place != nil, "\(row)")
      if let place { screen.removeFirst(place + 1) }
    }
  }
}
