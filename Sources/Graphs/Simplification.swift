import Tensors

/// Rewrites that give the same value for every operand, NaN and infinity included (up to the sign of a zero): `x·1`,
/// `x + 0`, `x^1`, `−(−x)`, arithmetic on constants. `0·x` stays, because 0·∞ is NaN.
enum Simplification {
  static func elementwise(_ primitive: Primitive.ID, _ inputs: [Expression], _ shape: Shape) -> Expression? {
    let graph = inputs[0].graph
    let numbers = inputs.map { graph.number($0.id) }
    if let folded = fold(primitive, numbers) { return graph.constant(folded) }
    if let single = onNumbers(primitive, inputs, shape) { return single }
    switch primitive {
    case .add:
      if numbers[0] == 0, inputs[1].shape == shape { return inputs[1] }
      if numbers[1] == 0, inputs[0].shape == shape { return inputs[0] }
      if inputs[1].node.primitive == .negate, numbers[0] == nil {
        return inputs[0] - graph.expression(inputs[1].node.inputs[0])
      }
      if inputs[0].node.primitive == .negate, numbers[1] == nil {
        return inputs[1] - graph.expression(inputs[0].node.inputs[0])
      }
    case .subtract:
      if numbers[1] == 0, inputs[0].shape == shape { return inputs[0] }
      if numbers[0] == 0, inputs[1].shape == shape { return -inputs[1] }
      if inputs[1].node.primitive == .negate { return inputs[0] + graph.expression(inputs[1].node.inputs[0]) }
    case .multiply: return product(inputs[0], inputs[1], numbers, shape)
    case .divide:
      if numbers[1] == 1, inputs[0].shape == shape { return inputs[0] }
      if inputs[0].node.primitive == .negate { return -(graph.expression(inputs[0].node.inputs[0]) / inputs[1]) }
    case .power:
      if numbers[1] == 1, inputs[0].shape == shape { return inputs[0] }
      if numbers[1] == 0 { return graph.constant(1).broadcast(to: shape) }
    case .negate:
      if inputs[0].node.primitive == .negate { return graph.expression(inputs[0].node.inputs[0]) }
    case .select:
      if let condition = numbers[0] {
        let chosen = condition != 0 ? inputs[1] : inputs[2]
        return chosen.broadcast(to: shape)
      }
      if inputs[1].id == inputs[2].id, inputs[1].shape == shape { return inputs[1] }
      return choice(inputs[0], inputs[1], inputs[2], shape)
    default: break
    }
    return nil
  }

  /// A choice by what is 1 or 0: asking whether it is 0 is choosing the other way round, and where it is 1 a product
  /// with it is the other factor. So a row picked by its label costs one choice, in the gradient too.
  private static func choice(
    _ condition: Expression, _ a: Expression, _ b: Expression, _ shape: Shape
  ) -> Expression? {
    let graph = condition.graph
    let node = condition.node
    if node.primitive == .equal, graph.number(node.inputs[1]) == 0 {
      let truth = graph.expression(node.inputs[0])
      if truth.node.primitive.isTruth, truth.shape == condition.shape { return truth.apply(.select, [b, a]) }
    }
    if node.primitive.isTruth, a.node.primitive == .multiply, let place = a.node.inputs.firstIndex(of: condition.id) {
      let factor = graph.expression(a.node.inputs[1 - place])
      if factor.shape == shape || factor.shape.isEmpty && condition.shape == shape {
        return condition.apply(.select, [factor, b])
      }
    }
    return nil
  }

  /// An operation on nothing but repeated numbers is done once and its result repeated.
  private static func onNumbers(_ primitive: Primitive.ID, _ inputs: [Expression], _ shape: Shape) -> Expression? {
    guard !shape.isEmpty else { return nil }
    var singles: [Expression] = []
    for input in inputs {
      if input.shape.isEmpty {
        singles.append(input)
      } else if input.node.primitive == .broadcast, input.graph[input.node.inputs[0]].shape.isEmpty {
        singles.append(input.graph.expression(input.node.inputs[0]))
      } else {
        return nil
      }
    }
    return singles[0].apply(primitive, Array(singles.dropFirst())).broadcast(to: shape)
  }

