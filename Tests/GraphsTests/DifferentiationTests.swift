import Tensors
import Testing

@testable import Graphs

/// Places where each elementwise primitive is smooth.
private let places: [Double] = [-0.7, -0.3, 0.2, 0.6, 0.9]
private let positive: Set<Primitive.ID> = [.sqrt, .log, .log2, .log10, .lgamma]

private func run(_ graph: Graph, _ outputs: [Expression], _ inputs: [Tensor]) throws -> [Tensor] {
  try Program(graph, outputs: outputs.map(\.id)).run(inputs)
}

@Test(arguments: Primitive.ID.allCases.filter { if case .unary = $0.row.kernel { true } else { false } })
func unaryDerivativesEqualCentralDifferences(_ primitive: Primitive.ID) throws {
  guard case .elementwise = primitive.row.derivative else { return }
  let graph = Graph()
  let x = graph.input("x", shape: [])
  let y = x.apply(primitive)
  let slope = try graph.gradient(of: y, withRespectTo: [x])[0]
  let program = try Program(graph, outputs: [y.id, slope.id])
  for place in places {
    let at = positive.contains(primitive) ? abs(place) : place
    let h = 1e-5
    let above = try program.run([Tensor(at + h)])[0].elements[0]
    let below = try program.run([Tensor(at - h)])[0].elements[0]
    let exact = try program.run([Tensor(at)])[1].elements[0]
    #expect(abs((above - below) / (2 * h) - exact) < 1e-7 * max(1, abs(exact)), "\(primitive) at \(at)")
  }
}

@Test(arguments: [Primitive.ID.add, .subtract, .multiply, .divide, .power, .minimum, .maximum, .modulo, .xlogy])
func binaryDerivativesEqualCentralDifferences(_ primitive: Primitive.ID) throws {
  let graph = Graph()
  let (a, b) = (graph.input("a", shape: []), graph.input("b", shape: []))
  let y = a.apply(primitive, [b])
  let slopes = try graph.gradient(of: y, withRespectTo: [a, b])
  let program = try Program(graph, outputs: [y.id] + slopes.map(\.id))
  for (p, q) in [(0.7, 1.9), (2.3, 0.4), (1.1, 1.7)] {
    let h = 1e-5
    func value(_ a: Double, _ b: Double) throws -> Double { try program.run([Tensor(a), Tensor(b)])[0].elements[0] }
    let exact = try program.run([Tensor(p), Tensor(q)])
    #expect(abs((try value(p + h, q) - value(p - h, q)) / (2 * h) - exact[1].elements[0]) < 1e-6)
    #expect(abs((try value(p, q + h) - value(p, q - h)) / (2 * h) - exact[2].elements[0]) < 1e-6)
  }
}

/// A scalar built from each structural primitive, checked entry by entry.
@Test(arguments: [
  "sum", "product", "largest", "smallest", "logsumexp", "softmax", "logSoftmax", "cumsum", "broadcast", "transpose",
  "take", "stack", "matmul", "axis",
])
func structuralPullbacksEqualCentralDifferences(_ name: String) throws {
  let graph = Graph()
  let x = graph.input("x", shape: [2, 3])
  let weights = graph.constant(Tensor(shape: [2, 3], elements: [0.3, -1.2, 0.7, 2.1, -0.4, 1.5]))
  let y: Expression
  switch name {
  case "sum": y = (x * x).apply(.sum)
  case "product": y = x.apply(.product)
  case "largest": y = x.apply(.largest)
  case "smallest": y = x.apply(.smallest)
  case "logsumexp": y = x.apply(.logsumexp, attributes: [1]).apply(.sum)
  case "softmax": y = (x.apply(.softmax, attributes: [1]) * weights).apply(.sum)
  case "logSoftmax": y = (x.apply(.logSoftmax, attributes: [0]) * weights).apply(.sum)
  case "cumsum": y = (x.apply(.cumsum, attributes: [1]) * weights).apply(.sum)
  case "broadcast": y = (x.apply(.sum, attributes: [0]) * weights).apply(.sum)
  case "transpose": y = (x.apply(.transpose) * weights.apply(.transpose)).apply(.sum)
  case "take":
    let rows = graph.constant(Tensor(vector: [1, 0, 1]))
    let taken = x.apply(.take, [rows], attributes: [0])
    y = (taken * taken).apply(.sum)
  case "stack": y = (x.apply(.stack, [x * x]) * 0.5).apply(.sum)
  case "matmul": y = x.apply(.matmul, [weights.apply(.transpose)]).apply(.sin).apply(.sum)
  default: y = (x.apply(.largest, attributes: [1]) * x.apply(.product, attributes: [1])).apply(.sum)
  }
  let gradient = try graph.gradient(of: y, withRespectTo: [x])[0]
  let program = try Program(graph, outputs: [y.id, gradient.id])
  let start = Tensor(shape: [2, 3], elements: [0.5, -0.8, 1.3, 0.9, 0.2, -1.1])
  let exact = try program.run([start])[1]
  for index in 0..<6 {
    let h = 1e-5
    var (above, below) = (start, start)
    above.elements[index] += h
    below.elements[index] -= h
    let numeric = (try program.run([above])[0].elements[0] - program.run([below])[0].elements[0]) / (2 * h)
    #expect(abs(numeric - exact.elements[index]) < 1e-7, "\(name)[\(index)]")
  }
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
