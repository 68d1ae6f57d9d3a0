import Markup

/// Typed and pasted text as the line holds it: every scalar takes at least a column, so that the screen and the cursor
/// can be told from the text alone.
///
/// Combining marks are composed with their letter (`y` and U+0302 become `ŷ`, as NFC does), or written out where Unicode
/// has no such letter and the language has a name for it (`θ̂` becomes `θ_hat`), or dropped. Invisible characters, marks
/// of direction and controls are dropped.
enum InputText {
  static func clean(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A }) { return text }
    var result = String.UnicodeScalarView()
    var wasReturn = false
    for scalar in text.unicodeScalars {
      defer { wasReturn = scalar == "\r" }
      switch scalar {
      case "\r": result.append("\n")
      case "\n": if !wasReturn { result.append("\n") }
      case "\t": result.append(contentsOf: "  ".unicodeScalars)
      default:
        switch action(for: scalar, after: result.last) {
        case .insert: result.append(scalar)
        case .replaceLast(let composed):
          result.removeLast()
          result.append(composed)
        case .spell(let name): result.append(contentsOf: name.unicodeScalars)
        case .drop: break
        }
      }
    }
    return String(result)
  }

  enum Action: Hashable {
    case insert
    case replaceLast(Unicode.Scalar)
    case spell(String)
    case drop
  }

  /// What to do with a scalar typed after another.
  static func action(for scalar: Unicode.Scalar, after last: Unicode.Scalar?) -> Action {
    if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) { return .drop }
    if scalar.value < 0x300 { return scalar.value == 0xAD ? .drop : .insert }
    if scalar.displayWidth > 0, OutputGate.visible(scalar) == nil { return .insert }
    guard let last, last != "\n" else { return .drop }
    if let composed = composed(last, scalar) { return .replaceLast(composed) }
    guard last.properties.isAlphabetic, let name = names[scalar] else { return .drop }
    return .spell(name)
  }

  private static let names: [Unicode.Scalar: String] = [
    "\u{302}": "_hat", "\u{303}": "_tilde", "\u{304}": "_bar", "\u{305}": "_bar", "\u{307}": "_dot",
  ]

  /// The one scalar that is canonically equivalent to a letter and its mark. The standard library compares by canonical
  /// equivalence but hands out no normal form, so the letters that have one are searched: 0.1 ms, once per mark typed.
  private static func composed(_ base: Unicode.Scalar, _ mark: Unicode.Scalar) -> Unicode.Scalar? {
    var pair = String.UnicodeScalarView()
    pair.append(base)
    pair.append(mark)
    let wanted = String(pair)
    let blocks: [ClosedRange<UInt32>] =
      base.value < 0x250
      ? [0xC0...0x24F, 0x1E00...0x1EFF]
      : base.value < 0x400
        ? [0x370...0x3FF, 0x1F00...0x1FFF] : base.value < 0x530 ? [0x400...0x4FF] : [0x3040...0x30FF]
    if base.value >= 0x1100, base.value < 0x3000 { return nil }
    for block in blocks {
      for value in block {
        if let candidate = Unicode.Scalar(value), String(Character(candidate)) == wanted { return candidate }
      }
    }
    return nil
  }
}