  /// Products with ±1 vanish, numbers come first, and a number times a number-led product is one number.
  private static func product(
    _ a: Expression, _ b: Expression, _ numbers: [Double?], _ shape: Shape
  ) -> Expression? {
    let graph = a.graph
    if numbers[1] != nil, numbers[0] == nil { return b * a }
    if numbers[0] == 1, b.shape == shape { return b }
    if numbers[0] == -1, b.shape == shape { return -b }
    if a.node.primitive == .negate { return -(graph.expression(a.node.inputs[0]) * b) }
    if b.node.primitive == .negate { return -(a * graph.expression(b.node.inputs[0])) }
    // x·(1/y) is printed, and rounds no worse, as x/y.
    if b.node.primitive == .divide, graph.number(b.node.inputs[0]) == 1, numbers[0] == nil {
      return a / graph.expression(b.node.inputs[1])
    }
    // (1/n)·x reads and rounds better as x/n.
    if a.node.primitive == .divide, graph.number(a.node.inputs[0]) == 1, numbers[0] == nil {
      return b / graph.expression(a.node.inputs[1])
    }
    return nil
  }

  static func structural(
    _ primitive: Primitive.ID, _ inputs: [Expression], _ attributes: [Int], _ shape: Shape
  ) -> Expression? {
    let input = inputs[0]
    let graph = input.graph
    switch primitive {
    case .count where Shapes.isConcrete(input.shape):
      return graph.constant(Double(input.shape.reduce(1, *)))
    case .sum, .product, .largest, .smallest, .logsumexp:
      if attributes.isEmpty, input.shape.isEmpty { return input }
      // Σ(c·x) = c·Σx with a number c: the fold runs over less, and prints as in a book.
      if primitive == .sum, input.node.primitive == .broadcast, attributes.isEmpty {
        let inner = graph.expression(input.node.inputs[0])
        if inner.shape.isEmpty { return inner * input.apply(.count) }
      }
    case .broadcast, .reshape, .sumTo:
      if shape == input.shape { return input }
      if primitive != .sumTo, input.node.primitive == primitive {
        return graph.expression(input.node.inputs[0]).apply(primitive, attributes: attributes)
      }
      // A number repeated and then given another shape is the number, repeated in that shape.
      if primitive == .reshape, input.node.primitive == .broadcast, !shape.isEmpty {
        let inner = graph.expression(input.node.inputs[0])
        if inner.shape.isEmpty { return inner.broadcast(to: shape) }
      }
      // What is put back in its places adds up to what it was.
      if primitive == .sumTo, graph.isOnlyRun, input.node.primitive == .maxpool2dBack, shape.last == 1,
        shape.dropLast().last == 1
      {
        return graph.expression(input.node.inputs[2]).apply(.sumTo, attributes: attributes)
      }
    // The largest of what is above 0, wherever that is taken: fewer numbers afterwards, and the same gradient.
    case .maxpool2d where graph.isOnlyRun && input.node.primitive == .relu:
      return graph.expression(input.node.inputs[0]).apply(.maxpool2d, attributes: attributes).apply(.relu)
    case .take where input.node.primitive == .stack && attributes == [0]:
      if let place = graph.number(inputs[1].id), let index = Int(exactly: place),
        input.node.inputs.indices.contains(index)
      {
        return graph.expression(input.node.inputs[index])
      }
    case .transpose where attributes.isEmpty && input.node.primitive == .transpose && input.node.attributes.isEmpty:
      return graph.expression(input.node.inputs[0])
    default: break
    }
    return nil
  }

  private static func fold(_ primitive: Primitive.ID, _ numbers: [Double?]) -> Double? {
    switch primitive.row.kernel {
    case .unary(let kernel): return numbers[0].map { kernel($0) }
    case .binary(let kernel):
      guard let a = numbers[0], let b = numbers[1] else { return nil }
      return kernel(a, b)
    case .select:
      guard let condition = numbers[0], let a = numbers[1], let b = numbers[2] else { return nil }
      return condition != 0 ? a : b
    default: return nil
    }
  }
}

extension Primitive.ID {
  /// Whether it gives 1 or 0 and nothing else.
  fileprivate var isTruth: Bool {
    switch self {
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .unequal: true
    default: false
    }
  }
}
