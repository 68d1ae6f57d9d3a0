import Markup

/// Turns one frame into the next on a terminal, writing only what changed.
///
/// It relies on nothing a terminal may lack or do differently with wide characters: no insertion or deletion of cells, no
/// absolute rows. A row is rewritten from its first changed cell. Full rows run on into the next without
/// a line feed, so that terminals which rewrap on resizing, and copying, see one line.
struct FramePainter {
  private var shown: [[Cell]] = []
  private var row = 0
  private var column = 0
  /// The last column was written: where the terminal's cursor is depends on the terminal until it moves.
  private var isPending = false
  var theme: Theme

  init(theme: Theme) { self.theme = theme }

  /// The cursor stands at the start of an empty row, and nothing of the frame is on the screen.
  mutating func forget() {
    shown = []
    row = 0
    column = 0
    isPending = false
  }

  /// Erases the frame, wherever the terminal has put it, and forgets it.
  ///
  /// The rows below the first are erased from the second on: a screen erased from its very corner is one that tmux moves
  /// into its scrollback, to be seen again when the window is widened.
  mutating func erase(rowsAbove: Int) -> String {
    forget()
    return "\r" + (rowsAbove > 0 ? "\u{1B}[\(rowsAbove)A" : "") + "\u{1B}[K\u{1B}7\u{1B}[B\u{1B}[J\u{1B}8"
  }

  /// What brings the screen from the last frame to this one.
  mutating func update(to frame: EditorFrame, columns: Int) -> String {
    var out = shown.isEmpty ? "\r\u{1B}[J" : ""
    if shown.isEmpty { shown = [[]] }
    for index in frame.rows.indices {
      let new = frame.rows[index]
      let isFresh = index >= shown.count
      let old = isFresh ? [] : shown[index]
      if new == old, !isFresh { continue }
      var start = 0
      while start < new.count, start < old.count, new[start] == old[start] { start += 1 }
      let width = new.width
      move(to: index, column: new[..<start].reduce(0) { $0 + $1.width }, printing: start < new.count, &out)
      print(new[start...], columns: columns, &out)
      if old.width > width, width < columns { out += "\u{1B}[K" }
      if isFresh { shown.append(new) } else { shown[index] = new }
    }
    if shown.count > frame.rows.count {
      move(to: frame.rows.count, column: 0, printing: false, &out)
      out += "\u{1B}[J"
      shown.removeLast(shown.count - frame.rows.count)
    }
    if row != frame.cursor.row || column != frame.cursor.column || isPending {
      move(to: frame.cursor.row, column: frame.cursor.column, printing: false, &out)
    }
    return out
  }

  /// Where a typed character goes and in which style, that of what is before it; nil where the row may not be what it seems.
  private func placeToEcho(columns: Int) -> (index: Int, style: Style)? {
    guard row < shown.count, !isPending, column + 1 < columns else { return nil }
    var (index, reached) = (0, 0)
    while index < shown[row].count, reached < column {
      reached += shown[row][index].width
      index += 1
    }
    guard reached == column, index == shown[row].count || shown[row][index].width == 1 else { return nil }
    let style = index > 0 ? shown[row][index - 1].style : .plain
    return (index, style == .prompt || style == .bracket ? .plain : style)
  }

  func echo(columns: Int) -> Echo? {
    guard let code = placeToEcho(columns: columns)?.style.sgr(theme) else { return nil }
    return code.isEmpty ? Echo() : Echo(before: "\u{1B}[\(code)m", after: "\u{1B}[0m")
  }

  /// A character has been shown so; the next frame is compared with that.
  mutating func echoed(_ scalar: Unicode.Scalar, columns: Int) {
    guard let (index, style) = placeToEcho(columns: columns) else { return }
    let cell = Cell(scalar: scalar, width: 1, style: style)
    if index == shown[row].count { shown[row].append(cell) } else { shown[row][index] = cell }
    column += 1
  }

  /// Moves to a row of the frame; one below the last is made by scrolling.
  private mutating func move(to target: Int, column wanted: Int, printing: Bool, _ out: inout String) {
    if isPending, target == row + 1, wanted == 0, printing || target >= shown.count {
      // The next character goes there by itself; if there is none, a blank takes the cursor along.
      if !printing { out += " \r" }
      row = target
      column = 0
      isPending = false
      return
    }
    if target < row { out += "\u{1B}[\(row - target == 1 ? "" : String(row - target))A" }
    if target > row {
      let known = max(0, min(target, shown.count - 1) - row)
      if known > 0 { out += "\u{1B}[\(known == 1 ? "" : String(known))B" }
      for _ in 0..<(target - row - known) {
        out += "\r\n"
        column = 0
        isPending = false
      }
    }
    row = target
    if column != wanted || isPending {
      out += "\r"
      if wanted > 0 { out += "\u{1B}[\(wanted == 1 ? "" : String(wanted))C" }
    }
    column = wanted
    isPending = false
  }

  private mutating func print(_ cells: ArraySlice<Cell>, columns: Int, _ out: inout String) {
    var style = Style.plain
    var isStyled = false
    for cell in cells {
      if cell.style != style {
        let code = cell.style.sgr(theme)
        if isStyled { out += "\u{1B}[0m" }
        if !code.isEmpty { out += "\u{1B}[\(code)m" }
        isStyled = !code.isEmpty
        style = cell.style
      }
      out.unicodeScalars.append(cell.scalar)
      column += cell.width
      // Terminals differ about some widths; where they may, the next cell is placed rather than trusted to follow.
      if !cell.scalar.hasCertainWidth, column < columns { out += "\r\u{1B}[\(column)C" }
    }
    if isStyled { out += "\u{1B}[0m" }
    if column >= columns { isPending = true }
  }
}

extension Unicode.Scalar {
  /// Whether every terminal gives it the same columns: ASCII, and the wide characters of Unicode 1.1.
  fileprivate var hasCertainWidth: Bool {
    switch value {
    case 0x20..<0x7F, 0x3001...0x3029, 0x3041...0x3096, 0x30A1...0x30FA, 0x4E00...0x9FA5, 0xAC00...0xD7A3,
      0xFF01...0xFF5E:
      true
    default: false
    }
  }
}
