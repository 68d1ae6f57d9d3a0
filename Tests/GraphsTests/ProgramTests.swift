import Foundation
import Synchronization
import Tensors
import Testing

@testable import Graphs

/// Lengths around the borders of a block.
@Test(arguments: [0, 1, 2, 511, 512, 513, 1024, 5000])
func fusedBlocksGiveWhatElementByElementArithmeticGives(_ count: Int) throws {
  let graph = Graph()
  let (p, t) = (graph.input("p", shape: [count]), graph.input("t", shape: [count]))
  let r = p - t
  let loss = (r * r).apply(.sum) / Double(max(count, 1))
  let gradient = try graph.gradient(of: loss, withRespectTo: [p])[0]
  let prediction = (0..<count).map { sin(Double($0)) }
  let target = (0..<count).map { cos(Double($0)) }
  let results = try Program(graph, outputs: [loss.id, gradient.id]).run([
    Tensor(vector: prediction), Tensor(vector: target),
  ])
  let squares = zip(prediction, target).map { ($0 - $1) * ($0 - $1) }
  #expect(abs(results[0].elements[0] - squares.reduce(0, +) / Double(max(count, 1))) < 1e-12)
  for (index, slope) in results[1].elements.enumerated() {
    #expect(abs(slope - 2 * (prediction[index] - target[index]) / Double(count)) < 1e-15)
  }
}

@Test func equalExpressionsAreOneNode() {
  let graph = Graph()
  let x = graph.input("x", shape: [])
  #expect((x * x + 1).id == (x * x + 1).id)
  #expect((x * 1).id == x.id)
  #expect((x + 0).id == x.id)
  #expect((-(-x)).id == x.id)
}

@Test func anArrayReadTwiceIsOneNode() {
  let graph = Graph()
  let x = Tensor(vector: [1, 2, 3])
  #expect(graph.constant(x).id == graph.constant(x).id)
  #expect(graph.constant(x).id != graph.constant(Tensor(vector: [1, 2, 3])).id)
  #expect(graph.constant(x).id != graph.constant(Tensor(shape: [3, 1], elements: x.elements)).id)
}

@Test func zeroTimesAnUnknownStaysBecauseZeroTimesInfinityIsNaN() throws {
  let graph = Graph()
  let x = graph.input("x", shape: [])
  let product = x * 0
  #expect(try Program(graph, outputs: [product.id]).run([Tensor(.infinity)])[0].elements[0].isNaN)
}

@Test func aLongChainOfNodesNeedsNoStack() throws {
  let graph = Graph()
  let x = graph.input("x", shape: [])
  var sum = x
  for step in 1...100_000 { sum = sum + Double(step % 7 + 1) * x }
  let slope = try graph.gradient(of: sum, withRespectTo: [x])[0]
  // 1 + Σ (k mod 7 + 1) for k = 1…100000: 14285 whole weeks of 28, then 2+3+4+5+6.
  #expect(try Program(graph, outputs: [slope.id]).run([Tensor(1)])[0].elements[0] == Double(1 + 14_285 * 28 + 20))
}

@Test func aRunStopsWhenItIsInterrupted() throws {
  let graph = Graph()
  let x = graph.input("x", shape: [1_000_000])
  let y = x.apply(.exp).apply(.sum)
  let program = try Program(graph, outputs: [y.id])
  #expect(throws: Budget.Exhausted.interrupted) {
    try program.run([Tensor(vector: [Double](repeating: 0, count: 1_000_000))], budget: Budget { true })
  }
}

/// Ctrl-C is to be heard within a tenth of a second: long kernels ask on their way, not only when they are done.
@Test(arguments: [
  (Primitive.ID.matmul, 700), (.solve, 40), (.inverse, 40), (.det, 40), (.cholesky, 40), (.eigenvalues, 40),
  (.sort, 400),
])
func longKernelsAskTheBudgetOnTheWay(_ primitive: Primitive.ID, _ n: Int) throws {
  let graph = Graph()
  let x = graph.input("x", shape: [n, n])
  let isPair = primitive == .matmul || primitive == .solve
  let y = x.apply(primitive, isPair ? [x] : [], attributes: primitive == .sort ? [1] : [])
  let program = try Program(graph, outputs: [y.id])
  var matrix = [Double](repeating: 0.001, count: n * n)
  for k in 0..<n { matrix[k * n + k] = Double(k + 1) }
  let asked = Counter()
  _ = try program.run([Tensor(shape: [n, n], elements: matrix)], budget: Budget { asked.count() })
  #expect(asked.total > 0)
}

private final class Counter: Sendable {
  private let number = Atomic<Int>(0)
  var total: Int { number.load(ordering: .relaxed) }
  func count() -> Bool {
    number.add(1, ordering: .relaxed)
    return false
  }
}
