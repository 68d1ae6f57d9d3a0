import Descent
import Interpreter
import Workbench

/// How a descent came out, in the words of predictions.
package enum Outcome: String, Sendable, CaseIterable {
  case converge, diverge, stall

  /// Diverged if it left the finite numbers or ended above where it began; converged if the gradient shrank to a
  /// hundredth or the loss to a thousandth; stalled otherwise.
  package init?(of value: Value?) {
    guard case .object(let object)? = value, let loss = object.field("loss")?.numbers?.elements, let first = loss.first,
      let last = loss.last
    else { return nil }
    if object.field("ended")?.isText("diverged") ?? false || last > first {
      self = .diverge
      return
    }
    guard case .record(let gradients)? = object.field("gradient") else { return nil }
    func norm(_ at: (Int) -> Int) -> Double {
      gradients.fields.reduce(0) { total, field in
        guard let tensor = field.value.numbers, let entries = tensor.shape.first else { return total }
        let size = tensor.count / entries
        let start = at(entries) * size
        return total + tensor.elements[start..<(start + size)].reduce(0) { $0 + $1 * $1 }
      }.squareRoot()
    }
    let ratio = norm { $0 - 1 } / max(norm { _ in 0 }, 1e-300)
    self = ratio < 0.01 || last < first * 1e-3 ? .converge : .stall
  }
}

extension Value {
  fileprivate func isText(_ wanted: String) -> Bool {
    if case .text(let text) = self { return text == wanted }
    return false
  }
}

extension TraceBlock {
  /// The line that a prediction such as "and at rate=0.25?" is about: the last one with that setting changed.
  package var predictedLine: String? {
    guard let prediction, let last = lines.last?.input else { return nil }
    let question = prediction.question.en
    guard let match = question.firstMatch(of: /([a-z_]+) *= *(-?[0-9.]+[0-9])/) else { return last }
    let (name, value) = (String(match.output.1), String(match.output.2))
    guard let pattern = try? Regex("\\b\(name)=[-0-9.e]+"), last.contains(pattern) else { return last }
    return last.replacing(pattern, with: "\(name)=\(value)")
  }
}
