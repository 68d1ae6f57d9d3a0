import Glibc
import Markup

/// Lines of equal loss over two parameters, with the path of a descent across them.
///
/// Both axes have the same scale wherever the picture allows it: only then does the gradient cross the lines at a right
/// angle, on the screen as on paper.
package struct ContourChart: Picture {
  package struct Path: Sendable {
    package var x: [Double]
    package var y: [Double]
    package var values: [Double]

    package init(x: [Double], y: [Double], values: [Double]) {
      self.x = x
      self.y = y
      self.values = values
    }

    package var count: Int { min(x.count, min(y.count, values.count)) }
  }

  package var title: String
  package var xLabel: String
  package var yLabel: String
  package var field: Field
  package var path: Path?
  /// The step that is marked, where one is looked at.
  package var current: Int?
  /// Sentences for the side of the picture.
  package var notes: [Phrase] = []

  package init(title: String, xLabel: String, yLabel: String, field: Field, path: Path? = nil) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.field = field
    self.path = path
  }

  private var extent: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    (field.x[0]...field.x[field.x.count - 1], field.y[0]...field.y[field.y.count - 1])
  }

  /// The lowest place known: of the grid or of the path.
  private var lowest: (x: Double, y: Double, value: Double)? {
    var best = field.lowest
    if let path {
      for index in 0..<path.count where path.values[index] < (best?.value ?? .infinity) {
        best = (path.x[index], path.y[index], path.values[index])
      }
    }
    return best
  }

  // MARK: The path and its table

  /// The steps of the table, and of the letters on the path: 0, 1, 2, 5, 10, 20 … and the last.
  private func keyed(limit: Int) -> [Int] {
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
  private func letters(_ steps: [Int], _ frame: Frame) -> [Character] {
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

  private func table(_ steps: [Int], _ letters: [Character]) -> [StyledText] {
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

  // MARK: Drawing

  /// How the picture shares the screen: cells for the lines, and whether text stands beside or below.
  private struct Arrangement {
    var columns: Int
    var rows: Int
    var isBeside: Bool
    var isEqual: Bool
  }

  private static let sideWidth = 36

  private func arrangement(_ options: PictureOptions, labels: Int) -> Arrangement {
    let rows = max(6, options.height - 3)
    let (across, down) = options.glyphs.dots
    let extent = extent
    let ratio =
      (extent.x.upperBound - extent.x.lowerBound) / (extent.y.upperBound - extent.y.lowerBound)
    let isBeside = options.width >= labels + 20 + ContourChart.sideWidth
    let room = max(8, options.width - labels - (isBeside ? ContourChart.sideWidth : 3))
    // Dots are square in every kind of glyph: a cell is twice as high as wide.
    let wanted = Double(rows * down) * ratio / Double(across)
    if wanted.isFinite, wanted >= 14 {
      if wanted <= Double(room) {
        return Arrangement(columns: Int(wanted.rounded()), rows: rows, isBeside: isBeside, isEqual: true)
      }
      let lower = Double(room * across) / ratio / Double(down)
      if lower >= 5 {
        return Arrangement(columns: room, rows: Int(lower.rounded()), isBeside: isBeside, isEqual: true)
      }
    }
    return Arrangement(columns: room, rows: rows, isBeside: isBeside, isEqual: false)
  }

  package func render(_ options: PictureOptions) -> StyledText {
    let language = options.language
    let extent = extent
    let levels = ContourLevels(field)
    // The labels decide how many columns are left, and hardly change with the rows.
    func yTicks(_ rows: Int) -> Ticks {
      Ticks.linearWithOffset(
        from: extent.y.lowerBound, to: extent.y.upperBound, target: Frame.target(rows: rows))
    }
    let labels = Frame.labelWidth(yTicks(max(6, options.height - 3)))
    let arrangement = arrangement(options, labels: labels + 2)
    var canvas = Canvas(columns: arrangement.columns, rows: arrangement.rows, glyphs: options.glyphs)
    let map = ScreenMap(extent: extent, width: canvas.width, height: canvas.height, logarithmic: false)
    let lines = levels.heights.map {
      dots(MarchingSquares.pieces(of: field, at: levels.base + $0, height: levels.transform), map)
    }
    for (index, line) in lines.enumerated() {
      for piece in line {
        var travelled = 0
        canvas.line(piece.from, piece.to, series: index, dash: .solid, travelled: &travelled)
      }
    }
    var frame = Frame(canvas: canvas, map: map, yTicks: yTicks(arrangement.rows))
    let steps = keyed(limit: arrangement.isBeside ? max(2, arrangement.rows - 7) : 10)
    let letters = letters(steps, frame)
    let pathCells = pathCells(frame)
    placeLabels(levels, lines, avoiding: pathCells, in: &frame)
    placePath(steps, letters, in: &frame, ascii: options.isASCII)
    let side = side(language, levels, steps, letters, arrangement, options)
    var text = StyledText()
    if !title.isEmpty {
      text.append(StyledText(" " + title, .strong).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    text.append(StyledText(" " + yLabel, .dim) + "\n")
    let picture = frame.render(xLabel: xLabel, width: options.width)
    let column = labels + 2 + arrangement.columns + 2
    text.append(
      picture.beside(
        arrangement.isBeside ? side : [], column: column, width: options.width, ellipsis: options.ellipsis))
    if !arrangement.isBeside {
      for line in side {
        text.append((StyledText(" ") + line).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
      }
    }
    return text
  }

  private func dots(_ pieces: [(from: Dot, to: Dot)], _ map: ScreenMap) -> [(from: Dot, to: Dot)] {
    let across = Double(map.x.dots - 1) / Double(field.x.count - 1)
    let down = Double(map.y.dots - 1) / Double(field.y.count - 1)
    func dot(_ grid: Dot) -> Dot { Dot(x: grid.x * across, y: Double(map.y.dots - 1) - grid.y * down) }
    return pieces.map { (dot($0.from), dot($0.to)) }
  }

  private func side(
    _ language: Language, _ levels: ContourLevels, _ steps: [Int], _ letters: [Character],
    _ arrangement: Arrangement, _ options: PictureOptions
  ) -> [StyledText] {
    var lines: [StyledText] = []
    func say(_ phrase: Phrase) {
      let width = arrangement.isBeside ? ContourChart.sideWidth - 3 : options.width - 2
      for line in phrase[language].wrapped(width: width) { lines.append(StyledText(line, .dim)) }
    }
    let list = levels.heights.map(levels.label).joined(separator: " ")
    if levels.heights.isEmpty {
      say(Phrase(en: "the same value everywhere", zh: "处处同一个值"))
    } else if levels.base == 0 {
      say(Phrase(en: "levels \(list)", zh: "等高线 \(list)"))
    } else {
      let base = Ticks.short(levels.base)
      say(Phrase(en: "levels of f - f*: \(list); f* = \(base)", zh: "f* = \(base)，f - f* 的等高线 \(list)"))
    }
    if arrangement.isEqual {
      say(
        Phrase(
          en: options.isASCII ? "equal scales: -grad f crosses lines at 90 deg" : "equal scales: −∇f is ⟂ to the lines",
          zh: options.isASCII ? "两轴等比例：-grad f 与等高线垂直" : "两轴等比例：−∇f ⟂ 等高线"))
    } else {
      say(Phrase(en: "the two axes have different scales", zh: "两轴比例不同"))
    }
    if path != nil {
      say(Phrase(en: "S start  o path  * lowest", zh: "S 起点  o 路径  * 最低"))
    } else if let lowest {
      say(
        Phrase(
          en: "* lowest \(Ticks.short(lowest.value)) at (\(Ticks.short(lowest.x)), \(Ticks.short(lowest.y)))",
          zh: "* 最低 \(Ticks.short(lowest.value))，在 (\(Ticks.short(lowest.x)), \(Ticks.short(lowest.y)))"))
    }
    let table = table(steps, letters)
    if !table.isEmpty { lines.append(StyledText()) }
    lines += table
    if !notes.isEmpty { lines.append(StyledText()) }
    for note in notes { say(note) }
    return lines
  }

  // MARK: What stands on the lines

  private func pathCells(_ frame: Frame) -> [(column: Int, row: Int)] {
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

  private func placePath(_ steps: [Int], _ letters: [Character], in frame: inout Frame, ascii: Bool) {
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

  /// Writes each level into its own line, where it is emptiest and away from the path.
  private func placeLabels(
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

  // MARK: Words and pages

  package func describe(_ language: Language) -> String {
    let levels = ContourLevels(field)
    let extent = extent
    let s = { (value: Double) in Ticks.short(value) }
    let high = field.values.filter(\.isFinite).max() ?? .nan
    var text = ""
    if let lowest = field.lowest {
      let (list, name) = (levels.heights.map(levels.label).joined(separator: ", "), title.isEmpty ? "f" : title)
      let ranges =
        "\(xLabel) = \(s(extent.x.lowerBound))..\(s(extent.x.upperBound)), \(yLabel) = \(s(extent.y.lowerBound))..\(s(extent.y.upperBound))"
      text +=
        Phrase(
          en:
            "\(name) over \(ranges): lowest \(s(lowest.value)) near (\(s(lowest.x)), \(s(lowest.y))), highest \(s(high)); lines at \(list)\(levels.base == 0 ? "" : " above the lowest").",
          zh:
            "\(name)，\(ranges)：最低 \(s(lowest.value))，在 (\(s(lowest.x)), \(s(lowest.y))) 附近，最高 \(s(high))；等高线\(levels.base == 0 ? "" : "（高出最低值）") \(list)。"
        )[language]
    }
    if let path, path.count > 0 {
      let last = path.count - 1
      text +=
        Phrase(
          en:
            " The path takes \(last) steps from (\(s(path.x[0])), \(s(path.y[0]))), f = \(s(path.values[0])), to (\(s(path.x[last])), \(s(path.y[last]))), f = \(s(path.values[last])).",
          zh:
            "路径共 \(last) 步，从 (\(s(path.x[0])), \(s(path.y[0])))、f = \(s(path.values[0])) 走到 (\(s(path.x[last])), \(s(path.y[last])))、f = \(s(path.values[last]))。"
        )[language]
    }
    let missing = field.values.count { !$0.isFinite }
    if missing > 0 {
      text +=
        Phrase(
          en: " \(missing) of \(field.values.count) grid points have no finite value.",
          zh: "\(field.values.count) 个格点中有 \(missing) 个没有有限的值。")[language]
    }
    return text
  }

  package func svg(_ language: Language) -> String {
    let extent = extent
    let levels = ContourLevels(field)
    let (spanX, spanY) = (extent.x.upperBound - extent.x.lowerBound, extent.y.upperBound - extent.y.lowerBound)
    var size = (width: 480.0, height: 480 * spanY / spanX)
    if size.height > 480 { size = (480 * spanX / spanY, 480) }
    if !(size.width >= 120 && size.height >= 120) { size = (480, 360) }
    var page = SVG.Plot(
      title: title, xLabel: xLabel, yLabel: yLabel, names: [], extent: extent, logarithmic: false,
      xTicks: .linearWithOffset(from: extent.x.lowerBound, to: extent.x.upperBound, target: 6),
      yTicks: .linearWithOffset(from: extent.y.lowerBound, to: extent.y.upperBound, target: 6), size: size)
    for (index, height) in levels.heights.enumerated() {
      let pieces = dots(
        MarchingSquares.pieces(of: field, at: levels.base + height, height: levels.transform), page.map)
      var places: [Dot?] = []
      for piece in pieces { places += [piece.from, piece.to, nil] }
      page.segments(places, series: index)
      if let middle = pieces.dropFirst(pieces.count / 3).first { page.label(levels.label(height), at: middle.from) }
    }
    if let path {
      page.polyline(Decimation.reduced(path.x, path.y, page.map), series: 3, dash: .solid, width: 1.2)
      if path.count <= 400 {
        for step in 0..<path.count { page.point(path.x[step], path.y[step], series: 3, radius: 2.5) }
      }
      if path.count > 0 { page.mark(path.x[0], path.y[0], "S") }
    }
    if let lowest { page.mark(lowest.x, lowest.y, "*") }
    page.note(describe(language))
    return page.document
  }
}
