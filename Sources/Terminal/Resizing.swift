/// Where a terminal has put a frame when its width has changed.
///
/// Some terminals rewrap long lines (tmux, VTE, kitty, Windows Terminal), others cut them off or leave them (xterm, the
/// Linux console). Both leave the cursor with the text it was on, so its column tells which kind this one is.
extension EditorFrame {
  /// How many rows lie between the start of the frame and the cursor.
  /// - Parameters:
  ///   - cursor: where the terminal says its cursor is, if it answers.
  ///   - rewraps: what is known of this terminal; learnt when its cursor tells.
  func rowsAbove(drawnAt old: Int, shownAt new: Int, cursor answer: (row: Int, column: Int)?, rewraps: inout Bool?)
    -> Int
  {
    let rewrapped = rewrappedCursor(from: old, to: new)
    let kept = Position(row: cursor.row, column: min(cursor.column, new - 1))
    if let answer, rewrapped.column != kept.column, answer.column == rewrapped.column || answer.column == kept.column {
      rewraps = answer.column == rewrapped.column
    }
    // In doubt, nothing that stood above is erased.
    let rows = rewraps.map { $0 ? rewrapped.row : kept.row } ?? min(rewrapped.row, kept.row)
    return min(rows, answer?.row ?? rows)
  }

  /// The cursor's place after rows that ran into each other were joined and broken again.
  private func rewrappedCursor(from old: Int, to new: Int) -> Position {
    var position = Position(row: 0, column: 0)
    for (index, row) in rows.enumerated() {
      var column = 0
      for cell in row {
        if index == cursor.row, column >= cursor.column { break }
        if position.column + cell.width > new { position = Position(row: position.row + 1, column: 0) }
        position.column += cell.width
        column += cell.width
      }
      if index == cursor.row { break }
      if column < old { position = Position(row: position.row + 1, column: 0) }
    }
    if position.column >= new { position = Position(row: position.row + 1, column: 0) }
    return position
  }
}
