import CKernels
import Tensors

/// A compiled graph: run once or a million times with other inputs.
///
/// **What runs.** Numbers live in one flat memory and are computed by straight-line code (about a nanosecond an
/// operation). Elementwise nodes of one length form clusters that run in blocks of 512 numbers, which stay in the first
/// cache; folds over a cluster are taken block by block on the way. Everything else is a step with a kernel of its own.
///
/// **Whose memory.** Arrays are found through a table of pointers, so nothing is copied in or out: `bind(input:to:)` and
/// `bind(output:to:)` say where an argument is read and where a result is written, and hold until the next binding.
/// Tensors that were constants of the graph are read where they are. A result that was not bound is in memory of the
/// program and may be read (`result(_:)`) until the next run. Inner arrays share a memory laid out at compile time.
/// `execute` allocates nothing.
///
/// **State.** To move parameters by a program, make their new values outputs and either bind input and output to two
/// buffers and exchange them after each run (`bind` costs a store), or bind both to one buffer where
/// `mayShareMemory(output:input:)` allows it. A trace is recorded without copying by binding output k to the next row
/// and the input to the last one.
///
/// ```swift
/// let step = try Program(graph, outputs: [loss.id, moved.id])
/// step.bind(input: 0, to: w)
/// step.bind(output: 1, to: next)
/// try step.execute(budget)        // step.result(0)[0] is the loss
/// ```
///
/// A program may be used by one thread at a time.
package final class Program {
  static let block = Int(LL_BLOCK)

  /// An input or output: its place in the pointer table, and among the numbers if it is one.
  struct Port {
    var slot: Int
    var number: Int?
    var shape: Shape
    var count: Int
  }

  var steps: [ProgramStep] = []
  /// Straight-line code, flat, with places among `numbers`.
  var code: [ll_instruction] = []
  let numbers: UnsafeMutablePointer<Double>
  /// Where arrays are. Inputs and outputs that are numbers have a place here too.
  let slots: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
  /// By number of the input; nil for inputs that nothing depends on.
  var inputs: [Port?]
  var outputs: [Port] = []
  /// Outputs that are another name for an input, a constant or another output: copied at the end.
  var copies: [(from: Int, to: Int, count: Int)] = []
  /// What `execute` goes through, in plain memory: a run counts no references.
  private var route = Route()
  /// Where clusters leave 0 for an output that is finite throughout and NaN for another.
  var watches: [Int?] = []
  let isWatching: Bool
  /// Kept alive because their elements are read in place.
  var constants: [Tensor] = []
  var ownMemory: [UnsafeMutablePointer<Double>] = []
  /// The steps that read each input and write each output, for `mayShareMemory`.
  var readers: [[Int]] = []
  var writers: [Int] = []
  /// The outputs that are written by a step that has read an input by then, element by element.
  var overwriting: Set<Overwriting> = []
  struct Overwriting: Hashable {
    let output: Int
    let input: Int
  }
  /// How many instructions of straight-line code wait to become a step, while the program is made.
  var openNumbers = 0

  /// - Parameters:
  ///   - outputs: what a run gives, in order. Shapes are concrete.
  ///   - isWatching: whether `isFinite` will be asked: arrays are then looked at while they are in the cache.
  package init(
    _ graph: Graph, outputs wanted: [Graph.ID], isWatching: Bool = false, budget: Budget = .unlimited
  ) throws(Budget.Exhausted) {
    self.isWatching = isWatching
    let layout = Layout(graph, outputs: wanted)
    let plan = try Plan(layout, outputs: wanted, budget: budget)
    let numberCount = plan.numberCount + wanted.count
    numbers = .allocate(capacity: numberCount)
    numbers.initialize(repeating: 0, count: numberCount)
    slots = .allocate(capacity: max(plan.slotCount, 1))
    slots.initialize(repeating: nil, count: max(plan.slotCount, 1))
    inputs = [Port?](repeating: nil, count: graph.inputNames.count)
    try build(layout, plan, wanted, budget)
    route = Route(self)
  }

  deinit {
    route.deallocate()
    for pointer in ownMemory { pointer.deallocate() }
    numbers.deallocate()
    slots.deallocate()
  }

  func allocate(_ count: Int) -> UnsafeMutablePointer<Double> {
    let pointer = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 8, alignment: 64)
      .bindMemory(to: Double.self, capacity: max(count, 1))
    ownMemory.append(pointer)
    return pointer
  }

  // MARK: Memory from outside

  /// Reads the graph's input of this number from `pointer` in every run from now on.
  package func bind(input number: Int, to pointer: UnsafePointer<Double>) {
    if let port = inputs[number] { slots[port.slot] = UnsafeMutablePointer(mutating: pointer) }
  }

  /// Writes this output to `pointer` in every run from now on.
  package func bind(output index: Int, to pointer: UnsafeMutablePointer<Double>) {
    slots[outputs[index].slot] = pointer
  }

  /// Where the last run has left this output.
  package func result(_ index: Int) -> UnsafePointer<Double> {
    if let number = outputs[index].number { return UnsafePointer(numbers + number) }
    guard let pointer = slots[outputs[index].slot] else { preconditionFailure("no run has been made") }
    return UnsafePointer(pointer)
  }

  /// Whether every element that the last run has given for this output is finite.
  package func isFinite(_ index: Int) -> Bool {
    let port = outputs[index]
    if let number = port.number { return numbers[number].isFinite }
    if let watch = watches[index] { return numbers[watch] == 0 }
    return ll_finite(result(index), port.count) == 0
  }

  package func output(_ index: Int) -> (shape: Shape, count: Int) { (outputs[index].shape, outputs[index].count) }

  package func isNumber(_ index: Int) -> Bool { outputs[index].number != nil }

  package func outputShape(_ index: Int) -> Shape { outputs[index].shape }

  /// Whether an output may be bound to the memory its input is read from: nothing reads the input after it.
  package func mayShareMemory(output: Int, input: Int) -> Bool {
    guard let port = inputs[input] else { return true }
    if port.number != nil, outputs[output].number != nil { return true }
    let isRead = overwriting.contains(Overwriting(output: output, input: input))
    return readers[input].allSatisfy { $0 < writers[output] || isRead && $0 == writers[output] }
  }

  // MARK: Running

  /// Runs with `arguments[k]` as the graph's k-th input.
  package func run(_ arguments: [Tensor], budget: Budget = .unlimited) throws(Budget.Exhausted) -> [Tensor] {
    for (number, port) in inputs.enumerated() {
      guard let port else { continue }
      let argument = arguments[number]
      precondition(
        argument.shape == port.shape, "an argument of shape \(argument.shape) where \(port.shape) was compiled")
      slots[port.slot] = argument.address
    }
    return try withExtendedLifetime(arguments) { () throws(Budget.Exhausted) in try results(budget) }
  }

  /// Runs with the inputs as they are bound and gives the outputs as tensors, written where they will stay.
  package func results(_ budget: Budget = .unlimited) throws(Budget.Exhausted) -> [Tensor] {
    var results: [Tensor] = []
    results.reserveCapacity(outputs.count)
    for port in outputs {
      let tensor = Tensor(uninitialized: port.shape, count: port.count)
      slots[port.slot] = tensor.address
      results.append(tensor)
    }
    defer { for port in outputs { slots[port.slot] = nil } }
    try execute(budget)
    return results
  }

  /// Runs with inputs and outputs as they are bound.
  package func execute(_ budget: Budget = .unlimited) throws(Budget.Exhausted) {
    for wire in route.numberInputs { if let pointer = slots[wire.slot] { numbers[wire.from] = pointer[0] } }
    for wire in route.arrayOutputs where slots[wire.slot] == nil { slots[wire.slot] = allocate(wire.count) }
    var exhausted: Budget.Exhausted?
    for step in route.steps {
      step._withUnsafeGuaranteedRef { step in
        do throws(Budget.Exhausted) { try step.run(self, budget) } catch { exhausted = error }
      }
      if let exhausted { throw exhausted }
    }
    for wire in route.copies {
      if let source = slots[wire.from], let target = slots[wire.slot], source != target {
        target.update(from: source, count: wire.count)
      }
    }
    for wire in route.numberOutputs { if let pointer = slots[wire.slot] { pointer[0] = numbers[wire.from] } }
  }

  /// A piece of straight-line code, on the numbers of this program.
  func runNumbers(_ start: Int, _ count: Int) {
    if let code = route.code.baseAddress { ll_numbers_run(code + start, count, numbers) }
  }
}

