import Glibc

/// Tick positions that are exact decimals: an integer times a power of ten, so that a label is never rounded away from
/// its place.
package struct Ticks: Sendable, Hashable {
  package struct Tick: Sendable, Hashable {
    package let value: Double
    package let label: String
  }

  package let ticks: [Tick]

  /// Extended Wilkinson labelling (Talbot, Lin & Hanrahan, 2010; doi:10.1109/TVCG.2010.130): weighs simplicity,
  /// coverage, density and legibility of every candidate.
  ///
  /// - Parameter target: how many ticks there is room for.
  package static func linear(from low: Double, to high: Double, target: Int) -> Ticks {
    guard low.isFinite, high.isFinite, high > low, (high - low).isFinite else {
      return Ticks(ticks: [Tick(value: low, label: decimal(low))])
    }
    let steps: [Double] = [1, 5, 2, 2.5, 4, 3]
    let target = max(2, target)
    var best: (score: Double, step: Double, power: Int, first: Int, count: Int)?
    for skip in 1...4 {
      for (rank, quantum) in steps.enumerated() {
        for count in 2...(target * 2 + 2) {
          let raw = (high - low) / Double(count - 1) / (quantum * Double(skip))
          guard raw > 0, raw.isFinite else { continue }
          let least = Int(log10(raw).rounded(.down))
          for power in least...(least + 1) {
            let step = quantum * Double(skip) * pow(10, Double(power))
            guard step > 0, step.isFinite else { continue }
            let start = (low / step).rounded(.up)
            let end = (high / step).rounded(.down)
            guard start.magnitude < 1e15, end.magnitude < 1e15, end - start + 1 == Double(count) else { continue }
            let includesZero = start <= 0 && end >= 0
            let simplicity = 1 - Double(rank) / 5 - Double(skip) + 1 + (includesZero ? 1 : 0)
            let span = high - low
            let coverage =
              1 - 0.5 * (pow(high - end * step, 2) + pow(low - start * step, 2)) / pow(0.1 * span, 2) * 0.01
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
    return Ticks(
      ticks: (0..<best.count).map { index in
        let integer = (best.first + index) * tenths
        return Tick(value: scaled(integer, best.power - 1), label: label(integer, best.power - 1))
      })
  }

  /// Decades, every so many if there are more than `target`; 1-2-5 within fewer than two.
  package static func logarithmic(from low: Double, to high: Double, target: Int, ascii: Bool) -> Ticks {
    let first = Int(log10(low).rounded(.up))
    let last = Int(log10(high).rounded(.down))
    if last - first < 1 {
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
    let stride = max(1, (last - first + target) / max(1, target))
    return Ticks(
      ticks: Swift.stride(from: first, through: last, by: stride).map { power in
        Tick(value: scaled(1, power), label: powerLabel(power, ascii: ascii))
      })
  }

  private static func powerLabel(_ power: Int, ascii: Bool) -> String {
    if power == 0 { return "1" }
    if power == 1 { return "10" }
    if ascii { return "1e\(power)" }
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return "10" + (power < 0 ? "⁻" : "")
      + String(String(power.magnitude).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }

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
}
