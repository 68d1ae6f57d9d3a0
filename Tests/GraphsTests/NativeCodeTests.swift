import Tensors
import Testing

@testable import Graphs

// Machine code against the kernels element by element: what a long vector gives is what its elements give alone.

private let samples: [Double] = [
  0, -0.0, 1, -1, 0.5, -0.5, 1e-300, -1e-300, 2024 * Double.leastNonzeroMagnitude, 1e300, -1e300, .infinity, -.infinity,
  .nan, 745, -745, 710, -710,
  1e8, -1e8, 0.3, 0.6, 2.5, -2.5, 3.5, 1e-17, -1e-17, 20, -20, 0.9999999, 1.0000001, .pi,
]

/// Lengths with and without a rest, below and above a block of code.
private let lengths = [1024, 1027, 4096, 9001]

private func input(_ count: Int, _ turn: Int) -> [Double] {
  var random = RandomSource(seed: UInt64(turn + 1))
  return (0..<count).map { index in
    let sample = samples[(index &* 7 &+ turn &* 13) % samples.count]
    return index % 3 == 0 ? sample : random.normal() * 10
  }
}

private func isSame(_ a: Double, _ b: Double, ulps: Double = 1) -> Bool {
  a == b || a.isNaN && b.isNaN || abs(a - b) <= ulps * max(a.ulp, b.ulp)
}

@Test(arguments: UnaryKernel.allCases, lengths)
func unaryMachineCodeEqualsTheKernel(_ kernel: UnaryKernel, _ count: Int) throws {
  let x = input(count, 1)
  let results = try run([x]) { inputs in
    let id = try #require(Primitive.ID.allCases.first { isUnary($0, kernel) })
    return inputs[0].apply(id)
  }
  let wrong = zip(x, results).first { !isSame($1, kernel($0)) }
  #expect(wrong == nil)
}

@Test(arguments: BinaryKernel.allCases, lengths)
func binaryMachineCodeEqualsTheKernel(_ kernel: BinaryKernel, _ count: Int) throws {
  let (x, y) = (input(count, 1), input(count, 2))
  let id = try #require(Primitive.ID.allCases.first { isBinary($0, kernel) })
  let both = try run([x, y]) { $0[0].apply(id, [$0[1]]) }
  let left = try run([y]) { $0[0].constant(1.5).apply(id, [$0[0]]) }
  let right = try run([x]) { $0[0].apply(id, [$0[0].constant(-0.5)]) }
  // log is a sum that the compiler and the code here may round in different places.
  let ulps = kernel == .xlogy ? 2.0 : 1
  let wrong = x.indices.first { index in
    !isSame(both[index], kernel(x[index], y[index]), ulps: ulps)
      || !isSame(left[index], kernel(1.5, y[index]), ulps: ulps)
      || !isSame(right[index], kernel(x[index], -0.5), ulps: ulps)
  }
  #expect(wrong == nil, "\(wrong.map { (x[$0], y[$0]) } ?? (0, 0))")
}

@Test(arguments: Reduction.allCases, lengths)
func foldsInMachineCodeEqualFoldsOfAnArray(_ reduction: Reduction, _ count: Int) throws {
  let primitive: [Reduction: Primitive.ID] = [
    .sum: .sum, .product: .product, .largest: .largest, .smallest: .smallest,
  ]
  let id = try #require(primitive[reduction])
  var x = input(count, 3).map { $0.isFinite && abs($0) < 1e3 ? 1 + $0 / 1e6 : 1 }
  for place in [nil, 5, count - 1] {
    if let place { x[place] = .nan }
    let graph = Graph()
    let v = graph.input("v", shape: [count])
    // The product with 1 keeps the fold from reading an input as it is.
    let outputs = [v.apply(.abs).apply(id).id, (v * v).apply(.sum).id]
    let results = try Program(graph, outputs: outputs).run([Tensor(vector: x)])
    let expected = reduction(x, count)
    // Each of the factors may round.
    #expect(isSame(results[0].elements[0], expected, ulps: reduction == .product ? Double(count) / 2 : 64))
    #expect(isSame(results[1].elements[0], Reduction.sum(x.map { $0 * $0 }, count), ulps: 64))
  }
}

