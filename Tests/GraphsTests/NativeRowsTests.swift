import CKernels
import Tensors
import Testing

@testable import Graphs

// Machine code along rows against the interpreter, which few rows are left to: what a row gives among many it gives
// alone.

private let samples: [Double] = [
  0, -0.0, 1, -1, 1e8, -1e8, 1e300, -1e300, 745, -745, 0.5, 1e-300, .infinity, -.infinity, .nan, 2,
]

/// Rows with nothing special, with masks of −∞, and with everything at once.
private func rows(_ shape: Shape) -> [Double] {
  var random = RandomSource(seed: UInt64(shape[1]))
  return (0..<(shape[0] * shape[1])).map { index in
    let (row, column) = (index / shape[1], index % shape[1])
    if row % 3 == 1, column % 4 == 1 { return -.infinity }
    if row % 3 == 2, column % 5 == 2 { return samples[(row + column) % samples.count] }
    return 3 * random.normal()
  }
}

private func isSame(_ a: Double, _ b: Double) -> Bool {
  // log is a sum that the compiler and the code here may round in different places.
  a == b || a.isNaN && b.isNaN || abs(a - b) <= 4 * max(a.ulp, b.ulp)
}

private func results(_ shape: Shape, _ x: [Double]) throws -> [[Double]] {
  let graph = Graph()
  let v = graph.input("v", shape: shape)
  let softmax = v.apply(.softmax, attributes: [1])
  let outputs = [
    softmax, v.apply(.logSoftmax, attributes: [1]), v.apply(.logsumexp, attributes: [1]),
    v.apply(.sum, attributes: [1]), v.apply(.largest, attributes: [1]),
    (softmax * v.apply(.abs)).apply(.sum, attributes: [1]),
  ]
  return try Program(graph, outputs: outputs.map(\.id)).run([Tensor(shape: shape, elements: x)]).map(\.elements)
}

@Test(arguments: [[300, 2], [129, 3], [40, 7], [1001, 10], [64, 16], [33, 17], [50, 64], [13, 200], [9, 512]])
func aRowAmongManyIsWorthWhatItIsAlone(_ shape: Shape) throws {
  let (count, width) = (shape[0], shape[1])
  let x = rows(shape)
  let all = try results(shape, x)
  for row in 0..<count {
    let own = Array(x[(row * width)..<((row + 1) * width)])
    let alone = try results([1, width], own)
    for (together, alone) in zip(all, alone) {
      let part = together[(row * alone.count)..<((row + 1) * alone.count)]
      let wrong = zip(part, alone).first { !isSame($0, $1) }
      #expect(wrong == nil, "row \(row)")
    }
  }
}

/// Labels, weights per row and per class, a mask: what losses over classes are made of, with their gradients.
private func loss(_ shape: Shape) throws -> (Graph, [Graph.ID]) {
  let graph = Graph()
  let (v, label, weight) = (
    graph.input("v", shape: shape), graph.input("t", shape: [shape[0]]), graph.input("w", shape: [shape[1]])
  )
  let hot = label.reshaped(to: [shape[0], 1]).broadcast(to: shape)
    .equals(graph.constant(Tensor(vector: (1...shape[1]).map(Double.init))).broadcast(to: shape))
  let smooth = hot * 0.9 + 0.1 / Double(shape[1])
  let each = -(weight.broadcast(to: shape) * smooth * v.apply(.logSoftmax, attributes: [1])).apply(
    .sum, attributes: [1])
  let kept = label.apply(.unequal, [graph.constant(2)])
  let total = (kept * each).apply(.sum) / kept.apply(.sum)
  let slopes = try graph.gradient(of: total, withRespectTo: [v, weight])
  return (graph, [total.id, each.id] + slopes.map(\.id))
}

@Test(arguments: [[4001, 10], [700, 64], [300, 200]]) func rowsOnTwoThreadsGiveTheSameBits(_ shape: Shape) throws {
  let (graph, outputs) = try loss(shape)
  var random = RandomSource(seed: 5)
  let arguments = [
    Tensor(shape: shape, elements: (0..<(shape[0] * shape[1])).map { _ in 4 * random.normal() }),
    Tensor(vector: (0..<shape[0]).map { _ in Double(1 + random.below(shape[1])) }),
    Tensor(vector: (0..<shape[1]).map { _ in random.uniform() }),
  ]
  let program = try Program(graph, outputs: outputs)
  let one = try program.run(arguments, budget: Budget(threads: 1))
  let two = try program.run(arguments, budget: Budget(threads: 2))
  #expect(one == two)
  // And the rows of the first eighth are what they are in the whole.
  let few = shape[0] / 8
  let (part, ids) = try loss([few, shape[1]])
  let alone = try Program(part, outputs: [ids[1]]).run([
    Tensor(shape: [few, shape[1]], elements: Array(arguments[0].elements.prefix(few * shape[1]))),
    Tensor(vector: Array(arguments[1].elements.prefix(few))), arguments[2],
  ])
  #expect(zip(alone[0].elements, one[1].elements).allSatisfy { isSame($0, $1) })
}

