import Tensors

// Order along one axis (attributes = [axis], counted from 0): sorting, reversing, running folds, and picking elements by
// an array of places. Ties keep their order, so a gradient through `sort` goes to one definite element of a tie.

/// x and its places have equal shapes but for the length of the axis.
private func picked(_ inputs: [Shape], _ attributes: [Int]) throws(ShapeError) -> Shape {
  guard let axis = attributes.first, axis < inputs[0].count else { throw ShapeError(.axis, shapes: inputs) }
  guard inputs[0].count == inputs[1].count,
    inputs[0].indices.allSatisfy({ $0 == axis || inputs[0][$0] == inputs[1][$0] })
  else { throw ShapeError(.mismatch, shapes: inputs) }
  return inputs[1]
}

extension Expression {
  func reversed(along axis: Int) -> Expression { apply(.reverse, attributes: [axis]) }
}

extension Primitive {
  static let orderingRows: [(ID, Primitive)] = [
    (
      .cumsum,
      Primitive(
        name: "cumsum", shape: keptShape,
        kernel: .stoppable { (call, budget) throws(Budget.Exhausted) in try AxisKernels.running(call, budget, 0, +) },
        derivative: .pullback { pullback in
          let axis = pullback.attributes[0]
          return [
            pullback.adjoint.reversed(along: axis).apply(.cumsum, attributes: [axis]).reversed(along: axis)
          ]
        })
    ),
    (
      .cumprod,
      Primitive(
        name: "cumprod", shape: keptShape,
        kernel: .stoppable { (call, budget) throws(Budget.Exhausted) in try AxisKernels.running(call, budget, 1, *) },
        derivative: .pullback { [cumulativeProductPullback($0)] })
    ),
    (
      .logcumsumexp,
      Primitive(
        name: "logcumsumexp", shape: keptShape,
        kernel: .stoppable { (call, budget) throws(Budget.Exhausted) in
          try AxisKernels.running(call, budget, -.infinity) { BinaryKernel.logaddexp($0, $1) }
        },
        derivative: .pullback { pullback in
          // Σ_{j≥i} g_j·exp(x_i − r_j), the positive and the negative g apart so that the sum is a logcumsumexp again.
          let (g, r, axis) = (pullback.adjoint, pullback.output, pullback.attributes[0])
          let zero = g.constant(0)
          let none = g.constant(-.infinity)
          func part(_ size: Expression) -> Expression {
            let counts = size.apply(.greater, [zero])
            let logarithm = (size.where_(counts, else: g.constant(1)).apply(.log) - r).where_(counts, else: none)
            let total = logarithm.reversed(along: axis).apply(.logcumsumexp, attributes: [axis]).reversed(along: axis)
            return (pullback.inputs[0] + total).apply(.exp)
          }
          return [part(g) - part(-g)]
        })
    ),
    (
      .reverse,
      Primitive(
        name: "reverse", shape: keptShape,
        kernel: .stoppable(AxisKernels.reverse),
        derivative: .pullback { [$0.adjoint.reversed(along: $0.attributes[0])] })
    ),
    (
      .sort,
      Primitive(
        name: "sort", shape: keptShape,
        kernel: .stoppable(OrderingKernels.sort),
        derivative: .pullback { pullback in
          let order = pullback.inputs[0].apply(.argsort, attributes: pullback.attributes)
          let places = order - 1
          return [pullback.adjoint.apply(.putAlong, [places], attributes: pullback.attributes + pullback.adjoint.shape)]
        })
    ),
    (
      .argsort,
      Primitive(
        name: "argsort", shape: keptShape,
        kernel: .stoppable(OrderingKernels.argsort),
        derivative: .zero)
    ),
    (
      // takeAlong(x, i): out[…k…] = x[…i[…k…]…], places from 0.
      .takeAlong,
      Primitive(
        name: "take_along", shape: picked,
        kernel: .stoppable(OrderingKernels.takeAlong),
        derivative: .pullback { pullback in
          let attributes = pullback.attributes + pullback.inputs[0].shape
          return [pullback.adjoint.apply(.putAlong, [pullback.inputs[1]], attributes: attributes), nil]
        })
    ),
    (
      // The transposed map: adds each element where takeAlong would have read it. Attributes: the axis, the shape.
      .putAlong,
      Primitive(
        name: "put_along", shape: { (_, attributes) in Shape(attributes.dropFirst()) },
        kernel: .stoppable(OrderingKernels.putAlong),
        derivative: .pullback { pullback in
          [pullback.adjoint.apply(.takeAlong, [pullback.inputs[1]], attributes: [pullback.attributes[0]]), nil]
        })
    ),
  ]

  /// ∂r_j/∂x_i = r_j/x_i for j ≥ i. At the first 0 the products without it are wanted, which are those of x with that 0
  /// replaced by 1; what follows another 0 has no influence.
  private static func cumulativeProductPullback(_ pullback: Pullback) -> Expression {
    let (x, attributes) = (pullback.inputs[0], pullback.attributes)
    func fromHere(_ terms: Expression) -> Expression {
      let axis = attributes[0]
      return terms.reversed(along: axis).apply(.cumsum, attributes: attributes).reversed(along: axis)
    }
    let (zero, one) = (x.constant(0), x.constant(1))
    let isZero = x.equals(zero)
    let isFirst = isZero.apply(.and, [isZero.apply(.cumsum, attributes: attributes).equals(one)])
    let others = one.where_(isFirst, else: x).apply(.cumprod, attributes: attributes)
    let elsewhere = fromHere(pullback.adjoint * pullback.output) / one.where_(isZero, else: x)
    return fromHere(pullback.adjoint * others).where_(isFirst, else: zero.where_(isZero, else: elsewhere))
  }
}
