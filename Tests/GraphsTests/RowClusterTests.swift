import Glibc
import Tensors
import Testing

@testable import Graphs

// What goes along short rows runs in one cluster with the elementwise work around it. The expected values are computed
// element by element here.

/// Square ones too, where a column is as long as a row; one row; more than a block of rows.
@Test(arguments: [[3, 3], [1, 4], [5, 2], [700, 10], [6000, 7], [40, 64]])
func crossEntropyOverRowsEqualsItsDefinition(_ shape: Shape) throws {
  let (rows, classes) = (shape[0], shape[1])
  var random = RandomSource(seed: 11)
  let z = (0..<(rows * classes)).map { _ in 3 * random.normal() }
  let labels = (0..<rows).map { _ in Double(random.below(classes)) }
  let graph = Graph()
  let (scores, label) = (graph.input("z", shape: shape), graph.input("t", shape: [rows]))
  let numbers = graph.constant(Tensor(vector: (0..<classes).map(Double.init)))
  let hot = label.reshaped(to: [rows, 1]).broadcast(to: shape).equals(numbers.broadcast(to: shape))
  let each = -(hot * scores.apply(.logSoftmax, attributes: [1])).apply(.sum, attributes: [1])
  let loss = each.apply(.sum) / Double(rows)
  let slope = try graph.gradient(of: loss, withRespectTo: [scores])[0]
  let results = try Program(graph, outputs: [loss.id, slope.id, each.id], isWatching: true).run([
    Tensor(shape: shape, elements: z), Tensor(vector: labels),
  ])
  var total = 0.0
  var worst = 0.0
  for row in 0..<rows {
    let scores = z[(row * classes)..<((row + 1) * classes)]
    let sum = scores.reduce(0) { $0 + exp($1) }
    let own = scores[row * classes + Int(labels[row])]
    total += log(sum) - own
    worst = max(worst, abs(results[2].elements[row] - (log(sum) - own)))
    for (column, score) in scores.enumerated() {
      let expected = (exp(score) / sum - (column == Int(labels[row]) ? 1 : 0)) / Double(rows)
      worst = max(worst, abs(results[1].elements[row * classes + column] - expected))
    }
  }
  #expect(abs(results[0].elements[0] - total / Double(rows)) < 1e-12 * max(1, total))
  #expect(worst < 1e-13)
}

@Test(arguments: [[4, 4], [9, 5], [300, 3]])
func numbersPerRowComeAndGoWithinACluster(_ shape: Shape) throws {
  let x = (0..<shape.reduce(1, *)).map { sin(Double($0)) }
  let graph = Graph()
  let v = graph.input("v", shape: shape)
  let top = v.apply(.largest, attributes: [1])
  let column = (top * 2 + v.apply(.sum, attributes: [1])).reshaped(to: [shape[0], 1])
  let result = (v - column.broadcast(to: shape)).apply(.softmax, attributes: [1])
  let total = (top * top).apply(.sum)
  let results = try Program(graph, outputs: [result.id, total.id, column.id]).run([Tensor(shape: shape, elements: x)])
  var squares = 0.0
  for row in 0..<shape[0] {
    let values = x[(row * shape[1])..<((row + 1) * shape[1])]
    let largest = values.max() ?? 0
    squares += largest * largest
    #expect(abs(results[2].elements[row] - (2 * largest + values.reduce(0, +))) < 1e-13)
    let sum = values.reduce(0) { $0 + exp($1) }
    for (column, value) in values.enumerated() {
      #expect(abs(results[0].elements[row * shape[1] + column] - exp(value) / sum) < 1e-13)
    }
  }
  #expect(abs(results[1].elements[0] - squares) < 1e-11)
}

/// `0·x` may be dropped only where a choice by the same 0 or 1 hides it: infinities stay out of value and gradient.
@Test func aProductHiddenByAChoiceOfItsFactorIsTheChoiceAlone() throws {
  let x = [Double.infinity, 2, -.infinity, 3, .nan, 5]
  let y = [0.0, 1, 0, 1, 0, 0]
  let graph = Graph()
  let (v, label) = (graph.input("v", shape: [6]), graph.input("y", shape: [6]))
  let isOne = label.equals(graph.constant(1))
  let isZero = isOne.equals(graph.constant(0))
  let chosen = graph.constant(0).where_(isZero, else: isOne * v)
  let slope = try graph.gradient(of: chosen.apply(.sum), withRespectTo: [v])[0]
  let results = try Program(graph, outputs: [chosen.id, slope.id]).run([Tensor(vector: x), Tensor(vector: y)])
  #expect(results[0].elements == [0, 2, 0, 3, 0, 0])
  #expect(results[1].elements == y)
  #expect(!graph.node(chosen.id, reaches: .multiply))
}

/// A repeated number given another shape needs no memory of its own.
@Test func aRepeatedNumberStaysANumberInAnyShape() throws {
  let graph = Graph()
  let number = graph.input("c", shape: [])
  let column = number.broadcast(to: [4]).reshaped(to: [4, 1]).broadcast(to: [4, 3])
  #expect(column.node.primitive == .broadcast && column.node.inputs == [number.id])
}

extension Graph {
  fileprivate func node(_ id: ID, reaches primitive: Primitive.ID) -> Bool {
    self[id].primitive == primitive || self[id].inputs.contains { node($0, reaches: primitive) }
  }
}

/// What can be made early but is read late, beside scores that took several products, is made there and never stored:
/// nothing of the size of the scores but they themselves and what the products read.
@Test(arguments: [false, true]) func labelsAsRowsWaitForTheScores(_ isWeighted: Bool) throws {
  let shape = [32, 200]
  let graph = Graph()
  let (x, w, label) = (
    graph.input("x", shape: [32, 32]), graph.input("w", shape: [32, 200]), graph.input("t", shape: [32])
  )
  let hidden = x.apply(.matmul, [x]).apply(.tanh).apply(.matmul, [x])
  let scores = hidden.apply(.matmul, [w])
  let hot = label.reshaped(to: [32, 1]).broadcast(to: shape)
    .equals(graph.constant(Tensor(vector: (1...200).map(Double.init))).broadcast(to: shape))
  let share = isWeighted ? label.apply(.unequal, [graph.constant(2)]) / label.apply(.sum) : graph.constant(0.5)
  let each = scores.apply(.logSoftmax, attributes: [1]).where_(hot, else: graph.constant(0)).apply(
    .sum, attributes: [1])
  let loss = (each * share).apply(.sum)
  let slope = try graph.gradient(of: loss, withRespectTo: [w])[0]
  let layout = Layout(graph, outputs: [loss.id, slope.id])
  let stored = layout.order.filter { layout.isStored[Int($0)] && layout.count($0) == 32 * 200 }
  // The parameter, the scores, the slope of the scores, the slope of the parameter.
  #expect(stored.count == 4)
  #expect(!layout.isStored[Int(hot.id)])
}
