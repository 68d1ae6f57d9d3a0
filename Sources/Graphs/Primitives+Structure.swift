import Tensors

// Primitives that move numbers without changing them, and the matrix product.

extension Primitive {
  static let structureRows: [(ID, Primitive)] = [
    (
      // A constant to every derivative: weights that follow the data but are not trained through.
      .frozen,
      Primitive(
        name: "frozen", shape: { (inputs, _) in inputs[0] },
        kernel: .general { $0.output.update(from: $0.inputs[0], count: $0.outputCount) }, derivative: .zero)
    ),
    (
      .broadcast,
      Primitive(
        name: "broadcast", shape: { (_, attributes) in attributes },
        kernel: .stoppable(StructureKernels.broadcast),
        derivative: .pullback { [$0.adjoint.summed(to: $0.inputs[0].shape)] })
    ),
    (
      .sumTo,
      Primitive(
        name: "sum_to", shape: { (_, attributes) in attributes }, kernel: .stoppable(StructureKernels.sumTo),
        derivative: .pullback { [$0.adjoint.broadcast(to: $0.inputs[0].shape)] })
    ),
    (
      .reshape,
      Primitive(
        name: "reshape",
        shape: { (inputs, attributes) throws(ShapeError) in
          guard inputs[0].reduce(1, *) == attributes.reduce(1, *) else {
            throw ShapeError(.mismatch, shapes: inputs + [attributes])
          }
          return attributes
        }, kernel: .general { $0.output.update(from: $0.inputs[0], count: $0.outputCount) },
        derivative: .pullback { [$0.adjoint.reshaped(to: $0.inputs[0].shape)] })
    ),
    (
      // Attributes: for each axis of the result the axis it was; none to swap the two of a matrix.
      .transpose,
      Primitive(
        name: "transpose",
        shape: { (inputs, order) throws(ShapeError) in
          let shape = inputs[0]
          if order.isEmpty {
            guard shape.count == 2 else { throw ShapeError(.rank, shapes: inputs) }
            return [shape[1], shape[0]]
          }
          guard order.sorted() == Array(shape.indices) else { throw ShapeError(.axis, shapes: inputs) }
          return order.map { shape[$0] }
        }, kernel: .stoppable(StructureKernels.transpose),
        derivative: .pullback { pullback in
          var inverse = pullback.attributes
          for (new, old) in pullback.attributes.enumerated() { inverse[old] = new }
          return [pullback.adjoint.apply(.transpose, attributes: inverse)]
        })
    ),
    (
      // take(x, i): rows of x by 0-based index along the axis; a scalar index removes the axis.
      .take,
      Primitive(
        name: "take",
        shape: { (inputs, attributes) throws(ShapeError) in
          guard let axis = attributes.first, axis < inputs[0].count else { throw ShapeError(.axis, shapes: inputs) }
          return Shape(inputs[0][..<axis] + inputs[1] + inputs[0][(axis + 1)...])
        }, kernel: .stoppable(StructureKernels.take),
        derivative: .pullback { pullback in
          let axis = pullback.attributes[0]
          let shape = pullback.inputs[0].shape
          let scattered = pullback.adjoint.apply(.scatterAdd, [pullback.inputs[1]], attributes: [axis] + shape)
          return [scattered, nil]
        })
    ),
    (
      .scatterAdd,
      Primitive(
        name: "scatter_add", shape: { (_, attributes) in Shape(attributes.dropFirst()) },
        kernel: .stoppable(StructureKernels.scatterAdd),
        derivative: .pullback { pullback in
          [pullback.adjoint.apply(.take, [pullback.inputs[1]], attributes: [pullback.attributes[0]]), nil]
        })
    ),
    (
      .stack,
      Primitive(
        name: "stack",
        shape: { (inputs, _) throws(ShapeError) in
          guard inputs.allSatisfy({ $0 == inputs[0] }) else { throw ShapeError(.mismatch, shapes: inputs) }
          return [inputs.count] + inputs[0]
        }, kernel: .general { StructureKernels.stack($0) },
        derivative: .pullback { pullback in
          pullback.inputs.indices.map { index in
            pullback.adjoint.apply(.take, [pullback.adjoint.constant(Double(index))], attributes: [0])
          }
        })
    ),
    (
      // Attributes: the axis along which the parts follow each other.
      .concat,
      Primitive(
        name: "concat",
        shape: { (inputs, attributes) throws(ShapeError) in
          guard let axis = attributes.first, axis < inputs[0].count else { throw ShapeError(.axis, shapes: inputs) }
          var result = inputs[0]
          for shape in inputs.dropFirst() {
            guard shape.count == result.count, shape.indices.allSatisfy({ $0 == axis || shape[$0] == result[$0] })
            else {
              throw ShapeError(.join, shapes: inputs)
            }
            result[axis] += shape[axis]
          }
          guard inputs.count == 1 || inputs.allSatisfy({ $0[axis] >= 0 }) else {
            throw ShapeError(.rank, shapes: inputs)
          }
          return result
        }, kernel: .general { StructureKernels.concat($0) },
        derivative: .pullback { pullback in
          let axis = pullback.attributes[0]
          var start = 0
          return pullback.inputs.map { input in
            let length = input.shape[axis]
            let places = Tensor(vector: (start..<(start + length)).map(Double.init))
            start += length
            return pullback.adjoint.apply(.take, [input.graph.constant(places)], attributes: [axis])
          }
        })
    ),
    (
      // Vectors count as a row on the left and a column on the right, and that axis is dropped from the result. Axes
      // before the last two are a batch of matrices, and stretch like operands of elementwise operations.
      .matmul,
      Primitive(
        name: "@", shape: { (inputs, _) throws(ShapeError) in try MatrixProduct(inputs[0], inputs[1]).shape },
        kernel: .stoppable(StructureKernels.matmul),
        derivative: .pullback { pullback in
          let (a, b, g) = (pullback.inputs[0], pullback.inputs[1], pullback.adjoint)
          switch (a.shape.count, b.shape.count) {
          case (1, 1): return [g * b, g * a]
          case (2, 1): return [outer(g, b), a.apply(.transpose).apply(.matmul, [g])]
          case (1, 2): return [b.apply(.matmul, [g]), outer(a, g)]
          case (2, 2): return [g.apply(.matmul, [b.apply(.transpose)]), a.apply(.transpose).apply(.matmul, [g])]
          default:
            // Vectors become the matrices they count as.
            let left = a.shape.count == 1 ? a.reshaped(to: [1] + a.shape) : a
            let right = b.shape.count == 1 ? b.reshaped(to: b.shape + [1]) : b
            var full = g.shape
            if b.shape.count == 1 { full.append(1) }
            if a.shape.count == 1 { full.insert(1, at: full.count - 1) }
            let product = g.reshaped(to: full)
            let toLeft = product.apply(.matmul, [right.matrixTransposed]).summed(to: left.shape)
            let toRight = left.matrixTransposed.apply(.matmul, [product]).summed(to: right.shape)
            return [toLeft.reshaped(to: a.shape), toRight.reshaped(to: b.shape)]
          }
        })
    ),
  ]

