import Graphs
import Interpreter
import Markup
import Notation
import Plots
import Syntax
import Tensors

/// The expression graph of a function at given arguments, read as a picture: every operation with its value, its
/// gradient and what the chain rule multiplies there. The numbers come from the graph that computes the loss itself.
struct GraphReading {
  private let evaluator: Evaluator
  private let graph: Graph
  private let result: Graph.ID
  private let span: Range<Int>
  /// The drawn nodes in order of evaluation.
  private let shown: [Graph.ID]
  private let names: [Graph.ID: String]

  /// The most operations that are drawn.
  static let limit = 120

  init(_ function: Function, at arguments: [(name: String, value: Tensor)], _ call: Call) throws(Diagnostic) {
    span = call.span
    evaluator = Evaluator(environment: call.evaluator.environment, budget: call.evaluator.budget)
    evaluator.surroundings = call.evaluator.surroundings
    graph = evaluator.graph
    var given: [Given] = []
    for argument in arguments {
      let input = evaluator.input(argument.name, argument.value)
      given.append(Given(name: argument.name, value: .traced(input.id), span: call.place(argument.name)))
    }
    let output = try evaluator.expression(evaluator.invoke(.function(function), given, at: span), at: span)
    guard output.shape.isEmpty else { throw Diagnostic.gradientOfMany(function.name, output.shape, at: span) }
    result = output.id
    let graph = graph
    let order = graph.reachable(from: [output.id])
    shown = order.filter { id in
      id == output.id || !GraphReading.isTransparent(graph[id].primitive) && graph.number(id) == nil
    }
    guard shown.count <= GraphReading.limit else {
      throw call.diagnostic(
        "E307",
        Phrase(
          en:
            "\(function.name ?? "the function") has \(shown.count) operations; a graph of more than \(GraphReading.limit) cannot be read",
          zh: "\(function.name ?? "这个函数") 有 \(shown.count) 个运算；超过 \(GraphReading.limit) 个的图没法看"),
        help: Phrase(en: "draw a part of it: one term of a sum, say", zh: "只画其中一部分，比如求和里的一项"))
    }
    names = GraphReading.names(shown, graph, result: output.id, called: function.name ?? "L")
  }

  // MARK: What is drawn

  /// Steps without an operation of their own.
  private static func isTransparent(_ primitive: Primitive.ID) -> Bool {
    primitive == .alias || primitive == .broadcast
  }

  private func source(_ id: Graph.ID) -> Graph.ID {
    var id = id
    while GraphReading.isTransparent(graph[id].primitive), id != result { id = graph[id].inputs[0] }
    return id
  }

  /// The inputs' own names, and letters for what comes between.
  private static func names(
    _ shown: [Graph.ID], _ graph: Graph, result: Graph.ID, called: String
  ) -> [Graph.ID: String] {
    var names: [Graph.ID: String] = [:]
    var taken: Set<String> = [called]
    for id in shown where graph[id].primitive == .input {
      let name = graph.inputNames[graph[id].attributes[0]]
      names[id] = name
      taken.insert(name)
    }
    var letters = "uvzpqrstacdeghjkm".map(String.init).filter { !taken.contains($0) }[...]
    var number = 1
    for id in shown where names[id] == nil {
      if id == result {
        names[id] = called
      } else if let tensor = graph.constant(at: id) {
        names[id] = summary(tensor)
      } else if let letter = letters.popFirst() {
        names[id] = letter
      } else {
        names[id] = "t\(number)"
        number += 1
      }
    }
    return names
  }

  /// A number; for more of them the shape and the norm, or all if they are few and there is room.
  private static func summary(_ tensor: Tensor, listing: Bool = true) -> String {
    if tensor.rank == 0 { return PictureNumber.text(tensor.elements[0]) }
    if tensor.rank == 1, tensor.count <= 3, listing {
      return "[" + tensor.elements.map(PictureNumber.text).joined(separator: ", ") + "]"
    }
    let norm = tensor.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return Shapes.describe(tensor.shape) + " ‖" + PictureNumber.text(norm) + "‖"
  }

  /// `×`, `+ 3`, `σ`: what the operation is called, with the constants it works with.
  private func operation(_ id: Graph.ID) -> String {
    let node = graph[id]
    let symbols: [Primitive.ID: String] = [
      .multiply: "×", .add: "+", .subtract: "−", .divide: "÷", .power: "^", .sigmoid: "σ", .sum: "Σ", .product: "Π",
      .sqrt: "√", .log: "ln", .abs: "|·|", .matmul: "@", .negate: "−", .select: "if", .transpose: "ᵀ",
    ]
    let symbol = symbols[node.primitive] ?? node.primitive.row.name
    guard node.inputs.count == 2 else { return symbol }
    let constants = node.inputs.map { graph.number(source($0)).map(PictureNumber.text) }
    switch (constants[0], constants[1]) {
    case (let left?, nil):
      return node.primitive == .multiply || node.primitive == .add ? symbol + left : left + " " + symbol
    case (nil, let right?): return symbol + right
    default: return symbol
    }
  }

  private func inputs(_ id: Graph.ID) -> [Graph.ID] {
    graph[id].inputs.map(source).filter { names[$0] != nil }
  }

  // MARK: Numbers

