/// Letters of other alphabets that look like Latin ones: two names that differ only in them cannot be told apart.
package enum Lookalikes {
  /// A name in Latin letters wherever they look the same.
  package static func skeleton(_ name: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in name.unicodeScalars { result.append(latin[scalar] ?? scalar) }
    return String(result)
  }

  /// The first of other names that looks the same.
  package static func twin(of name: String, among names: [String]) -> String? {
    // Only names as long can look the same; a pasted page looks like none.
    let count = name.unicodeScalars.count
    guard count <= 200 else { return nil }
    let own = skeleton(name)
    return names.first { $0.unicodeScalars.count == count && $0 != name && skeleton($0) == own }
  }

  /// The alphabet a name borrows its look from; nil if it has no such letter.
  package static func alphabet(of name: String) -> (en: String, zh: String)? {
    for scalar in name.unicodeScalars where latin[scalar] != nil {
      return scalar.value >= 0x400 ? ("Cyrillic", "西里尔") : ("Greek", "希腊")
    }
    return nil
  }

  private static let latin: [Unicode.Scalar: Unicode.Scalar] = [
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s", "ԁ": "d",
    "ԛ": "q", "ԝ": "w", "һ": "h", "А": "A", "В": "B", "Е": "E", "К": "K", "М": "M", "Н": "H", "О": "O", "Р": "P",
    "С": "C", "Т": "T", "У": "Y", "Х": "X", "І": "I", "Ј": "J", "Ѕ": "S", "ο": "o", "ν": "v", "Α": "A", "Β": "B",
    "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y",
    "Χ": "X",
  ]
}
