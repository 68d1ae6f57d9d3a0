import Glibc
import Tensors
import Testing

@testable import Graphs

// A matrix read by a product and by the product with its transpose is read once, strip by strip. Expected values are
// computed element by element here.

private struct Linear {
  let rows: Int
  let columns: Int
  let x: [Double]
  let w: [Double]
  let y: [Double]

  init(_ rows: Int, _ columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    x = (0..<(rows * columns)).map { sin(1.7 * Double($0)) }
    w = (0..<columns).map { cos(Double($0)) }
    y = (0..<rows).map { cos(0.3 * Double($0)) }
  }

  /// Loss and gradient of the mean squared error as a program of w; the data are constants or inputs.
  func program(isConstant: Bool, isOnlyRun: Bool = false) throws -> Program {
    let graph = Graph()
    graph.isOnlyRun = isOnlyRun
    let w = graph.input("w", shape: [columns])
    let data =
      isConstant
      ? graph.constant(Tensor(shape: [rows, columns], elements: x)) : graph.input("x", shape: [rows, columns])
    let error = data.apply(.matmul, [w]) - graph.constant(Tensor(vector: y))
    let loss = (error * error).apply(.sum) / Double(rows)
    return try Program(graph, outputs: [loss.id, graph.gradient(of: loss, withRespectTo: [w])[0].id])
  }

  func run(_ program: Program, isConstant: Bool, threads: Int = 1) throws -> [[Double]] {
    let inputs = [Tensor(vector: w)] + (isConstant ? [] : [Tensor(shape: [rows, columns], elements: x)])
    return try program.run(inputs, budget: Budget(threads: threads)).map(\.elements)
  }

  var expected: (loss: Double, gradient: [Double]) {
    var loss = 0.0
    var gradient = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      let own = x[(row * columns)..<((row + 1) * columns)]
      let error = zip(own, w).reduce(-y[row]) { $0 + $1.0 * $1.1 }
      loss += error * error / Double(rows)
      for (column, value) in own.enumerated() { gradient[column] += 2 * error * value / Double(rows) }
    }
    return (loss, gradient)
  }
}

/// One strip and many, strips that end within a row of eight, one column and more than registers hold.
@Test(
  arguments: [[4096, 1], [1000, 10], [403, 11], [217, 20], [5003, 24], [700, 33], [60, 300]], [true, false])
func aLinearModelInStripsEqualsItsDefinition(_ shape: Shape, _ isConstant: Bool) throws {
  let model = Linear(shape[0], shape[1])
  let results = try model.run(model.program(isConstant: isConstant), isConstant: isConstant)
  let expected = model.expected
  #expect(abs(results[0][0] - expected.loss) < 1e-12 * expected.loss)
  #expect(!zip(results[1], expected.gradient).contains { abs($0 - $1) > 1e-12 })
}

/// A narrow matrix that never changes is multiplied in registers, where the processor has them.
@Test(arguments: [[4096, 1], [1000, 10], [403, 11], [5000, 12], [5003, 13], [512, 9]])
func aNarrowConstantMatrixIsMultipliedWhereItsRowsAreUsed(_ shape: Shape) throws {
  let model = Linear(shape[0], shape[1])
  let results = try model.run(model.program(isConstant: true, isOnlyRun: true), isConstant: true)
  let expected = model.expected
  #expect(abs(results[0][0] - expected.loss) < 1e-12 * expected.loss)
  #expect(!zip(results[1], expected.gradient).contains { abs($0 - $1) > 1e-12 })
}

@Test(arguments: [[1000, 10], [403, 11], [60_000, 20], [10_000, 12]], [true, false])
func stripsGiveTheSameBitsInEveryRunAndForEveryNumberOfThreads(_ shape: Shape, _ isOnlyRun: Bool) throws {
  let model = Linear(shape[0], shape[1])
  let program = try model.program(isConstant: true, isOnlyRun: isOnlyRun)
  let first = try model.run(program, isConstant: true)
  for run in 0..<12 {
    let again = try model.run(program, isConstant: true, threads: 1 + run % 2)
    #expect(again == first, "run \(run)")
  }
}

