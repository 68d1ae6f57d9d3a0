import Descent
import Interpreter
import Markup
import Syntax
import Tensors

/// What would help, as a line to paste. Every line is run before it is shown, and shown only if it ends lower.
extension Examination {
  /// Runs longer than this are not repeated to try something.
  private static let effort = 2_000_000

  func remedy(for cause: Diagnosis.Cause) -> (line: String, outcome: Phrase)? {
    guard cause != .converged, cause != .unbounded, let line = DescentLine(trace.descent),
      (trace.descent.steps + 1) * max(1, trace.descent.elementCount) <= Examination.effort
    else { return nil }
    if [.saddle, .plateau, .noStart, .dead, .vanishing].contains(cause) {
      // Nothing says which other start is a good one: of those close by the one that ends lowest, or else of all.
      let all = candidates(cause, line)
      for group in cause == .saddle ? [all.prefix(2), all.dropFirst(2)] : [all[...]] {
        let tried = group.compactMap { candidate in outcome(of: candidate.text).map { (candidate.text, $0) } }
        if let best = tried.min(by: { $0.1.end < $1.1.end }) { return (best.0, best.1.words) }
      }
      return nil
    }
    for candidate in candidates(cause, line) {
      if let outcome = outcome(of: candidate.text) { return (candidate.text, outcome.words) }
    }
    return nil
  }

  private func candidates(_ cause: Diagnosis.Cause, _ line: DescentLine) -> [DescentLine] {
    let steps = trace.descent.steps
    let rates = betterRates.filter { $0 > 0 }.map { line.setting("rate", shortNumber($0)) }
    func decaying(_ rate: Double) -> DescentLine { line.setting("rate", "cosine(\(shortNumber(rate)), \(steps))") }
    switch cause {
    case .diverged, .overflow, .slow, .overshoots: return rates
    case .singular:
      let isNewton = trace.optimizer.name == "newton"
      return (isNewton ? [line.setting("with", "newton(damping=0.01)")] : []) + rates + starts(line)
    case .valley:
      let limited = rates.isEmpty ? [line] : rates
      return [line.setting("with", "newton").setting("rate", "1")]
        + limited.map { $0.setting("with", "momentum(0.9)") } + [line.setting("with", "adam").setting("rate", "0.1")]
    case .kink, .hovers, .noise: return [decaying(trace.rate)] + rates
    case .descending:
      return [line.setting("steps", String(min(steps * 10, 10_000_000)))]
    case .saddle where trace.optimizer.name == "newton":
      return starts(line).map { $0.setting("with", "sgd").setting("rate", "0.1") } + starts(line)
    case .saddle, .plateau, .noStart, .dead, .vanishing:
      return starts(line) + rates
    case .converged, .unbounded: return []
    }
  }

  /// The same descent from other places: nearer to 0, a little to the side, further out.
  private func starts(_ line: DescentLine) -> [DescentLine] {
    let scalars = trace.descent.start.filter { $0.value.rank == 0 }
    guard scalars.count == trace.descent.start.count else { return [] }
    func moved(_ change: (Double, Int) -> Double) -> DescentLine {
      var line = line
      for (index, start) in scalars.enumerated() {
        line = line.setting(start.name, shortNumber(change(start.value.elements[0], index), digits: 3))
      }
      return line
    }
    return [
      moved { value, index in value + (index % 2 == 0 ? 0.1 : -0.1) }, moved { value, _ in value + 0.1 },
      moved { value, _ in value / 10 }, moved { _, index in index % 2 == 0 ? 0.5 : -0.5 },
      moved { value, _ in -value / 10 }, moved { _, _ in 1 },
    ]
  }

  /// What a line leads to, if that is better than what there is.
  private func outcome(of line: String) -> (end: Double, words: Phrase)? {
    guard let tree = try? Parser.parse(Source(line)) else { return nil }
    let evaluator = Evaluator(environment: object.environment, budget: budget)
    evaluator.surroundings = Settings()
    guard case .object(let result)? = try? evaluator.run(tree), let other = result as? TraceObject,
      other.trace.ending != .diverged, let end = settled(other.trace), end.isFinite
    else { return nil }
    let now = trace.ending == .diverged ? .infinity : settled(trace) ?? .infinity
    guard end < now - 1e-9 * now.magnitude || now == .infinity && end < (losses.first ?? .infinity) || losses.isEmpty
    else { return nil }
    let count = other.trace.stepCount
    let before = trace.ending == .diverged || losses.isEmpty ? nil : text(now)
    let words = Phrase(
      en: "tried: \(name) = \(text(end)) after \(count) steps" + (before.map { " instead of \($0)" } ?? ""),
      zh: "试过：\(count) 步后 \(name) = \(text(end))" + (before.map { "，原来是 \($0)" } ?? ""))
    return (end, words)
  }

  /// The loss a run ends at; on all data where it saw batches.
  private func settled(_ trace: Trace) -> Double? {
    guard let last = trace.losses.last else { return nil }
    guard isStochastic, let values = trace.entry(trace.losses.count - 1)?.values else { return last }
    return Curvature(trace.descent, at: values, budget: budget)?.loss ?? last
  }
}
