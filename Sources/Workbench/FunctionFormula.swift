import Graphs
import Interpreter
import Notation
import Syntax
import Tensors

/// The formula a function traces to, read off the graph.
package enum FunctionFormula {
  /// Tries numbers for the parameters and vectors of a common length n, the likelier first.
  package static func text(of function: Function, in session: Session, vectorsFirst: Bool = false) -> String? {
    let required = function.parameters.filter { $0.fallback == nil }
    for shape: Shape in vectorsFirst ? [[-1], []] : [[], [-1]] {
      let evaluator = Evaluator(environment: session.environment)
      let given = required.map { parameter in
        Given(name: parameter.name, value: .traced(evaluator.symbol(parameter.name, shape: shape).id), span: 0..<0)
      }
      guard let result = try? evaluator.invoke(.function(function), given, at: 0..<0) else { continue }
      func text(_ id: Graph.ID) -> String? {
        var tidying = Tidying(evaluator.graph)
        return Formula(evaluator.graph).text(function.isDerivative ? tidying.tidied(id) : id, limit: 240)
      }
      switch result {
      case .traced(let id): return text(id)
      case .number(let number): return shortNumber(number)
      case .record(let record):
        let parts = record.fields.compactMap { field -> String? in
          guard case .traced(let id) = field.value, let text = text(id) else { return nil }
          return field.name + ": " + text
        }
        return parts.count == record.fields.count ? parts.joined(separator: ", ") : nil
      default: return nil
      }
    }
    return nil
  }
}

extension Function {
  /// Whether nobody wrote its formula: it is tidied before it is read.
  fileprivate var isDerivative: Bool {
    switch body {
    case .gradient, .jacobian, .hessian: true
    case .defined, .builtin: false
    }
  }
}
