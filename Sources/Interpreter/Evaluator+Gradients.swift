import Graphs
import Markup
import Syntax
import Tensors

extension Evaluator {
  // MARK: The syntax

  /// `grad f`, `∇f`, `∂f/∂w`, with or without `at`. Of a function: its gradient. Of an expression in a variable:
  /// the derivative at that variable's value.
  func gradient(
    of operand: Tree.ID, _ with: String?, _ arguments: [Argument]?, at span: Range<Int>, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let tree = frame.tree
    // ∇f(2) is (∇f)(2), unless f(2) is itself a function.
    if arguments == nil, case .call(let callee, let inner) = tree[operand] {
      var copy = frame
      if case .function(let function) = try evaluate(callee, &copy) {
        if let with, !function.parameters.contains(where: { $0.name == with }) {
          return try derivative(of: operand, with, at: span, &frame)
        }
        if case .defined(let body, let root, _) = function.body, case .lambda = body[root] {
          return try gradientFunction(evaluate(operand, &copy), with, at: tree.span(operand))
        }
        let given = try evaluated(inner, .function(function), &frame)
        return try gradient(of: function, wrt: with, given, at: span)
      }
    }
    var copy = frame
    if let with, !isFunction(operand, &copy) {
      guard let arguments else { return try derivative(of: operand, with, at: span, &frame) }
      // ∂(w^2·b)/∂w at (w = 3, b = 2): a function of what is given.
      let names = [with] + arguments.compactMap(\.name).filter { $0 != with }
      let function = Function(
        name: nil, parameters: names.map { Function.Parameter($0) },
        body: .defined(tree, operand, captured: frame.locals))
      return try gradient(of: function, wrt: with, evaluated(arguments, nil, &frame), at: span)
    }
    let function = try gradientFunction(evaluate(operand, &copy), with, at: tree.span(operand))
    guard let arguments else { return function }
    let given = try evaluated(arguments, function, &frame)
    return try invoke(function, given, at: span)
  }

  /// `∂MSE/∂w = 2/n * (y_pred - y_true)` as printed: worth its right side, with a note on whether the left agrees.
  func claim(_ derivative: Tree.ID, _ written: Tree.ID, _ frame: inout Frame) throws(Diagnostic) -> Value {
    let tree = frame.tree
    let name = tree.text(derivative)
    frame.body = written
    let value = try finished(evaluate(written, &frame), at: tree.span(written))
    var inner = frame
    inner.body = derivative
    let computed = try? finished(evaluate(derivative, &inner), at: tree.span(derivative))
    guard let computed, computed.numbers != nil else {
      note(
        Phrase(
          en: "written down as printed; check(L, at=…) measures the derivative itself",
          zh: "照原样记下；check(L, at=…) 可以实际量一量导数"))
      return value
    }
    if let difference = value.difference(from: computed, tolerance: 1e-6) {
      note(
        Phrase(en: "this is not \(name): \(difference.en)", zh: "这不是 \(name)：\(difference.zh)"))
    } else {
      note(Phrase(en: "this is \(name)", zh: "这正是 \(name)"))
    }
    return value
  }

  private func isFunction(_ operand: Tree.ID, _ frame: inout Frame) -> Bool {
    switch frame.tree[operand] {
    case .name(let name):
      if case .function = frame.locals[name] ?? substitutions[name] ?? environment[name] { return true }
      return false
    case .lambda, .gradient: return true
    default: return false
    }
  }

  private func gradientFunction(_ value: Value, _ with: String?, at span: Range<Int>) throws(Diagnostic) -> Value {
    guard case .function(let function) = value else {
      throw Diagnostic.wrongKind(
        value, Phrase(en: "a gradient is taken of a function", zh: "只有函数才有梯度"), at: span,
        help: Phrase(en: "write f(w) = … and then grad f, or ∂(…)/∂w", zh: "先写 f(w) = …，再写 grad f，或写 ∂(…)/∂w"))
    }
    if let with, !function.parameters.contains(where: { $0.name == with }) {
      throw Diagnostic.noSuchVariable(with, function, at: span)
    }
    let parameters = function.parameters
    let name = function.name.map { own in
      if let with { return own.contains("/") ? "∂(\(own))/∂\(with)" : "∂\(own)/∂\(with)" }
      return parameters.count == 1 ? own + "'" : "∇" + own
    }
    var gradient = Function(name: name, parameters: parameters, body: .gradient(function, wrt: with))
    // Fallbacks are expressions in the tree of the original; the call finds them there.
    for index in gradient.parameters.indices where gradient.parameters[index].fallback != nil {
      gradient.parameters[index].fallback = .absent
    }
    return .function(gradient)
  }

