import Glibc

/// Tick positions that are exact decimals: an integer times a power of ten, so that a label is never rounded away from
/// its place.
package struct Ticks: Sendable, Hashable {
  package struct Tick: Sendable, Hashable {
    package let value: Double
    /// Empty for a minor tick.
    package let label: String
  }

  package var ticks: [Tick]
  /// What every label has to be added to, `0.693147`, where the values differ only in their last digits.
  package var offset: String?

  init(ticks: [Tick], offset: String? = nil) {
    self.ticks = ticks
    self.offset = offset
  }

  // MARK: Linear

  /// Extended Wilkinson labelling (Talbot, Lin & Hanrahan, 2010; doi:10.1109/TVCG.2010.130): weighs simplicity,
  /// coverage, density and legibility of every candidate. Ticks stay within the axis.
  ///
  /// - Parameter target: how many ticks there is room for.
  package static func linear(from low: Double, to high: Double, target: Int) -> Ticks {
    guard low.isFinite, high.isFinite, high > low, (high - low).isFinite else {
      return Ticks(ticks: [Tick(value: low, label: decimal(low))])
    }
    let target = max(2, target)
    let span = high - low
    var best: (score: Double, step: Double, power: Int, first: Int, count: Int)?
    for skip in 1...4 {
      for (rank, quantum) in ([1, 5, 2, 2.5, 4, 3] as [Double]).enumerated() {
        for count in 2...(target * 2 + 2) {
          let raw = span / Double(count - 1) / (quantum * Double(skip))
          guard raw > 0, raw.isFinite else { continue }
          let least = Int(log10(raw).rounded(.down))
          for power in (least - 1)...(least + 1) {
            let step = quantum * Double(skip) * pow(10, Double(power))
            guard step > 0, step.isFinite else { continue }
            let start = (low / step).rounded(.up)
            let end = (high / step).rounded(.down)
            guard start.magnitude < 1e15, end.magnitude < 1e15, end - start + 1 == Double(count) else { continue }
            let simplicity = 1 - Double(rank) / 5 - Double(skip) + (start <= 0 && end >= 0 ? 1 : 0)
            let missed = pow(high - end * step, 2) + pow(low - start * step, 2)
            // Three tenths rather than the paper's one: ticks that stay inside always leave something uncovered.
            let coverage = 1 - 0.5 * missed / pow(0.3 * span, 2)
            let ratio = Double(count) / Double(target)
            let density = 2 - max(ratio, 1 / ratio)
            let score = 0.25 * simplicity + 0.2 * coverage + 0.5 * density + 0.05
            if score > (best?.score ?? -.infinity) {
              best = (score, quantum * Double(skip), power, Int(start), count)
            }
          }
        }
      }
    }
    guard let best else { return Ticks(ticks: [Tick(value: low, label: decimal(low))]) }
    // Quanta have at most one decimal: in tenths they are integers.
    let tenths = Int((best.step * 10).rounded())
    let ticks = (0..<best.count).map { index in
      let integer = (best.first + index) * tenths
      return Tick(value: scaled(integer, best.power - 1), label: label(integer, best.power - 1))
    }
    // Near the ends of Double neighbouring decimals read as one number, and a rounded one may lie outside.
    var seen = Set<String>()
    return Ticks(ticks: ticks.filter { $0.value >= low && $0.value <= high && seen.insert($0.label).inserted })
  }

  /// Linear ticks; where the values differ by less than a ten-thousandth of themselves, as short labels to be added to
  /// an offset (`0.693147 + 2e-7`).
  package static func linearWithOffset(from low: Double, to high: Double, target: Int) -> Ticks {
    let span = high - low
    let size = max(low.magnitude, high.magnitude)
    guard span > 0, span < 1e-4 * size, span > 1e-13 * size else { return linear(from: low, to: high, target: target) }
    let power = Int(log10(span).rounded(.down)) + 1
    let integer = (low / pow(10, Double(power))).rounded(.down)
    guard integer.magnitude < 1e15 else { return linear(from: low, to: high, target: target) }
    let base = scaled(Int(integer), power)
    let inner = linear(from: low - base, to: high - base, target: target)
    return Ticks(
      ticks: inner.ticks.map { Tick(value: base + $0.value, label: $0.label) }, offset: label(Int(integer), power))
  }

  // MARK: Logarithmic

  /// Decades, every so many if there are more than `target`; 1-2-5 over fewer than two. With `minor`, unlabelled ticks
  /// at 2…9 of every decade.
  package static func logarithmic(
    from low: Double, to high: Double, target: Int, ascii: Bool, minor: Bool = false
  ) -> Ticks {
    let first = Int(log10(low).rounded(.up))
    let last = Int(log10(high).rounded(.down))
    if log10(high / low) < 2 {
      var ticks: [Tick] = []
      for power in (first - 1)...(last + 1) {
        for digit in [1, 2, 5] {
          let value = scaled(digit, power)
          if value >= low * (1 - 1e-12), value <= high * (1 + 1e-12) {
            ticks.append(Tick(value: value, label: label(digit, power)))
          }
        }
      }
      return ticks.count >= 2 ? Ticks(ticks: ticks) : linear(from: low, to: high, target: target)
    }
    let decades = last - first + 1
    let stride = max(1, (decades + max(1, target) - 1) / max(1, target))
    var ticks: [Tick] = []
    for power in first...last where power % stride == 0 {
      ticks.append(Tick(value: scaled(1, power), label: powerLabel(power, ascii: ascii)))
    }
    if minor, stride == 1 {
      for power in (first - 1)...last {
        for digit in 2...9 {
          let value = scaled(digit, power)
          if value >= low, value <= high { ticks.append(Tick(value: value, label: "")) }
        }
      }
    }
    return Ticks(ticks: ticks)
  }

  /// `10⁻³`, or `1e-3` in ASCII.
  static func powerLabel(_ power: Int, ascii: Bool) -> String {
    if power == 0 { return "1" }
    if power == 1 { return "10" }
    if ascii { return "1e\(power)" }
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "10" + (power < 0 ? "⁻" : "")
      + String(String(power.magnitude).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }

  // MARK: Decimals

  /// integer·10^power, correctly rounded by the standard library's decimal parser.
  private static func scaled(_ integer: Int, _ power: Int) -> Double { Double("\(integer)e\(power)") ?? 0 }

  /// integer·10^power in full decimals, or with an exponent where that is shorter.
  static func label(_ integer: Int, _ power: Int) -> String {
    if integer == 0 { return "0" }
    var digits = String(integer.magnitude)
    var power = power
    while digits.count > 1, digits.hasSuffix("0") {
      digits.removeLast()
      power += 1
    }
    let sign = integer < 0 ? "-" : ""
    let point = digits.count + power
    if power >= 0, point <= 6 { return sign + digits + String(repeating: "0", count: power) }
    if power < 0, point > 0 { return sign + digits.prefix(point) + "." + digits.suffix(digits.count - point) }
    if power < 0, point > -3 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    let mantissa = digits.count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst()
    return sign + mantissa + "e\(point - 1)"
  }

  private static func decimal(_ value: Double) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A number in a sentence: so many significant digits.
  static func short(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite, value != 0 else { return value.isNaN ? "NaN" : value == 0 ? "0" : value < 0 ? "-∞" : "∞" }
    let power = Int(log10(value.magnitude).rounded(.down)) - digits + 1
    // Two factors, because 10^308 times a subnormal's missing digits is beyond Double.
    let scaled = value * pow(10, Double(-power / 2)) * pow(10, Double(-power - (-power / 2)))
    guard scaled.isFinite else { return value.description }
    return label(Int(scaled.rounded()), power)
  }
}
