import CKernels
import Tensors

// Folds over all elements (no attributes) or along one axis (attributes = [axis], counted from 0), which they remove.

private func reduced(_ inputs: [Shape], _ attributes: [Int]) throws(ShapeError) -> Shape {
  guard let axis = attributes.first else { return [] }
  guard axis >= 0, axis < inputs[0].count else { throw ShapeError(.axis, shapes: inputs) }
  var shape = inputs[0]
  shape.remove(at: axis)
  return shape
}

func keptShape(_ inputs: [Shape], _ attributes: [Int]) throws(ShapeError) -> Shape {
  guard let axis = attributes.first, axis >= 0, axis < inputs[0].count else { throw ShapeError(.axis, shapes: inputs) }
  return inputs[0]
}

extension Pullback {
  /// A reduced result stretched back over the shape it came from.
  func stretched(_ expression: Expression) -> Expression {
    let shape = inputs[0].shape
    guard let axis = attributes.first else { return expression.broadcast(to: shape) }
    var kept = shape
    kept[axis] = 1
    return expression.reshaped(to: kept).broadcast(to: shape)
  }

  /// Shares the gradient of an extreme among the elements that attain it.
  fileprivate var toExtremes: Expression {
    let hits = inputs[0].equals(stretched(output))
    let share = adjoint / hits.apply(.sum, attributes: attributes)
    return hits * stretched(share)
  }
}

extension Primitive {
  static let reductionRows: [(ID, Primitive)] = [
    (
      .sum,
      Primitive(
        name: "sum", shape: reduced, kernel: .reduction(.sum), derivative: .pullback { [$0.stretched($0.adjoint)] })
    ),
    (
      .product,
      // r/x would lose the gradient at a single zero; the quotient is replaced there by the product of the others.
      Primitive(
        name: "prod", shape: reduced, kernel: .reduction(.product),
        derivative: .pullback { pullback in
          let x = pullback.inputs[0]
          let zero = x.constant(0)
          let isZero = x.equals(zero)
          let zeros = pullback.stretched(isZero.apply(.sum, attributes: pullback.attributes))
          let others = pullback.stretched(
            x.constant(1).where_(isZero, else: x).apply(.product, attributes: pullback.attributes))
          let atZero = others.where_(zeros.equals(x.constant(1)), else: zero)
          let elsewhere = others.where_(zeros.equals(zero), else: zero) / x.constant(1).where_(isZero, else: x)
          return [pullback.stretched(pullback.adjoint) * atZero.where_(isZero, else: elsewhere)]
        })
    ),
    (
      .largest,
      Primitive(name: "max", shape: reduced, kernel: .reduction(.largest), derivative: .pullback { [$0.toExtremes] })
    ),
    (
      .smallest,
      Primitive(name: "min", shape: reduced, kernel: .reduction(.smallest), derivative: .pullback { [$0.toExtremes] })
    ),
    (
      .logsumexp,
      Primitive(
        name: "logsumexp", shape: reduced,
        kernel: .stoppable { (call, budget) throws(Budget.Exhausted) in
          try AxisKernels.alongRows(call, Int(LL_LOGSUMEXP), budget, otherwise: AxisKernels.logsumexp)
        },
        derivative: .pullback { pullback in
          let x = pullback.inputs[0]
          // Along rows both share their exponentials.
          let weights =
            pullback.attributes.isEmpty
            ? (x - pullback.stretched(pullback.output)).apply(.exp)
            : x.apply(.softmax, attributes: pullback.attributes)
          return [pullback.stretched(pullback.adjoint) * weights]
        })
    ),
    (
      // At 0 the subgradient 0 is chosen, where √Σx² would divide 0 by 0.
      .norm,
      Primitive(
        name: "norm", shape: reduced,
        kernel: .stoppable(AxisKernels.norm),
        derivative: .pullback { pullback in
          let length = pullback.output
          let divisor = length.where_(length.apply(.greater, [length.constant(0)]), else: length.constant(1))
          return [pullback.inputs[0] * pullback.stretched(pullback.adjoint / divisor)]
        })
    ),
    (
      .count,
      Primitive(
        name: "count", shape: { (_, _) in [] }, kernel: .general { $0.output[0] = Double($0.inputCount) },
        derivative: .zero)
    ),
    (
      .argmax,
      Primitive(name: "argmax", shape: reduced, kernel: .general { AxisKernels.extremeIndex($0, >) }, derivative: .zero)
    ),
    (
      .argmin,
      Primitive(name: "argmin", shape: reduced, kernel: .general { AxisKernels.extremeIndex($0, <) }, derivative: .zero)
    ),
    (
      .softmax,
      Primitive(
        name: "softmax", shape: keptShape,
        kernel: .stoppable { (call, budget) throws(Budget.Exhausted) in
          try AxisKernels.alongRows(call, Int(LL_SOFTMAX), budget) { AxisKernels.softmax($0, logarithm: false) }
        },
        derivative: .pullback { pullback in
          let weighted = pullback.adjoint * pullback.output
          let total = pullback.stretched(weighted.apply(.sum, attributes: pullback.attributes))
          return [weighted - pullback.output * total]
        })
    ),
    (
      .logSoftmax,
      Primitive(
        name: "log_softmax", shape: keptShape,
        kernel: .stoppable { (call, budget) throws(Budget.Exhausted) in
          try AxisKernels.alongRows(call, Int(LL_LOG_SOFTMAX), budget) { AxisKernels.softmax($0, logarithm: true) }
        },
        derivative: .pullback { pullback in
          let total = pullback.stretched(pullback.adjoint.apply(.sum, attributes: pullback.attributes))
          // Of the row itself, so that both share its exponentials.
          return [pullback.adjoint - pullback.inputs[0].apply(.softmax, attributes: pullback.attributes) * total]
        })
    ),
  ]
}
