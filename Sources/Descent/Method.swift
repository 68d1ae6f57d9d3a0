import Interpreter
import Syntax

/// A method that is more than lines: it looks at the objective several times per step, or keeps a history.
///
/// It is a value: a copy of it is all it takes to make its steps again from there.
///
/// One file each; its documentation and settings are an entry of `optimizers.loss` like any other.
protocol Method: Sendable {
  /// Numbers that a copy of it keeps for so many parameters; 0 where it remembers nothing.
  func footprint(_ count: Int) -> Int

  /// Writes the parameters after this step to `next`.
  ///
  /// - Parameters:
  ///   - gradient: at `row`, all parameters in one vector, as in `row`.
  ///   - objective: the loss at other parameters, on the batch of this step.
  mutating func move(
    _ step: Int, from row: UnsafePointer<Double>, gradient: UnsafePointer<Double>, loss: Double,
    to next: UnsafeMutablePointer<Double>, count: Int, rate: Double,
    objective: (UnsafePointer<Double>) throws(Diagnostic) -> Double
  ) throws(Diagnostic)
}

enum Methods {
  static func make(_ chosen: ChosenRule) -> any Method {
    switch chosen.rule.name {
    case "lbfgs": LBFGS(chosen)
    case "gd_backtracking": Backtracking(chosen)
    default: preconditionFailure("\(chosen.rule.name) has neither lines nor a method")
    }
  }
}

extension ChosenRule {
  func number(_ name: String) -> Double {
    guard case .number(let number)? = settings.first(where: { $0.name == name })?.value else { return .nan }
    return number
  }
}
