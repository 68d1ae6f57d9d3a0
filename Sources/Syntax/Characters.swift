// What single characters mean to the lexer.

extension Unicode.Scalar {
  /// The ASCII twin of a full-width character, so that a line typed with a Chinese input method reads the same.
  var folded: Unicode.Scalar {
    switch value {
    case 0xFF01...0xFF5E: Unicode.Scalar(value - 0xFEE0) ?? self
    case 0x3000: " "
    case 0x3001: ","  // 、
    case 0x3002: "."  // 。
    case 0x3010: "["  // 【
    case 0x3011: "]"  // 】
    case 0x2215: "/"
    default: self
    }
  }

  var isBlank: Bool { self == " " || self == "\t" || self == "\n" || value == 0xA0 || value == 0x3000 }
  var isDigit: Bool { value >= 0x30 && value <= 0x39 }

  /// Big operators and ∂, ∇ are letters or signs to Unicode and never part of a name here.
  var startsName: Bool {
    if value < 0x80 { return value >= 0x61 && value <= 0x7A || value >= 0x41 && value <= 0x5A || self == "_" }
    return !isBigOperator && properties.isXIDStart || self == "∞"
  }

  var continuesName: Bool {
    if value < 0x80 { return startsName || isDigit }
    // Subscript digits are no XID_Continue, yet θ₁ is a name; the dot of w·x is one, as in Catalan l·l, and a product here.
    return value >= 0x2080 && value <= 0x2089 || self != "·" && !isBigOperator && properties.isXIDContinue
      || self == "∞"
  }

  var isBigOperator: Bool { self == "Σ" || self == "∑" || self == "Π" || self == "∏" }

  /// The value of a superscript digit.
  var superscriptDigit: Int? {
    switch self {
    case "⁰": 0
    case "¹": 1
    case "²": 2
    case "³": 3
    case "⁴"..."⁹": Int(value) - 0x2070
    default: nil
    }
  }
}

/// Names in one spelling: a letter under a circumflex is that letter and `_hat`, so `ŷ` and `y_hat` are one name.
package func canonicalName(_ name: String) -> String {
  if name.utf8.allSatisfy({ $0 < 0x80 }) { return name }
  var result = String.UnicodeScalarView()
  for scalar in name.unicodeScalars {
    if scalar.value == 0x302 {
      result.append(contentsOf: "_hat".unicodeScalars)
    } else if (0xFF21...0xFF5A).contains(scalar.value) {
      result.append(scalar.folded)
    } else if let letter = hatted[scalar] {
      result.append(letter)
      result.append(contentsOf: "_hat".unicodeScalars)
    } else {
      result.append(scalar)
    }
  }
  return String(result)
}

/// The inverse for print: `y_hat` is shown as `ŷ`, `y_hat_i` as `ŷ_i`.
package func printedName(_ name: String) -> String {
  guard let letter = name.unicodeScalars.first, name.dropFirst().hasPrefix("_hat") else { return name }
  let rest = name.dropFirst(5)
  if let next = rest.unicodeScalars.first, next != "_", Unicode.Scalar.below[next] == nil { return name }
  if let mark = hatted.first(where: { $0.value == letter })?.key { return String(Character(mark)) + rest }
  return String(Character(letter)) + "\u{302}" + rest
}

extension Unicode.Scalar {
  /// What a subscript letter or digit is on the line.
  package static let below: [Unicode.Scalar: String] = [
    "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "₅": "5", "₆": "6", "₇": "7", "₈": "8", "₉": "9", "ᵢ": "i",
    "ⱼ": "j", "ₖ": "k", "ₙ": "n", "ₘ": "m", "ₜ": "t", "ₗ": "l", "ₚ": "p", "ₐ": "a", "ₑ": "e", "ₒ": "o", "ₓ": "x",
  ]
}

private let hatted: [Unicode.Scalar: Unicode.Scalar] = [
  "â": "a", "ĉ": "c", "ê": "e", "ĝ": "g", "ĥ": "h", "î": "i", "ĵ": "j", "ô": "o", "ŝ": "s", "û": "u", "ŵ": "w",
  "ŷ": "y", "ẑ": "z", "Ŷ": "Y", "Ŵ": "W", "Ẑ": "Z",
]
