import Testing

@testable import Lessons

private func finding(_ text: String) -> Finding? {
  do throws(Finding) {
    _ = try LessonReader.lesson(text, id: "99")
    return nil
  } catch {
    return error
  }
}

private let title = "# 题 ‖ Title\n"

@Test(arguments: [
  ("no title", 1), (title + "loose prose", 2), (title + "::: zh\n中文\n:::\n", 2), (title + "::: en\nEnglish\n:::\n", 2),
  (title + "```cell id=a\n> 1\n", 2), (title + "```cell\n> 1\n```", 2), (title + "```cell id=a\n1\n```", 3),
  (title + "```cell id=a\n> 1\n```\n```cell id=a\n> 1\n```", 5), (title + "```ask id=a\n= 1\n```", 2),
  (title + "```ask id=a\n? 问 ‖ Q\n```", 2), (title + "```ask id=a\n? 问 ‖ Q\n= 1\n! 2\n```", 5),
  (title + "```trace id=a\n> 1\npredict 问 ‖ Q : a | b\n```", 4), (title + "## only one language", 2),
  (title + "```cell id=a\n> 1\u{1B}[2J\n```", 3), (title + "```ask id=a check=maybe\n? 问 ‖ Q\n= 1\n```", 2),
])
func mistakesAreFoundOnTheirLine(_ text: String, _ line: Int) {
  #expect(finding(text)?.line == line, "\(String(describing: finding(text)))")
}

@Test func aTranslationRemembersTheTextItWasMadeFrom() throws {
  let text = title + "::: zh\n原文\n:::\n::: en zh=00000000\ntext\n:::\n"
  #expect(finding(text) != nil)
  let blessed = LessonCheck.blessed(text)
  #expect(try LessonReader.lesson(blessed, id: "99").steps.count == 1)
  #expect(finding(blessed.replacing("原文", with: "改过")) != nil)
}
