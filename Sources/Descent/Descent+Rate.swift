import Graphs
import Interpreter
import Syntax
import Tensors

extension Descent {
  /// The learning rate of a step, for schedules that are functions of t; nil for those that remember.
  package func rateValue(at step: Int) -> Double? {
    switch rate {
    case .constant(let number): return number
    case .rule: return nil
    case .function(let function):
      let evaluator = Evaluator(environment: environment)
      let given = Given(name: nil, value: .number(Double(firstStep + step)), span: span)
      guard let value = try? evaluator.invoke(.function(function), [given], at: span) else { return nil }
      return try? evaluator.number(value, at: span)
    }
  }
}
