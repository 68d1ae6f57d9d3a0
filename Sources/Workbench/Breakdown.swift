import Descent
import Graphs
import Interpreter
import Markup
import Notation
import Tensors

/// What a descent that left the finite numbers could not compute: the first operation of the loss, or of its gradient,
/// that has no finite result though its operands have.
struct Breakdown {
  /// Where the step led.
  let place: String
  /// `cholesky([a, 1; 1, 1])`, as far as it can be written.
  let expression: String
  /// What is wrong there: a sentence without its end.
  let reason: Phrase
  /// Whether it is a matrix that has no answer, rather than a number that is too large.
  let isMatrix: Bool
  /// Whether the step could not be made, rather than the loss computed where it leads.
  var isStep = false

  /// Nil where no operation is to blame: the step itself is too long, or it is not known which rows of the data it saw.
  static func of(_ object: TraceObject, _ budget: Budget) -> Breakdown? {
    let trace = object.trace
    guard trace.ending == .diverged, !trace.losses.isEmpty, trace.descent.data.map(\.isWhole) ?? true,
      let values = trace.attempted()
    else { return nil }
    let place = Breakdown.place(trace, values)
    guard values.allSatisfy({ $0.elements.allSatisfy(\.isFinite) }) else {
      return secondDerivatives(trace)
    }
    let evaluator = Evaluator(environment: object.environment, budget: budget)
    var given: [Given] = []
    var inputs: [Expression] = []
    var known: [Graph.ID: Tensor] = [:]
    for (start, value) in zip(trace.descent.start, values) {
      // Without a value, or the language itself would refuse a matrix that has no answer.
      let input = evaluator.symbol(start.name, shape: value.shape)
      known[input.id] = value
      inputs.append(input)
      given.append(Given(name: start.name, value: .traced(input.id), span: 0..<0))
    }
    for (name, column) in zip(trace.descent.dataNames, trace.descent.data?.columns ?? []) {
      given.append(Given(name: name, value: .tensor(column), span: 0..<0))
    }
    guard let value = try? evaluator.invoke(.function(object.function), given, at: 0..<0),
      let loss = try? evaluator.expression(value, at: 0..<0)
    else { return nil }
    var outputs = [loss.id]
    outputs += ((try? evaluator.graph.gradient(of: loss, withRespectTo: inputs)) ?? []).map(\.id)
    return culprit(evaluator.graph, known, outputs, place)
  }

  private static func culprit(
    _ graph: Graph, _ known: [Graph.ID: Tensor], _ outputs: [Graph.ID], _ place: String
  ) -> Breakdown? {
    let order = graph.reachable(from: outputs)
    var arguments = [Tensor](repeating: Tensor(0), count: graph.inputNames.count)
    for (id, value) in known { arguments[graph[id].attributes[0]] = value }
    guard order.count <= 2000, let values = try? Program(graph, outputs: order).run(arguments) else { return nil }
    var results: [Graph.ID: [Double]] = [:]
    for (id, value) in zip(order, values) {
      let result = value.elements
      results[id] = result
      guard let index = result.firstIndex(where: { !$0.isFinite }) else { continue }
      let node = graph[id]
      let operands = node.inputs.map { results[$0] ?? [] }
      guard !node.inputs.isEmpty, operands.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { continue }
      let text = Formula(graph).text(id, limit: 60) ?? node.primitive.row.name + "(…)"
      func operand(_ number: Int) -> Double { operands[number][operands[number].count == 1 ? 0 : index] }
      guard let (reason, isMatrix) = reason(node.primitive, operand) else { return nil }
      return Breakdown(place: place, expression: text, reason: reason, isMatrix: isMatrix)
    }
    return nil
  }

  private static func reason(_ primitive: Primitive.ID, _ operand: (Int) -> Double) -> (Phrase, Bool)? {
    let n = { (value: Double) in shortNumber(value, digits: 4) }
    switch primitive {
    case .solve, .inverse, .cofactor: return (Phrase(en: "its matrix is singular there", zh: "那里的矩阵是奇异的"), true)
    case .cholesky:
      return (Phrase(en: "its matrix is not positive definite there", zh: "那里的矩阵不是正定的"), true)
    case .logdet:
      return (Phrase(en: "the determinant is not positive there", zh: "那里的行列式不是正数"), true)
    case .log, .log2, .log10:
      return (Phrase(en: "a logarithm of \(n(operand(0)))", zh: "对 \(n(operand(0))) 取对数"), false)
    case .log1p: return (Phrase(en: "a logarithm of \(n(1 + operand(0)))", zh: "对 \(n(1 + operand(0))) 取对数"), false)
    case .sqrt: return (Phrase(en: "a root of \(n(operand(0)))", zh: "对 \(n(operand(0))) 开方"), false)
    case .divide where operand(1) == 0: return (Phrase(en: "a division by 0", zh: "除以 0"), false)
    case .power where operand(0) <= 0:
      return (
        Phrase(en: "a power \(n(operand(1))) of \(n(operand(0)))", zh: "\(n(operand(0))) 的 \(n(operand(1))) 次方"), false
      )
    case .exp, .power, .multiply, .add, .subtract, .divide, .sinh, .cosh, .expm1:
      return (Phrase(en: "a result beyond 1.8e308", zh: "结果超出 1.8e308"), false)
    default: return nil
    }
  }

  /// The step itself has no value: the optimizer solves with a matrix that has no inverse.
  private static func secondDerivatives(_ trace: Trace) -> Breakdown? {
    guard trace.optimizer.lines.isEmpty == false, let matrix = trace.hessian(at: trace.stepCount),
      matrix.elements.allSatisfy(\.isFinite), let last = trace.entry(trace.stepCount)
    else { return nil }
    return Breakdown(
      place: place(trace, last.values), expression: "solve(H, g)",
      reason: Phrase(
        en: "the matrix of second derivatives has no inverse there", zh: "那里的二阶导数矩阵没有逆"), isMatrix: true, isStep: true)
  }

  private static func place(_ trace: Trace, _ values: [Tensor]) -> String {
    let parts = zip(trace.parameters, values).map { parameter, value in
      parameter.size == 1
        ? "\(parameter.name) = \(shortNumber(value.elements[0], digits: 5))"
        : "‖\(parameter.name)‖ = \(shortNumber(Examination.norm(value.elements), digits: 5))"
    }
    return parts.prefix(3).joined(separator: ", ")
  }
}
