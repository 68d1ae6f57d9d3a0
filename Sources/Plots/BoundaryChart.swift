import Markup

/// Which class a classifier gives to every place of a plane, with the data on it.
package struct BoundaryChart: Picture {
  package var title: String
  package var xLabel: String
  package var yLabel: String
  /// The class at every node, counted from 0; NaN where the classifier gives none.
  package var field: Field
  /// What the classes are called.
  package var classes: [String]
  package var x: [Double]
  package var y: [Double]
  /// The class of each point, counted from 0.
  package var labels: [Int]
  /// For two classes the score whose level is the boundary, smoother than the classes of the nodes.
  package var score: (field: Field, level: Double)?

  package init(
    title: String, xLabel: String, yLabel: String, field: Field, classes: [String], x: [Double], y: [Double],
    labels: [Int], score: (field: Field, level: Double)? = nil
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.field = field
    self.classes = classes
    self.x = x
    self.y = y
    self.labels = labels
    self.score = score
  }

  /// What marks the points of a class: readable without colour.
  private static let marks = Array("ox+#%&123456789")
  private func mark(_ label: Int) -> Character { BoundaryChart.marks[label % BoundaryChart.marks.count] }

  private var extent: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    (field.x[0]...field.x[field.x.count - 1], field.y[0]...field.y[field.y.count - 1])
  }

  private func classAt(_ x: Double, _ y: Double) -> Int? {
    let (columns, rows) = (field.x.count, field.y.count)
    let u = (x - field.x[0]) / (field.x[columns - 1] - field.x[0]) * Double(columns - 1)
    let v = (y - field.y[0]) / (field.y[rows - 1] - field.y[0]) * Double(rows - 1)
    guard u.isFinite, v.isFinite, u > -0.5, v > -0.5, u < Double(columns) - 0.5, v < Double(rows) - 0.5 else {
      return nil
    }
    let value = field[Int(u.rounded()), Int(v.rounded())]
    return value.isFinite ? Int(value) : nil
  }

  /// How many points stand on ground of another class.
  private var wrong: Int { zip(zip(x, y), labels).count { classAt($0.0, $0.1) != $1 } }

  package func render(_ options: PictureOptions) -> StyledText {
    let language = options.language
    let rows = max(5, options.height - 6)
    let yTicks = Ticks.linearWithOffset(
      from: extent.y.lowerBound, to: extent.y.upperBound, target: Frame.target(rows: rows))
    let columns = Frame.columns(in: options.width, yTicks, room: min(xLabel.displayWidth, 8) + 3)
    var canvas = Canvas(columns: columns, rows: rows, glyphs: options.glyphs)
    let map = ScreenMap(extent: extent, width: canvas.width, height: canvas.height, logarithmic: false)
    for piece in boundary(map) {
      var travelled = 0
      canvas.line(piece.from, piece.to, series: 0, dash: .solid, travelled: &travelled)
    }
    var frame = Frame(canvas: canvas, map: map, yTicks: yTicks, style: { _ in .strong })
    // Each class's ground has a pattern of its own, thin enough for the points to stand out.
    for row in 0..<rows {
      for column in 0..<columns where frame.isEmpty(column, row) {
        let place = (
          x: map.x.value(at: (Double(column) + 0.5) / Double(columns)),
          y: map.y.value(at: 1 - (Double(row) + 0.5) / Double(rows))
        )
        guard let label = classAt(place.x, place.y) else { continue }
        let pattern: Character? =
          switch label % 4 {
          case 0: nil
          case 1: (row + column) % 2 == 0 ? (options.isASCII ? "." : "·") : nil
          case 2: row % 2 == 0 && column % 3 == 0 ? "-" : nil
          default: column % 4 == 0 ? "'" : nil
          }
        if let pattern { frame.put(pattern, column, row, .series(label)) }
      }
    }
    for (index, label) in labels.enumerated() {
      guard let cell = frame.cell(x[index], y[index]) else { continue }
      let isWrong = classAt(x[index], y[index]) != label
      frame.put(mark(label), cell.column, cell.row, isWrong ? .error : .series(label))
    }
    var text = StyledText()
    if !title.isEmpty {
      text.append(StyledText(" " + title, .strong).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    text.append(StyledText(" " + yLabel, .dim) + "\n")
    text.append(frame.render(xLabel: xLabel, width: options.width))
    for line in legend(language).wrapped(width: max(10, options.width - 2)) { text.append("  " + line + "\n", .dim) }
    return text
  }

  private func legend(_ language: Language) -> String {
    let keys = classes.enumerated().map { "\(mark($0)) \($1)" }.joined(separator: "  ")
    let right = labels.count - wrong
    return keys + "   "
      + Phrase(
        en: "\(right) of \(labels.count) points on the side of their class",
        zh: "\(labels.count) 个点中有 \(right) 个在自己类别的一侧")[language]
  }

  /// The pieces of the boundary, in dots.
  private func boundary(_ map: ScreenMap) -> [(from: Dot, to: Dot)] {
    var pieces: [(from: Dot, to: Dot)] = []
    let source: Field
    if let score {
      source = score.field
      pieces = MarchingSquares.pieces(of: score.field, at: score.level)
    } else {
      source = field
      for label in classes.indices.dropLast() {
        let own = Field(
          x: field.x, y: field.y, values: field.values.map { $0 == Double(label) ? 1 : $0.isFinite ? 0 : $0 })
        pieces += MarchingSquares.pieces(of: own, at: 0.5)
      }
    }
    let across = Double(map.x.dots - 1) / Double(source.x.count - 1)
    let down = Double(map.y.dots - 1) / Double(source.y.count - 1)
    func dot(_ grid: Dot) -> Dot { Dot(x: grid.x * across, y: Double(map.y.dots - 1) - grid.y * down) }
    return pieces.map { (dot($0.from), dot($0.to)) }
  }

  package func describe(_ language: Language) -> String {
    let name = title.isEmpty ? "" : title + (language == .en ? ": " : "：")
    let shares = classes.enumerated().map { index, label in
      let share = Double(field.values.count { $0 == Double(index) }) / Double(field.values.count)
      return "\(label) \(Ticks.short(share * 100, digits: 2))%"
    }
    let list = shares.joined(separator: ", ")
    return name
      + Phrase(
        en:
          "the plane is divided into \(list); \(wrong) of \(labels.count) points stand on the ground of another class.",
        zh: "平面划分为 \(list)；\(labels.count) 个点中有 \(wrong) 个落在别的类别里。")[language]
  }

  package func svg(_ language: Language) -> String {
    var page = SVG.Plot(
      title: title, xLabel: xLabel, yLabel: yLabel, names: classes, extent: extent, logarithmic: false,
      xTicks: .linearWithOffset(from: extent.x.lowerBound, to: extent.x.upperBound, target: 6),
      yTicks: .linearWithOffset(from: extent.y.lowerBound, to: extent.y.upperBound, target: 6))
    let cells = 48
    let (width, height) = (Double(page.map.x.dots - 1), Double(page.map.y.dots - 1))
    for row in 0..<cells {
      for column in 0..<cells {
        let (u, v) = ((Double(column) + 0.5) / Double(cells), (Double(row) + 0.5) / Double(cells))
        guard let label = classAt(page.map.x.value(at: u), page.map.y.value(at: v)) else { continue }
        let from = Dot(x: Double(column) / Double(cells) * width, y: height - Double(row + 1) / Double(cells) * height)
        let to = Dot(x: from.x + width / Double(cells), y: from.y + height / Double(cells))
        page.area(from, to, series: label, opacity: 0.2)
      }
    }
    var places: [Dot?] = []
    for piece in boundary(page.map) { places += [piece.from, piece.to, nil] }
    page.segments(places, series: 3)
    for (index, label) in labels.enumerated() { page.point(x[index], y[index], series: label) }
    for (index, name) in classes.enumerated() { page.name(name, series: index, dash: nil) }
    page.note(describe(language))
    return page.document
  }
}
