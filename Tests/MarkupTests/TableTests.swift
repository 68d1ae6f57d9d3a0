import Markup
import Testing

@Suite struct TableTests {
  @Test func chineseAndLatinColumnsLineUp() {
    var table = Table(header: ["名字", "x"], alignments: [.left, .right])
    table.rows = [["a", "1.5"], ["均方误差", "12"]]
    #expect(table.render().plain == "名字        x\n─────────────\na         1.5\n均方误差   12\n")
  }
}
