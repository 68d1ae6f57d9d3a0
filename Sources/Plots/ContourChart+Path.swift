import Markup

/// The path of a descent across the lines: its letters, their table, its cells.
extension ContourChart {
  /// The steps of the table, and of the letters on the path: 0, 1, 2, 5, 10, 20 … and the last.
  func keyed(limit: Int) -> [Int] {
    guard let path, path.count > 0 else { return [] }
    let last = path.count - 1
    var steps: [Int] = [0]
    var decade = 1
    while decade <= last {
      for digit in [1, 2, 5] where digit * decade < last { steps.append(digit * decade) }
      guard decade < Int.max / 100 else { break }
      decade *= 10
    }
    if last > 0 { steps.append(last) }
    // Too many: the first, the last, and evenly between.
    if steps.count > limit {
      steps = (0..<limit).map { steps[$0 * (steps.count - 1) / max(1, limit - 1)] }
    }
    return steps
  }

  /// The letter of each keyed step: where it stands on the picture. Steps in one cell share the first one's.
  func letters(_ steps: [Int], _ frame: Frame) -> [Character] {
    guard let path else { return [] }
    var taken: [Int: Character] = [:]
    var next = 0
    return steps.map { step in
      guard let cell = frame.cell(path.x[step], path.y[step]) else { return "-" }
      let key = cell.row * frame.columns + cell.column
      if let owner = taken[key] { return owner }
      let letter: Character
      if step == 0 {
        letter = "S"
      } else {
        letter = Array("abcdefghijklmnpqrtuvwxyz")[next % 24]
        next += 1
      }
      taken[key] = letter
      return letter
    }
  }

  func table(_ steps: [Int], _ letters: [Character]) -> [StyledText] {
    guard let path, !steps.isEmpty else { return [] }
    let right = Table.Alignment.right
    var table = Table(
      header: ["", "k", xLabel, yLabel, "f"].map { StyledText($0, .dim) },
      alignments: [.left, right, right, right, right])
    for (step, letter) in zip(steps, letters) {
      let numbers = [path.x[step], path.y[step], path.values[step]].map { StyledText(Ticks.short($0), .number) }
      table.rows.append([StyledText(String(letter), .strong), StyledText(String(step), .dim)] + numbers)
    }
    return table.render().lines.filter { !$0.isEmpty && !$0.characters.hasPrefix("─") }
  }

  func pathCells(_ frame: Frame) -> [(column: Int, row: Int)] {
    guard let path else { return [] }
    var cells: [(column: Int, row: Int)] = []
    for step in 0..<path.count {
      guard let cell = frame.cell(path.x[step], path.y[step]) else { continue }
      if cells.last.map({ $0 != cell }) ?? true { cells.append(cell) }
    }
    // A path of a million steps through a hundred cells needs each cell once.
    var seen: Set<Int> = []
    return cells.filter { seen.insert($0.row * frame.columns + $0.column).inserted }
  }

  func placePath(_ steps: [Int], _ letters: [Character], in frame: inout Frame, ascii: Bool) {
    if let lowest, let cell = frame.cell(lowest.x, lowest.y) { frame.put("*", cell.column, cell.row, .strong) }
    guard let path else { return }
    if path.count <= 200 {
      // Steps far apart are joined, or a reader would not know which comes next.
      for step in 0..<max(0, path.count - 1) {
        guard let a = frame.map.place(path.x[step], path.y[step]),
          let b = frame.map.place(path.x[step + 1], path.y[step + 1])
        else { continue }
        let pieces = min(
          200,
          Int(
            max(
              (a.x - b.x).magnitude / Double(frame.glyphs.dots.across),
              (a.y - b.y).magnitude / Double(frame.glyphs.dots.down)
            ).rounded(.up)))
        for piece in 1..<max(2, pieces) where pieces > 1 {
          let share = Double(piece) / Double(pieces)
          guard let cell = frame.cell(of: Dot(x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y))) else {
            continue
          }
          frame.put(ascii ? "." : "·", cell.column, cell.row, .warning)
        }
      }
    }
    for cell in pathCells(frame) { frame.put("o", cell.column, cell.row, .warning) }
    for (step, letter) in zip(steps, letters).reversed() {
      if let cell = frame.cell(path.x[step], path.y[step]) { frame.put(letter, cell.column, cell.row, .strong) }
    }
    if let current, current < path.count, let cell = frame.cell(path.x[current], path.y[current]) {
      frame.put("@", cell.column, cell.row, .error)
    }
  }
}
