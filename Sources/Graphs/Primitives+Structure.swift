import Tensors

// Primitives that move numbers without changing them, and the matrix product.

extension Primitive {
  static let structureRows: [(ID, Primitive)] = [
    (
      .broadcast,
      Primitive(
        name: "broadcast", shape: { (_, attributes) in attributes },
        kernel: .general { StructureKernels.broadcast($0) },
        derivative: .pullback { [$0.adjoint.summed(to: $0.inputs[0].shape)] })
    ),
    (
      .sumTo,
      Primitive(
        name: "sum_to", shape: { (_, attributes) in attributes }, kernel: .general { StructureKernels.sumTo($0) },
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
      .transpose,
      Primitive(
        name: "transpose",
        shape: { (inputs, _) throws(ShapeError) in
          guard inputs[0].count == 2 else { throw ShapeError(.rank, shapes: inputs) }
          return [inputs[0][1], inputs[0][0]]
        }, kernel: .general { StructureKernels.transpose($0) },
        derivative: .pullback { [$0.adjoint.apply(.transpose)] })
    ),
    (
      // take(x, i): rows of x by 0-based index along the axis; a scalar index removes the axis.
      .take,
      Primitive(
        name: "take",
        shape: { (inputs, attributes) throws(ShapeError) in
          guard let axis = attributes.first, axis < inputs[0].count else { throw ShapeError(.axis, shapes: inputs) }
          return Shape(inputs[0][..<axis] + inputs[1] + inputs[0][(axis + 1)...])
        }, kernel: .general { StructureKernels.take($0) },
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
        kernel: .general { StructureKernels.scatterAdd($0) },
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
      // Vectors count as a row on the left and a column on the right, and that axis is dropped from the result.
      .matmul,
      Primitive(
        name: "@",
        shape: { (inputs, _) throws(ShapeError) in
          let (a, b) = (inputs[0], inputs[1])
          guard (1...2).contains(a.count), (1...2).contains(b.count) else { throw ShapeError(.rank, shapes: inputs) }
          guard a[a.count - 1] == b[0] else { throw ShapeError(.inner, shapes: inputs) }
          return Shape(a.dropLast() + b.dropFirst())
        }, kernel: .general { StructureKernels.matmul($0) },
        derivative: .pullback { pullback in
          let (a, b, g) = (pullback.inputs[0], pullback.inputs[1], pullback.adjoint)
          switch (a.shape.count, b.shape.count) {
          case (1, 1): return [g * b, g * a]
          case (2, 1): return [outer(g, b), a.apply(.transpose).apply(.matmul, [g])]
          case (1, 2): return [b.apply(.matmul, [g]), outer(a, g)]
          default: return [g.apply(.matmul, [b.apply(.transpose)]), a.apply(.transpose).apply(.matmul, [g])]
          }
        })
    ),
  ]

  private static func outer(_ a: Expression, _ b: Expression) -> Expression {
    let column = a.reshaped(to: [a.shape[0], 1])
    return column.apply(.matmul, [b.reshaped(to: [1, b.shape[0]])])
  }
}
