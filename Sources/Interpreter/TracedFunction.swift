import Graphs
import Markup
import Syntax
import Tensors

/// A function of tensors, traced once and run many times: its value, and its gradient with respect to some arguments.
///
/// A trace follows the branches taken for the arguments at hand; it is kept with the conditions that chose them and
/// made anew when one of them turns out otherwise, or when a shape changes.
package final class TracedFunction {
  package struct Argument {
    package var name: String
    package var isVariable: Bool

    package init(name: String, isVariable: Bool) {
      self.name = name
      self.isVariable = isVariable
    }
  }

  private struct Compiled {
    var shapes: [Shape]
    var program: Program
    var guards: [Bool]
    var outputShape: Shape
  }

  private let function: Function
  private let arguments: [Argument]
  private let environment: Environment
  private let budget: Budget
  private let span: Range<Int>
  private let line: Source?
  private var compiled: [Compiled] = []

  package init(
    _ function: Function, _ arguments: [Argument], in evaluator: Evaluator, at span: Range<Int>
  ) {
    self.function = function
    self.arguments = arguments
    environment = evaluator.environment
    budget = evaluator.budget
    line = evaluator.line
    self.span = span
  }

  /// The value and the gradients with respect to the variables, in their order.
  package func callAsFunction(_ values: [Tensor]) throws(Diagnostic) -> (value: Tensor, gradients: [Tensor]) {
    let shapes = values.map(\.shape)
    for candidate in compiled where candidate.shapes == shapes {
      let results = try run(candidate, values)
      let guards = results.dropFirst(1 + gradientCount).map { $0.elements[0] != 0 }
      if guards == candidate.guards { return (results[0], Array(results[1..<(1 + gradientCount)])) }
    }
    let fresh = try trace(values)
    compiled.insert(fresh, at: 0)
    if compiled.count > 4 { compiled.removeLast() }
    let results = try run(fresh, values)
    return (results[0], Array(results[1..<(1 + gradientCount)]))
  }

  private var gradientCount: Int { arguments.count { $0.isVariable } }

  private func run(_ compiled: Compiled, _ values: [Tensor]) throws(Diagnostic) -> [Tensor] {
    do {
      return try compiled.program.run(values, budget: budget)
    } catch {
      throw Diagnostic(error, at: span)
    }
  }

  private func trace(_ values: [Tensor]) throws(Diagnostic) -> Compiled {
    let evaluator = Evaluator(environment: environment, budget: budget)
    evaluator.line = line
    var inputs: [Expression] = []
    var given: [Given] = []
    for (argument, value) in zip(arguments, values) {
      let input = evaluator.input(argument.name, value)
      inputs.append(input)
      given.append(Given(name: argument.name, value: .traced(input.id), span: span))
    }
    let result = try evaluator.expression(evaluator.invoke(.function(function), given, at: span), at: span)
    var outputs = [result.id]
    if gradientCount > 0 {
      guard result.shape.isEmpty else { throw Diagnostic.gradientOfMany(function.name, result.shape, at: span) }
      let variables = zip(arguments, inputs).filter { $0.0.isVariable }.map { $0.1 }
      do {
        outputs += try evaluator.graph.gradient(of: result, withRespectTo: variables).map(\.id)
      } catch {
        throw Diagnostic(
          "E213", Phrase(en: "`\(error.primitive)` has no derivative", zh: "`\(error.primitive)` 没有导数"),
          at: [.init(span)])
      }
    }
    let guards = evaluator.guards
    do {
      let program = try Program(evaluator.graph, outputs: outputs + guards.map(\.condition), budget: budget)
      return Compiled(
        shapes: values.map(\.shape), program: program, guards: guards.map(\.value), outputShape: result.shape)
    } catch {
      throw Diagnostic(error, at: span)
    }
  }
}
