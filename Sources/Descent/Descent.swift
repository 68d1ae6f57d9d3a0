import Tensors

/// The loop: evaluate, record, move.
package struct Descent {
  package var optimizer: any Optimizer
  package var rate: Double
  package var steps: Int
  /// Ends when the gradient is no longer than this.
  package var tolerance: Double?

  package init(optimizer: any Optimizer, rate: Double, steps: Int, tolerance: Double? = nil) {
    self.optimizer = optimizer
    self.rate = rate
    self.steps = steps
    self.tolerance = tolerance
  }

  /// - Parameter objective: the loss and the gradients at given parameters; the step's number picks its batch.
  /// - Returns: the trace; whatever ends it, everything recorded so far is kept and finite.
  package func run<Failure: Error>(
    from start: [(name: String, start: Tensor)], budget: Budget,
    objective: (_ parameters: [Tensor], _ step: Int) throws(Failure) -> (loss: Double, gradients: [Tensor])
  ) throws(Failure) -> Trace {
    var trace = Trace(start, optimizer: optimizer, rate: rate)
    let shapes = start.map(\.start.shape)
    var values = start.flatMap(\.start.elements)
    var state = optimizer.initialState(count: values.count)
    for step in 0...steps {
      let (loss, gradients) = try objective(Descent.split(values, shapes), step)
      let gradient = gradients.flatMap(\.elements)
      guard loss.isFinite, gradient.allSatisfy(\.isFinite), values.allSatisfy(\.isFinite) else {
        trace.ending = .diverged
        return trace
      }
      trace.record(values, loss, gradient)
      if let tolerance, gradient.reduce(0, { $0 + $1 * $1 }).squareRoot() <= tolerance {
        trace.ending = .converged(tolerance: tolerance)
        return trace
      }
      if step == steps { break }
      do {
        try budget.check()
      } catch {
        trace.ending = .interrupted
        return trace
      }
      optimizer.step(&values, gradient, &state, rate: rate)
    }
    return trace
  }

  private static func split(_ values: [Double], _ shapes: [Shape]) -> [Tensor] {
    var offset = 0
    return shapes.map { shape in
      let size = shape.reduce(1, *)
      defer { offset += size }
      return Tensor(shape: shape, elements: Array(values[offset..<(offset + size)]))
    }
  }
}
