import Tensors

extension Graph {
  /// Reverse-mode differentiation as a transformation of the graph: the gradient is more nodes of the same graph, so
  /// it can be simplified, printed, compiled and differentiated again.
  ///
  /// - Parameters:
  ///   - output: a scalar.
  ///   - variables: what to differentiate with respect to, any shapes.
  /// - Returns: for each variable an expression of its shape; zeros where the output does not depend on it.
  /// - Throws: the name of a primitive that has no derivative and lies between a variable and the output.
  package func gradient(
    of output: Expression, withRespectTo variables: [Expression]
  ) throws(NotDifferentiable) -> [Expression] {
    precondition(output.shape.isEmpty, "only a number has a gradient")
    let last = Int(output.id)
    var depends = [Bool](repeating: false, count: last + 1)
    for variable in variables where Int(variable.id) <= last { depends[Int(variable.id)] = true }
    let first = variables.map { Int($0.id) }.min() ?? last
    if first < last {
      for index in (first + 1)...last where !depends[index] {
        depends[index] = nodes[index].inputs.contains { depends[Int($0)] }
      }
    }
    var adjoints = [Expression?](repeating: nil, count: last + 1)
    var elements: [Int: [Piece]] = [:]
    func add(_ contribution: Expression, to input: Int) {
      adjoints[input] = adjoints[input].map { Graph.sum($0, contribution) } ?? contribution
    }
    if depends[last] { adjoints[last] = constant(1) }
    let isVariable = Set(variables.map { Int($0.id) })
    if first <= last {
      for index in stride(from: last, through: first, by: -1) where depends[index] && !isVariable.contains(index) {
        if let pieces = elements.removeValue(forKey: index) { add(scattered(pieces, over: ID(index)), to: index) }
        guard let adjoint = adjoints[index] else { continue }
        let node = nodes[index]
        if node.primitive == .take, node.attributes == [0], let place = number(node.inputs[1]) {
          elements[Int(node.inputs[0]), default: []].append(
            Piece(place: place, adjoint: adjoint.broadcast(to: node.shape)))
          continue
        }
        let contributions = try pullback(node, ID(index), adjoint, wanted: node.inputs.map { depends[Int($0)] })
        for (input, contribution) in zip(node.inputs, contributions) where depends[Int(input)] {
          guard let contribution else { continue }
          add(contribution, to: Int(input))
        }
      }
    }
    for (index, pieces) in elements.sorted(by: { $0.key < $1.key }) {
      add(scattered(pieces, over: ID(index)), to: index)
    }
    return variables.map { variable in
      let adjoint = Int(variable.id) <= last ? adjoints[Int(variable.id)] : nil
      guard let adjoint else { return constant(0).broadcast(to: variable.shape) }
      return adjoint.broadcast(to: variable.shape)
    }
  }

  /// The gradient of one element or row that a loop took from a tensor.
  private struct Piece {
    var place: Double
    var adjoint: Expression
  }

  /// The gradients of single elements put in their places at once: a scatter for each would make the gradient of a loop
  /// over n elements cost n².
  private func scattered(_ pieces: [Piece], over id: ID) -> Expression {
    let shape = nodes[Int(id)].shape
    if pieces.count == 1 {
      return pieces[0].adjoint.apply(.scatterAdd, [constant(pieces[0].place)], attributes: [0] + shape)
    }
    let rows = pieces[0].adjoint.apply(.stack, pieces.dropFirst().map(\.adjoint))
    return rows.apply(.scatterAdd, [constant(Tensor(vector: pieces.map(\.place)))], attributes: [0] + shape)
  }

  /// adjoint · partial. What is zero because a branch was not taken stays zero whatever the other branch's derivative is:
  /// `if x > 0 then log(x) else 0` has slope 0 at 0, not 0·∞.
  private static func product(_ adjoint: Expression, _ partial: Expression) -> Expression {
    guard let branches = branches(adjoint) else { return adjoint * partial }
    let result: Expression
    if branches.isZeroElse {
      result = product(branches.value, partial).where_(branches.condition, else: adjoint.constant(0))
    } else {
      result = adjoint.constant(0).where_(branches.condition, else: product(branches.value, partial))
    }
    return result.shape == adjoint.shape ? result : adjoint * partial
  }

  /// a + b, where both are parts of one `if` its two branches again.
  private static func sum(_ a: Expression, _ b: Expression) -> Expression {
    guard let first = branches(a), let second = branches(b), first.condition.id == second.condition.id,
      a.shape == b.shape
    else { return a + b }
    let zero = a.constant(0)
    switch (first.isZeroElse, second.isZeroElse) {
    case (true, true): return sum(first.value, second.value).where_(first.condition, else: zero)
    case (false, false): return zero.where_(first.condition, else: sum(first.value, second.value))
    case (true, false): return first.value.where_(first.condition, else: second.value)
    case (false, true): return second.value.where_(first.condition, else: first.value)
    }
  }

  /// An `if` with zero in one branch.
  private static func branches(
    _ expression: Expression
  ) -> (condition: Expression, value: Expression, isZeroElse: Bool)? {
    let (graph, node) = (expression.graph, expression.node)
    guard node.primitive == .select else { return nil }
    let condition = graph.expression(node.inputs[0])
    if graph.number(node.inputs[2]) == 0 { return (condition, graph.expression(node.inputs[1]), true) }
    if graph.number(node.inputs[1]) == 0 { return (condition, graph.expression(node.inputs[2]), false) }
    return nil
  }

  /// What the gradient of a node's output says about each of its inputs.
  private func pullback(
    _ node: Node, _ id: ID, _ adjoint: Expression, wanted: [Bool]
  ) throws(NotDifferentiable) -> [Expression?] {
    let row = node.primitive.row
    let inputs = node.inputs.map(expression)
    switch row.derivative {
    case .none: throw NotDifferentiable(primitive: row.name)
    case .zero: return inputs.map { _ in nil }
    case .elementwise(let partials):
      return inputs.indices.map { index in
        guard wanted[index], let partial = partials[index](inputs, expression(id)) else { return nil }
        return Graph.product(adjoint, partial).summed(to: inputs[index].shape)
      }
    case .pullback(let rule):
      return rule(Pullback(inputs: inputs, output: expression(id), attributes: node.attributes, adjoint: adjoint))
    }
  }
}

/// Something on the way from a variable to the result has no derivative.
package struct NotDifferentiable: Error, Sendable, Hashable {
  package let primitive: String
}