  /// `∂(…)/∂w` for an expression: w is varied wherever the expression sees it.
  private func derivative(
    of operand: Tree.ID, _ name: String, at span: Range<Int>, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let current: Value
    if let local = frame.locals[name] ?? substitutions[name] ?? environment[name] {
      current = local
    } else {
      // w has no value: the derivative is a function of it. Evaluated once without one, so that nothing else is unknown.
      var inner = frame
      inner.locals[name] = .traced(symbol(name, shape: []).id)
      do {
        _ = try evaluate(operand, &inner)
      } catch  where error.code != "E217" {
        throw error
      } catch {}
      let function = Function(
        name: nil, parameters: [Function.Parameter(name)],
        body: .defined(frame.tree, operand, captured: frame.locals))
      return try gradientFunction(.function(function), name, at: span)
    }
    let variable = try differentiationVariable(name, current, at: span)
    var inner = frame
    let outer = substitutions[name]
    inner.locals[name] = .traced(variable.id)
    substitutions[name] = .traced(variable.id)
    defer { substitutions[name] = outer }
    let result = try evaluate(operand, &inner)
    let output = try scalar(result, variables: [variable], called: frame.tree.text(operand), at: span)
    return .traced(try differentiated(output, [variable], at: span)[0].id)
  }

  func prime(_ value: Value, at span: Range<Int>) throws(Diagnostic) -> Value {
    guard case .function(let function) = value else {
      guard let shape = shape(of: value) else {
        throw Diagnostic.wrongKind(value, Phrase(en: "`'` takes a function or a matrix", zh: "`'` 用于函数或矩阵"), at: span)
      }
      return shape.count < 2 ? value : try apply(.transpose, [value], [span], at: span)
    }
    guard function.requiredCount == 1 else {
      throw Diagnostic(
        "E212",
        Phrase(
          en: "`'` needs a function of one variable; \(function.signature) has \(function.requiredCount)",
          zh: "`'` 只用于一元函数，\(function.signature) 有 \(function.requiredCount) 个参数"), at: [Diagnostic.Label(span)],
        help: Phrase(
          en: "say which one: ∂\(function.name ?? "f")/∂\(function.parameters[0].name)",
          zh: "说明对哪个变量求导：∂\(function.name ?? "f")/∂\(function.parameters[0].name)"))
    }
    return try gradientFunction(value, nil, at: span)
  }

  // MARK: The calculus

  /// A node that stands for a variable: the derivative is taken with respect to it and nothing else of equal value.
  private func differentiationVariable(
    _ name: String, _ value: Value, at span: Range<Int>
  ) throws(Diagnostic) -> Expression {
    if case .traced(let id) = value, dependsOnInput(id) { return graph.alias(graph.expression(id)) }
    return input(name, try tensor(value, at: span))
  }

  func dependsOnInput(_ id: Graph.ID) -> Bool {
    graph.reachable(from: [id]).contains { graph[$0].primitive == .input }
  }

  /// A function called with variables in place of the arguments to differentiate by.
  private struct Varied {
    var names: [String]
    var variables: [Expression]
    var result: Value
  }

  private func varied(
    _ function: Function, wrt: String?, _ given: [Given], at span: Range<Int>
  ) throws(Diagnostic) -> Varied {
    let (function, given) = try chosen(function, given)
    var bound = try bind(function, given, at: span, allowsExtra: false)
    for parameter in function.parameters where bound.values[parameter.name] == nil {
      if case .expression(let fallback) = parameter.fallback,
        case .defined(let tree, let body, let captured) = function.body
      {
        var frame = Frame(tree: tree, body: body, locals: captured)
        for (name, value) in bound.values { frame.locals[name] = value }
        bound.values[parameter.name] = try evaluate(fallback, &frame)
      }
    }
    let numeric = function.parameters.map(\.name).filter { bound.values[$0].flatMap(shape(of:)) != nil }
    let required = function.parameters.filter { $0.fallback == nil }.map(\.name).filter(numeric.contains)
    let names = wrt.map { [$0] } ?? (required.isEmpty ? numeric : required)
    guard !names.isEmpty else {
      throw Diagnostic(
        "E212", Phrase(en: "there is no number to differentiate with respect to", zh: "没有可以求导的数值变量"),
        at: [Diagnostic.Label(span)])
    }
    var variables: [Expression] = []
    for name in names {
      guard let value = bound.values[name], shape(of: value) != nil else {
        throw Diagnostic.noSuchVariable(name, function, at: span)
      }
      let variable = try differentiationVariable(name, value, at: bound.spans[name] ?? span)
      variables.append(variable)
      bound.values[name] = .traced(variable.id)
    }
    let arguments = function.parameters.compactMap { parameter in
      bound.values[parameter.name].map {
        Given(name: parameter.name, value: $0, span: bound.spans[parameter.name] ?? span)
      }
    }
    return Varied(names: names, variables: variables, result: try invoke(.function(function), arguments, at: span))
  }

  /// The gradient of a function at given arguments: with respect to one parameter, the only one, or all that are
  /// numbers (then a record).
  func gradient(
    of function: Function, wrt: String?, _ given: [Given], at span: Range<Int>
  ) throws(Diagnostic) -> Value {
    try valueAndGradient(of: function, wrt: wrt, given, at: span).gradient
  }

