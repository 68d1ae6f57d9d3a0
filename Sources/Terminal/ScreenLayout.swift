import CEditLine
import Markup

/// Where characters stand on a terminal that wraps, by libedit's own rules: a wide character that would stick out goes
/// to the next row, and after the last column the cursor is at the start of the next one.
struct ScreenLayout {
  /// Columns taken by the prompt.
  let start: Int
  let columns: Int

  struct Position: Hashable {
    var row: Int
    var column: Int
  }

  private func width(_ scalar: Unicode.Scalar) -> Int {
    let width = Int(ll_character_width(scalar.value))
    return width < 0 ? (scalar.value < 32 ? 2 : 0) : width
  }

  private func advance(_ position: inout Position, _ scalar: Unicode.Scalar) {
    if scalar == "\n" {
      position = Position(row: position.row + 1, column: 0)
      return
    }
    let width = width(scalar)
    if position.column + width > columns { position = Position(row: position.row + 1, column: 0) }
    position.column += width
    if position.column >= columns { position = Position(row: position.row + 1, column: 0) }
  }

  func position(after text: String) -> Position {
    var position = Position(row: start / columns, column: start % columns)
    for scalar in text.unicodeScalars { advance(&position, scalar) }
    return position
  }

  /// Where the cursor stands before the scalar at `offset`: with it, if it wraps.
  func cursor(in text: String, after offset: Int) -> Position {
    var position = Position(row: start / columns, column: start % columns)
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if index == offset {
        if scalar != "\n", position.column + width(scalar) > columns {
          position = Position(row: position.row + 1, column: 0)
        }
        return position
      }
      advance(&position, scalar)
    }
    return position
  }

  /// The characters with colours, and explicit moves where a row ends, so that no terminal has to be trusted to wrap.
  func drawing(of text: StyledText, theme: Theme) -> String {
    var result = ""
    var position = Position(row: start / columns, column: start % columns)
    var isPending = false
    for run in text.runs {
      let code = run.style.sgr(theme)
      if !code.isEmpty { result += "\u{1b}[\(code)m" }
      for scalar in run.text.unicodeScalars {
        let before = position
        advance(&position, scalar)
        if scalar == "\n" {
          if !isPending { result += "\u{1b}[K\r\n" } else { result += "\r\n" }
          isPending = false
          continue
        }
        if isPending {
          result += "\r\n"
        } else if position.row > before.row, position.column > 0 {
          result += " \r\n"  // a wide character that would have stuck out
        }
        result.unicodeScalars.append(OutputGate.visible(scalar) == nil ? scalar : "?")
        isPending = position.column == 0 && position.row > before.row
      }
      if !code.isEmpty { result += "\u{1b}[0m" }
    }
    return isPending ? result + "\r\n" : result
  }
}
