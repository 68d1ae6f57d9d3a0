import Markup
import Testing

@testable import Lessons

@Test(arguments: LessonLibrary.files.map(\.name), Language.allCases)
func everyLessonProvesItself(_ name: String, _ language: Language) throws {
  let file = try #require(LessonLibrary.files.first { $0.name == name })
  let findings = LessonCheck.findings(file.text, id: LessonLibrary.id(of: name), language: language)
  #expect(findings.isEmpty, "\(findings.map { "\(name):\($0.line): \($0.message.en)" })")
}

@Test func theCheckCatchesWhatIsWrong() {
  let lesson = """
    # 题 ‖ Title
    ```cell id=a
    > 1 + 1
    3
    ```
    ```ask id=b
    ? 问 ‖ Q
    = 4
    ~ 5
    ! 4 → 错 ‖ wrong
    ```
    ```trace id=c
    > descend(w -> w^2, w=1, rate=0.1, steps=5)
    predict 若 rate=2？ ‖ And at rate=2? : *converge | diverge
    expect w=0.5
    ```
    """
  #expect(LessonCheck.findings(lesson, id: "99", language: .en).map(\.line) == [3, 9, 10, 15, 14])
}