/// Many values alive at a time, more than there are registers: the interpreter takes over and gives the same.
@Test(arguments: [3, 12, 60])
func pressureOnRegistersChangesNothing(_ width: Int) throws {
  let count = 2000
  let x = input(count, 4).map { $0.isFinite && abs($0) < 1e3 ? $0 : 1 }
  let results = try run([x]) { inputs in
    let terms = (1...width).map { (inputs[0] * Double($0)).apply(.tanh) }
    // All terms are needed again in the opposite order.
    let sum = terms.reduce(inputs[0]) { $0 + $1 }
    return terms.reversed().reduce(sum) { $0 * 0.5 + $1 }
  }
  for index in stride(from: 0, to: count, by: 37) {
    let terms = (1...width).map { UnaryKernel.tanh(x[index] * Double($0)) }
    let sum = terms.reduce(x[index], +)
    let expected = terms.reversed().reduce(sum) { $0 * 0.5 + $1 }
    #expect(abs(results[index] - expected) <= 1e-13 * max(1, abs(expected)))
  }
}

@Test func moreArraysThanAddressRegistersAreReadAndWritten() throws {
  let count = 1500
  let graph = Graph()
  let inputs = (0..<12).map { graph.input("x\($0)", shape: [count]) }
  let arrays = (0..<12).map { k in (0..<count).map { Double($0 * (k + 1)) } }
  var outputs = [inputs.reduce(graph.constant(0)) { $0 + $1 }]
  for (k, x) in inputs.enumerated() { outputs.append(x * Double(k) + inputs[11 - k]) }
  let results = try Program(graph, outputs: outputs.map(\.id)).run(arrays.map { Tensor(vector: $0) })
  for index in stride(from: 0, to: count, by: 61) {
    #expect(results[0].elements[index] == Double(index * 78))
    for k in 0..<12 { #expect(results[k + 1].elements[index] == Double(index * (k + 1) * k + index * (12 - k))) }
  }
}

private typealias Formula = @Sendable (_ x: Expression, _ y: Expression) -> Expression

/// What losses are made of: choices between operations, signs, exponentials that value and gradient share.
private let formulas: [(name: String, of: Formula)] = [
  (
    "huber",
    { x, y in
      let r = x - y
      let size = r.apply(.abs)
      return (r.power(2) / 2).where_(size.apply(.lessOrEqual, [r.constant(1)]), else: 1 * (size - 0.5))
    }
  ),
  (
    "log-cosh",
    { x, y in
      let size = (x - y).apply(.abs)
      return size + (-2 * size).apply(.softplus) - 0.6931471805599453
    }
  ),
  ("cross-entropy", { x, y in y * (-x).apply(.softplus) + (1 - y) * x.apply(.softplus) }),
  ("hinge", { x, y in (1 - x * y).apply(.relu).power(2) }),
  ("pinball", { x, y in (0.9 * (y - x)).where_(y.apply(.greater, [x]), else: 0.1 * (x - y)) }),
  ("signs", { x, y in x.apply(.sign) * y + x.apply(.tanh) + (-x).apply(.sign) * x.apply(.abs).apply(.sigmoid) }),
  (
    "opposites",
    { x, y in
      let below = (-x).apply(.less, [x.constant(0)])
      return (x / y).where_(below, else: y / x) + (-x.apply(.abs)).apply(.sigmoid) + y.apply(.abs).apply(.softplus)
    }
  ),
  (
    "swap",
    { x, y in
      // What is chosen is read again, and is an operand of what is not chosen.
      let larger = x.apply(.greater, [y])
      let chosen = x.where_(larger, else: x * y)
      return chosen + x + (y - x).where_(larger, else: x.constant(0)) + x.constant(0).where_(larger, else: x + y)
    }
  ),
]

@Test(arguments: formulas.map(\.name), [2011, 9001])
func anElementIsWorthTheSameInALongArrayAndInAShortOne(_ name: String, _ count: Int) throws {
  let formula = try #require(formulas.first { $0.name == name }).of
  let arrays = [input(count, 1), input(count, 2)]
  func values(_ range: Range<Int>) throws -> [[Double]] {
    let graph = Graph()
    let (x, y) = (graph.input("x", shape: [range.count]), graph.input("y", shape: [range.count]))
    let value = formula(x, y)
    // A fold reads the value on the way, as the mean of a loss does.
    let outputs = try [value] + graph.gradient(of: value.apply(.sum), withRespectTo: [x, y])
    let program = try Program(graph, outputs: (outputs + [value.apply(.sum)]).map(\.id), isWatching: true)
    return try program.run(arrays.map { Tensor(vector: Array($0[range])) }).prefix(3).map(\.elements)
  }
  // Too short for machine code.
  #expect(NativeCode.shortest > 60)
  let long = try values(0..<count)
  for start in stride(from: 0, to: count, by: 60) {
    let range = start..<min(count, start + 60)
    for (output, piece) in try values(range).enumerated() {
      let wrong = piece.indices.first { index in
        let (a, b) = (piece[index], long[output][start + index])
        return a.bitPattern != b.bitPattern && !(a.isNaN && b.isNaN)
      }
      #expect(
        wrong == nil, "output \(output) at \(wrong.map { (arrays[0][start + $0], arrays[1][start + $0]) } ?? (0, 0))")
    }
  }
}

