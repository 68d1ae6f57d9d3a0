import Markup
import Testing

@Suite struct OutputGateTests {
  @Test func escapeSequencesAreShownNotSent() {
    #expect(OutputGate.sanitize("a\u{1b}]0;x\u{7}b") == "a␛]0;x␇b")
    #expect(StyledText("\u{1b}[31m", .error).ansi(.dark).contains("␛[31m"))
  }

  @Test func carriageReturnCannotOverwriteALine() {
    #expect(OutputGate.sanitize("safe\revil") == "safe␍evil")
  }

  @Test func bidirectionalAndInvisibleCharactersAreNamed() {
    #expect(OutputGate.sanitize("a\u{202E}b\u{200B}c\u{9B}") == "a⟨U+202E⟩b⟨U+200B⟩c⟨U+9B⟩")
  }

  @Test func mathematicsAndChinesePass() {
    let text = "∂L/∂w = ŷ − y 损失，函数\n"
    #expect(OutputGate.sanitize(text) == text)
  }
}
