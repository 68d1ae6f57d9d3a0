import Tensors
import Testing

@testable import Graphs

private func run(_ graph: Graph, _ outputs: [Expression], _ inputs: [Tensor]) throws -> [Tensor] {
  try Program(graph, outputs: outputs.map(\.id)).run(inputs)
}

@Test func gradientsOfGradientsAreMoreOfTheSameGraph() throws {
  let graph = Graph()
  let x = graph.input("x", shape: [])
  var f = x.power(5)
  for expected in [80.0, 160, 240, 240, 120, 0] {  // d^k x⁵ at 2: 5·2⁴, 20·2³, 60·2², 120·2, 120, 0
    f = try graph.gradient(of: f, withRespectTo: [x])[0]
    #expect(try run(graph, [f], [Tensor(2)])[0].elements[0] == expected)
  }
}

/// d/dt of t·u at t = u must not see the other use of u: the perturbation confusion of Siskind & Pearlmutter (2008).
@Test func anAliasKeepsOtherUsesOfTheSameValueOut() throws {
  let graph = Graph()
  let u = graph.input("u", shape: [])
  let t = graph.alias(u)
  let slope = try graph.gradient(of: t * u, withRespectTo: [t])[0]
  #expect(try run(graph, [slope], [Tensor(3)])[0].elements[0] == 3)
}

@Test func theGradientOfALoopOverElementsGrowsLinearly() throws {
  // Σ xᵢ², element by element: its gradient needs a fixed number of nodes per element.
  func nodes(_ count: Int) throws -> Int {
    let graph = Graph()
    let x = graph.input("x", shape: [count])
    var total = graph.constant(0)
    for index in 0..<count {
      let element = x.apply(.take, [graph.constant(Double(index))], attributes: [0])
      total = total + element * element
    }
    let gradient = try graph.gradient(of: total, withRespectTo: [x])[0]
    let values = try Program(graph, outputs: [gradient.id]).run([Tensor(vector: (0..<count).map(Double.init))])
    #expect(values[0].elements == (0..<count).map { 2 * Double($0) })
    let numbers = graph.reachable(from: [gradient.id]).map { Shapes.count(graph[$0].shape) ?? 0 }
    return numbers.reduce(0, +)
  }
  #expect(try nodes(400) < 3 * nodes(200))
}
