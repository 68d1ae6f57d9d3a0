import CEditLine
import Testing

@testable import Terminal

/// A row of ten columns after a prompt of six.
private func layout() -> ScreenLayout {
  _ = ll_use_utf8()
  return ScreenLayout(start: 6, columns: 10)
}

@Test(arguments: [
  ("abc", 0, 9), ("abcd", 1, 0), ("abcde", 1, 1), ("损失", 1, 0), ("a损失", 1, 2), ("a\nb", 1, 1), ("abc损", 1, 2),
])
func wideCharactersThatWouldStickOutGoToTheNextRow(_ text: String, _ row: Int, _ column: Int) {
  #expect(layout().position(after: text) == .init(row: row, column: column))
}

@Test func theCursorStandsWithTheCharacterThatWraps() {
  #expect(layout().cursor(in: "abc损", after: 3) == .init(row: 1, column: 0))
}
