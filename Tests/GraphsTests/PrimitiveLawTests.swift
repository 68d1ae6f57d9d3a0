import Glibc
import Tensors
import Testing

@testable import Graphs

// Laws over the table of primitives. The switch below names every one of them, so that a new row does not compile here
// until it says where it can be tried; the laws then hold it to its derivatives.

/// Where a primitive is tried: operands inside its domain, away from kinks and ties.
private struct Sample {
  var operands: [Tensor]
  var attributes: [Int] = []
  /// Operands that are places or conditions, which have no derivative.
  var fixed: Set<Int> = []
}

private func vector(_ elements: Double...) -> Tensor { Tensor(vector: elements) }

/// `count` numbers that repeat nowhere and have both signs.
private func spread(_ shape: Int..., from seed: Double = 0) -> Tensor {
  let count = shape.reduce(1, *)
  return Tensor(shape: shape, elements: (0..<count).map { 1.7 * sin(2.3 * Double($0) + 0.7 + seed) })
}

private func elementwise(_ elements: Double...) -> [Sample] { [Sample(operands: [Tensor(vector: elements)])] }

private func pairs(_ x: Tensor, _ y: Tensor) -> [Sample] {
  // Also one number with many: the gradient of a stretched operand is a sum.
  [Sample(operands: [x, y]), Sample(operands: [Tensor(x.elements[0]), y])]
}

/// The same operand with and without an axis.
private func folds(_ x: Tensor) -> [Sample] {
  [[], [0], [1]].map { Sample(operands: [x], attributes: $0) }
}

private func alongAxes(_ x: Tensor) -> [Sample] { [0, 1].map { Sample(operands: [x], attributes: [$0]) } }

