import Markup

/// The cells of a picture, with axes around them and names beside them.
struct Frame {
  let map: ScreenMap
  let glyphs: Glyphs
  let columns: Int
  let rows: Int
  private let yTicks: Ticks
  private let labelWidth: Int
  private var cells: [[(character: Character, style: Style)?]]
  /// The ground of each cell, where it has one.
  private var bands: [[Int?]] = []
  /// What stands to the right of a row.
  private var names: [Int: StyledText] = [:]

  private var ascii: Bool { glyphs == .ascii }

  init(canvas: Canvas, map: ScreenMap, yTicks: Ticks, style: (Int) -> Style = { .series($0) }) {
    self.map = map
    self.yTicks = yTicks
    glyphs = canvas.glyphs
    columns = canvas.columns
    rows = canvas.rows
    labelWidth = Frame.labelWidth(yTicks)
    cells = (0..<canvas.rows).map { row in
      (0..<canvas.columns).map { column in
        canvas.cell(column, row).map { ($0.character, style($0.series)) }
      }
    }
  }

  /// The columns that labels of the vertical axis take.
  static func labelWidth(_ ticks: Ticks) -> Int { ticks.ticks.map { $0.label.displayWidth }.max() ?? 1 }

  /// How many columns are left for cells beside labels, axis and `room` on the right.
  static func columns(in width: Int, _ ticks: Ticks, room: Int) -> Int { max(4, width - labelWidth(ticks) - 2 - room) }

  /// How many ticks so many rows have room for.
  static func target(rows: Int) -> Int { min(7, max(3, rows / 4)) }

  /// What stands in place of a picture that cannot be drawn.
  static func message(_ text: String, width: Int) -> StyledText {
    StyledText(text.wrapped(width: width).joined(separator: "\n") + "\n", .warning)
  }

  // MARK: Into the cells

  /// The cell of a point inside the picture.
  func cell(_ x: Double, _ y: Double) -> (column: Int, row: Int)? {
    guard let place = map.place(x, y) else { return nil }
    return cell(of: place)
  }

  func cell(of place: Dot) -> (column: Int, row: Int)? {
    let (x, y) = (place.x.rounded(), place.y.rounded())
    guard x >= 0, y >= 0, x < Double(columns * glyphs.dots.across), y < Double(rows * glyphs.dots.down) else {
      return nil
    }
    return (Int(x) / glyphs.dots.across, Int(y) / glyphs.dots.down)
  }

  mutating func put(_ character: Character, _ column: Int, _ row: Int, _ style: Style) {
    guard column >= 0, row >= 0, column < columns, row < rows, character.displayWidth == 1 else { return }
    cells[row][column] = (character, style)
  }

  func isEmpty(_ column: Int, _ row: Int) -> Bool {
    column >= 0 && row >= 0 && column < columns && row < rows && cells[row][column] == nil
  }

  /// Puts a name beside a row, or beside the nearest free one.
  /// - Returns: false when every row has a name.
  mutating func name(_ text: StyledText, nearest wanted: Int) -> Bool {
    let free = (0..<rows).filter { names[$0] == nil }.min {
      (abs($0 - wanted), $0) < (abs($1 - wanted), $1)
    }
    guard let free else { return false }
    names[free] = text
    return true
  }

  /// Colours the ground of every cell, under what is drawn on it.
  mutating func shade(_ band: (_ column: Int, _ row: Int) -> Int?) {
    bands = (0..<rows).map { row in (0..<columns).map { band($0, row) } }
  }

  // MARK: Out

  /// - Parameter strip: one character per column for a row under the axis, nil without one.
  func render(xTicks: Ticks? = nil, xLabel: String, width: Int, strip: [Int: Character] = [:]) -> StyledText {
    var tickRows: [Int: String] = [:]
    for tick in yTicks.ticks {
      guard let cell = cell(of: Dot(x: 0, y: Double(map.y.dots - 1) - map.y.position(tick.value))) else { continue }
      if tickRows[cell.row]?.isEmpty ?? true { tickRows[cell.row] = tick.label }
    }
    var text = StyledText()
    for row in 0..<rows {
      let label = tickRows[row] ?? ""
      text.append(String(repeating: " ", count: labelWidth - label.displayWidth) + label + " ", .dim)
      text.append(tickRows[row] == nil ? (ascii ? "|" : "│") : (ascii ? "+" : "┤"), .dim)
      var line = StyledText()
      var blanks = 0
      for (column, cell) in cells[row].enumerated() {
        if !bands.isEmpty, let band = bands[row][column] {
          line.append(String(repeating: " ", count: blanks))
          blanks = 0
          guard let cell else {
            line.append(" ", .band(band))
            continue
          }
          if case .series = cell.style {
            line.append(String(cell.character), .band(band))
          } else {
            line.append(String(cell.character), .bandMark(band))
          }
          continue
        }
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
        line.append(name)
      }
      text.append(line.truncated(to: max(1, width - labelWidth - 2), ellipsis: ascii ? "~" : "…") + "\n")
    }
    text.append(horizontalAxis(xTicks, xLabel, width))
    if !strip.isEmpty {
      let row = String((0..<columns).map { strip[$0] ?? " " }).trimmingTrailingSpaces
      text.append(String(repeating: " ", count: labelWidth + 2) + row + "\n", .warning)
    }
    return text
  }

  private func horizontalAxis(_ given: Ticks?, _ xLabel: String, _ width: Int) -> StyledText {
    var target = max(2, columns / 12)
    func candidates() -> Ticks {
      given ?? Ticks.linearWithOffset(from: map.x.range.lowerBound, to: map.x.range.upperBound, target: target)
    }
    var ticks = candidates()
    // Two blanks between labels, or fewer ticks.
    while given == nil, target > 2, isCrowded(ticks.ticks) {
      target -= 1
      ticks = candidates()
    }
    var rule = [Character](repeating: ascii ? "-" : "─", count: columns)
    var name = xLabel
    if let offset = ticks.offset { name = (name.isEmpty ? "" : name + " = ") + offset + " + …" }
    let left = labelWidth + 2
    let room = max(columns + left, width - name.displayWidth - 2)
    var labels = [Character](repeating: " ", count: min(room, width))
    var end = -2
    for tick in ticks.ticks {
      guard let cell = cell(of: Dot(x: map.x.position(tick.value), y: 0)) else { continue }
      rule[cell.column] = ascii ? "+" : "┬"
      let count = tick.label.count
      let start = max(0, min(cell.column + left - count / 2, labels.count - count))
      // A label that has no room is left out rather than moved.
      guard count > 0, start >= end + 2, start + count <= labels.count else { continue }
      for (offset, character) in tick.label.enumerated() { labels[start + offset] = character }
      end = start + count
    }
    var text = StyledText(
      String(repeating: " ", count: labelWidth + 1) + (ascii ? "+" : "└") + String(rule) + "\n", .dim)
    let row = String(labels).trimmingTrailingSpaces + (name.isEmpty ? "" : "  " + name)
    text.append(StyledText(row, .dim).truncated(to: width, ellipsis: ascii ? "~" : "…") + "\n")
    return text
  }

  private func isCrowded(_ ticks: [Ticks.Tick]) -> Bool {
    for (a, b) in zip(ticks, ticks.dropFirst()) {
      let distance = (map.x.position(b.value) - map.x.position(a.value)) / Double(glyphs.dots.across)
      if distance < Double(a.label.count + b.label.count) / 2 + 2 { return true }
    }
    return false
  }
}
