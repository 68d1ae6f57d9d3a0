import Markup

/// A loss of one parameter with the steps of a descent on it: each step's tangent is followed to where the step leads,
/// and what the tangent promised stands beside what came of it.
package struct TangentChart: Picture {
  package struct Step: Sendable {
    package var w: Double
    package var loss: Double
    package var slope: Double

    package init(w: Double, loss: Double, slope: Double) {
      self.w = w
      self.loss = loss
      self.slope = slope
    }
  }

  package var title: String
  /// What the loss and the parameter are called.
  package var lossName: String
  package var parameter: String
  package var x: [Double]
  package var y: [Double]
  /// Before each step, and after the last.
  package var steps: [Step]
  /// The step whose tangent is drawn; the first ones where nil.
  package var current: Int?
  /// Sentences for the side of the picture.
  package var notes: [Phrase] = []

  package init(
    title: String, lossName: String, parameter: String, x: [Double], y: [Double], steps: [Step], current: Int? = nil
  ) {
    self.title = title
    self.lossName = lossName
    self.parameter = parameter
    self.x = x
    self.y = y
    self.steps = steps
    self.current = current
  }

  private static let sideWidth = 38

  /// The steps whose tangents are drawn.
  private var shown: [Int] {
    if let current { return current + 1 < steps.count ? [current] : [] }
    return Array(0..<max(0, min(3, steps.count - 1)))
  }

  private func mark(_ step: Int) -> Character { step < 10 ? Character(String(step)) : "o" }

  package func render(_ options: PictureOptions) -> StyledText {
    let language = options.language
    let isBeside = options.width >= 72
    let side = side(language, isASCII: options.isASCII)
    let rows = max(5, options.height - 4)
    var chart = LineChart(title: "", xLabel: parameter, series: [.init(label: "", x: x, y: y)])
    chart.marks = steps.prefix(400).map { LineChart.Mark(x: $0.w, y: $0.loss, character: "o") }
    guard let extent = chart.extent(logarithmic: false) else { return chart.render(options) }
    let yTicks = Ticks.linearWithOffset(
      from: extent.y.lowerBound, to: extent.y.upperBound, target: Frame.target(rows: rows))
    let room = isBeside ? TangentChart.sideWidth : min(parameter.displayWidth, 8) + 3
    let columns = Frame.columns(in: options.width, yTicks, room: room)
    var canvas = Canvas(columns: columns, rows: rows, glyphs: options.glyphs)
    let map = ScreenMap(extent: extent, width: canvas.width, height: canvas.height, logarithmic: false)
    canvas.polyline(Decimation.reduced(x, y, map), series: 0, dash: .solid)
    for (number, step) in shown.enumerated() {
      let (from, to) = (steps[step], steps[step + 1])
      let promised = from.loss + from.slope * (to.w - from.w)
      guard let a = map.place(from.w, from.loss), let b = map.place(to.w, promised),
        let c = map.place(to.w, to.loss)
      else { continue }
      canvas.polyline([a, b], series: number + 1, dash: .dashed)
      canvas.polyline([b, c], series: number + 1, dash: .dotted)
    }
    var frame = Frame(canvas: canvas, map: map, yTicks: yTicks)
    for (step, place) in steps.enumerated().reversed() where step < 400 {
      if let cell = frame.cell(place.w, place.loss) { frame.put(mark(step), cell.column, cell.row, .strong) }
    }
    if let current, current < steps.count, let cell = frame.cell(steps[current].w, steps[current].loss) {
      frame.put("@", cell.column, cell.row, .error)
    }
    var text = StyledText()
    if !title.isEmpty {
      text.append(StyledText(" " + title, .strong).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    text.append(StyledText(" \(lossName)(\(parameter))", .dim) + "\n")
    let picture = frame.render(xLabel: parameter, width: options.width)
    let column = Frame.labelWidth(yTicks) + 2 + columns + 2
    text.append(
      picture.beside(isBeside ? side : [], column: column, width: options.width, ellipsis: options.ellipsis))
    if !isBeside {
      for line in side {
        text.append((StyledText(" ") + line).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
      }
    }
    return text
  }

  /// For each shown step: the slope, where it leads, and promise and outcome.
  private func side(_ language: Language, isASCII: Bool) -> [StyledText] {
    let n = { (value: Double) in Ticks.short(value) }
    let prime = isASCII ? "'" : "′"
    let delta = isASCII ? "d" : "Δ"
    let arrow = isASCII ? "->" : "→"
    var lines: [StyledText] = []
    for note in notes {
      for line in note[language].wrapped(width: TangentChart.sideWidth - 3) { lines.append(StyledText(line, .dim)) }
    }
    if !notes.isEmpty { lines.append(StyledText()) }
    for (number, step) in shown.enumerated() {
      let (from, to) = (steps[step], steps[step + 1])
      let moved = to.w - from.w
      lines.append(
        StyledText(String(current == nil ? mark(step) : "@") + " ", .strong)
          + StyledText("\(lossName)\(prime)(\(n(from.w))) = \(n(from.slope))", .series(number + 1)))
      lines.append(
        StyledText("  \(arrow) \(parameter) = \(n(from.w)) \(moved < 0 ? "-" : "+") \(n(moved.magnitude)) = \(n(to.w))")
      )
      let promise = Phrase(
        en: "  \(delta)\(lossName) = \(n(to.loss - from.loss)), tangent \(n(from.slope * moved))",
        zh: "  \(delta)\(lossName) = \(n(to.loss - from.loss))，切线预计 \(n(from.slope * moved))")
      lines.append(StyledText(promise[language], .dim))
      if current == nil { lines.append(StyledText()) }
    }
    return lines
  }

  package func describe(_ language: Language) -> String {
    let chart = LineChart(title: lossName, xLabel: parameter, series: [.init(label: "", x: x, y: y)])
    let n = { (value: Double) in Ticks.short(value) }
    guard let first = steps.first, let last = steps.last else { return chart.describe(language) }
    return chart.describe(language)
      + Phrase(
        en:
          " \(steps.count - 1) steps from \(parameter) = \(n(first.w)), \(lossName) = \(n(first.loss)), to \(parameter) = \(n(last.w)), \(lossName) = \(n(last.loss)).",
        zh:
          "共 \(steps.count - 1) 步，从 \(parameter) = \(n(first.w))、\(lossName) = \(n(first.loss)) 到 \(parameter) = \(n(last.w))、\(lossName) = \(n(last.loss))。"
      )[language]
  }

  package func svg(_ language: Language) -> String {
    var chart = LineChart(
      title: title.isEmpty ? "\(lossName)(\(parameter))" : title, xLabel: parameter,
      series: [.init(label: lossName, x: x, y: y)])
    for step in shown {
      let (from, to) = (steps[step], steps[step + 1])
      chart.series.append(
        .init(
          label: "\(step) → \(step + 1)", x: [from.w, to.w],
          y: [from.loss, from.loss + from.slope * (to.w - from.w)]))
    }
    chart.marks = steps.prefix(100).enumerated().map { .init(x: $1.w, y: $1.loss, character: mark($0)) }
    return chart.svg(language)
  }
}

extension StyledText {
  /// The lines with others to their right, from a column on; what is left of the others goes on below.
  func beside(_ others: [StyledText], column: Int, width: Int, ellipsis: String) -> StyledText {
    var rows = lines
    if rows.last?.isEmpty ?? false { rows.removeLast() }
    for (row, line) in others.enumerated() {
      if row == rows.count { rows.append(StyledText()) }
      guard !line.isEmpty else { continue }
      let gap = max(2, column - rows[row].displayWidth)
      rows[row] = rows[row] + StyledText(String(repeating: " ", count: gap)) + line
    }
    return rows.map { $0.truncated(to: width, ellipsis: ellipsis) + "\n" }.joined()
  }
}
