import Markup

/// One scalar on the screen.
struct Cell: Hashable {
  var scalar: Unicode.Scalar
  var width: Int
  var style: Style

  static let blank = Cell(scalar: " ", width: 1, style: .plain)
}

/// What the editor wants to be seen: rows of cells from the start of the prompt, and the cursor's place.
///
/// The rules of wrapping: a wide character that would stick out goes to the next row, and after the last column the next
/// character, and so the cursor, is at the start of the next row.
struct EditorFrame: Hashable {
  struct Position: Hashable {
    var row: Int
    var column: Int
  }

  private(set) var rows: [[Cell]] = [[]]
  private(set) var cursor = Position(row: 0, column: 0)
  private let columns: Int
  private var column = 0

  init(columns: Int) { self.columns = columns }

  // MARK: Composing

  private mutating func startRow() {
    rows.append([])
    column = 0
  }

  private mutating func append(_ cell: Cell) {
    if column + cell.width > columns {
      while column < columns {
        rows[rows.count - 1].append(.blank)
        column += 1
      }
      startRow()
    }
    rows[rows.count - 1].append(cell)
    column += cell.width
    if column >= columns { startRow() }
  }

  mutating func append(_ text: StyledText) {
    for run in text.runs {
      for scalar in run.text.unicodeScalars { for cell in EditorFrame.cells(scalar, run.style) { append(cell) } }
    }
  }

  /// The line being edited. Rows after the first are indented as far as the prompt reaches, where there is room.
  mutating func append(line scalars: [Unicode.Scalar], styles: [Style], cursor offset: Int) {
    let indent = column * 2 <= columns && rows.count == 1 ? column : 0
    for (index, scalar) in scalars.enumerated() {
      if scalar == "\n" {
        if index == offset { placeCursor() }
        startRow()
        for _ in 0..<indent { append(.blank) }
        continue
      }
      let cells = EditorFrame.cells(scalar, styles[index])
      if index == offset { placeCursor(before: cells[0]) }
      for cell in cells { append(cell) }
    }
    if offset >= scalars.count { placeCursor() }
  }

  private mutating func placeCursor(before cell: Cell? = nil) {
    let wraps = column + (cell?.width ?? 0) > columns
    cursor = wraps ? Position(row: rows.count, column: 0) : Position(row: rows.count - 1, column: column)
  }

  /// Dim text behind the line, cut at the edge of the screen: it never takes a row of its own.
  mutating func append(hint: StyledText) {
    guard hint.displayWidth > 0, column + 1 < columns else { return }
    var room = columns - 1 - column
    for run in hint.runs {
      for scalar in run.text.unicodeScalars {
        for cell in EditorFrame.cells(scalar == "\n" ? "⏎" : scalar, run.style) {
          room -= cell.width
          if room < 0 { return }
          append(cell)
        }
      }
    }
  }

  /// A row under the line, cut at the edge of the screen.
  mutating func append(below text: StyledText) {
    startRow()
    append(text.truncated(to: columns - 1))
  }

  /// As many rows as the screen has, around the cursor.
  mutating func window(_ height: Int, top: inout Int) {
    top = max(min(top, cursor.row, rows.count - height), cursor.row - height + 1, 0)
    if rows.count <= height { return }
    rows = Array(rows[top..<top + height])
    cursor.row -= top
  }

  /// A scalar as it is shown: itself, or what the gate makes of one that must not reach a terminal.
  static func cells(_ scalar: Unicode.Scalar, _ style: Style) -> [Cell] {
    if scalar.value >= 0x20, scalar.value < 0x7F { return [Cell(scalar: scalar, width: 1, style: style)] }
    let width = scalar.displayWidth
    if width > 0, OutputGate.visible(scalar) == nil { return [Cell(scalar: scalar, width: width, style: style)] }
    let shown = OutputGate.visible(scalar) ?? "⟨U+" + String(scalar.value, radix: 16, uppercase: true) + "⟩"
    return shown.unicodeScalars.map { Cell(scalar: $0, width: max(1, $0.displayWidth), style: style) }
  }
}

extension [Cell] {
  var width: Int { reduce(0) { $0 + $1.width } }
}
