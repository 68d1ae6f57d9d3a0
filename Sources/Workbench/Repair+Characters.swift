import Syntax

// Characters that other notations use and the language does not (E101).

extension Repair {
  /// Lines in which the character at `place` is written as it is here; it is only left out where that changes nothing
  /// else: `1∈2` is not 12.
  func withoutCharacter(at place: Range<Int>) -> [[Edit]] {
    let before = source[0..<place.lowerBound]
    let after = source[place.upperBound..<source.scalars.count]
    guard let scalar = source[place].unicodeScalars.first else { return [] }
    switch scalar {
    case "%": return remainder(place) + (isOperand(after.first) ? [] : [[Edit(span: place, text: "/100")]])
    case "&": return [[Edit(span: doubled("&", place), text: " and ")]]
    case "~", "¬": return [[Edit(span: place, text: "not ")]]
    case "!":
      if isOperand(after.first) { return [[Edit(span: place, text: "not ")]] }
      return word(endingAt: place.lowerBound).map { word in
        [[Edit(span: word.lowerBound..<place.upperBound, text: "prod(1..\(source[word]))")]]
      } ?? []
    case "?": return choice(before, after)
    case "‖": return enclosed(place, by: "‖", "norm")
    case "⌊": return enclosed(place, by: "⌋", "floor")
    case "⌈": return enclosed(place, by: "⌉", "ceil")
    default: break
    }
    if let value = scalar.properties.numericValue { return [[Edit(span: place, text: written(value))]] }
    let isMathematics = scalar.properties.generalCategory == .mathSymbol
    if isMathematics || (isOperand(before.last) && isOperand(after.first)) { return [] }
    return [removal(place)]
  }

  private func isOperand(_ character: Character?) -> Bool {
    guard let character else { return false }
    return character.isLetter || character.isNumber || character == "("
  }

  /// The digits or letters that end there.
  private func word(endingAt end: Int) -> Range<Int>? {
    var start = end
    while start > 0, isOperand(Character(source.scalars[start - 1])), source.scalars[start - 1] != "(" { start -= 1 }
    return start < end ? start..<end : nil
  }

  /// `7 % 3` → `mod(7, 3)`, for a word on either side.
  private func remainder(_ place: Range<Int>) -> [[Edit]] {
    var (low, high) = (place.lowerBound, place.upperBound)
    while low > 0, source.scalars[low - 1] == " " { low -= 1 }
    while high < source.scalars.count, source.scalars[high] == " " { high += 1 }
    var end = high
    while end < source.scalars.count, isOperand(Character(source.scalars[end])), source.scalars[end] != "(" { end += 1 }
    guard let left = word(endingAt: low), end > high else { return [] }
    return [[Edit(span: left.lowerBound..<end, text: "mod(\(source[left]), \(source[high..<end]))")]]
  }

  private func doubled(_ scalar: Unicode.Scalar, _ place: Range<Int>) -> Range<Int> {
    let isDouble = place.upperBound < source.scalars.count && source.scalars[place.upperBound] == scalar
    return place.lowerBound..<(place.upperBound + (isDouble ? 1 : 0))
  }

  /// `c ? a : b` → `if c then a else b`
  private func choice(_ before: String, _ after: String) -> [[Edit]] {
    let parts = after.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return [] }
    let pieces = [before, String(parts[0]), String(parts[1])].map {
      $0.drop { $0 == " " }.description.trimmingTrailingSpaces
    }
    return [[Edit(span: 0..<source.scalars.count, text: "if \(pieces[0]) then \(pieces[1]) else \(pieces[2])")]]
  }

  /// `‖x‖` → `norm(x)`
  private func enclosed(_ place: Range<Int>, by closer: Unicode.Scalar, _ function: String) -> [[Edit]] {
    guard let end = source.scalars[place.upperBound...].firstIndex(of: closer) else { return [] }
    return [[Edit(span: place, text: function + "("), Edit(span: end..<(end + 1), text: ")")]]
  }

  /// `½` → `(1/2)`, `٣` → `3`
  private func written(_ value: Double) -> String {
    for below in 1...10 where (value * Double(below)).rounded() == value * Double(below) {
      guard let above = Int(exactly: value * Double(below)) else { break }
      return below == 1 ? String(above) : "(\(above)/\(below))"
    }
    return value.description
  }
}
