/// Columns of text set by display width, so that Chinese and Latin cells line up.
package struct Table: Sendable {
  package enum Alignment: Sendable { case left, right }

  package var header: [StyledText]
  package var alignments: [Alignment]
  package var rows: [[StyledText]] = []
  package var separator = "  "

  package init(header: [StyledText], alignments: [Alignment]) {
    self.header = header
    self.alignments = alignments
  }

  /// The table as far as it fits: columns are left out in the order given until it does.
  package func fitted(to width: Int, droppingFirst order: [Int], indent: Int = 0) -> Table {
    var table = self
    var dropped: Set<Int> = []
    for column in order {
      if (table.render(indent: indent).lines.map(\.displayWidth).max() ?? 0) <= width { break }
      dropped.insert(column)
      func kept<Item>(_ items: [Item]) -> [Item] { items.indices.filter { !dropped.contains($0) }.map { items[$0] } }
      table.header = kept(header)
      table.alignments = kept(alignments)
      table.rows = rows.map(kept)
    }
    return table
  }

  /// The table with a dim rule under its header, each line indented by `indent` columns.
  package func render(indent: Int = 0) -> StyledText {
    let all = (header.allSatisfy(\.isEmpty) ? [] : [header]) + rows
    let columns = all.map(\.count).max() ?? 0
    var widths = [Int](repeating: 0, count: columns)
    for row in all {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.displayWidth) }
    }
    var result = StyledText()
    let margin = String(repeating: " ", count: indent)
    for (index, row) in all.enumerated() {
      result.append(margin)
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.displayWidth)
        let right = column < alignments.count && alignments[column] == .right
        if right { result.append(padding) }
        result.append(cell)
        if column + 1 < row.count { result.append((right ? "" : padding) + separator) }
      }
      result.append("\n")
      if index == 0, all.count > rows.count {
        let width = widths.reduce(0, +) + separator.displayWidth * max(0, columns - 1)
        result.append(margin)
        result.append(String(repeating: "─", count: width) + "\n", .dim)
      }
    }
    return result
  }
}