  func picture(_ title: String) throws(Diagnostic) -> ComputationGraph {
    let places = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, $0) })
    var gradients: [Graph.ID: Expression] = [:]
    var notes: [Phrase] = []
    let output = graph.expression(result)
    for id in shown where graph.constant(at: id) == nil {
      do {
        gradients[id] =
          id == result
          ? graph.constant(1) : try graph.gradient(of: output, withRespectTo: [graph.expression(id)])[0]
      } catch {
        notes = [
          Phrase(
            en: "no gradient flows through \(error.primitive): it has no derivative",
            zh: "\(error.primitive) 没有导数，梯度在此中断")
        ]
      }
    }
    var nodes: [ComputationGraph.Node] = []
    for id in shown {
      let value = GraphReading.summary(try evaluator.force(id, at: span))
      let gradient = try gradients[id].map { (expression) throws(Diagnostic) in
        GraphReading.summary(try evaluator.force(expression.id, at: span))
      }
      let isLeaf = graph[id].primitive == .input || graph.constant(at: id) != nil
      nodes.append(
        .init(
          name: names[id] ?? "?", operation: isLeaf ? "" : operation(id),
          inputs: isLeaf ? [] : inputs(id).compactMap { places[$0] }, value: value, gradient: gradient))
    }
    var rules: [ComputationGraph.Rule] = []
    for id in shown.reversed() {
      if let upstream = gradients[id] { rules += try self.rules(id, upstream) }
    }
    if rules.contains(where: { $0.value.isEmpty }) {
      notes.append(Phrase(en: "g is the upstream gradient", zh: "g 表示上游梯度"))
    }
    return ComputationGraph(title: title, nodes: nodes, rules: rules, notes: notes + sums())
  }

  /// What the chain rule multiplies at each input of one operation.
  private func rules(_ id: Graph.ID, _ upstream: Expression) throws(Diagnostic) -> [ComputationGraph.Rule] {
    let node = graph[id]
    var rules: [ComputationGraph.Rule] = []
    for (place, input) in node.inputs.enumerated() {
      guard let name = names[source(input)], let own = names[id], graph.constant(at: source(input)) == nil,
        let local = local(id, place, upstream)
      else { continue }
      let product = try evaluator.force(local.product.id, at: span)
      let received = try evaluator.force(upstream.id, at: span)
      let value = try local.factor.map { (factor) throws(Diagnostic) in try evaluator.force(factor.id, at: span) }
      var texts = (
        value: value.map { GraphReading.summary($0, listing: false) } ?? "",
        upstream: GraphReading.summary(received, listing: false),
        product: GraphReading.summary(product, listing: false)
      )
      if let value, value.rank == 0, received.rank == 0, product.rank == 0 {
        texts = GraphReading.closing(value.elements[0], received.elements[0], product.elements[0])
      }
      rules.append(
        .init(
          operation: operation(id),
          derivative: local.factor == nil ? "\(name) ← \(local.formula)" : "∂\(own)/∂\(name) = \(local.formula)",
          value: texts.value, upstream: texts.upstream, product: texts.product))
    }
    return rules
  }

  /// Factor, upstream and product with as many digits as it takes for the printed product to be that of the printed
  /// factors.
  private static func closing(
    _ value: Double, _ upstream: Double, _ product: Double
  ) -> (value: String, upstream: String, product: String) {
    // Adding zero makes a zero of either sign a plain one.
    let (value, upstream) = (value + 0, upstream + 0)
    let printed = shortNumber(product + 0, digits: 5)
    for digits in 5...15 {
      let factors = (rounded(value, toSignificant: digits), rounded(upstream, toSignificant: digits))
      if shortNumber(factors.0 * factors.1 + 0, digits: 5) == printed || digits == 15 {
        return (shortNumber(value, digits: digits), shortNumber(upstream, digits: digits), printed)
      }
    }
    return (shortNumber(value), shortNumber(upstream), printed)
  }

  /// The local derivative of a node by one input: its formula in the names of the picture, its value and its share of
  /// the gradient. For operations on whole tensors the formula is that of the share, in terms of the upstream g.
  private func local(
    _ id: Graph.ID, _ place: Int, _ upstream: Expression
  ) -> (formula: String, factor: Expression?, product: Expression)? {
    let node = graph[id]
    // The same rule over symbols, to be printed.
    let page = Graph()
    func symbol(_ id: Graph.ID) -> Expression {
      if let constant = graph.constant(at: source(id)), constant.rank == 0 { return page.constant(constant) }
      return page.input(names[source(id)] ?? "?", shape: graph[id].shape)
    }
    let operands = node.inputs.map(graph.expression)
    switch node.primitive.row.derivative {
    case .none, .zero: return nil
    case .elementwise(let partials):
      guard let factor = partials[place](operands, graph.expression(id)),
        let printed = partials[place](node.inputs.map(symbol), symbol(id))
      else { return nil }
      let product = (upstream * factor).summed(to: operands[place].shape)
      return (Formula(page).text(printed.id, limit: 60) ?? "…", factor, product)
    case .pullback(let rule):
      let products = rule(
        Pullback(inputs: operands, output: graph.expression(id), attributes: node.attributes, adjoint: upstream))
      let printed = rule(
        Pullback(
          inputs: node.inputs.map(symbol), output: symbol(id), attributes: node.attributes,
          adjoint: page.input("g", shape: node.shape)))
      guard let product = products[place], let text = printed[place] else { return nil }
      return (Formula(page).text(text.id, limit: 60) ?? "…", nil, product)
    }
  }

  /// Values that are used several times: their gradients add up.
  private func sums() -> [Phrase] {
    var uses: [Graph.ID: Int] = [:]
    for id in shown { for input in inputs(id) { uses[input, default: 0] += 1 } }
    let shared = shown.filter { uses[$0, default: 0] > 1 && graph.constant(at: $0) == nil }.compactMap { names[$0] }
    guard !shared.isEmpty else { return [] }
    let list = shared.joined(separator: ", ")
    return [
      Phrase(
        en: "used more than once, so the gradients of all uses add up: \(list)", zh: "被多次使用，各处的梯度相加：\(list)")
    ]
  }
}