/// Rows of scores: the product has columns, a bias, and the cluster goes along rows.
@Test func aSoftmaxModelInStripsEqualsItsDefinition() throws {
  let (rows, columns, classes) = (900, 30, 5)
  let x = (0..<(rows * columns)).map { sin(1.7 * Double($0)) }
  let w = (0..<(columns * classes)).map { cos(Double($0)) }
  let b = (0..<classes).map { 0.1 * Double($0) }
  let graph = Graph()
  let (weights, bias) = (graph.input("W", shape: [columns, classes]), graph.input("b", shape: [classes]))
  let data = graph.constant(Tensor(shape: [rows, columns], elements: x))
  let scores = data.apply(.matmul, [weights]) + bias.broadcast(to: [rows, classes])
  // Row k belongs to class k modulo 5.
  let hot = (0..<(rows * classes)).map { $0 % classes == $0 / classes % classes ? 1.0 : 0 }
  let target = graph.constant(Tensor(shape: [rows, classes], elements: hot))
  let loss = -(target * scores.apply(.logSoftmax, attributes: [1])).apply(.sum) / Double(rows)
  let slopes = try graph.gradient(of: loss, withRespectTo: [weights, bias])
  let program = try Program(graph, outputs: [loss.id] + slopes.map(\.id))
  let inputs = [Tensor(shape: [columns, classes], elements: w), Tensor(vector: b)]
  let results = try program.run(inputs, budget: Budget(threads: 1)).map(\.elements)
  #expect(try program.run(inputs, budget: Budget(threads: 2)).map(\.elements) == results)
  var total = 0.0
  var gradient = [Double](repeating: 0, count: columns * classes)
  for row in 0..<rows {
    let own = x[(row * columns)..<((row + 1) * columns)]
    let scores = (0..<classes).map { k in zip(own, 0...).reduce(b[k]) { $0 + $1.0 * w[$1.1 * classes + k] } }
    let sum = scores.reduce(0) { $0 + exp($1) }
    total += log(sum) - scores[row % classes]
    for (column, value) in own.enumerated() {
      for k in 0..<classes {
        gradient[column * classes + k] += value * (exp(scores[k]) / sum - (k == row % classes ? 1 : 0)) / Double(rows)
      }
    }
  }
  #expect(abs(results[0][0] - total / Double(rows)) < 1e-12 * total)
  #expect(!zip(results[1], gradient).contains { abs($0 - $1) > 1e-12 })
}

/// What else reads the scores, early or late, finds them whole.
@Test func othersMayReadAProductInStrips() throws {
  let model = Linear(512, 16)
  let graph = Graph()
  let w = graph.input("w", shape: [16])
  let product = graph.constant(Tensor(shape: [512, 16], elements: model.x)).apply(.matmul, [w])
  let sorted = product.apply(.sort, attributes: [0])
  let error = product - graph.constant(Tensor(vector: model.y))
  let loss = (error * error).apply(.sum)
  let slope = try graph.gradient(of: loss, withRespectTo: [w])[0]
  let early = try Program(graph, outputs: [(error * sorted).apply(.sum).id, slope.id, product.id]).run([
    Tensor(vector: model.w)
  ])
  let values = (0..<512).map { row in (0..<16).reduce(0) { $0 + model.x[row * 16 + $1] * model.w[$1] } }
  let expected = zip(zip(values, model.y), values.sorted()).reduce(0) { $0 + ($1.0.0 - $1.0.1) * $1.1 }
  #expect(abs(early[0].elements[0] - expected) < 1e-10)
  #expect(!zip(early[2].elements, values).contains { abs($0 - $1) > 1e-13 })
}
