import Tensors

/// What a descent did: parameters, loss and gradient before each step and after the last.
package struct Trace: Sendable {
  /// One learned parameter: its shape and its values, entry after entry, flattened.
  package struct Parameter: Sendable {
    package let name: String
    package let shape: Shape
    package fileprivate(set) var values: [Double] = []
    package fileprivate(set) var gradients: [Double] = []

    package var size: Int { shape.reduce(1, *) }
    package func value(at entry: Int) -> Tensor {
      Tensor(shape: shape, elements: Array(values[(entry * size)..<((entry + 1) * size)]))
    }
    package func gradient(at entry: Int) -> Tensor {
      Tensor(shape: shape, elements: Array(gradients[(entry * size)..<((entry + 1) * size)]))
    }
  }

  /// Why it ended.
  package enum Ending: Sendable, Hashable {
    /// All steps were made.
    case completed
    /// The gradient became smaller than the tolerance.
    case converged(tolerance: Double)
    /// The next step would have left the finite numbers.
    case diverged
    case interrupted
  }

  package private(set) var parameters: [Parameter]
  package private(set) var losses: [Double] = []
  package internal(set) var ending: Ending = .completed
  package let optimizer: any Optimizer
  package let rate: Double

  init(_ parameters: [(name: String, start: Tensor)], optimizer: any Optimizer, rate: Double) {
    self.parameters = parameters.map { Parameter(name: $0.name, shape: $0.start.shape) }
    self.optimizer = optimizer
    self.rate = rate
  }

  /// How many steps were made.
  package var stepCount: Int { max(0, losses.count - 1) }

  mutating func record(_ values: [Double], _ loss: Double, _ gradients: [Double]) {
    losses.append(loss)
    var offset = 0
    for index in parameters.indices {
      let size = parameters[index].size
      parameters[index].values.append(contentsOf: values[offset..<(offset + size)])
      parameters[index].gradients.append(contentsOf: gradients[offset..<(offset + size)])
      offset += size
    }
  }

  /// What the optimizer kept before step `entry`, found again by replaying the gradients.
  package func state(before entry: Int) -> [[Double]] {
    let count = parameters.reduce(0) { $0 + $1.size }
    var state = optimizer.initialState(count: count)
    guard !state.isEmpty else { return state }
    for index in 0..<min(entry, stepCount) {
      var values = parameters.flatMap { $0.value(at: index).elements }
      optimizer.step(&values, parameters.flatMap { $0.gradient(at: index).elements }, &state, rate: rate)
    }
    return state
  }

  /// The Euclidean length of the whole gradient.
  package func gradientNorm(at entry: Int) -> Double {
    parameters.reduce(0) { $0 + $1.gradient(at: entry).elements.reduce(0) { $0 + $1 * $1 } }.squareRoot()
  }
}
