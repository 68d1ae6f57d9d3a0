import Tensors

/// A matrix product without a batch. What does not change from run to run is found once.
final class ProductStep: ProgramStep {
  private let call: KernelCall
  private let isLeftTransposed: Bool
  private let isRightTransposed: Bool
  private let rows: Int
  private let inner: Int
  private let columns: Int
  private let kernel: MatrixKernel

  /// - Parameter call: attributes say which operands are stored transposed; a third operand is a row that is added to
  ///   every row of the product. Both come from the layout. Nil for batches of matrices.
  init?(_ call: KernelCall) {
    guard let product = try? MatrixProduct(call.inputShapes[0], call.inputShapes[1]), product.batch.isEmpty else {
      return nil
    }
    self.call = call
    (isLeftTransposed, isRightTransposed) = (call.attributes.first == 1, call.attributes.last == 1)
    (rows, inner, columns) = (product.rows, product.inner, product.columns)
    kernel = MatrixKernel(rows: rows, inner: inner, columns: columns)
  }

  /// How many numbers the result has.
  var count: Int { rows * columns }
  /// How wide the matrix on the left is as it is stored.
  var matrixColumns: Int { isLeftTransposed ? rows : inner }

  override func run(_ program: Program, _ budget: Budget) throws(Budget.Exhausted) {
    // Some tens of milliseconds of work between two looks at the budget.
    let slab = max(16, (1 << 27) / max(inner * columns, 1))
    if rows <= slab { return multiply(nil) }
    for first in stride(from: 0, to: rows, by: slab) {
      multiply(first..<min(first + slab, rows))
      try budget.check()
    }
  }

  /// Some rows of the result, or all.
  func multiply(_ range: Range<Int>?) {
    kernel.multiply(
      call.inputs[0], isTransposed: isLeftTransposed, call.inputs[1], isTransposed: isRightTransposed,
      into: call.output, range: range, bias: call.inputs.count > 2 ? call.inputs[2] : nil)
  }

  /// What some rows of the matrix, which is stored transposed, give to the result; the rows `ahead` are asked for from
  /// memory on the way.
  func sum(_ range: Range<Int>, into out: UnsafeMutablePointer<Double>, ahead: Int) {
    kernel.multiply(transposed: call.inputs[0], call.inputs[1], into: out, inner: range, ahead: ahead * rows)
  }

  /// Adds up what the strips gave.
  func total(_ parts: UnsafePointer<Double>, _ strips: Int) {
    let out = call.output
    out.update(from: parts, count: count)
    for strip in 1..<max(strips, 1) {
      BinaryKernel.add(out, 1, parts + strip * count, 1, out, count)
    }
  }
}
