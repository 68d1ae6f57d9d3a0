import Glibc

// Numbers as text: six significant digits at the prompt, the shortest that reads back as the same bits in JSON.

/// A number with at most `digits` significant digits, without trailing zeros.
package func shortNumber(_ value: Double, digits: Int = 6) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  if digits >= 17 || value == 0 { return plain(value) }
  if value == value.rounded(), value.magnitude < 1e15, digits >= 6 { return String(Int(value)) }
  return plain(rounded(value, toSignificant: digits))
}

/// The nearest double to the decimal with so many significant digits.
package func rounded(_ value: Double, toSignificant digits: Int) -> Double {
  guard value.isFinite, value != 0 else { return value }
  return Double(scientific(value, digits: digits)) ?? value
}

/// Shortest round-trip, with `1e-07` as `1e-7` and without a trailing `.0`.
private func plain(_ value: Double) -> String {
  if value == 0 { return value.sign == .minus ? "-0" : "0" }
  var text = value.description
  if text.hasSuffix(".0") { text.removeLast(2) }
  if let mark = text.firstIndex(of: "e") {
    var mantissa = String(text[..<mark])
    if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
    var exponent = text[text.index(after: mark)...]
    var sign = ""
    if exponent.first == "-" { sign = "-" }
    if exponent.first == "-" || exponent.first == "+" { exponent = exponent.dropFirst() }
    let digits = exponent.drop { $0 == "0" }
    return mantissa + "e" + sign + (digits.isEmpty ? "0" : digits)
  }
  return text
}

/// `-1.234e+05`, correctly rounded, by the C library: nothing in the standard library rounds to given digits.
private func scientific(_ value: Double, digits: Int) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
    let written = withVaList([Int32(digits - 1), value]) { vsnprintf(buffer.baseAddress, 64, "%.*e", $0) }
    guard written > 0 else { return value.description }
    return String(decoding: buffer.prefix(Int(written)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A number with exactly `places` digits after the point: for columns that line up.
package func fixedNumber(_ value: Double, places: Int) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
    let written = withVaList([Int32(places), value]) { vsnprintf(buffer.baseAddress, 400, "%.*f", $0) }
    guard written > 0, written < 400 else { return value.description }
    let text = String(decoding: buffer.prefix(Int(written)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.hasPrefix("-") && text.allSatisfy({ "-0.".contains($0) }) ? String(text.dropFirst()) : text
  }
}
