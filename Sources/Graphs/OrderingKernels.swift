import Tensors

/// Kernels that put elements in order along an axis, or move them by an array of places.
enum OrderingKernels {
  /// NaN comes last, as in NumPy.
  private static func precedes(_ a: Double, _ b: Double) -> Bool { a < b || (b.isNaN && !a.isNaN) }

  static func sort(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (outer, length, inner) = AxisKernels.view(call)
    let lane = UnsafeMutablePointer<Double>.allocate(capacity: 2 * max(length, 1))
    defer { lane.deallocate() }
    for o in 0..<outer {
      for i in 0..<inner {
        let base = o * length * inner + i
        for k in 0..<length { lane[k] = call.inputs[0][base + k * inner] }
        let sorted = try mergeSort(lane, lane + length, length, budget, precedes)
        for k in 0..<length { call.output[base + k * inner] = sorted[k] }
      }
    }
  }

  /// Places from 1; equal elements keep their order.
  static func argsort(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (outer, length, inner) = AxisKernels.view(call)
    let lane = UnsafeMutablePointer<Int32>.allocate(capacity: 2 * max(length, 1))
    defer { lane.deallocate() }
    for o in 0..<outer {
      for i in 0..<inner {
        let base = o * length * inner + i
        let x = call.inputs[0] + base
        for k in 0..<length { lane[k] = Int32(k) }
        let sorted = try mergeSort(lane, lane + length, length, budget) { a, b in
          precedes(x[Int(a) * inner], x[Int(b) * inner])
        }
        for k in 0..<length { call.output[base + k * inner] = Double(sorted[k]) + 1 }
      }
    }
  }

  /// Runs of 16 by insertion, then merged in passes: stable, without recursion, asking the budget every few thousand
  /// elements. Returns whichever of the two buffers holds the result.
  private static func mergeSort<Element: BitwiseCopyable>(
    _ elements: UnsafeMutablePointer<Element>, _ spare: UnsafeMutablePointer<Element>, _ count: Int, _ budget: Budget,
    _ precedes: (Element, Element) -> Bool
  ) throws(Budget.Exhausted) -> UnsafeMutablePointer<Element> {
    let run = 16
    for start in stride(from: 0, to: count, by: run) {
      for k in (start + 1)..<max(start + 1, min(start + run, count)) {
        let moving = elements[k]
        var hole = k
        while hole > start, precedes(moving, elements[hole - 1]) {
          elements[hole] = elements[hole - 1]
          hole -= 1
        }
        elements[hole] = moving
      }
    }
    var (source, target) = (elements, spare)
    var width = run
    var sinceCheck = 0
    while width < count {
      for start in stride(from: 0, to: count, by: 2 * width) {
        let (middle, end) = (min(start + width, count), min(start + 2 * width, count))
        var (left, right) = (start, middle)
        for k in start..<end {
          // Equal elements come from the left run first: that is what keeps their order.
          if left < middle, right == end || !precedes(source[right], source[left]) {
            target[k] = source[left]
            left += 1
          } else {
            target[k] = source[right]
            right += 1
          }
          sinceCheck += 1
          if sinceCheck & 65_535 == 0 { try budget.check() }
        }
      }
      swap(&source, &target)
      width *= 2
    }
    return source
  }

  static func takeAlong(_ call: borrowing KernelCall) {
    move(call, source: call.inputShapes[0], picks: call.inputShapes[1]) { from, to in
      call.output[to] = call.inputs[0][from]
    }
  }

  static func putAlong(_ call: borrowing KernelCall) {
    call.output.update(repeating: 0, count: call.outputCount)
    move(call, source: call.outputShape, picks: call.inputShapes[1]) { from, to in
      call.output[from] += call.inputs[0][to]
    }
  }

  /// Calls `body` with each place of the picks and the place in `source` that it names.
  private static func move(
    _ call: borrowing KernelCall, source: Shape, picks: Shape, _ body: (_ from: Int, _ to: Int) -> Void
  ) {
    let axis = call.attributes[0]
    let (length, count) = (source[axis], picks[axis])
    let inner = picks[(axis + 1)...].reduce(1, *)
    for o in 0..<picks[..<axis].reduce(1, *) {
      for k in 0..<count {
        for i in 0..<inner {
          let to = (o * count + k) * inner + i
          let row = StructureKernels.clamped(call.inputs[1][to], length)
          body((o * length + row) * inner + i, to)
        }
      }
    }
  }
}