/// What a run goes through, in plain memory.
private struct Route {
  /// Something that goes from a number or a slot to a slot, or the other way.
  struct Wire {
    let from: Int
    let slot: Int
    let count: Int
  }

  var steps = UnsafeMutableBufferPointer<Unmanaged<ProgramStep>>(start: nil, count: 0)
  var numberInputs = UnsafeMutableBufferPointer<Wire>(start: nil, count: 0)
  var numberOutputs = UnsafeMutableBufferPointer<Wire>(start: nil, count: 0)
  var arrayOutputs = UnsafeMutableBufferPointer<Wire>(start: nil, count: 0)
  var copies = UnsafeMutableBufferPointer<Wire>(start: nil, count: 0)
  var code = UnsafeMutableBufferPointer<ll_instruction>(start: nil, count: 0)

  init() {}

  init(_ program: Program) {
    steps = Route.memory(program.steps.map(Unmanaged.passUnretained))
    numberInputs = Route.memory(
      program.inputs.compactMap { port in
        port.flatMap { port in port.number.map { Wire(from: $0, slot: port.slot, count: 1) } }
      })
    numberOutputs = Route.memory(
      program.outputs.compactMap { port in port.number.map { Wire(from: $0, slot: port.slot, count: 1) } })
    arrayOutputs = Route.memory(
      program.outputs.filter { $0.number == nil }.map { Wire(from: $0.slot, slot: $0.slot, count: $0.count) })
    copies = Route.memory(program.copies.map { Wire(from: $0.from, slot: $0.to, count: $0.count) })
    code = Route.memory(program.code)
  }

  private static func memory<Element>(_ elements: [Element]) -> UnsafeMutableBufferPointer<Element> {
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = memory.initialize(from: elements)
    return memory
  }

  func deallocate() {
    steps.deallocate()
    numberInputs.deallocate()
    numberOutputs.deallocate()
    arrayOutputs.deallocate()
    copies.deallocate()
    code.deallocate()
  }
}
