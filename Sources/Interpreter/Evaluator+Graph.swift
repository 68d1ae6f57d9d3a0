import Graphs
import Markup
import Syntax
import Tensors

extension Evaluator {
  // MARK: Into the graph

  /// A numeric value as a node of the graph.
  package func expression(_ value: Value, at span: Range<Int>) throws(Diagnostic) -> Expression {
    switch value {
    case .number(let number): return graph.constant(number)
    case .bool(let bool): return graph.constant(bool ? 1 : 0)
    case .tensor(let tensor): return graph.constant(tensor)
    case .range(let interval):
      let tensor = try exhausted(at: span) { () throws(Budget.Exhausted) in try interval.tensor(budget) }
      guard let tensor else { throw Diagnostic.tooManyElements(at: span) }
      return graph.constant(tensor)
    case .traced(let id): return graph.expression(id)
    default:
      throw Diagnostic.wrongKind(value, Phrase(en: "a number, vector or matrix is wanted", zh: "需要数、向量或矩阵"), at: span)
    }
  }

  /// A fresh input of the graph, worth `tensor` at present.
  package func input(_ name: String, _ tensor: Tensor) -> Expression {
    bindings.append(tensor)
    return graph.input(name, shape: tensor.shape)
  }

  /// A fresh input whose value is not known: for formulas.
  package func symbol(_ name: String, shape: Shape) -> Expression {
    bindings.append(nil)
    return graph.input(name, shape: shape)
  }

  /// Applies a primitive: to numbers at once, otherwise as a node.
  package func apply(
    _ primitive: Primitive.ID, _ operands: [Value], _ spans: [Range<Int>], attributes: [Int] = [], at span: Range<Int>
  ) throws(Diagnostic) -> Value {
    if let result = immediate(primitive, operands) {
      noteOrigin(of: result, primitive, operands)
      return .number(result)
    }
    if let record = try fieldwise(primitive, operands, spans, attributes, at: span) { return record }
    var inputs: [Expression] = []
    for (operand, place) in zip(operands, spans) { inputs.append(try expression(operand, at: place)) }
    guard graph.nodes.count < Graph.nodeLimit else { throw Diagnostic.graphTooLarge(at: span) }
    do {
      return .traced(try graph.apply(primitive, inputs, attributes: attributes).id)
    } catch {
      throw Diagnostic(error, spans, at: span)
    }
  }

  private func immediate(_ primitive: Primitive.ID, _ operands: [Value]) -> Double? {
    func number(_ value: Value) -> Double? {
      switch value {
      case .number(let number): number
      case .bool(let bool): bool ? 1 : 0
      default: nil
      }
    }
    switch primitive.row.kernel {
    case .unary(let kernel): return number(operands[0]).map { kernel($0) }
    case .binary(let kernel):
      guard let x = number(operands[0]), let y = number(operands[1]) else { return nil }
      return kernel(x, y)
    case .select:
      guard let c = number(operands[0]), let x = number(operands[1]), let y = number(operands[2]) else { return nil }
      return c != 0 ? x : y
    default: return nil
    }
  }

  /// Names the step at which a NaN or an infinity first arose.
  private func noteOrigin(of result: Double, _ primitive: Primitive.ID, _ operands: [Value]) {
    if result.isFinite { return }
    let numbers = operands.compactMap { $0.numbers?.elements[0] }
    // ∞ − ∞ makes a NaN; an ∞ that stays one is nothing new.
    guard result.isNaN ? !numbers.contains(where: \.isNaN) : numbers.allSatisfy(\.isFinite) else { return }
    note(Evaluator.origin(primitive, numbers, result, element: nil))
  }

  static func origin(_ primitive: Primitive.ID, _ operands: [Double], _ result: Double, element: Int?) -> Phrase {
    let name = primitive.row.name
    let isInfix = operands.count == 2 && name.unicodeScalars.allSatisfy { !$0.properties.isAlphabetic }
    let numbers = operands.map { isInfix && $0 < 0 ? "(" + shortNumber($0) + ")" : shortNumber($0) }
    let call: String
    if isInfix {
      call = "\(numbers[0])\(name)\(numbers[1])"
    } else {
      call = name + "(" + numbers.joined(separator: ", ") + ")"
    }
    let value = shortNumber(result)
    guard let element else { return Phrase(en: "\(call) is \(value)", zh: "\(call) 得 \(value)") }
    return Phrase(en: "element \(element): \(call) is \(value)", zh: "第 \(element) 个元素：\(call) 得 \(value)")
  }

  // MARK: Out of the graph

  /// Whether a node is not the same for all inputs.
  func dependsOnInputs(_ id: Graph.ID) -> Bool {
    graph.reachable(from: [id]).contains { graph[$0].primitive == .input }
  }

  /// Whether every input a node depends on has a value.
  func isKnown(_ id: Graph.ID) -> Bool {
    if usesPresentValues, bindings.allSatisfy({ $0 != nil }) { return true }
    return graph.reachable(from: [id]).allSatisfy { node in
      graph[node].primitive != .input || usesPresentValues && bindings[graph[node].attributes[0]] != nil
    }
  }