private func samples(_ id: Primitive.ID) -> [Sample] {
  let x = spread(2, 3)
  switch id {
  // `frozen` is the identity whose derivative is 0 by decree: no difference quotient agrees with it.
  case .input, .constant, .alias, .frozen: return []
  case .negate, .abs, .sign, .exp, .expm1, .sin, .cos, .tan, .tanh, .sinh, .cosh, .atan, .sigmoid, .softplus, .relu,
    .erf, .erfc, .asinh, .besselI0e, .besselI1e, .logNdtr, .not, .floor, .ceil, .round:
    return elementwise(-2.2, -0.7, -0.3, 0.2, 0.6, 0.9, 1.4)
  case .sqrt, .log, .log2, .log10, .lgamma: return elementwise(0.3, 0.7, 1.2, 4.5)
  case .digamma: return elementwise(-1.3, 0.3, 0.7, 1.2, 4.5)
  case .log1p: return elementwise(-0.7, -0.3, 0.2, 1.4)
  case .asin, .acos, .atanh, .erfinv: return elementwise(-0.7, -0.3, 0.2, 0.6)
  case .acosh: return elementwise(1.2, 1.7, 4)
  case .add, .subtract, .multiply, .minimum, .maximum, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal,
    .unequal, .and, .or, .logaddexp, .atan2:
    return pairs(vector(0.7, -2.3, 1.1, 0.4), vector(1.9, 0.4, -1.7, 0.8))
  case .divide, .modulo: return pairs(vector(0.7, -2.3, 1.1), vector(1.9, 0.4, -1.7))
  case .power: return pairs(vector(0.7, 2.3, 1.1), vector(1.9, 0.4, -1.7))
  case .xlogy: return pairs(vector(0.7, -2.3, 1.1), vector(1.9, 0.4, 1.7))
  case .polygamma: return [Sample(operands: [vector(0, 1, 2, 3), vector(-0.4, 1.3, 1.8, 2.5)], fixed: [0])]
  case .select: return [Sample(operands: [vector(1, 0, 1), vector(0.7, -2.3, 1.1), vector(1.9, 0.4, 1.7)], fixed: [0])]
  case .sum, .product, .largest, .smallest, .logsumexp, .norm, .argmax, .argmin: return folds(x)
  case .count: return [Sample(operands: [x])]
  case .softmax, .logSoftmax, .cumsum, .cumprod, .logcumsumexp, .reverse, .sort, .argsort: return alongAxes(x)
  case .takeAlong:
    let places = Tensor(shape: [2, 2], elements: [2, 0, 1, 1])
    return [
      Sample(operands: [x, places], attributes: [1], fixed: [1]),
      Sample(operands: [spread(3, 2), places], attributes: [0], fixed: [1]),
    ]
  case .putAlong:
    let places = Tensor(shape: [2, 3], elements: [2, 0, 2, 1, 1, 0])
    return [Sample(operands: [x, places], attributes: [1, 2, 4], fixed: [1])]
  case .broadcast:
    return [
      Sample(operands: [spread(3)], attributes: [2, 3]), Sample(operands: [spread(2, 1)], attributes: [2, 3]),
    ]
  case .sumTo:
    return [Sample(operands: [x], attributes: [3]), Sample(operands: [x], attributes: [2, 1])]
  case .reshape: return [Sample(operands: [x], attributes: [3, 2])]
  case .transpose:
    return [Sample(operands: [x]), Sample(operands: [spread(2, 3, 2)], attributes: [2, 0, 1])]
  case .take:
    return [
      Sample(operands: [x, vector(1, 0, 1)], attributes: [0], fixed: [1]),
      Sample(operands: [x, Tensor(2)], attributes: [1], fixed: [1]),
    ]
  case .scatterAdd: return [Sample(operands: [x, vector(2, 0)], attributes: [0, 3, 3], fixed: [1])]
  case .stack: return [Sample(operands: [x, spread(2, 3, from: 1)])]
  case .concat:
    return [
      Sample(operands: [x, spread(1, 3, from: 1)], attributes: [0]),
      Sample(operands: [x, spread(2, 2, from: 1)], attributes: [1]),
    ]
  case .solve:
    let a = Tensor(shape: [3, 3], elements: [2.1, 0.3, -0.7, 0.4, 1.6, 0.2, -0.5, 0.8, 1.9])
    let two = Tensor(shape: [2, 3, 3], elements: a.elements + a.elements.map { 0.3 - $0 })
    return [
      Sample(operands: [a, spread(3)]), Sample(operands: [a, spread(3, 2)]), Sample(operands: [two, spread(2, 3, 1)]),
      Sample(operands: [a, spread(2, 3, 2)]), Sample(operands: [two, spread(3)]),
    ]
  case .random: return [Sample(operands: [Tensor(7)], attributes: [0, 1, 2, 3], fixed: [0])]
  case .inverse, .det, .cofactor, .logdet, .cholesky, .eigenvalues, .eigenvectors:
    // Positive definite, the eigenvalues far apart; what reads one triangle only would fail here.
    let a = Tensor(shape: [3, 3], elements: [2.1, 0.3, -0.6, 0.3, 1.2, 0.2, -0.6, 0.2, 3.4])
    let b = Tensor(shape: [2, 2], elements: [1.3, 0.4, 0.4, 0.8])
    let batch = Tensor(shape: [2, 2, 2], elements: b.elements + [2.6, -0.3, -0.3, 0.9])
    return [Sample(operands: [a]), Sample(operands: [b]), Sample(operands: [batch])]
  case .conv2d:
    let (image, kernel) = (spread(2, 2, 4, 5), spread(3, 2, 3, 2, from: 1))
    return [
      Sample(operands: [image, kernel], attributes: [1, 1]), Sample(operands: [image, kernel], attributes: [2, 0]),
      Sample(operands: [image, kernel, spread(3, from: 2)], attributes: [1, 0]),
    ]
  case .conv2dInput:
    return [Sample(operands: [spread(2, 3, 4, 6), spread(3, 2, 3, 2, from: 1)], attributes: [1, 1, 2, 2, 4, 5])]
  case .conv2dKernel:
    return [Sample(operands: [spread(2, 2, 4, 5), spread(2, 3, 4, 6, from: 1)], attributes: [1, 1, 3, 2, 3, 2])]
  case .maxpool2d:
    return [
      Sample(operands: [spread(1, 2, 4, 6)], attributes: [2, 2]),
      Sample(operands: [spread(1, 1, 5, 5)], attributes: [3, 1]),
    ]
  case .maxpool2dBack, .maxpool2dPick:
    // The places of the maxima are fixed; what is linear is the last operand.
    let image = Tensor(shape: [1, 1, 2, 4], elements: [0.3, 1.1, -0.2, 0.7, 0.9, -1.3, 0.5, 0.1])
    let top = Tensor(shape: [1, 1, 1, 2], elements: [1.1, 0.7])
    let last = id == .maxpool2dBack ? spread(1, 1, 1, 2) : spread(1, 1, 2, 4)
    return [Sample(operands: [image, top, last], attributes: [2, 2], fixed: [0, 1])]
  case .matmul:
    let shapes: [([Int], [Int])] = [
      ([3], [3]), ([2, 3], [3]), ([3], [3, 2]), ([2, 3], [3, 2]), ([2, 2, 3], [3, 2]), ([2, 3], [2, 3, 2]),
      ([2, 2, 3], [2, 3, 2]), ([2, 2, 3], [3]), ([3], [2, 3, 2]), ([2, 1, 2, 3], [2, 2, 3, 1]),
    ]
    return shapes.map { left, right in
      func filled(_ shape: [Int], _ seed: Double) -> Tensor {
        Tensor(shape: shape, elements: spread(shape.reduce(1, *), from: seed).elements)
      }
      return Sample(operands: [filled(left, 0), filled(right, 1)])
    }
  }
}

