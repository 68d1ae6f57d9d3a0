import Graphs
import Interpreter
import Markup
import Syntax
import Tensors

/// Makes the steps of a descent, one compiled program per step, on memory that the caller owns.
///
/// A *row* is everything that a step reads and writes: the parameters and what the optimizer keeps, one after another.
/// A step reads one row and writes another, so a recorded trace is the rows themselves: nothing is copied.
final class Runner {
  private let descent: Descent
  private let budget: Budget
  private let wantsGradients: Bool
  private let wantsNorm: Bool
  private let cursor: BatchCursor?
  private var current: StepProgram
  /// Programs traced along other branches of the objective, latest first.
  private var others: [StepProgram] = []
  private let method: (any Method)?

  /// The places of the blocks in a row, parameters first.
  let offsets: [Int]
  let rowWidth: Int
  let gradientWidth: Int
  private let scratch: UnsafeMutablePointer<Double>
  /// Where results go that nobody reads.
  private let spare: UnsafeMutablePointer<Double>
  private let clock: UnsafeMutablePointer<Double>
  /// |∇|² and |Δw|² of the last step, where they are wanted; the rate where a rule decides it.
  private let measures: UnsafeMutablePointer<Double>

  var parameters: [StepProgram.Block] { current.parameters }
  var states: [StepProgram.Block] { current.states }
  /// Whether the last step was broken off by its budget.
  private(set) var wasStopped = false
  var hasNorm: Bool { wantsNorm }
  var squaredNorm: Double { measures[0] }
  var squaredMovement: Double { measures[1] }
  var rate: Double { measures[2] }

  init(_ descent: Descent, wantsGradients: Bool, wantsNorm: Bool, budget: Budget) throws(Diagnostic) {
    self.descent = descent
    self.budget = budget
    method = descent.optimizer.lines.isEmpty ? Methods.make(descent.optimizer) : nil
    self.wantsGradients = wantsGradients || method != nil
    self.wantsNorm = wantsNorm
    cursor = descent.data.flatMap { $0.isWhole ? nil : BatchCursor($0) }
    current = try Runner.program(
      descent, at: descent.start.map(\.value), cursor, step: 0, self.wantsGradients, wantsNorm, budget)
    var offsets: [Int] = []
    var width = 0
    for block in current.parameters + current.states {
      offsets.append(width)
      width += block.count
    }
    self.offsets = offsets
    rowWidth = width
    gradientWidth = descent.elementCount
    scratch = .allocate(capacity: max(gradientWidth, 1))
    spare = .allocate(capacity: max(width, 1))
    clock = .allocate(capacity: 1)
    measures = .allocate(capacity: 3)
    measures.initialize(repeating: 0, count: 3)
    wire()
  }

  deinit {
    scratch.deallocate()
    spare.deallocate()
    clock.deallocate()
    measures.deallocate()
  }

  private static func program(
    _ descent: Descent, at values: [Tensor], _ cursor: BatchCursor?, step: Int, _ wantsGradients: Bool,
    _ wantsNorm: Bool, _ budget: Budget
  ) throws(Diagnostic) -> StepProgram {
    let batch = cursor.flatMap { cursor in
      descent.data.map { Tensor(vector: Array(UnsafeBufferPointer(start: cursor.rows(at: step), count: $0.size))) }
    }
    return try StepProgram(
      descent, at: values, batch: batch, wantsGradients: wantsGradients, wantsNorm: wantsNorm, budget: budget)
  }

  /// Binds what stays where it is.
  private func wire() {
    let program = current.program
    if let time = current.time { program.bind(input: time, to: UnsafePointer(clock)) }
    if let norm = current.norm { program.bind(output: norm, to: measures) }
    if let movement = current.movement { program.bind(output: movement, to: measures + 1) }
    if let rate = current.rateOutput { program.bind(output: rate, to: measures + 2) }
  }