  /// A function's value and its gradient, which share what they have in common.
  func valueAndGradient(
    of function: Function, wrt: String?, _ given: [Given], at span: Range<Int>
  ) throws(Diagnostic) -> (value: Value, gradient: Value) {
    let varied = try varied(function, wrt: wrt, given, at: span)
    let output = try scalar(varied.result, variables: varied.variables, called: function.name, at: span)
    let gradients = try differentiated(output, varied.variables, at: span)
    if gradients.count == 1, wrt != nil || function.requiredCount <= 1 {
      return (varied.result, .traced(gradients[0].id))
    }
    return (varied.result, .record(Record(zip(varied.names, gradients).map { ($0, .traced($1.id)) })))
  }

  // MARK: Matrices of derivatives

  /// One row per number the function gives, one column per number it takes; several arguments stand side by side. A
  /// number of a number is a number.
  func jacobian(of function: Function, _ given: [Given], at span: Range<Int>) throws(Diagnostic) -> Value {
    let varied = try varied(function, wrt: nil, given, at: span)
    let result = try expression(varied.result, at: span)
    return .traced(try jacobian(of: result, varied.variables, at: span).id)
  }

  /// The Jacobian of the gradient.
  func hessian(of function: Function, _ given: [Given], at span: Range<Int>) throws(Diagnostic) -> Value {
    let varied = try varied(function, wrt: nil, given, at: span)
    let output = try expression(varied.result, at: span)
    guard output.shape.isEmpty else { throw Diagnostic.gradientOfMany(function.name, output.shape, at: span) }
    let gradients = try differentiated(output, varied.variables, at: span)
    if gradients.count == 1, gradients[0].shape.isEmpty {
      return .traced(try differentiated(gradients[0], varied.variables, at: span)[0].id)
    }
    return .traced(try jacobian(of: joined(gradients), varied.variables, at: span).id)
  }

  /// The numbers of several expressions as one vector.
  private func joined(_ parts: [Expression]) -> Expression {
    if parts.count == 1 { return parts[0].reshaped(to: [parts[0].shape.reduce(1, *)]) }
    var numbers: [Expression] = []
    for part in parts {
      let count = part.shape.reduce(1, *)
      let flat = part.reshaped(to: [count])
      if part.shape.isEmpty {
        numbers.append(part)
      } else {
        for index in 0..<count { numbers.append(flat.apply(.take, [part.constant(Double(index))], attributes: [0])) }
      }
    }
    return numbers[0].apply(.stack, Array(numbers.dropFirst()))
  }

  private func jacobian(
    of result: Expression, _ variables: [Expression], at span: Range<Int>
  ) throws(Diagnostic) -> Expression {
    guard Shapes.isConcrete(result.shape), variables.allSatisfy({ Shapes.isConcrete($0.shape) }) else {
      throw Diagnostic.unknownValue(at: span)
    }
    if result.shape.isEmpty {
      let row = try differentiated(result, variables, at: span)
      return row.count == 1 ? row[0] : joined(row)
    }
    let count = result.shape.reduce(1, *)
    let columns = variables.reduce(0) { $0 + $1.shape.reduce(1, *) }
    guard count > 0, columns > 0, Shapes.count([count, columns]) != nil else {
      throw Diagnostic.tooManyElements(at: span)
    }
    let flat = result.reshaped(to: [count])
    var rows: [Expression] = []
    for index in 0..<count {
      let element = flat.apply(.take, [flat.constant(Double(index))], attributes: [0])
      let row = try differentiated(element, variables, at: span)
      rows.append(row.count == 1 && row[0].shape.isEmpty ? row[0] : joined(row))
      try exhausted(at: span) { () throws(Budget.Exhausted) in try budget.check() }
    }
    return rows[0].apply(.stack, Array(rows.dropFirst()))
  }

  /// The number a function gave. A vector function applied element by element may be summed: its gradient is then the
  /// derivative at each element.
  private func scalar(
    _ value: Value, variables: [Expression], called name: String?, at span: Range<Int>
  ) throws(Diagnostic) -> Expression {
    if case .record = value { throw Diagnostic.gradientOfRecord(name, at: span) }
    let result = try expression(value, at: span)
    if result.shape.isEmpty { return result }
    if variables.count == 1, variables[0].shape == result.shape, isElementwise(from: variables[0].id, to: result.id) {
      return result.apply(.sum)
    }
    throw Diagnostic.gradientOfMany(name, result.shape, at: span)
  }

  private func isElementwise(from variable: Graph.ID, to result: Graph.ID) -> Bool {
    var depends: Set<Graph.ID> = [variable]
    for id in graph.reachable(from: [result]) where id > variable {
      let node = graph[id]
      guard node.inputs.contains(where: depends.contains) else { continue }
      guard node.primitive.row.kernel.isElementwise || node.primitive == .alias else { return false }
      depends.insert(id)
    }
    return true
  }

  private func differentiated(
    _ output: Expression, _ variables: [Expression], at span: Range<Int>
  ) throws(Diagnostic) -> [Expression] {
    guard graph.nodes.count < Graph.nodeLimit else { throw Diagnostic.graphTooLarge(at: span) }
    do {
      return try graph.gradient(of: output, withRespectTo: variables)
    } catch {
      throw Diagnostic(
        "E213", Phrase(en: "`\(error.primitive)` has no derivative", zh: "`\(error.primitive)` 没有导数"),
        at: [Diagnostic.Label(span)])
    }
  }
}