/// Arrays beyond the caches are written a line of memory at a time, wherever they start.
@Test(arguments: [0, 1, 6, 7])
func aLargeArrayIsWrittenWholeWhereverItStarts(_ start: Int) throws {
  let count = NativeCode.lastCache / 16 + 4096 * 3 + 77
  let graph = Graph()
  let x = graph.input("x", shape: [count])
  let program = try Program(graph, outputs: [(x * 3).id, (x * 3).apply(.sum).id, (x - 1).id])
  let numbers = UnsafeMutablePointer<Double>.allocate(capacity: count)
  let results = [0, 1].map { _ in UnsafeMutablePointer<Double>.allocate(capacity: count + 16) }
  defer { for pointer in [numbers] + results { pointer.deallocate() } }
  for index in 0..<count { numbers[index] = Double(index & 1023) }
  for result in results { result.initialize(repeating: -7, count: count + 16) }
  program.bind(input: 0, to: numbers)
  program.bind(output: 0, to: results[0] + start)
  program.bind(output: 2, to: results[1] + 7 - start)
  try program.execute()
  var wrong = 0
  for index in 0..<count {
    let number = Double(index & 1023)
    if results[0][start + index] != number * 3 || results[1][7 - start + index] != number - 1 { wrong += 1 }
  }
  #expect(wrong == 0)
  // Nothing before or behind is written.
  #expect((0..<start).allSatisfy { results[0][$0] == -7 } && (start..<16).allSatisfy { results[0][count + $0] == -7 })
  let whole = (count / 1024) * 1023 * 512 + (count % 1024) * (count % 1024 - 1) / 2
  #expect(program.result(1)[0] == Double(3 * whole))
}

private func isUnary(_ id: Primitive.ID, _ kernel: UnaryKernel) -> Bool {
  if case .unary(kernel) = id.row.kernel { return true }
  return false
}

private func isBinary(_ id: Primitive.ID, _ kernel: BinaryKernel) -> Bool {
  if case .binary(kernel) = id.row.kernel { return true }
  return false
}

private func run(_ arrays: [[Double]], _ body: ([Expression]) throws -> Expression) throws -> [Double] {
  let graph = Graph()
  let inputs = arrays.indices.map { graph.input("x\($0)", shape: [arrays[$0].count]) }
  return try Program(graph, outputs: [body(inputs).id]).run(arrays.map { Tensor(vector: $0) })[0].elements
}
