/// Where a terminal has put a frame when its width has changed.
///
/// Some terminals rewrap long lines (tmux, VTE, kitty, Windows Terminal), others cut them off or leave them (xterm, the
/// Linux console). Both leave the cursor with the text it was on, so its column tells which kind this one is.
struct ResizedFrame {
  /// How many rows lie between the start of the frame and the cursor.
  private(set) var rowsAbove: Int
  /// The rows of the frame that are above the screen now. When the window is widened they come back.
  private(set) var scrolledOff: [[Cell]] = []

  /// - Parameters:
  ///   - stale: rows of an earlier frame that a resize had scrolled off, above this one.
  ///   - answer: where the terminal says its cursor is, if it answers.
  ///   - rewraps: what is known of this terminal; learnt when its cursor tells.
  init(
    _ frame: EditorFrame, stale: [[Cell]] = [], from old: Int, to new: Int, cursor answer: (row: Int, column: Int)?,
    rewraps: inout Bool?
  ) {
    let rows = stale + frame.rows
    let cursor = EditorFrame.Position(row: frame.cursor.row + stale.count, column: frame.cursor.column)
    var rewrapped = ResizedFrame.rewrap(rows, cursor, from: old, to: new, apartAt: 0)
    if !stale.isEmpty, let answer {
      // The terminal may know that the last stale row ran on into something, or not.
      let apart = ResizedFrame.rewrap(rows, cursor, from: old, to: new, apartAt: stale.count)
      if answer.column == apart.cursor.column { rewrapped = apart }
    }
    let kept = EditorFrame.Position(row: frame.cursor.row, column: min(cursor.column, new - 1))
    let column = rewrapped.cursor.column
    if let answer, column != kept.column, answer.column == column || answer.column == kept.column {
      rewraps = answer.column == column
    }
    // In doubt, nothing that stood above is erased.
    rowsAbove = rewraps.map { $0 ? rewrapped.cursor.row : kept.row } ?? min(rewrapped.cursor.row, kept.row)
    if let answer, rowsAbove > answer.row {
      if rewraps == true { scrolledOff = Array(rewrapped.rows.prefix(rowsAbove - answer.row)) }
      rowsAbove = answer.row
    }
  }

  /// What a wide character leaves at the end of a row that it would have stuck out of: the row is full, and nothing of
  /// this is left when it is joined to the next.
  private static let gap = Cell(scalar: "\0", width: 1, style: .plain)

  /// Rows that ran into each other, joined and broken again.
  private static func rewrap(
    _ rows: [[Cell]], _ cursor: EditorFrame.Position, from old: Int, to new: Int, apartAt apart: Int
  ) -> (rows: [[Cell]], cursor: EditorFrame.Position) {
    var result: [[Cell]] = [[]]
    var width = 0
    var place = EditorFrame.Position(row: 0, column: 0)
    func startRow() {
      result.append([])
      width = 0
    }
    for (index, row) in rows.enumerated() {
      var column = 0
      for cell in row {
        if cell == gap {
          column += 1
          continue
        }
        if width + cell.width > new {
          if width < new { result[result.count - 1].append(gap) }
          startRow()
        }
        if index == cursor.row, column == cursor.column { place = .init(row: result.count - 1, column: width) }
        result[result.count - 1].append(cell)
        width += cell.width
        column += cell.width
      }
      if index == cursor.row, column <= cursor.column {
        place = width < new ? .init(row: result.count - 1, column: width) : .init(row: result.count, column: 0)
      }
      if column < old || index + 1 == apart { startRow() }
    }
    return (result, place)
  }
}
