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
  /// What a method that is more than lines knows before the next step.
  var method: (any Method)?
  /// Steps made before the first.
  private let firstStep: Int

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
    method = descent.optimizer.lines.isEmpty ? descent.past?.memory ?? Methods.make(descent.optimizer) : nil
    firstStep = descent.firstStep
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
    clock = .allocate(capacity: Runner.stretch)
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
      descent.data.map {
        Tensor(vector: Array(UnsafeBufferPointer(start: cursor.rows(at: descent.firstStep + step), count: $0.size)))
      }
    }
    return try StepProgram(
      descent, at: values, batch: batch, wantsGradients: wantsGradients, wantsNorm: wantsNorm, budget: budget)
  }

  /// Where the addresses of what moves from step to step are kept.
  private struct Place {
    let address: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
    let offset: Int
    let isRead: Bool
  }
  private var places: [Place] = []
  private var gradientPlaces: [Place] = []
  private var lossPlace: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>?

  /// Binds what stays where it is, and finds the places of what does not.
  private func wire() {
    let program = current.program
    places = []
    for (block, offset) in zip(current.parameters + current.states, offsets) {
      if let address = program.place(ofInput: block.input) {
        places.append(Place(address: address, offset: offset, isRead: true))
      }
      if let output = block.output {
        places.append(Place(address: program.place(ofOutput: output), offset: offset, isRead: false))
      }
    }
    gradientPlaces = zip(current.gradients, offsets).map {
      Place(address: program.place(ofOutput: $0), offset: $1, isRead: false)
    }
    lossPlace = program.place(ofOutput: 0)
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
    clock[0] = Double(firstStep + number + 1)
    try execute(number, from: row, to: next, loss: loss, gradient: gradient)
    if !current.guards.isEmpty, !guardsHold() {
      try retrace(number, from: row, to: next, loss: loss, gradient: gradient)
    }
    if method != nil {
      let rate = rate(at: number)
      try method?.move(
        number, from: row, gradient: UnsafePointer(gradient ?? scratch), loss: loss[0], to: next, count: gradientWidth,
        rate: rate
      ) { (place) throws(Diagnostic) in
        // The objective elsewhere: the same program, its other results thrown away.
        var value = 0.0
        try withUnsafeMutablePointer(to: &value) { (value) throws(Diagnostic) in
          try execute(number, from: place, to: spare, loss: value, gradient: spare)
        }
        return value
      }
      if descent.stop.step != nil {
        measures[1] = (0..<gradientWidth).reduce(0.0) { $0 + (next[$1] - row[$1]) * (next[$1] - row[$1]) }
      }
    }
  }

  // MARK: Many steps at once

  /// How many steps of plain numbers are made between two looks at what they did.
  static let stretch = 256

  /// Whether steps are nothing but arithmetic on numbers, always on the same branches.
  lazy var isStraight = method == nil && cursor == nil && current.guards.isEmpty && current.program.isStraight

  /// So many steps of plain numbers in one go, each reading the row that the one before it wrote.
  func stretch(
    from number: Int, count: Int, row: UnsafeMutablePointer<Double>, loss: UnsafeMutablePointer<Double>,
    gradient: UnsafeMutablePointer<Double>?, squaredNorm: UnsafeMutablePointer<Double>?,
    squaredMovement: UnsafeMutablePointer<Double>
  ) {
    var reading: [Program.Stream] = []
    var writing = [Program.Stream(port: 0, base: loss, stride: 1)]
    for (block, offset) in zip(current.parameters + current.states, offsets) {
      reading.append(Program.Stream(port: block.input, base: row + offset, stride: rowWidth))
      if let output = block.output {
        writing.append(Program.Stream(port: output, base: row + rowWidth + offset, stride: rowWidth))
      }
    }
    if let time = current.time {
      for index in 0..<count { clock[index] = Double(firstStep + number + index + 1) }
      reading.append(Program.Stream(port: time, base: clock, stride: 1))
    }
    if let gradient {
      for (output, offset) in zip(current.gradients, offsets) {
        writing.append(Program.Stream(port: output, base: gradient + offset, stride: gradientWidth))
      }
    }
    if let norm = current.norm, let squaredNorm {
      writing.append(Program.Stream(port: norm, base: squaredNorm, stride: 1))
    }
    if let movement = current.movement {
      writing.append(Program.Stream(port: movement, base: squaredMovement, stride: 1))
    }
    current.program.runs(count, reading: reading, writing: writing)
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
    for place in places {
      place.address.pointee = (place.isRead ? UnsafeMutablePointer(mutating: row) : next) + place.offset
    }
    lossPlace?.pointee = loss
    if !current.gradients.isEmpty {
      let base = gradient ?? scratch
      for place in gradientPlaces { place.address.pointee = base + place.offset }
    }
    if let rows = current.rows, let cursor { program.bind(input: rows, to: cursor.rows(at: firstStep + number)) }
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
