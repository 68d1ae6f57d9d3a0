import Markup
import Testing

@Suite struct DisplayWidthTests {
  @Test func chineseAndFullWidthPunctuationTakeTwoColumns() {
    #expect("损失，函数".displayWidth == 10)
    #expect("（ｎ）".displayWidth == 6)
  }

  @Test func mathematicalSymbolsTakeOne() {
    #expect("∂L/∂w = Σ×ŷ".displayWidth == 11)
  }

  @Test func combiningMarksTakeNone() {
    #expect("y\u{302}".displayWidth == 1)
    #expect("\u{302}".displayWidth == 0)
  }

  @Test func emojiTakeTwo() {
    #expect("👍🏽".displayWidth == 2)
    #expect("❤️".displayWidth == 2)
  }
}