@Test func crossEntropyOfHugeAndMaskedScoresIsExact() throws {
  let shape = [64, 5]
  let pattern: [[Double]] = [
    [1e8, -1e8, 0, 5, 1], [-1e8, -1e8, -1e8, -1e8, -1e8], [-.infinity, 2, 2, -.infinity, -.infinity],
    [1e300, 0, 0, 0, 0],
  ]
  let (graph, outputs) = try loss(shape)
  let results = try Program(graph, outputs: [outputs[1], outputs[2]]).run([
    Tensor(shape: shape, elements: (0..<64).flatMap { pattern[$0 % 4] }),
    Tensor(vector: .init(repeating: 1, count: 64)),
    Tensor(vector: [1, 1, 1, 1, 1]),
  ])
  // With smoothing a mask of −∞ costs −∞; the rest is arithmetic on 0.92 and 0.02.
  for row in 0..<64 {
    let value = results[0].elements[row]
    switch row % 4 {
    case 0: #expect(isSame(value, 0.02 * 2e8 + 0.02 * 1e8 + 0.02 * (1e8 - 5) + 0.02 * (1e8 - 1)))
    case 1: #expect(abs(value - 1.6094379124341003) < 1e-15)
    case 2: #expect(value == .infinity)
    default: #expect(isSame(value, 0.08 * 1e300))
    }
    let slopes = results[1].elements[(row * 5)..<(row * 5 + 5)]
    let expected: [Double] =
      switch row % 4 {
      case 0, 3: [0.08, -0.02, -0.02, -0.02, -0.02]
      case 1: [-0.72, 0.18, 0.18, 0.18, 0.18]
      default: [-0.92, 0.48, 0.48, -0.02, -0.02]
      }
    #expect(zip(slopes, expected).allSatisfy { abs($0 * 64 - $1) < 1e-15 })
  }
}

/// Softmax, its logarithm and the gradient of both take one exponential per element, of which there is one instruction.
@Test func whatIsAlongARowSharesItsExponentials() throws {
  func operand(_ kind: Int, _ index: Int32, _ width: Int32) -> ll_operand {
    ll_operand(kind: Int32(kind), index: index, width: width)
  }
  func instruction(_ op: Int, _ out: Int32) -> ll_instruction {
    ll_instruction(op: Int32(op), out: out, a: 0, b: 0, c: 0, width: 10)
  }
  let code = try #require(
    RowCode(
      code: [instruction(LL_ROW_SOFTMAX, 1), instruction(LL_ROW_LOG_SOFTMAX, 2)],
      operands: (0..<3).map { operand(LL_ARRAY, $0, 10) }, folds: [], constants: [:], width: 10))
  let scalings = code.sections.map { $0.vectors.nodes.count { $0.operation == .scale } }
  #expect(scalings.reduce(0, +) == 1)
}

/// More values at a time than there are registers, and a function without vector instructions: the interpreter takes
/// over and gives the same.
@Test(arguments: [4, 40]) func rowsThatDoNotFitTheRegistersAreInterpreted(_ terms: Int) throws {
  let shape = [50, 10]
  let x = rows([150, 10]).filter { $0.isFinite && abs($0) < 20 }.prefix(500)
  let graph = Graph()
  let v = graph.input("v", shape: shape)
  let parts = (1...terms).map { (v * Double($0)).apply(.tanh) }
  let sum = parts.reduce(v) { $0 + $1 }
  let mixed = parts.reversed().reduce(sum) { $0 * 0.5 + $1 }
  let each = mixed.apply(.sum, attributes: [1])
  let rare = v.apply(.erf).apply(.sum, attributes: [1])
  let results = try Program(graph, outputs: [each.id, rare.id]).run([Tensor(shape: shape, elements: Array(x))])
  for row in 0..<50 {
    var (total, other) = (0.0, 0.0)
    for value in x[(x.startIndex + row * 10)..<(x.startIndex + row * 10 + 10)] {
      let parts = (1...terms).map { UnaryKernel.tanh(value * Double($0)) }
      total += parts.reversed().reduce(parts.reduce(value, +)) { $0 * 0.5 + $1 }
      other += UnaryKernel.erf(value)
    }
    #expect(abs(results[0].elements[row] - total) <= 1e-12 * max(1, abs(total)))
    #expect(abs(results[1].elements[row] - other) <= 1e-12)
  }
}
