import Tensors

/// Kernels that move numbers.
enum StructureKernels {
  /// How far the offset in the smaller shape moves with each axis of the larger one: 0 where it is stretched.
  private static func stretchedStrides(_ small: Shape, over large: Shape) -> [Int] {
    let missing = large.count - small.count
    let strides = Shapes.strides(small)
    return large.indices.map { $0 >= missing && small[$0 - missing] != 1 ? strides[$0 - missing] : 0 }
  }

  /// Counts through a shape in order, a run of its last axis at a time: where the run begins, the offset that moving
  /// `strides[axis]` per step of each axis leads to there, and how long the run is.
  private static func runs(
    of shape: Shape, _ strides: [Int], _ budget: Budget, _ body: (_ at: Int, _ source: Int, _ length: Int) -> Void
  ) throws(Budget.Exhausted) {
    guard let length = shape.last else { return body(0, 0, 1) }
    var index = [Int](repeating: 0, count: shape.count)
    var source = 0
    var pace = Pace(budget)
    for run in 0..<shape.dropLast().reduce(1, *) {
      body(run * length, source, length)
      try pace.advance(by: length + 8)
      var axis = shape.count - 2
      while axis >= 0 {
        index[axis] += 1
        source += strides[axis]
        if index[axis] < shape[axis] { break }
        source -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }

  /// Which element of the smaller shape each element of the larger one comes from.
  static func sources(_ small: Shape, over large: Shape, _ budget: Budget) throws(Budget.Exhausted) -> [Int] {
    var result: [Int] = []
    let strides = stretchedStrides(small, over: large)
    try runs(of: large, strides, budget) { _, source, length in
      for k in 0..<length { result.append(source + k * (strides.last ?? 0)) }
    }
    return result
  }

  static func broadcast(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (input, output) = (call.inputs[0], call.output)
    if let view = call.widening {
      return try view.broadcast(input, output, budget)
    }
    let strides = stretchedStrides(call.inputShapes[0], over: call.outputShape)
    try runs(of: call.outputShape, strides, budget) { at, source, length in
      if strides.last == 1 {
        (output + at).update(from: input + source, count: length)
      } else {
        (output + at).update(repeating: input[source], count: length)
      }
    }
  }

  static func sumTo(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (input, output) = (call.inputs[0], call.output)
    if let view = call.narrowing { return try view.sum(input, output, budget) }
    output.update(repeating: 0, count: call.outputCount)
    let strides = stretchedStrides(call.outputShape, over: call.inputShapes[0])
    try runs(of: call.inputShapes[0], strides, budget) { at, source, length in
      if strides.last == 1 {
        BinaryKernel.add(output + source, 1, input + at, 1, output + source, length)
      } else {
        output[source] += Reduction.sum(input + at, length)
      }
    }
  }

  static func transpose(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (input, output) = (call.inputs[0], call.output)
    if call.attributes.isEmpty, call.outputCount < 1 << 20 {
      let shape = call.inputShapes[0]
      return MatrixKernel.transpose(input, into: output, rows: shape[0], columns: shape[1])
    }
    let order = call.attributes.isEmpty ? [1, 0] : call.attributes
    let strides = Shapes.strides(call.inputShapes[0])
    let stride = order.last.map { strides[$0] } ?? 0
    try runs(of: call.outputShape, order.map { strides[$0] }, budget) { at, source, length in
      for k in 0..<length { output[at + k] = input[source + k * stride] }
    }
  }

  static func take(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (outer, length, inner) = call.around(axis: call.attributes[0])
    let count = call.inputShapes[1].reduce(1, *)
    let (input, index, output) = (call.inputs[0], call.inputs[1], call.output)
    let slab = max(1, (1 << 20) / max(inner, 1))
    for o in 0..<outer {
      for first in stride(from: 0, to: count, by: slab) {
        RowKernel.take(
          input + o * length * inner, index + first, into: output + (o * count + first) * inner,
          count: min(slab, count - first), rows: length, width: inner)
        if first > 0 { try budget.check() }
      }
      if o & 1023 == 1023 { try budget.check() }
    }
  }

  static func scatterAdd(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let axis = call.attributes[0]
    let shape = call.outputShape
    let (outer, length) = (shape[..<axis].reduce(1, *), shape[axis])
    let inner = shape[(axis + 1)...].reduce(1, *)
    let count = call.inputShapes[1].reduce(1, *)
    let (input, index, output) = (call.inputs[0], call.inputs[1], call.output)
    output.update(repeating: 0, count: call.outputCount)
    let slab = max(1, (1 << 20) / max(inner, 1))
    for o in 0..<outer {
      for first in stride(from: 0, to: count, by: slab) {
        RowKernel.add(
          input + (o * count + first) * inner, index + first, into: output + o * length * inner,
          count: min(slab, count - first), rows: length, width: inner)
        if first > 0 { try budget.check() }
      }
      if o & 1023 == 1023 { try budget.check() }
    }
  }

  /// A matrix with some of its rows added to: operands are the matrix, what is added, the numbers of the rows and, by the
  /// second attribute, a factor. The first attribute says whether it is subtracted.
  static func moveRows(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (base, rows, index, output) = (call.inputs[0], call.inputs[1], call.inputs[2], call.output)
    let factor = call.attributes[1] == 1 ? call.inputs[3][0] : 1
    let (count, length) = (call.inputShapes[2][0], call.outputShape[0])
    let width = call.outputShape.dropFirst().reduce(1, *)
    if base != UnsafePointer(output) { output.update(from: base, count: length * width) }
    let slab = max(1, (1 << 20) / max(width, 1))
    for first in stride(from: 0, to: count, by: slab) {
      RowKernel.add(
        rows + first * width, times: call.attributes[0] == 1 ? -factor : factor, index + first, into: output,
        count: min(slab, count - first), rows: length, width: width)
      if first > 0 { try budget.check() }
    }
  }

  /// Indices are checked where they are typed; this only keeps a computed one inside the array.
  static func clamped(_ index: Double, _ length: Int) -> Int {
    guard index > 0 else { return 0 }
    return index < Double(length) ? Int(index) : max(length - 1, 0)
  }

  static func stack(_ call: borrowing KernelCall) {
    let size = call.inputCount
    for (index, input) in call.inputs.enumerated() { (call.output + index * size).update(from: input, count: size) }
  }

  static func concat(_ call: borrowing KernelCall) {
    let axis = call.attributes[0]
    let outer = call.outputShape[..<axis].reduce(1, *)
    let row = call.outputShape[axis...].reduce(1, *)
    var offset = 0
    for (input, shape) in zip(call.inputs, call.inputShapes) {
      let size = shape[axis...].reduce(1, *)
      for o in 0..<outer { (call.output + o * row + offset).update(from: input + o * size, count: size) }
      offset += size
    }
  }

  /// Products in batches; the others have a step of their own.
  static func matmul(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    guard let product = try? MatrixProduct(call.inputShapes[0], call.inputShapes[1]) else {
      preconditionFailure("shapes were checked when the node was made")
    }
    let kernel = MatrixKernel(rows: product.rows, inner: product.inner, columns: product.columns)
    let (a, b, out) = (call.inputs[0], call.inputs[1], call.output)
    // Some tens of milliseconds of work between two looks at the budget.
    let slab = max(16, (1 << 27) / max(product.inner * product.columns, 1))
    let left = try sources(product.leftBatch, over: product.batch, budget)
    let right = try sources(product.rightBatch, over: product.batch, budget)
    for at in left.indices {
      for first in stride(from: 0, to: product.rows, by: slab) {
        kernel.multiply(
          a + left[at] * product.rows * product.inner, b + right[at] * product.inner * product.columns,
          into: out + at * product.rows * product.columns, range: first..<min(first + slab, product.rows))
        if first > 0 { try budget.check() }
      }
      if at & 63 == 63 { try budget.check() }
    }
  }
}

/// A shape stretched along one run of axes: `outer` times over, each `length` elements repeated `times` times, or the
/// same with `inner` equal elements in a row. What rows, columns and channels of data need; other patterns are walked.
struct Stretch {
  private let outer: Int
  private let length: Int
  private let inner: Int

  init?(_ small: Shape, to large: Shape) {
    let missing = large.count - small.count
    guard missing >= 0 else { return nil }
    // Runs of axes that are repeated and runs that are kept; axes of length 1 belong to either.
    var runs: [(isRepeated: Bool, count: Int)] = []
    for axis in large.indices where large[axis] != 1 {
      let isRepeated = axis < missing || small[axis - missing] != large[axis]
      if let last = runs.last, last.isRepeated == isRepeated {
        runs[runs.count - 1].count *= large[axis]
      } else {
        runs.append((isRepeated, large[axis]))
      }
    }
    if runs.first?.isRepeated != true { runs.insert((true, 1), at: 0) }
    if runs.last?.isRepeated != true { runs.append((true, 1)) }
    guard runs.count == 3 else { return nil }
    (outer, length, inner) = (runs[0].count, runs[1].count, runs[2].count)
  }

  func broadcast(
    _ input: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>, _ budget: Budget
  ) throws(Budget.Exhausted) {
    let slab = max(1, (1 << 20) / max(length * inner, 1))
    for first in stride(from: 0, to: outer, by: slab) {
      let count = min(slab, outer - first)
      let target = output + first * length * inner
      if inner == 1 {
        RowKernel.repeating(input, into: target, rows: count, columns: length)
      } else {
        for row in 0..<count {
          RowKernel.widening(input, into: target + row * length * inner, rows: length, times: inner)
        }
      }
      if first > 0 { try budget.check() }
    }
  }

  func sum(
    _ input: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>, _ budget: Budget
  ) throws(Budget.Exhausted) {
    if inner == 1 { return RowKernel.sum(input, into: output, rows: outer, columns: length) }
    if outer * length * inner < 1 << 20 {
      return RowKernel.sumMiddle(input, into: output, outer: outer, length: length, inner: inner)
    }
    output.update(repeating: 0, count: length)
    var pace = Pace(budget)
    for o in 0..<outer {
      for k in 0..<length { output[k] += Reduction.sum(input + (o * length + k) * inner, inner) }
      try pace.advance(by: length * inner)
    }
  }
}
