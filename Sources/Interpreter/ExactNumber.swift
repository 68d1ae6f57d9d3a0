/// A number as a reader can use it without loss: as a short decimal, or as a fraction where it is one.
package enum ExactNumber {
  /// No larger denominators: past them a fraction reads worse than a decimal.
  private static let largest = 999

  /// Rounding errors of a few steps leave a number some units in the last place beside the fraction it is.
  private static let slack = 4.0

  /// The fraction a number is, as far as a double can tell; nil where a decimal of that many digits is exact already,
  /// or no small fraction is there.
  package static func fraction(_ value: Double, digits: Int = 6) -> (numerator: Int, denominator: Int)? {
    guard value.isFinite, value.magnitude < 1e4, value.magnitude > 1e-3,
      (rounded(value, toSignificant: digits) - value).magnitude > slack * value.ulp, let ratio = ratio(value)
    else { return nil }
    return ratio.denominator == 1 ? nil : ratio
  }

  /// The same of any number: 3 is 3/1 and 0.5 is 1/2.
  package static func ratio(_ value: Double) -> (numerator: Int, denominator: Int)? {
    guard value.isFinite, value.magnitude < 1e9 else { return nil }
    // Continued fractions: the convergents are the closest of all fractions with denominators as small.
    var rest = value.magnitude
    var (p0, q0, p1, q1) = (0, 1, 1, 0)
    for _ in 0..<24 {
      let whole = rest.rounded(.down)
      guard whole < 1e9 else { return nil }
      let (p, q) = (Int(whole).multipliedReportingOverflow(by: p1), Int(whole).multipliedReportingOverflow(by: q1))
      guard !p.overflow, !q.overflow else { return nil }
      (p0, q0, p1, q1) = (p1, q1, p.partialValue + p0, q.partialValue + q0)
      guard q1 <= largest, p1 <= 1_000_000_000 else { return nil }
      if (Double(p1) / Double(q1) - value.magnitude).magnitude <= slack * value.ulp {
        return (value < 0 ? -p1 : p1, q1)
      }
      rest -= whole
      guard rest > 0 else { return nil }
      rest = 1 / rest
    }
    return nil
  }

  /// The double of the fraction that a calculation has missed by its last bits; else the number itself.
  package static func snapped(_ value: Double) -> Double {
    ratio(value).map { Double($0.numerator) / Double($0.denominator) } ?? value
  }

  /// `31/30`, or the decimal.
  package static func text(_ value: Double, digits: Int) -> String {
    fraction(value, digits: digits).map { "\($0.numerator)/\($0.denominator)" } ?? shortNumber(value, digits: digits)
  }

  /// What a reader takes `text` for.
  package static func printed(_ value: Double, digits: Int) -> Double {
    if let fraction = fraction(value, digits: digits) {
      return Double(fraction.numerator) / Double(fraction.denominator)
    }
    return digits >= 17 ? value : rounded(value, toSignificant: digits)
  }
}
