import Tensors

/// One operation of the graph, as a row: what it is called, what shape it makes, how it is computed and how it is
/// differentiated. Adding an operation is adding a row and its name below.
package struct Primitive: Sendable {
  /// The primitives by name; the order is that of the table.
  package enum ID: UInt16, Sendable, Hashable, CaseIterable {
    case input, constant, alias
    // Elementwise, one operand.
    case negate, abs, sign, sqrt, exp, expm1, log, log1p, log2, log10, sin, cos, tan, tanh, sinh, cosh, asin, acos,
      atan, sigmoid, softplus, relu, floor, ceil, round, erf, lgamma, digamma, not, asinh, acosh, atanh, erfc, erfinv,
      besselI0e, besselI1e, logNdtr
    // Elementwise, two or three operands.
    case add, subtract, multiply, divide, power, minimum, maximum, modulo, xlogy, less, lessOrEqual, greater,
      greaterOrEqual, equal, unequal, and, or, polygamma, logaddexp, atan2, select
    // Reductions: over everything, or over the axis in the attributes.
    case sum, product, largest, smallest, logsumexp, count, argmax, argmin, norm
    // Along an axis.
    case softmax, logSoftmax, cumsum, cumprod, logcumsumexp, reverse, sort, argsort, takeAlong, putAlong
    // The same numbers, a constant to every derivative.
    case frozen
    // Shape.
    case broadcast, sumTo, reshape, transpose, take, scatterAdd, stack, concat, matmul
    // Images.
    case conv2d, conv2dInput, conv2dKernel, maxpool2d, maxpool2dBack, maxpool2dPick
    // Numbers drawn from a key.
    case random
    // Linear algebra, on the last two axes.
    case solve, inverse, det, cofactor, logdet, cholesky, eigenvalues, eigenvectors
  }

  package let name: String
  let shape: @Sendable ([Shape], [Int]) throws(ShapeError) -> Shape
  package let kernel: Kernel
  package let derivative: Derivative

  /// How a value is computed.
  package enum Kernel: Sendable {
    case leaf
    case unary(UnaryKernel)
    case binary(BinaryKernel)
    case select
    /// A fold over all elements, or along one axis.
    case reduction(Reduction)
    case general(@Sendable (borrowing KernelCall) -> Void)
    /// One that may run long, and asks the budget on the way.
    case stoppable(@Sendable (borrowing KernelCall, Budget) throws(Budget.Exhausted) -> Void)

    package var isElementwise: Bool {
      switch self {
      case .unary, .binary, .select: true
      default: false
      }
    }
  }

  /// How a derivative is found. Elementwise ones are expressions in the operands and the result, so they can be read,
  /// simplified and differentiated again.
  package enum Derivative: Sendable {
    case none
    /// Flat wherever it is differentiable: rounding, comparisons.
    case zero
    case elementwise([@Sendable ([Expression], Expression) -> Expression?])
    case pullback(@Sendable (Pullback) -> [Expression?])
  }
}

/// What a pullback works with: the gradient of the result, to be turned into gradients of the inputs.
package struct Pullback {
  package let inputs: [Expression]
  package let output: Expression
  package let attributes: [Int]
  package let adjoint: Expression

  package init(inputs: [Expression], output: Expression, attributes: [Int], adjoint: Expression) {
    self.inputs = inputs
    self.output = output
    self.attributes = attributes
    self.adjoint = adjoint
  }
}

/// What a general kernel works on. Shapes are concrete; memory is contiguous and row-major, found anew in every run.
/// An object, because going through the steps of a program must not copy its arrays.
package final class KernelCall {
  package struct Inputs: RandomAccessCollection {
    let slots: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
    /// Plain memory, so that asking for an input counts no references.
    let places: UnsafeMutableBufferPointer<Int>

    package var startIndex: Int { 0 }
    package var endIndex: Int { places.count }
    package subscript(index: Int) -> UnsafePointer<Double> {
      guard let pointer = slots[places[index]] else { preconditionFailure("an operand without memory") }
      return UnsafePointer(pointer)
    }
  }

  package let inputs: Inputs
  package let inputShapes: [Shape]
  package let attributes: [Int]
  let slots: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
  let outputPlace: Int
  package let outputShape: Shape
  /// How the input is stretched to the output, and the output to the input: found in the first run.
  private(set) lazy var widening = Stretch(inputShapes[0], to: outputShape)
  private(set) lazy var narrowing = Stretch(outputShape, to: inputShapes[0])

  init(
    inputs places: [Int], inputShapes: [Shape], attributes: [Int],
    slots: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>, outputPlace: Int, outputShape: Shape
  ) {
    let memory = UnsafeMutableBufferPointer<Int>.allocate(capacity: places.count)
    _ = memory.initialize(from: places)
    inputs = Inputs(slots: slots, places: memory)
    self.inputShapes = inputShapes
    self.attributes = attributes
    self.slots = slots
    self.outputPlace = outputPlace
    self.outputShape = outputShape
  }

  deinit { inputs.places.deallocate() }

  package var output: UnsafeMutablePointer<Double> {
    guard let pointer = slots[outputPlace] else { preconditionFailure("a result without memory") }
    return pointer
  }

  var inputCount: Int { inputShapes[0].reduce(1, *) }
  var outputCount: Int { outputShape.reduce(1, *) }

  /// The first input seen as `outer × length × inner` around `axis`.
  func around(axis: Int) -> (outer: Int, length: Int, inner: Int) {
    let shape = inputShapes[0]
    return (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
  }
}

extension Primitive.ID {
  package var row: Primitive { Primitive.table[Int(rawValue)] }
}

extension Primitive {
  /// Every row, found by the raw value of its name.
  static let table: [Primitive] = {
    let rows =
      leaves + unaryRows + binaryRows + reductionRows + orderingRows + structureRows + imageRows + linearAlgebraRows
      + randomRows
    let named = Dictionary(uniqueKeysWithValues: rows)
    return ID.allCases.map { id in
      guard let row = named[id] else { preconditionFailure("\(id) has no row") }
      return row
    }
  }()

  private static let leaves: [(ID, Primitive)] = [
    (.input, Primitive(name: "input", shape: { (_, _) in [] }, kernel: .leaf, derivative: .zero)),
    (.constant, Primitive(name: "constant", shape: { (_, _) in [] }, kernel: .leaf, derivative: .zero)),
    (
      .alias,
      Primitive(
        name: "alias", shape: { (inputs, _) in inputs[0] }, kernel: .leaf, derivative: .pullback { [$0.adjoint] })
    ),
  ]
}
