import Descent
import Interpreter
import Markup
import Tensors

/// The questions, in the order in which a teacher would ask them: did it blow up, is there noise, has it arrived, what
/// holds it where it is, how does it move.
extension Examination {
  mutating func diagnosis() -> Diagnosis {
    if losses.isEmpty { return noStart() }
    if steps == 0, trace.ending == .completed {
      return Diagnosis(cause: .descending, headline: Phrase(en: "no step was made", zh: "一步也没有走"))
    }
    if let found = breakdown() { return found }
    if let found = towardsASaddle() { return found }
    if let found = growth() { return found }
    if let found = noise() { return found }
    let end = curvature(at: losses.count - 1)
    if let spectrum = end?.spectrum {
      numbers.append(("lambda_max", spectrum.largest))
      numbers.append(("lambda_min", spectrum.smallest))
      if spectrum.smallest > 0 { numbers.append(("condition", spectrum.largest / spectrum.smallest)) }
      if let limit = limit(spectrum.largest) { numbers.append(("limit", limit)) }
    }
    if let found = standstill(end) { return found }
    if let found = kink() { return found }
    if let found = arrival(end) { return found }
    if let found = circling(end) { return found }
    return movement(end)
  }

  /// One significant digit, downwards: a rate anyone would type.
  func round(_ rate: Double) -> Double {
    guard rate > 0, rate.isFinite else { return 0 }
    let text = rounded(rate, toSignificant: 1)
    guard text > rate else { return text }
    return rounded(rate * 0.75, toSignificant: 1)
  }
}
