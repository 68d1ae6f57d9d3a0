/// A terminal's screen in memory: what a person would see after some output.
///
/// Written from ECMA-48 and the manual of xterm, knowing nothing of the editor it judges. Its one table of widths covers
/// the characters that tests use.
package struct ScreenModel {
  package private(set) var columns: Int
  package private(set) var rows: Int
  /// One entry per column; the second half of a wide character is "".
  private var cells: [[String]]
  /// Whether a row runs on into the next, having been filled rather than ended.
  private var runsOn: [Bool]
  package private(set) var cursor = (row: 0, column: 0)
  private var saved = (row: 0, column: 0)
  /// The last column was written and the next character wraps.
  private var isPending = false
  /// What left the screen at the top.
  package private(set) var scrolledOff: [String] = []
  /// What the terminal has to say: answers to questions about the cursor.
  package private(set) var answers = ""
  /// Whether long lines are wrapped anew when the width changes, or cut off.
  private let rewraps: Bool
  package private(set) var bytesSeen = 0
  private var unfinished: [Unicode.Scalar] = []

  package init(columns: Int, rows: Int, rewraps: Bool = false) {
    self.columns = columns
    self.rows = rows
    self.rewraps = rewraps
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    runsOn = Array(repeating: false, count: rows)
  }

  /// The rows without what is blank at their ends, nor empty rows at the end.
  package var lines: [String] {
    var lines = cells.map { row in
      var text = row.joined()
      while text.last == " " { text.removeLast() }
      return text
    }
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  package mutating func takeAnswers() -> String {
    defer { answers = "" }
    return answers
  }

  // MARK: Output

  package mutating func feed(_ text: String) {
    bytesSeen += text.utf8.count
    let scalars = unfinished + Array(text.unicodeScalars)
    unfinished = []
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar == "\u{1B}" {
        guard let end = escapeEnd(scalars, index) else {
          unfinished = Array(scalars[index...])
          return
        }
        switch scalars[index + 1] {
        case "[": control(scalars[(index + 2)..<end])
        case "7": saved = cursor
        case "8": (cursor, isPending) = (saved, false)
        default: break
        }
        index = end
        continue
      }
      index += 1
      switch scalar {
      case "\r": (cursor.column, isPending) = (0, false)
      case "\n": lineFeed()
      case "\u{8}": (cursor.column, isPending) = (max(0, cursor.column - 1), false)
      case "\u{7}": break
      default: put(scalar)
      }
    }
  }

  private func escapeEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
    guard start + 1 < scalars.count else { return nil }
    guard scalars[start + 1] == "[" else { return start + 2 }
    var index = start + 2
    while index < scalars.count {
      if (0x40...0x7E).contains(scalars[index].value) { return index + 1 }
      index += 1
    }
    return nil
  }

  private mutating func lineFeed() {
    isPending = false
    if cursor.row < rows - 1 {
      cursor.row += 1
      return
    }
    scrolledOff.append(cells[0].joined())
    cells.removeFirst()
    runsOn.removeFirst()
    cells.append(Array(repeating: " ", count: columns))
    runsOn.append(false)
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    let width = ScreenModel.width(scalar)
    if width == 0 {
      // A combining mark joins what is before it.
      let column = max(0, cursor.column - (isPending ? 0 : 1))
      cells[cursor.row][column].unicodeScalars.append(scalar)
      return
    }
    if isPending || cursor.column + width > columns {
      runsOn[cursor.row] = true
      let row = cursor.row
      lineFeed()
      if row == cursor.row, rows > 1 { runsOn[row - 1] = true }
      cursor.column = 0
    }
    blank(cursor.row, cursor.column)
    if width == 2 { blank(cursor.row, cursor.column + 1) }
    cells[cursor.row][cursor.column] = String(scalar)
    if width == 2, cursor.column + 1 < columns { cells[cursor.row][cursor.column + 1] = "" }
    if cursor.column + width >= columns {
      cursor.column = columns - 1
      isPending = true
    } else {
      cursor.column += width
    }
  }

  /// Writing on half of a wide character leaves a blank for its other half.
  private mutating func blank(_ row: Int, _ column: Int) {
    guard column < columns else { return }
    if cells[row][column] == "", column > 0 { cells[row][column - 1] = " " }
    if column + 1 < columns, cells[row][column + 1] == "" { cells[row][column + 1] = " " }
    cells[row][column] = " "
  }

  private mutating func control(_ body: ArraySlice<Unicode.Scalar>) {
    guard let final = body.last else { return }
    let parameters = body.dropLast()
    if parameters.first == "?" { return }  // modes
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { piece -> Int in
      var view = String.UnicodeScalarView()
      view.append(contentsOf: piece)
      return Int(String(view)) ?? 0
    }
    let count = max(1, numbers.first ?? 1)
    switch final {
    case "A": cursor.row = max(0, cursor.row - count)
    case "B": cursor.row = min(rows - 1, cursor.row + count)
    case "C": cursor.column = min(columns - 1, cursor.column + count)
    case "D": cursor.column = max(0, cursor.column - count)
    case "G": cursor.column = min(columns - 1, count - 1)
    case "H":
      cursor.row = min(rows - 1, count - 1)
      cursor.column = min(columns - 1, max(1, numbers.count > 1 ? numbers[1] : 1) - 1)
    case "K": erase(row: cursor.row, from: (numbers.first ?? 0) == 0 ? cursor.column : 0)
    case "J":
      let isAll = numbers.first == 2
      if !isAll { erase(row: cursor.row, from: cursor.column) }
      for row in (isAll ? 0 : cursor.row + 1)..<max(rows, cursor.row + 1) where row < rows { erase(row: row, from: 0) }
      return
    case "n" where numbers.first == 6: answers += "\u{1B}[\(cursor.row + 1);\(cursor.column + 1)R"
    default: return
    }
    if "ABCDGH".unicodeScalars.contains(final) { isPending = false }
  }

  private mutating func erase(row: Int, from column: Int) {
    for place in column..<columns { blank(row, place) }
    runsOn[row] = false
  }

  // MARK: Resizing

  package mutating func resize(columns newColumns: Int, rows newRows: Int) {
    if rewraps { rewrap(newColumns) } else { cut(newColumns) }
    while cells.count > newRows {
      let isBlank = cells.last?.allSatisfy { $0 == " " } ?? false
      if isBlank, cursor.row < cells.count - 1 {
        cells.removeLast()
        runsOn.removeLast()
      } else {
        scrolledOff.append(cells.removeFirst().joined())
        runsOn.removeFirst()
        cursor.row = max(0, cursor.row - 1)
      }
    }
    while cells.count < newRows {
      cells.append(Array(repeating: " ", count: newColumns))
      runsOn.append(false)
    }
    columns = newColumns
    rows = newRows
    isPending = false
  }

  private mutating func cut(_ newColumns: Int) {
    for row in cells.indices {
      if newColumns < columns {
        if cells[row][newColumns] == "" { cells[row][newColumns - 1] = " " }
        cells[row] = Array(cells[row][..<newColumns])
      } else {
        cells[row] += Array(repeating: " ", count: newColumns - columns)
      }
    }
    cursor.column = min(cursor.column, newColumns - 1)
  }

  private mutating func rewrap(_ newColumns: Int) {
    var rewrapped: [[String]] = []
    var flags: [Bool] = []
    var place = (row: 0, column: 0)
    var logical: [String] = []
    var marker: Int?
    func flush() {
      while let last = logical.last, last == " ", logical.count > (marker ?? 0) { logical.removeLast() }
      var row: [String] = []
      var index = 0
      var at: (Int, Int)?
      while index < logical.count {
        let isWide = index + 1 < logical.count && logical[index + 1] == ""
        if row.count + (isWide ? 2 : 1) > newColumns {
          rewrapped.append(row)
          flags.append(true)
          row = []
        }
        if marker == index { at = (rewrapped.count, row.count) }
        row.append(logical[index])
        if isWide { row.append("") }
        index += isWide ? 2 : 1
      }
      if let marker, at == nil { at = marker >= logical.count ? (rewrapped.count, row.count) : nil }
      rewrapped.append(row)
      flags.append(false)
      if let at { place = (at.0 + (at.1 >= newColumns ? 1 : 0), at.1 % newColumns) }
      logical = []
      marker = nil
    }
    let last = max(cursor.row, lines.count - 1, 0)
    for row in 0...last {
      if row == cursor.row { marker = logical.count + cursor.column }
      logical += cells[row]
      if !runsOn[row] { flush() }
    }
    if !logical.isEmpty { flush() }
    if place.row >= rewrapped.count {
      rewrapped.append([])
      flags.append(false)
    }
    cells = rewrapped.map { $0 + Array(repeating: " ", count: max(0, newColumns - $0.count)) }
    runsOn = flags
    cursor = place
  }

  // MARK: Widths

  /// Columns of a scalar: UAX #11 for the blocks that tests use.
  package static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300...0x36F, 0x200B...0x200F, 0xFEFF: 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFF01...0xFF60, 0x1F300...0x1F64F:
      2
    default: 1
    }
  }
}