  func requireKnown(_ id: Graph.ID, at span: Range<Int>) throws(Diagnostic) {
    guard isKnown(id), Shapes.isConcrete(graph[id].shape) else {
      throw Diagnostic.unknownValue(at: span)
    }
  }

  /// The value of a node, computed by one program over everything it depends on.
  package func force(_ id: Graph.ID, at span: Range<Int>) throws(Diagnostic) -> Tensor {
    if let constant = graph.constant(at: id) { return constant }
    try requireKnown(id, at: span)
    forceCount += 1
    if forceCount > 1 { return try forceAnew(id, at: span) }
    return try exhausted(at: span) { () throws(Budget.Exhausted) in
      try Program(graph, outputs: [id], budget: budget).run(bindings.map { $0 ?? Tensor(0) }, budget: budget)[0]
    }
  }

  /// Computes only what earlier forces have not, by a small graph in which all they found is constant.
  private func forceAnew(_ id: Graph.ID, at span: Range<Int>) throws(Diagnostic) -> Tensor {
    if let value = found[id] { return value }
    var pending = [id]
    var needed: Set<Graph.ID> = [id]
    while let next = pending.popLast() {
      for input in graph[next].inputs where found[input] == nil && needed.insert(input).inserted {
        pending.append(input)
      }
    }
    let fresh = Graph()
    var copies: [Graph.ID: Expression] = [:]
    func copy(_ input: Graph.ID) -> Expression {
      if let copy = copies[input] { return copy }
      let made = fresh.constant(found[input] ?? Tensor(.nan))
      copies[input] = made
      return made
    }
    let order = needed.sorted()
    for old in order {
      let node = graph[old]
      switch node.primitive {
      case .constant: copies[old] = fresh.constant(graph.constant(at: old) ?? Tensor(.nan))
      case .input: copies[old] = fresh.constant(bindings[node.attributes[0]] ?? Tensor(.nan))
      case .alias: copies[old] = copy(node.inputs[0])
      default:
        let operands = node.inputs.map(copy)
        copies[old] = operands[0].apply(node.primitive, Array(operands.dropFirst()), attributes: node.attributes)
      }
    }
    let kept = order.filter { (Shapes.count(graph[$0].shape) ?? .max) <= 512 && graph[$0].primitive != .constant }
    let outputs = [id] + kept
    return try exhausted(at: span) { () throws(Budget.Exhausted) in
      let values = try Program(fresh, outputs: outputs.map { copy($0).id }, budget: budget).run([], budget: budget)
      if found.count < 1_000_000 { for (old, value) in zip(kept, values.dropFirst()) { found[old] = value } }
      return values[0]
    }
  }

  // MARK: Plain numbers

  /// A finished number, for sizes, axes and other things the graph does not hold.
  package func number(_ value: Value, at span: Range<Int>) throws(Diagnostic) -> Double {
    switch value {
    case .number(let number): return number
    case .bool(let bool): return bool ? 1 : 0
    case .traced(let id) where graph[id].shape.isEmpty: return try force(id, at: span).elements[0]
    case .traced(let id):
      throw Diagnostic.wrongKind(
        .tensor(try force(id, at: span)), Phrase(en: "one number is wanted", zh: "这里需要一个数"), at: span)
    default: throw Diagnostic.wrongKind(value, Phrase(en: "one number is wanted", zh: "这里需要一个数"), at: span)
    }
  }

  package func tensor(_ value: Value, at span: Range<Int>) throws(Diagnostic) -> Tensor {
    if let numbers = value.numbers { return numbers }
    if case .traced(let id) = value { return try force(id, at: span) }
    if case .range = value { throw Diagnostic.tooManyElements(at: span) }
    throw Diagnostic.wrongKind(value, Phrase(en: "a number, vector or matrix is wanted", zh: "需要数、向量或矩阵"), at: span)
  }

  /// A whole number in a range that nothing overflows in.
  package func integer(
    _ value: Value, at span: Range<Int>, called name: String, from lowest: Int, to highest: Int = 1_000_000_000_000
  ) throws(Diagnostic) -> Int {
    let number = try number(value, at: span)
    guard number == number.rounded(), number >= Double(lowest), number <= Double(highest) else {
      let bound = highest >= 1_000_000_000_000 && number < 1e12 ? "≥ \(lowest)" : "\(lowest)…\(highest)"
      throw Diagnostic(
        "E209",
        Phrase(
          en: "\(name) must be a whole number \(bound), not \(shortNumber(number))",
          zh: "\(name) 应为整数（\(bound)），不能是 \(shortNumber(number))"), at: [Diagnostic.Label(span)])
    }
    return Int(number)
  }

  /// The shape of a numeric value, known without computing it.
  package func shape(of value: Value) -> Shape? {
    switch value {
    case .number, .bool: []
    case .tensor(let tensor): tensor.shape
    case .range(let interval): interval.count.map { [$0] }
    case .traced(let id): graph[id].shape
    default: nil
    }
  }
}
