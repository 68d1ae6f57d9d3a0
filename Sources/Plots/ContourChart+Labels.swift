import Markup

extension ContourChart {
  /// Writes each level into its own line, where it is emptiest and away from the path.
  func placeLabels(
    _ levels: ContourLevels, _ lines: [[(from: Dot, to: Dot)]], avoiding path: [(column: Int, row: Int)],
    in frame: inout Frame
  ) {
    var labels: [(column: Int, row: Int)] = []
    var occupied = Set(path.map { $0.row * frame.columns + $0.column })
    for (height, line) in zip(levels.heights, lines) {
      let text = Array(levels.label(height))
      var best: (score: Double, column: Int, row: Int)?
      var tried: Set<Int> = []
      for piece in line {
        let middle = Dot(x: (piece.from.x + piece.to.x) / 2, y: (piece.from.y + piece.to.y) / 2)
        guard let cell = frame.cell(of: middle), tried.insert(cell.row * frame.columns + cell.column).inserted else {
          continue
        }
        let start = cell.column - text.count / 2
        guard start >= 1, start + text.count < frame.columns, cell.row > 0, cell.row + 1 < frame.rows else { continue }
        let covered = (start - 1)...(start + text.count)
        if covered.contains(where: { occupied.contains(cell.row * frame.columns + $0) }) { continue }
        var crowd = 0
        for row in (cell.row - 1)...(cell.row + 1) {
          for column in covered where !frame.isEmpty(column, row) { crowd += 1 }
        }
        func distance(_ other: (column: Int, row: Int)) -> Double {
          let (dx, dy) = (Double(other.column - cell.column) / 2, Double(other.row - cell.row))
          return (dx * dx + dy * dy).squareRoot()
        }
        let fromPath = path.lazy.map(distance).min() ?? 6
        let fromLabels = labels.lazy.map(distance).min() ?? 8
        let score = min(fromPath, 6) + min(fromLabels, 8) / 2 - Double(crowd)
        if score > (best?.score ?? -.infinity) { best = (score, start, cell.row) }
      }
      guard let best else { continue }
      for (offset, character) in text.enumerated() { frame.put(character, best.column + offset, best.row, .strong) }
      for column in (best.column - 1)...(best.column + text.count) {
        occupied.insert(best.row * frame.columns + column)
      }
      labels.append((best.column + text.count / 2, best.row))
    }
  }
}
