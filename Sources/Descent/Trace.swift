import Interpreter
import Syntax
import Tensors

/// What a descent did: the loss before each step and after the last, and the rows that the steps moved.
///
/// Short descents, and those of few numbers, keep every row. Of the others every `stride`-th is kept, and what lies
/// between is computed again from the row before it when someone asks: the steps of a `Descent` are the same bit for
/// bit. A million steps of one number are 24 MB; of a network, the rows of some hundred steps.
package struct Trace: Sendable {
  /// One learned parameter of a trace.
  package struct Parameter: Sendable {
    private let trace: Trace
    private let index: Int

    fileprivate init(_ trace: Trace, _ index: Int) {
      self.trace = trace
      self.index = index
    }

    package var name: String { trace.learned[index].name }
    package var shape: Shape { trace.learned[index].shape }
    package var size: Int { trace.learned[index].size }
    /// At every entry, flattened: the start first.
    package var values: [Double] { trace.values(of: index) }
    package var gradients: [Double] { trace.gradients(of: index) }
    package func value(at entry: Int) -> Tensor { trace.value(of: index, at: entry) }
    package func gradient(at entry: Int) -> Tensor { trace.gradient(of: index, at: entry) }
  }

  /// A piece of a row: a parameter, or what the optimizer keeps for one, or for all of them.
  package struct Piece: Sendable {
    package let name: String
    package let parameter: Int?
    /// Whether the schedule keeps it, not the optimizer.
    package var isOfSchedule = false
    package let shape: Shape
    let offset: Int
    package var size: Int { shape.reduce(1, *) }
  }

  /// Why it ended.
  package enum Ending: Sendable, Hashable {
    /// All steps were made.
    case completed
    /// The gradient, the step or the change of the loss became smaller than its tolerance.
    case converged(Criterion, tolerance: Double)
    /// The next step would have left the finite numbers.
    case diverged
    case interrupted
  }

  package enum Criterion: Sendable, Hashable { case gradient, step, loss }

  package let descent: Descent
  let learned: [Piece]
  /// What the optimizer and the schedule keep from step to step.
  package let kept: [Piece]
  package let losses: [Double]
  /// |∇| at each entry; empty for very large parameters, where it is computed when asked for.
  package let norms: [Double]
  package let ending: Ending
  /// What a method that remembers outside its rows knew at every `memoryStride`-th entry; empty for the others.
  let memories: [any Method]
  let memoryStride: Int
  let rowWidth: Int
  let stride: Int
  let rows: [Double]
  /// Rows of gradients, where every row is kept.
  let gradientRows: [Double]

  package var parameters: [Parameter] { learned.indices.map { Parameter(self, $0) } }
  package var optimizer: ChosenRule { descent.optimizer }
  /// The learning rate of the first step.
  package var rate: Double { rate(at: 0) }

  /// How many steps were made.
  package var stepCount: Int { max(0, losses.count - 1) }
  /// Whether every row is in memory.
  package var isWhole: Bool { stride == 1 }

  // MARK: One entry

  /// Everything at one entry.
  package struct Entry: Sendable {
    package let values: [Tensor]
    package let gradients: [Tensor]
    /// In the order of `kept`.
    package let states: [Tensor]
    package let loss: Double
    package var norm: Double {
      gradients.reduce(0) { $0 + $1.elements.reduce(0) { $0 + $1 * $1 } }.squareRoot()
    }
  }

  package func entry(_ index: Int) -> Entry? {
    guard index >= 0, index < losses.count else { return nil }
    if stride == 1, !gradientRows.isEmpty {
      let gradientWidth = learned.reduce(0) { $0 + $1.size }
      return entry(
        rows[(index * rowWidth)..<((index + 1) * rowWidth)],
        gradientRows[(index * gradientWidth)..<((index + 1) * gradientWidth)], losses[index])
    }
    var found: Entry?
    replay(from: index) { number, row, gradient, loss in
      found = entry(row[...], gradient[...], loss)
      return false
    }
    return found
  }

  private func entry(_ row: ArraySlice<Double>, _ gradient: ArraySlice<Double>, _ loss: Double) -> Entry {
    func piece(_ slice: ArraySlice<Double>, _ offset: Int, _ shape: Shape) -> Tensor {
      let start = slice.startIndex + offset
      return Tensor(shape: shape, elements: Array(slice[start..<(start + shape.reduce(1, *))]))
    }
    return Entry(
      values: learned.map { piece(row, $0.offset, $0.shape) },
      gradients: learned.map { piece(gradient, $0.offset, $0.shape) },
      states: kept.map { piece(row, $0.offset, $0.shape) }, loss: loss)
  }

  func value(of parameter: Int, at entry: Int) -> Tensor {
    let own = learned[parameter]
    if entry >= 0, entry < losses.count, entry % stride == 0 {
      let start = entry / stride * rowWidth + own.offset
      return Tensor(shape: own.shape, elements: Array(rows[start..<(start + own.size)]))
    }
    return self.entry(entry)?.values[parameter]
      ?? Tensor(shape: own.shape, elements: [Double](repeating: .nan, count: own.size))
  }

  func gradient(of parameter: Int, at entry: Int) -> Tensor {
    let own = learned[parameter]
    return self.entry(entry)?.gradients[parameter]
      ?? Tensor(shape: own.shape, elements: [Double](repeating: .nan, count: own.size))
  }

  /// The learning rate of a step.
  package func rate(at step: Int) -> Double {
    if let rate = descent.rateValue(at: step) { return rate }
    // A schedule that remembers has it among its lines.
    var found = Double.nan
    replay(from: step) { _, _, _, _ in
      false
    } rate: {
      found = $0
    }
    return found
  }

  package func gradientNorm(at index: Int) -> Double {
    norms.isEmpty ? entry(index)?.norm ?? .nan : norms[index]
  }

  /// The second derivatives an entry's step was made with, all parameters in one vector, on the batch of that step; a
  /// number where there is one parameter of one number. Nil where the optimizer uses none.
  package func hessian(at index: Int) -> Tensor? {
    guard let entry = entry(index), optimizer.mentions("H") else { return nil }
    return once(index, at: entry.values, wantsHessian: true)?.hessian
  }

  /// The loss elsewhere, on the batch that an entry's step saw.
  package func loss(at values: [Tensor], onBatchOf index: Int) -> Double? {
    once(index, at: values, wantsHessian: false)?.loss
  }

  /// One run of the program of a step, at parameters of its own.
  private func once(_ index: Int, at values: [Tensor], wantsHessian: Bool) -> (loss: Double, hessian: Tensor?)? {
    guard let entry = entry(index) else { return nil }
    let cursor = descent.data.flatMap { $0.isWhole ? nil : BatchCursor($0) }
    let batch = cursor.flatMap { cursor in
      descent.data.map {
        let rows = cursor.rows(at: descent.firstStep + index)
        return Tensor(vector: Array(UnsafeBufferPointer(start: rows, count: $0.size)))
      }
    }
    guard
      let step = try? StepProgram(
        descent, at: values, batch: batch, wantsGradients: false, wantsNorm: false, wantsHessian: wantsHessian,
        budget: .unlimited)
    else { return nil }
    var pieces = zip(step.parameters, values).map { ($0.input, $1) }
    pieces += zip(step.states, entry.states).map { ($0.input, $1) }
    if let rows = step.rows, let batch { pieces.append((rows, batch)) }
    if let time = step.time { pieces.append((time, Tensor(Double(descent.firstStep + index + 1)))) }
    var arguments = [Tensor](repeating: Tensor(0), count: (pieces.map(\.0).max() ?? -1) + 1)
    for (input, tensor) in pieces { arguments[input] = tensor }
    guard let results = try? step.program.run(arguments) else { return nil }
    return (results[0].elements[0], step.hessian.map { results[$0] })
  }

  // MARK: All entries

  /// One parameter at every entry, flattened: the start first.
  func values(of parameter: Int) -> [Double] {
    let own = learned[parameter]
    return collect(own.size) { row, _ in
      row[own.offset..<(own.offset + own.size)]
    } whole: { entry in
      rows[(entry * rowWidth + own.offset)..<(entry * rowWidth + own.offset + own.size)]
    }
  }

  /// The gradient with respect to one parameter at every entry, flattened.
  func gradients(of parameter: Int) -> [Double] {
    let own = learned[parameter]
    let width = learned.reduce(0) { $0 + $1.size }
    return collect(own.size, hasWhole: !gradientRows.isEmpty) { _, gradient in
      gradient[own.offset..<(own.offset + own.size)]
    } whole: { entry in
      gradientRows[(entry * width + own.offset)..<(entry * width + own.offset + own.size)]
    }
  }

  private func collect(
    _ size: Int, hasWhole: Bool = true, _ part: ([Double], [Double]) -> ArraySlice<Double>,
    whole: (Int) -> ArraySlice<Double>
  ) -> [Double] {
    var all: [Double] = []
    guard let count = Shapes.count([losses.count, size]) else { return all }
    all.reserveCapacity(count)
    if stride == 1, hasWhole {
      for entry in losses.indices { all.append(contentsOf: whole(entry)) }
    } else {
      replay(from: 0) { _, row, gradient, _ in
        all.append(contentsOf: part(row, gradient))
        return all.count < count
      }
    }
    return all
  }

  /// Makes the steps again from an entry on, beginning at the last row kept before it, until `body` says false.
  package func replay(
    from first: Int, _ body: (_ entry: Int, _ row: [Double], _ gradient: [Double], _ loss: Double) -> Bool,
    rate: (Double) -> Void = { _ in }
  ) {
    replay(from: first, body, rate: rate, memory: { _ in })
  }

  /// What the method that made the steps knew at an entry; nil for methods that are lines.
  func memory(at entry: Int) -> (any Method)? {
    var found: (any Method)?
    replay(
      from: entry, { _, _, _, _ in false }, rate: { _ in },
      memory: {
        found = $0
      })
    return found
  }

  private func replay(
    from first: Int, _ body: (_ entry: Int, _ row: [Double], _ gradient: [Double], _ loss: Double) -> Bool,
    rate: (Double) -> Void, memory: ((any Method)?) -> Void
  ) {
    guard !losses.isEmpty,
      let runner = try? Runner(descent, wantsGradients: true, wantsNorm: false, budget: .unlimited)
    else { return }
    // The method steps on from what it knew there, and needs the row of that entry.
    var number = first / stride * stride
    if !memories.isEmpty {
      number = min(first / memoryStride, memories.count - 1) * memoryStride
      runner.method = memories[number / memoryStride]
    }
    var row = Array(rows[(number / stride * rowWidth)..<(number / stride * rowWidth + rowWidth)])
    var next = row
    var gradient = [Double](repeating: 0, count: runner.gradientWidth)
    while number < losses.count {
      var loss = 0.0
      if number >= first { memory(runner.method) }
      let made: Void? = row.withUnsafeBufferPointer { row in
        next.withUnsafeMutableBufferPointer { next in
          gradient.withUnsafeMutableBufferPointer { gradient in
            guard let from = row.baseAddress, let to = next.baseAddress else { return nil }
            return try? runner.step(number, from: from, to: to, loss: &loss, gradient: gradient.baseAddress)
          }
        }
      }
      guard made != nil else { return }
      if number >= first { rate(runner.rate) }
      if number >= first, !body(number, row, gradient, loss) { return }
      swap(&row, &next)
      number += 1
    }
  }
}
