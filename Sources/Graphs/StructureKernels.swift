import Tensors

/// Kernels that move numbers.
enum StructureKernels {
  /// For each element of the larger shape, in order, calls `body` with the offset of its source in the smaller one.
  private static func walk(_ small: Shape, over large: Shape, _ body: (_ at: Int, _ source: Int) -> Void) {
    let rank = large.count
    let missing = rank - small.count
    let strides = Shapes.strides(small)
    var step = [Int](repeating: 0, count: rank)
    for axis in 0..<rank where axis >= missing && small[axis - missing] != 1 { step[axis] = strides[axis - missing] }
    self.step(through: large, step, body)
  }

  /// Counts through a shape in order, with the offset that moving `strides[axis]` per step of each axis leads to.
  private static func step(through shape: Shape, _ strides: [Int], _ body: (_ at: Int, _ source: Int) -> Void) {
    let rank = shape.count
    var index = [Int](repeating: 0, count: rank)
    var source = 0
    for at in 0..<shape.reduce(1, *) {
      body(at, source)
      var axis = rank - 1
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
  static func sources(_ small: Shape, over large: Shape) -> [Int] {
    var result: [Int] = []
    walk(small, over: large) { _, source in result.append(source) }
    return result
  }

  static func broadcast(_ call: borrowing KernelCall) {
    let (input, output) = (call.inputs[0], call.output)
    if call.inputCount == 1 {
      output.update(repeating: input[0], count: call.outputCount)
    } else {
      walk(call.inputShapes[0], over: call.outputShape) { at, source in output[at] = input[source] }
    }
  }

  static func sumTo(_ call: borrowing KernelCall) {
    let (input, output) = (call.inputs[0], call.output)
    output.update(repeating: 0, count: call.outputCount)
    walk(call.outputShape, over: call.inputShapes[0]) { at, source in output[source] += input[at] }
  }

  static func transpose(_ call: borrowing KernelCall) {
    let (input, output) = (call.inputs[0], call.output)
    let shape = call.inputShapes[0]
    guard !call.attributes.isEmpty else {
      let (rows, columns) = (shape[0], shape[1])
      for row in 0..<rows {
        for column in 0..<columns { output[column * rows + row] = input[row * columns + column] }
      }
      return
    }
    let strides = Shapes.strides(shape)
    step(through: call.outputShape, call.attributes.map { strides[$0] }) { at, source in output[at] = input[source] }
  }

  static func take(_ call: borrowing KernelCall) {
    let (outer, length, inner) = call.around(axis: call.attributes[0])
    let count = call.inputShapes[1].reduce(1, *)
    for o in 0..<outer {
      for k in 0..<count {
        let row = clamped(call.inputs[1][k], length)
        let source = call.inputs[0] + (o * length + row) * inner
        (call.output + (o * count + k) * inner).update(from: source, count: inner)
      }
    }
  }

  static func scatterAdd(_ call: borrowing KernelCall) {
    let axis = call.attributes[0]
    let shape = call.outputShape
    let (outer, length) = (shape[..<axis].reduce(1, *), shape[axis])
    let inner = shape[(axis + 1)...].reduce(1, *)
    let count = call.inputShapes[1].reduce(1, *)
    call.output.update(repeating: 0, count: call.outputCount)
    for o in 0..<outer {
      for k in 0..<count {
        let row = clamped(call.inputs[1][k], length)
        for i in 0..<inner {
          call.output[(o * length + row) * inner + i] += call.inputs[0][(o * count + k) * inner + i]
        }
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

  static func matmul(_ call: borrowing KernelCall) {
    guard let product = try? MatrixProduct(call.inputShapes[0], call.inputShapes[1]) else {
      preconditionFailure("shapes were checked when the node was made")
    }
    let (rows, inner, columns) = (product.rows, product.inner, product.columns)
    let (a, b, out) = (call.inputs[0], call.inputs[1], call.output)
    if product.batch.isEmpty {
      MatrixKernel.multiply(a, b, into: out, rows: rows, inner: inner, columns: columns)
      return
    }
    let right = sources(product.rightBatch, over: product.batch)
    walk(product.leftBatch, over: product.batch) { at, source in
      MatrixKernel.multiply(
        a + source * rows * inner, b + right[at] * inner * columns, into: out + at * rows * columns, rows: rows,
        inner: inner, columns: columns)
    }
  }
}