  /// Whether a step may write the row that it reads.
  var mayMoveInPlace: Bool {
    method == nil && current.guards.isEmpty
      && (current.parameters + current.states).allSatisfy { block in
        block.output.map { current.program.mayShareMemory(output: $0, input: block.input) } ?? true
      }
  }

  /// Writes the first row.
  func begin(_ row: UnsafeMutablePointer<Double>) {
    for (offset, tensor) in zip(offsets, descent.start.map(\.value) + current.stateStarts) {
      (row + offset).update(from: tensor.elements, count: tensor.count)
    }
  }

  /// One step: the loss and the gradient at `row`, and the row after it.
  ///
  /// - Parameter gradient: where the gradients go, parameter after parameter; nil where nobody reads them.
  func step(
    _ number: Int, from row: UnsafePointer<Double>, to next: UnsafeMutablePointer<Double>,
    loss: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) throws(Diagnostic) {
    clock[0] = Double(number + 1)
    try execute(number, from: row, to: next, loss: loss, gradient: gradient)
    if !current.guards.isEmpty, !guardsHold() {
      try retrace(number, from: row, to: next, loss: loss, gradient: gradient)
    }
    if let method {
      try method.move(
        number, from: row, gradient: UnsafePointer(gradient ?? scratch), loss: loss[0], to: next, count: gradientWidth,
        rate: rate(at: number)
      ) { (place) throws(Diagnostic) in
        // The objective elsewhere: the same program, its other results thrown away.
        var value = 0.0
        try withUnsafeMutablePointer(to: &value) { (value) throws(Diagnostic) in
          try execute(number, from: place, to: spare, loss: value, gradient: spare)
        }
        return value
      }
    }
  }

  private func rate(at number: Int) -> Double {
    if case .constant(let rate) = descent.rate { return rate }
    return descent.rateValue(at: number) ?? measures[2]
  }

  private func execute(
    _ number: Int, from row: UnsafePointer<Double>, to next: UnsafeMutablePointer<Double>,
    loss: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) throws(Diagnostic) {
    let program = current.program
    var index = 0
    for block in current.parameters {
      program.bind(input: block.input, to: row + offsets[index])
      if let output = block.output { program.bind(output: output, to: next + offsets[index]) }
      index += 1
    }
    for block in current.states {
      program.bind(input: block.input, to: row + offsets[index])
      if let output = block.output { program.bind(output: output, to: next + offsets[index]) }
      index += 1
    }
    program.bind(output: 0, to: loss)
    if !current.gradients.isEmpty {
      let base = gradient ?? scratch
      for (index, output) in current.gradients.enumerated() { program.bind(output: output, to: base + offsets[index]) }
    }
    if let rows = current.rows, let cursor { program.bind(input: rows, to: cursor.rows(at: number)) }
    do {
      try program.execute(budget)
    } catch {
      wasStopped = true
      throw Diagnostic(error, at: descent.span)
    }
  }

  // MARK: Branches

  private func guardsHold() -> Bool {
    current.guards.allSatisfy { (current.program.result($0.output)[0] != 0) == $0.value }
  }

  /// An `if` of the objective came out otherwise than when the program was traced: another program is needed. Nothing
  /// is lost, because the row that was read is as it was.
  private func retrace(
    _ number: Int, from row: UnsafePointer<Double>, to next: UnsafeMutablePointer<Double>,
    loss: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) throws(Diagnostic) {
    for index in others.indices {
      let candidate = others.remove(at: index)
      others.insert(current, at: 0)
      current = candidate
      wire()
      try execute(number, from: row, to: next, loss: loss, gradient: gradient)
      if guardsHold() { return }
    }
    let values = zip(current.parameters, offsets).map { block, offset in
      Tensor(shape: block.shape, elements: Array(UnsafeBufferPointer(start: row + offset, count: block.count)))
    }
    others.insert(current, at: 0)
    if others.count > 4 { others.removeLast() }
    current = try Runner.program(descent, at: values, cursor, step: number, wantsGradients, wantsNorm, budget)
    wire()
    try execute(number, from: row, to: next, loss: loss, gradient: gradient)
  }
}
