import Descent
import Graphs
import Interpreter
import Syntax
import Tensors

/// The second derivatives of a descent's loss at one place, as products with vectors: H·v is the gradient of ∇L·v
/// (Pearlmutter, 1994), two more passes over the same graph, whatever the number of parameters.
final class Curvature {
  /// Up to this many parameters the whole matrix is made, and its spectrum is exact.
  private static let denseLimit = 48
  /// Steps of the power iteration; the Rayleigh quotient is then right to many more digits than are said.
  private static let iterations = 200

  let loss: Double
  let gradient: [Double]
  private let program: Program
  private let arguments: [Tensor]
  private let shapes: [Shape]
  private let data: [Tensor]
  private let budget: Budget

  /// Nil where a second derivative does not exist or the loss has no value.
  /// - Parameter values: of the learned parameters, in their order. Data are taken whole, not by the batch.
  init?(_ descent: Descent, at values: [Tensor], budget: Budget) {
    let evaluator = Evaluator(environment: descent.environment, budget: budget)
    var given: [Given] = []
    var variables: [Expression] = []
    data = descent.data?.columns ?? []
    for (start, value) in zip(descent.start, values) {
      let input = evaluator.input(start.name, value)
      variables.append(input)
      given.append(Given(name: start.name, value: .traced(input.id), span: descent.span))
    }
    for (name, column) in zip(descent.dataNames, data) {
      let input = evaluator.input(name, column)
      given.append(Given(name: name, value: .traced(input.id), span: descent.span))
    }
    let inputCount = variables.count + min(descent.dataNames.count, data.count)
    guard let value = try? evaluator.invoke(.function(descent.objective), given, at: descent.span),
      let loss = try? evaluator.expression(value, at: descent.span), loss.shape.isEmpty,
      let gradient = try? evaluator.graph.gradient(of: loss, withRespectTo: variables)
    else { return nil }
    var directions: [Expression] = []
    var slope = evaluator.graph.constant(0)
    for (variable, partial) in zip(variables, gradient) {
      let direction = evaluator.input("v", Curvature.zeros(variable.shape))
      directions.append(direction)
      slope = slope + (partial * direction).summed(to: [])
    }
    guard let products = try? evaluator.graph.gradient(of: slope, withRespectTo: variables),
      let program = try? Program(
        evaluator.graph, outputs: [loss.id] + gradient.map(\.id) + products.map(\.id), budget: budget)
    else { return nil }
    self.program = program
    self.budget = budget
    shapes = variables.map(\.shape)
    arguments = Array(values.prefix(variables.count)) + data.prefix(inputCount - variables.count)
    guard let results = try? program.run(arguments + shapes.map(Curvature.zeros), budget: budget) else { return nil }
    self.loss = results[0].elements[0]
    self.gradient = results[1...shapes.count].flatMap(\.elements)
  }

  private static func zeros(_ shape: Shape) -> Tensor {
    Tensor(shape: shape, elements: [Double](repeating: 0, count: Shapes.count(shape) ?? 0))
  }

  var count: Int { gradient.count }

  /// H·v.
  func product(_ vector: [Double]) -> [Double]? {
    var offset = 0
    let pieces = shapes.map { shape -> Tensor in
      let size = Shapes.count(shape) ?? 0
      defer { offset += size }
      return Tensor(shape: shape, elements: Array(vector[offset..<(offset + size)]))
    }
    guard let results = try? program.run(arguments + pieces, budget: budget) else { return nil }
    let product = results[(1 + shapes.count)...].flatMap(\.elements)
    return product.allSatisfy(\.isFinite) ? product : nil
  }

  /// What is known of the eigenvalues.
  struct Spectrum {
    var largest: Double
    var smallest: Double
    /// The direction of the largest.
    var steepest: [Double]
    /// All of them with their directions, where there are few: for the distance to the minimum.
    var all: SymmetricEigen?
  }

  lazy var spectrum: Spectrum? = count <= Curvature.denseLimit ? dense() : iterated()

  private func dense() -> Spectrum? {
    guard count > 0 else { return nil }
    var matrix: [Double] = []
    for index in 0..<count {
      var unit = [Double](repeating: 0, count: count)
      unit[index] = 1
      guard let row = product(unit) else { return nil }
      matrix += row
    }
    // Rounding leaves the two triangles a little different.
    for row in 0..<count {
      for column in 0..<row {
        let mean = (matrix[row * count + column] + matrix[column * count + row]) / 2
        matrix[row * count + column] = mean
        matrix[column * count + row] = mean
      }
    }
    guard let eigen = try? SymmetricEigen(matrix, count, budget: budget),
      let largest = eigen.values.indices.max(by: { eigen.values[$0] < eigen.values[$1] }),
      let smallest = eigen.values.min()
    else { return nil }
    return Spectrum(
      largest: eigen.values[largest], smallest: smallest,
      steepest: (0..<count).map { eigen.vectors[$0 * count + largest] }, all: eigen)
  }

  /// Power iteration for the eigenvalue of largest size; shifted by it, for the other end.
  private func iterated() -> Spectrum? {
    guard let first = power(shift: 0), let other = power(shift: first.value) else { return nil }
    let opposite = other.value + first.value
    return first.value >= 0
      ? Spectrum(largest: first.value, smallest: opposite, steepest: first.vector, all: nil)
      : Spectrum(largest: opposite, smallest: first.value, steepest: other.vector, all: nil)
  }

  private func power(shift: Double) -> (value: Double, vector: [Double])? {
    var random = RandomSource(seed: 1)
    var vector = (0..<count).map { _ in random.normal() }
    var value = 0.0
    for _ in 0..<Curvature.iterations {
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0, length.isFinite else { return (0, vector) }
      vector = vector.map { $0 / length }
      guard let image = product(vector) else { return nil }
      let next = zip(image, vector).map { $0 - shift * $1 }
      let quotient = zip(next, vector).reduce(0) { $0 + $1.0 * $1.1 }
      let isSettled = (quotient - value).magnitude <= 1e-9 * quotient.magnitude
      value = quotient
      if isSettled { break }
      vector = next
    }
    return (value, vector)
  }

  /// How far the loss and the parameters are from the minimum of the parabola that fits here; nil where there is none.
  var remaining: (loss: Double, distance: Double)? {
    guard let spectrum, spectrum.largest > 0, spectrum.smallest > -1e-9 * spectrum.largest else { return nil }
    guard let eigen = spectrum.all else {
      guard spectrum.smallest > 1e-9 * spectrum.largest else { return nil }
      let norm = gradient.reduce(0) { $0 + $1 * $1 }
      return (norm / (2 * spectrum.smallest), norm.squareRoot() / spectrum.smallest)
    }
    var (loss, distance) = (0.0, 0.0)
    for (index, value) in eigen.values.enumerated() {
      var share = 0.0
      for row in 0..<count { share += eigen.vectors[row * count + index] * gradient[row] }
      if value <= 1e-12 * spectrum.largest {
        // Flat: there the parabola says nothing, and a slope has no end.
        if share.magnitude > 1e-9 * gradient.reduce(1e-300, { max($0, $1.magnitude) }), share.magnitude > 1e-12 {
          return nil
        }
        continue
      }
      loss += share * share / (2 * value)
      distance += (share / value) * (share / value)
    }
    return (loss, distance.squareRoot())
  }
}
