import Markup
import Testing

@Suite struct TableTests {
  @Test func chineseAndLatinColumnsLineUp() {
    var table = Table(header: ["名字", "x"], alignments: [.left, .right])
    table.rows = [["a", "1.5"], ["均方误差", "12"]]
    #expect(table.render().plain == "名字        x\n─────────────\na         1.5\n均方误差   12\n")
  }
}

@Test func columnsAreLeftOutUntilTheTableFits() {
  var table = Table(header: ["name", "optimizer", "final"], alignments: [.left, .left, .right])
  table.rows = [["t", "sgd", "0.25"]]
  #expect(table.fitted(to: 40, droppingFirst: [1]).header.count == 3)
  let narrow = table.fitted(to: 14, droppingFirst: [1])
  #expect(narrow.header == ["name", "final"])
  #expect(narrow.rows == [["t", "0.25"]])
  #expect(narrow.alignments == [.left, .right])
}