/// A number that depends on every element of the result, and not linearly, so that second derivatives are tried too.
private func scalar(_ y: Expression) -> Expression {
  let count = y.shape.reduce(1, *)
  let weights = (0..<count).map { cos(1.3 * Double($0) + 0.4) }
  let line = (y * y.graph.constant(y.shape.isEmpty ? Tensor(weights[0]) : Tensor(shape: y.shape, elements: weights)))
  return (line + 0.5 * y * y).summed(to: [])
}

/// Compares gradients with central differences of `function` at the sample.
private func compare(
  _ graph: Graph, _ inputs: [Expression], _ sample: Sample, _ function: Expression, _ what: String
) throws {
  let free = inputs.indices.filter { !sample.fixed.contains($0) }
  let slopes = try graph.gradient(of: function, withRespectTo: free.map { inputs[$0] })
  let program = try Program(graph, outputs: [function.id] + slopes.map(\.id))
  let exact = Array(try program.run(sample.operands).dropFirst())
  for (position, operand) in free.enumerated() {
    for index in sample.operands[operand].elements.indices {
      func value(_ h: Double) throws -> Double {
        var moved = sample.operands
        moved[operand].elements[index] += h
        return try program.run(moved)[0].elements[0]
      }
      let h = 1e-5
      let numeric = (try value(h) - value(-h)) / (2 * h)
      let slope = exact[position].elements[index]
      #expect(abs(numeric - slope) < 1e-6 * max(1, abs(slope)), "\(what), operand \(operand), element \(index)")
    }
  }
}

@Test(arguments: Primitive.ID.allCases) func derivativesEqualCentralDifferences(_ id: Primitive.ID) throws {
  for sample in samples(id) {
    let graph = Graph()
    let inputs = sample.operands.enumerated().map { graph.input("x\($0)", shape: $1.shape) }
    let y = inputs[0].apply(id, Array(inputs.dropFirst()), attributes: sample.attributes)
    try compare(graph, inputs, sample, scalar(y), "\(id) \(sample.operands.map(\.shape))")
  }
}

@Test(arguments: Primitive.ID.allCases) func secondDerivativesEqualCentralDifferences(_ id: Primitive.ID) throws {
  for sample in samples(id) {
    let graph = Graph()
    let inputs = sample.operands.enumerated().map { graph.input("x\($0)", shape: $1.shape) }
    let y = inputs[0].apply(id, Array(inputs.dropFirst()), attributes: sample.attributes)
    let free = inputs.indices.filter { !sample.fixed.contains($0) }.map { inputs[$0] }
    let slopes = try graph.gradient(of: scalar(y), withRespectTo: free)
    let mixed = slopes.map(scalar).reduce(graph.constant(0)) { $0 + $1 }
    try compare(graph, inputs, sample, mixed, "\(id)′ \(sample.operands.map(\.shape))")
  }
}

@Test func everyPrimitiveButTheLeavesIsTried() {
  #expect(Primitive.ID.allCases.filter { samples($0).isEmpty } == [.input, .constant, .alias, .frozen])
}
