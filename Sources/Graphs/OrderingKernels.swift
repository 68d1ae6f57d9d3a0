import Tensors

/// Kernels that put elements in order along an axis, or move them by an array of places.
enum OrderingKernels {
  /// NaN comes last, as in NumPy.
  private static func precedes(_ a: Double, _ b: Double) -> Bool { a < b || (b.isNaN && !a.isNaN) }

  static func sort(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (outer, length, inner) = AxisKernels.view(call)
    try budget.admit(scratch: 2 * length)
    var pace = Pace(budget)
    let lane = UnsafeMutablePointer<Double>.allocate(capacity: 2 * max(length, 1))
    defer { lane.deallocate() }
    for o in 0..<outer {
      for i in 0..<inner {
        let base = o * length * inner + i
        try each(length, &pace) { lane[$0] = call.inputs[0][base + $0 * inner] }
        let sorted = try mergeSort(lane, lane + length, length, &pace, precedes)
        try each(length, &pace) { call.output[base + $0 * inner] = sorted[$0] }
      }
    }
  }

  /// Places from 1; equal elements keep their order.
  static func argsort(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (outer, length, inner) = AxisKernels.view(call)
    try budget.admit(scratch: length)
    var pace = Pace(budget)
    let lane = UnsafeMutablePointer<Int32>.allocate(capacity: 2 * max(length, 1))
    defer { lane.deallocate() }
    for o in 0..<outer {
      for i in 0..<inner {
        let base = o * length * inner + i
        let x = call.inputs[0] + base
        try each(length, &pace) { lane[$0] = Int32($0) }
        let sorted = try mergeSort(lane, lane + length, length, &pace) { a, b in
          precedes(x[Int(a) * inner], x[Int(b) * inner])
        }
        try each(length, &pace) { call.output[base + $0 * inner] = Double(sorted[$0]) + 1 }
      }
    }
  }

  /// A lane can be as long as memory: the budget is asked on the way.
  private static func each(_ count: Int, _ pace: inout Pace, _ body: (Int) -> Void) throws(Budget.Exhausted) {
    for start in stride(from: 0, to: count, by: 65_536) {
      for k in start..<min(start + 65_536, count) { body(k) }
      try pace.advance(by: 65_536)
    }
  }

  /// Runs of 16 by insertion, then merged in passes: stable, without recursion. Returns whichever of the two buffers holds the result.
  private static func mergeSort<Element: BitwiseCopyable>(
    _ elements: UnsafeMutablePointer<Element>, _ spare: UnsafeMutablePointer<Element>, _ count: Int, _ pace: inout Pace,
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
      try pace.advance(by: run)
    }
    var (source, target) = (elements, spare)
    var width = run
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
          if k & 65_535 == 65_535 { try pace.advance(by: 65_536) }
        }
      }
      swap(&source, &target)
      width *= 2
    }
    return source
  }

  static func takeAlong(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (output, input) = (call.output, call.inputs[0])
    try move(call, source: call.inputShapes[0], picks: call.inputShapes[1], budget) { output[$1] = input[$0] }
  }

  static func putAlong(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let (output, input) = (call.output, call.inputs[0])
    output.update(repeating: 0, count: call.outputCount)
    try move(call, source: call.outputShape, picks: call.inputShapes[1], budget) { output[$0] += input[$1] }
  }

  /// Calls `body` with each place of the picks and the place in `source` that it names.
  private static func move(
    _ call: borrowing KernelCall, source: Shape, picks: Shape, _ budget: Budget,
    _ body: (_ from: Int, _ to: Int) -> Void
  ) throws(Budget.Exhausted) {
    let axis = call.attributes[0]
    let (length, count) = (source[axis], picks[axis])
    let inner = picks[(axis + 1)...].reduce(1, *)
    var pace = Pace(budget)
    for o in 0..<picks[..<axis].reduce(1, *) {
      for k in 0..<count {
        for i in 0..<inner {
          let to = (o * count + k) * inner + i
          let row = StructureKernels.clamped(call.inputs[1][to], length)
          body((o * length + row) * inner + i, to)
        }
        try pace.advance(by: inner)
      }
    }
  }
}