  private static func outer(_ a: Expression, _ b: Expression) -> Expression {
    let column = a.reshaped(to: [a.shape[0], 1])
    return column.apply(.matmul, [b.reshaped(to: [1, b.shape[0]])])
  }
}

extension Expression {
  /// The last two axes swapped.
  var matrixTransposed: Expression {
    let rank = shape.count
    if rank == 2 { return apply(.transpose) }
    return apply(.transpose, attributes: Array(0..<(rank - 2)) + [rank - 1, rank - 2])
  }
}

/// How the shapes of a matrix product fit together.
struct MatrixProduct {
  let rows: Int
  let inner: Int
  let columns: Int
  /// The axes before the matrices', of each operand and of the result.
  let leftBatch: Shape
  let rightBatch: Shape
  let batch: Shape
  let shape: Shape

  init(_ a: Shape, _ b: Shape) throws(ShapeError) {
    guard !a.isEmpty, !b.isEmpty else { throw ShapeError(.rank, shapes: [a, b]) }
    inner = a[a.count - 1]
    guard inner == (b.count == 1 ? b[0] : b[b.count - 2]) else { throw ShapeError(.inner, shapes: [a, b]) }
    rows = a.count == 1 ? 1 : a[a.count - 2]
    columns = b.count == 1 ? 1 : b[b.count - 1]
    leftBatch = Shape(a.dropLast(2))
    rightBatch = Shape(b.dropLast(2))
    switch Shapes.broadcast(leftBatch, rightBatch) {
    case .shape(let joint): batch = joint
    case .mismatch: throw ShapeError(.mismatch, shapes: [a, b])
    case .bothStretch: throw ShapeError(.bothStretch, shapes: [a, b])
    }
    shape = batch + (a.count == 1 ? [] : [rows]) + (b.count == 1 ? [] : [columns])
  }
}
