import Tensors

/// The expression graph: one arena of nodes that value, gradient, formula and steps are read from.
///
/// Nodes are hash-consed, so a common subexpression is one node however often it was written, and they only point
/// backwards, so their order is an evaluation order. The graph is a class because identity matters: expressions of one
/// graph can be combined, those of two cannot.
package final class Graph {
  package typealias ID = Int32

  package struct Node: Hashable {
    package let primitive: Primitive.ID
    package let inputs: [ID]
    /// What the primitive needs beyond its inputs: an axis, a permutation, the number of an input.
    package let attributes: [Int]
    package let shape: Shape

    package var isScalar: Bool { shape.isEmpty }
  }

  package private(set) var nodes: [Node] = []
  package private(set) var constants: [Tensor] = []
  /// What an input is called in print; nil for inner ones.
  package private(set) var inputNames: [String] = []
  private var known: [Node: ID] = [:]
  private var knownNumbers: [UInt64: ID] = [:]
  /// Constant arrays by where their elements are: a name read twice is one node.
  private var knownTensors: [Memory: ID] = [:]

  /// Elements in memory. The graph keeps its constants, so a place holds what it held.
  private struct Memory: Hashable {
    let address: UnsafeMutablePointer<Double>?
    let shape: Shape
  }

  /// Whether nobody will read the graph as formulas: then nodes may give way to others with the same values that are
  /// faster.
  package var isOnlyRun = false

  /// The most nodes one computation may build.
  package static let nodeLimit = 5_000_000

  package init() {}

  package subscript(id: ID) -> Node { nodes[Int(id)] }

  package func expression(_ id: ID) -> Expression { Expression(graph: self, id: id) }

  // MARK: Leaves

  package func input(_ name: String, shape: Shape) -> Expression {
    inputNames.append(name)
    let node = Node(primitive: .input, inputs: [], attributes: [inputNames.count - 1], shape: shape)
    return append(node)
  }

  package func constant(_ number: Double) -> Expression {
    if let id = knownNumbers[number.bitPattern] { return expression(id) }
    let made = append(constant: Tensor(number))
    knownNumbers[number.bitPattern] = made.id
    return made
  }

  package func constant(_ tensor: Tensor) -> Expression {
    if tensor.rank == 0 { return constant(tensor.elements[0]) }
    let memory = Memory(address: tensor.address, shape: tensor.shape)
    if let id = knownTensors[memory] { return expression(id) }
    let made = append(constant: tensor)
    knownTensors[memory] = made.id
    return made
  }

  private func append(constant tensor: Tensor) -> Expression {
    constants.append(tensor)
    return append(Node(primitive: .constant, inputs: [], attributes: [constants.count - 1], shape: tensor.shape))
  }

  /// A node equal to `operand` in value but distinct from it: what a gradient with respect to an argument is taken
  /// with, so that other uses of the same value do not count.
  package func alias(_ operand: Expression) -> Expression {
    append(Node(primitive: .alias, inputs: [operand.id], attributes: [nodes.count], shape: operand.shape))
  }

  // MARK: Operations

  /// The node that applies a primitive, shared with an equal one, simplified where that is exact.
  package func apply(
    _ primitive: Primitive.ID, _ inputs: [Expression], attributes: [Int] = []
  ) throws(ShapeError) -> Expression {
    let row = primitive.row
    if row.kernel.isElementwise { return try applyElementwise(primitive, inputs) }
    let shape = try row.shape(inputs.map(\.shape), attributes)
    guard Shapes.count(shape) != nil else { throw ShapeError(.tooLarge, shapes: inputs.map(\.shape), result: shape) }
    if let simpler = Simplification.structural(primitive, inputs, attributes, shape) { return simpler }
    return intern(Node(primitive: primitive, inputs: inputs.map(\.id), attributes: attributes, shape: shape))
  }

  private func applyElementwise(_ primitive: Primitive.ID, _ inputs: [Expression]) throws(ShapeError) -> Expression {
    var shape = inputs[0].shape
    for input in inputs.dropFirst() {
      switch Shapes.broadcast(shape, input.shape) {
      case .shape(let joint): shape = joint
      case .mismatch: throw ShapeError(.mismatch, shapes: inputs.map(\.shape))
      case .bothStretch: throw ShapeError(.bothStretch, shapes: inputs.map(\.shape))
      }
    }
    guard Shapes.count(shape) != nil else { throw ShapeError(.tooLarge, shapes: inputs.map(\.shape), result: shape) }
    if let simpler = Simplification.elementwise(primitive, inputs, shape) { return simpler }
    // Operands are numbers or already as large as the result: what the fused blocks rely on.
    var operands = inputs
    for index in operands.indices where !operands[index].shape.isEmpty && operands[index].shape != shape {
      operands[index] = intern(
        Node(primitive: .broadcast, inputs: [operands[index].id], attributes: shape, shape: shape))
    }
    return intern(Node(primitive: primitive, inputs: operands.map(\.id), attributes: [], shape: shape))
  }

  private func intern(_ node: Node) -> Expression {
    if let id = known[node] { return expression(id) }
    let made = append(node)
    known[node] = made.id
    return made
  }

  private func append(_ node: Node) -> Expression {
    nodes.append(node)
    return expression(ID(nodes.count - 1))
  }

  // MARK: Reading

  /// The number a node is, if it is a constant one.
  package func number(_ id: ID) -> Double? {
    let node = nodes[Int(id)]
    guard node.primitive == .constant, node.shape.isEmpty else { return nil }
    return constants[node.attributes[0]].elements[0]
  }

  package func constant(at id: ID) -> Tensor? {
    let node = nodes[Int(id)]
    return node.primitive == .constant ? constants[node.attributes[0]] : nil
  }

  /// Every node that `outputs` depend on, in evaluation order.
  package func reachable(from outputs: [ID]) -> [ID] {
    guard let last = outputs.max() else { return [] }
    var needed = [Bool](repeating: false, count: Int(last) + 1)
    for output in outputs { needed[Int(output)] = true }
    var result: [ID] = []
    for index in stride(from: Int(last), through: 0, by: -1) where needed[index] {
      result.append(ID(index))
      for input in nodes[index].inputs { needed[Int(input)] = true }
    }
    return result.reversed()
  }
}

/// Why shapes do not go together.
package struct ShapeError: Error, Sendable, Hashable {
  package enum Cause: Sendable, Hashable {
    case mismatch, bothStretch, tooLarge, rank, axis, inner, join, square
  }
  package var cause: Cause
  package var shapes: [Shape]
  package var result: Shape?

  package init(_ cause: Cause, shapes: [Shape], result: Shape? = nil) {
    self.cause = cause
    self.shapes = shapes
    self.result = result
  }
}
