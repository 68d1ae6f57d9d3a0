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

  var extent: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    (field.x[0]...field.x[field.x.count - 1], field.y[0]...field.y[field.y.count - 1])
  }

  /// The lowest place known: of the grid or of the path.
  var lowest: (x: Double, y: Double, value: Double)? {
    var best = field.lowest
    if let path {
      for index in 0..<path.count where path.values[index] < (best?.value ?? .infinity) {
        best = (path.x[index], path.y[index], path.values[index])
      }
    }
    return best
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
    if options.hasColour, !options.isASCII {
      let bands = HeightBands(field, levels)
      frame.shade { column, row in
        bands.band(
          (Double(column) + 0.5) / Double(arrangement.columns), 1 - (Double(row) + 0.5) / Double(arrangement.rows))
      }
    }
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

  func dots(_ pieces: [(from: Dot, to: Dot)], _ map: ScreenMap) -> [(from: Dot, to: Dot)] {
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
    if options.hasColour, !options.isASCII, !levels.heights.isEmpty {
      var key = StyledText(Phrase(en: "low ", zh: "低 ")[language], .dim)
      for band in 0..<HeightBands.count { key.append("  ", .band(band)) }
      lines.append(key + StyledText(Phrase(en: " high", zh: " 高")[language], .dim))
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
}
