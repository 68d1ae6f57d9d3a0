import Markup
import Testing

@Suite struct WrappingTests {
  @Test func latinBreaksAtSpaces() {
    #expect("the loss of one sample".wrapped(width: 9) == ["the loss", "of one", "sample"])
  }

  @Test func noChineseLineStartsWithPunctuation() {
    for width in 4...12 {
      for line in "损失函数，误差。梯度、步长；学习率".wrapped(width: width) {
        #expect(!"，。、；".contains(line.first ?? "x"), "width \(width)")
      }
    }
  }

  @Test func wordsLongerThanTheLineAreCut() {
    #expect("abcdefgh".wrapped(width: 3) == ["abc", "def", "gh"])
  }
}
