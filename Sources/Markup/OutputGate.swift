/// The one gate all text passes on its way out.
///
/// A lesson, a data file or a pasted line may hold escape sequences, carriage returns, bidirectional overrides or
/// invisible characters, written so that the screen says something else than the text. The gate shows each of them as
/// a visible character; it runs after the last decoding, inside the renderers, so nothing can go round it.
package enum OutputGate {
  package static func sanitize(_ text: String) -> String {
    var utf8 = text.utf8.makeIterator()
    var clean = true
    while let byte = utf8.next() {
      if byte >= 0x20 && byte < 0x7F || byte == 0x0A { continue }
      if byte < 0x80 || byte == 0xC2 || byte == 0xD8 || byte == 0xE2 || byte == 0xE1 || byte == 0xEF || byte >= 0xF3 {
        clean = false
        break
      }
    }
    if clean { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let shown = visible(scalar) {
        result.append(contentsOf: shown.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// How a dangerous scalar is shown, or nil for one that may pass.
  package static func visible(_ scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x0A: nil
    case 0x09: "    "
    case 0x00..<0x20: Unicode.Scalar(0x2400 + scalar.value).map(String.init)  // control pictures: ␛ for ESC
    case 0x7F: "␡"
    case 0x80..<0xA0,  // C1 controls
      0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF, 0xFFF9...0xFFFB,
      0xE0000...0xE0FFF, 0x180E:
      "⟨U+" + String(scalar.value, radix: 16, uppercase: true) + "⟩"
    default: nil
    }
  }
}
