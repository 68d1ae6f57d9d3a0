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
    var pace = Pace(budget)
    for o in 0..<outer {
      for k in 0..<count {
        let row = clamped(call.inputs[1][k], length)
        let source = call.inputs[0] + (o * length + row) * inner
        (call.output + (o * count + k) * inner).update(from: source, count: inner)
        try pace.advance(by: inner)
      }
    }
  }

  static func scatterAdd(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let axis = call.attributes[0]
    let shape = call.outputShape
    let (outer, length) = (shape[..<axis].reduce(1, *), shape[axis])
    let inner = shape[(axis + 1)...].reduce(1, *)
    let count = call.inputShapes[1].reduce(1, *)
    call.output.update(repeating: 0, count: call.outputCount)
    var pace = Pace(budget)
    for o in 0..<outer {
      for k in 0..<count {
        let row = clamped(call.inputs[1][k], length)
        let target = call.output + (o * length + row) * inner
        let source = call.inputs[0] + (o * count + k) * inner
        for i in 0..<inner { target[i] += source[i] }
        try pace.advance(by: inner)
      }
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

  static func matmul(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    guard let product = try? MatrixProduct(call.inputShapes[0], call.inputShapes[1]) else {
      preconditionFailure("shapes were checked when the node was made")
    }
    let (rows, inner, columns) = (product.rows, product.inner, product.columns)
    let left = try sources(product.leftBatch, over: product.batch, budget)
    let right = try sources(product.rightBatch, over: product.batch, budget)
    // Some tens of milliseconds of work between two looks at the budget.
    let slab = max(16, (1 << 25) / max(inner * columns, 1))
    for at in left.indices {
      let (a, b) = (call.inputs[0] + left[at] * rows * inner, call.inputs[1] + right[at] * inner * columns)
      for first in stride(from: 0, to: rows, by: slab) {
        MatrixKernel.multiply(
          a + first * inner, b, into: call.output + (at * rows + first) * columns, rows: min(slab, rows - first),
          inner: inner, columns: columns)
        if first > 0 || at & 63 == 63 { try budget.check() }
      }
    }
  }
}
