import Markup

/// Turns one drawing into the next on a terminal, writing only the cells that changed.
///
/// Unlike `FramePainter`, whose rows run on into each other as a typed line does, each line is a row of its own, never
/// wider than the screen, and what changes is often in its middle.
struct RowPainter {
  private let theme: Theme
  private var shown: [[Column]] = []
  private var row = 0
  private var column = 0

  /// One column of a row: a character, or what a wide one to the left of it covers.
  private struct Column: Hashable {
    var text: String
    var style: Style

    static let blank = Column(text: " ", style: .plain)
    var isCovered: Bool { text.isEmpty }
  }

  /// Unchanged columns that are cheaper to send again than to step over.
  private static let gap = 4

  init(theme: Theme) { self.theme = theme }

  /// Nothing is on the screen, and the cursor is at the start of a row.
  mutating func forget() {
    shown = []
    row = 0
    column = 0
  }

  /// To the row below the drawing, which stays.
  mutating func leave() -> String {
    guard !shown.isEmpty else { return "" }
    var out = ""
    move(to: shown.count - 1, 0, &out)
    forget()
    return out + "\r\n"
  }

  mutating func update(to text: StyledText) -> String {
    let rows = text.lines.map(columns)
    var out = ""
    for (index, new) in rows.enumerated() {
      if index >= shown.count {
        if index > 0 {
          move(to: index - 1, nil, &out)
          out += "\r\n"
        }
        (row, column) = (index, 0)
        shown.append([])
        out += "\u{1B}[K"
      }
      change(index, to: new, &out)
    }
    if rows.count < shown.count {
      move(to: max(0, rows.count - 1), nil, &out)
      out += "\u{1B}[B\r\u{1B}[J\u{1B}[A"
      column = 0
      shown.removeLast(shown.count - rows.count)
    }
    return out
  }

  private func columns(_ line: StyledText) -> [Column] {
    var result: [Column] = []
    for run in line.runs {
      for character in OutputGate.sanitize(run.text) {
        let width = character.displayWidth
        if width == 0, let last = result.indices.last {
          result[last].text.append(character)
          continue
        }
        let style = theme == .none ? .plain : run.style
        result.append(Column(text: String(character), style: style))
        for _ in 1..<max(1, width) { result.append(Column(text: "", style: style)) }
      }
    }
    while result.last == .blank { result.removeLast() }
    return result
  }

  private mutating func change(_ index: Int, to new: [Column], _ out: inout String) {
    let old = shown[index]
    var place = 0
    while place < new.count {
      guard (place < old.count ? old[place] : .blank) != new[place] else {
        place += 1
        continue
      }
      var start = place
      while start > 0, new[start].isCovered { start -= 1 }
      // As far as the last change that is not far from the one before.
      var end = place + 1
      var next = end
      while next < new.count, next - end < RowPainter.gap {
        if (next < old.count ? old[next] : .blank) != new[next] { end = next + 1 }
        next += 1
      }
      while end < new.count, new[end].isCovered { end += 1 }
      move(to: index, start, &out)
      print(new[start..<end], &out)
      place = end
    }
    if old.count > new.count {
      move(to: index, new.count, &out)
      out += "\u{1B}[K"
    }
    shown[index] = new
  }

  private mutating func move(to wantedRow: Int, _ wanted: Int?, _ out: inout String) {
    if wantedRow < row { out += "\u{1B}[\(row - wantedRow == 1 ? "" : String(row - wantedRow))A" }
    if wantedRow > row { out += "\u{1B}[\(wantedRow - row == 1 ? "" : String(wantedRow - row))B" }
    if let wanted, wanted != column || wantedRow != row {
      out += wanted == 0 ? "\r" : "\u{1B}[\(wanted + 1)G"
      column = wanted
    }
    row = wantedRow
  }

  private mutating func print(_ cells: ArraySlice<Column>, _ out: inout String) {
    var style = Style.plain
    for cell in cells where !cell.isCovered {
      if cell.style != style {
        let code = cell.style.sgr(theme)
        if !style.sgr(theme).isEmpty { out += "\u{1B}[0m" }
        if !code.isEmpty { out += "\u{1B}[\(code)m" }
        style = cell.style
      }
      out += cell.text
    }
    if !style.sgr(theme).isEmpty { out += "\u{1B}[0m" }
    column += cells.count
  }
}
