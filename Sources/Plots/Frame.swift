import Markup

/// The cells of a picture with its axes, marks and names around the dots.
struct Frame {
  private let map: ScreenMap
  private let glyphs: Glyphs
  private let ascii: Bool
  private let labelWidth: Int
  private let columns: Int
  private let rows: Int
  private var cells: [[(character: Character, style: Style)?]]
  /// Names to the right of a row.
  private var names: [Int: (text: String, series: Int)] = [:]

  init(canvas: Canvas, map: ScreenMap, ascii: Bool, labelWidth: Int) {
    self.map = map
    self.ascii = ascii
    self.labelWidth = labelWidth
    glyphs = canvas.glyphs
    columns = canvas.columns
    rows = canvas.rows
    cells = (0..<canvas.rows).map { row in
      (0..<canvas.columns).map { column in
        canvas.cell(column, row).map { ($0.character, .series($0.series)) }
      }
    }
  }

  private func cell(_ x: Double, _ y: Double) -> (column: Int, row: Int)? {
    guard let dot = map.dot(x, y) else { return nil }
    let column = dot.x / glyphs.dots.across
    let row = dot.y / glyphs.dots.down
    guard dot.x >= 0, dot.y >= 0, column < columns, row < rows else { return nil }
    return (column, row)
  }

  mutating func place(_ marks: [LineChart.Mark]) {
    for mark in marks {
      if let at = cell(mark.x, mark.y) { cells[at.row][at.column] = (mark.character, .strong) }
    }
  }

  /// Puts each name beside the end of its curve, or on the nearest free row.
  mutating func label(_ series: [LineChart.Series], room: Int) {
    var joined = 0
    for (index, curve) in series.enumerated() {
      let dash = Canvas.Dash(rawValue: joined % Canvas.Dash.allCases.count) ?? .solid
      if curve.isJoined { joined += 1 }
      guard !curve.label.isEmpty else { continue }
      let end = zip(curve.x, curve.y).suffix(64).compactMap { cell($0.0, $0.1) }.last
      let wanted = end?.row ?? rows / 2
      let free = (0..<rows).filter { names[$0] == nil }.min { abs($0 - wanted) < abs($1 - wanted) }
      let key = curve.isJoined ? dash.key(ascii: ascii) : (ascii ? ": " : "⠿ ")
      if let free { names[free] = (key + " " + curve.label, index) }
    }
  }

  func render(_ yTicks: Ticks, xLabel: String, target: Int) -> StyledText {
    var tickRows: [Int: String] = [:]
    for tick in yTicks.ticks {
      guard let dot = map.dot(map.extent.x.lowerBound, tick.value) else { continue }
      let row = dot.y / glyphs.dots.down
      if row >= 0, row < rows, tickRows[row] == nil { tickRows[row] = tick.label }
    }
    var text = StyledText()
    for row in 0..<rows {
      let label = tickRows[row] ?? ""
      text.append(String(repeating: " ", count: labelWidth - label.displayWidth) + label + " ", .dim)
      text.append(tickRows[row] == nil ? (ascii ? "|" : "│") : (ascii ? "+" : "┤"), .dim)
      var line = StyledText()
      var blanks = 0
      for cell in cells[row] {
        guard let cell else {
          blanks += 1
          continue
        }
        line.append(String(repeating: " ", count: blanks))
        blanks = 0
        line.append(String(cell.character), cell.style)
      }
      if let name = names[row] {
        line.append(String(repeating: " ", count: blanks + 1))
        line.append(name.text, .series(name.series))
      }
      text.append(line + "\n")
    }
    text.append(horizontalAxis(xLabel, target))
    return text
  }

  private func horizontalAxis(_ xLabel: String, _ target: Int) -> StyledText {
    var target = target
    var ticks = Ticks.linear(from: map.extent.x.lowerBound, to: map.extent.x.upperBound, target: target).ticks
    // Two blanks between labels, or fewer ticks.
    while target > 2, isCrowded(ticks) {
      target -= 1
      ticks = Ticks.linear(from: map.extent.x.lowerBound, to: map.extent.x.upperBound, target: target).ticks
    }
    var rule = [Character](repeating: ascii ? "-" : "─", count: columns)
    var labels = [Character](repeating: " ", count: columns + labelWidth + 2)
    for tick in ticks {
      guard let dot = map.dot(tick.value, map.extent.y.upperBound) else { continue }
      let column = dot.x / glyphs.dots.across
      guard column >= 0, column < columns else { continue }
      rule[column] = ascii ? "+" : "┬"
      let start = max(0, min(column + labelWidth + 2 - tick.label.count / 2, labels.count - tick.label.count))
      for (offset, character) in tick.label.enumerated() where start + offset < labels.count {
        labels[start + offset] = character
      }
    }
    let margin = String(repeating: " ", count: labelWidth + 1)
    var text = StyledText(margin + (ascii ? "+" : "└") + String(rule) + "\n", .dim)
    text.append(String(labels).trimmingTrailingSpaces + "  " + xLabel + "\n", .dim)
    return text
  }

  private func isCrowded(_ ticks: [Ticks.Tick]) -> Bool {
    for (a, b) in zip(ticks, ticks.dropFirst()) {
      let distance = (map.column(b.value) - map.column(a.value)) / Double(glyphs.dots.across)
      if distance < Double(a.label.count + b.label.count) / 2 + 2 { return true }
    }
    return false
  }
}
