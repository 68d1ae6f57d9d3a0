/// How many terminal columns text takes.
///
/// The tables are our own because `wcwidth` depends on a locale the learner may not have, and because the
/// standard library knows graphemes but not columns. Ambiguous characters (`×`, `α`, `…`) count as one column,
/// which is what every terminal in a UTF-8 locale does unless told otherwise. Source: Unicode UAX #11.
extension Character {
  /// Columns this grapheme takes: 0 for controls and lone combining marks, 2 for East Asian wide and emoji, else 1.
  package var displayWidth: Int {
    if let ascii = asciiValue { return ascii < 0x20 || ascii == 0x7F ? 0 : 1 }
    var first = true
    var width = 0
    for scalar in unicodeScalars {
      if first {
        width = scalar.displayWidth
        first = false
      } else if scalar.value == 0xFE0F {  // emoji presentation selector
        return 2
      }
    }
    return width
  }
}

extension Unicode.Scalar {
  /// Columns this scalar takes on its own.
  package var displayWidth: Int {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: return 0
    case 0x20..<0x300: return value == 0xAD ? 0 : 1
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x20000...0x3FFFD:
      return 2
    default:
      if properties.isEmojiPresentation { return 2 }
      switch properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format: return 0
      default: return 1
      }
    }
  }
}

extension StringProtocol {
  /// Columns the text takes on one line.
  package var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }
}
