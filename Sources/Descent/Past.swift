import Tensors

/// What a descent that goes on from another takes over besides the place: how many steps there were, and what the
/// optimizer and the schedule kept. Batches, schedules and random numbers go on with the step after.
package struct Past: Sendable {
  /// Something kept from step to step.
  struct State: Sendable {
    let name: String
    let parameter: Int?
    let isOfSchedule: Bool
    let value: Tensor
  }

  package let steps: Int
  /// How many of the steps the optimizer made: its t counts from there.
  package private(set) var ownSteps: Int
  private(set) var states: [State]
  /// What a method that is more than lines remembers.
  private(set) var memory: (any Method)?

  init(steps: Int, ownSteps: Int, states: [State], memory: (any Method)?) {
    self.steps = steps
    self.ownSteps = ownSteps
    self.states = states
    self.memory = memory
  }

  mutating func forgetOptimizer() {
    ownSteps = 0
    states.removeAll { !$0.isOfSchedule }
    memory = nil
  }

  mutating func forgetSchedule() { states.removeAll(where: \.isOfSchedule) }

  func value(of name: String, _ parameter: Int?, isOfSchedule: Bool, _ shape: Shape) -> Tensor? {
    states.first {
      $0.name == name && $0.parameter == parameter && $0.isOfSchedule == isOfSchedule && $0.value.shape == shape
    }?.value
  }
}

extension Trace {
  /// The descent that makes the steps from an entry on as this one did, bit for bit, until something in it is changed.
  package func continued(from entry: Int, steps: Int) -> Descent? {
    guard let now = self.entry(entry) else { return nil }
    var next = descent
    next.start = zip(descent.start, now.values).map { Descent.Start(name: $0.name, value: $1) }
    next.steps = steps
    next.past = Past(
      steps: descent.firstStep + entry, ownSteps: descent.firstStep - descent.optimizerDelay + entry,
      states: zip(kept, now.states).map {
        Past.State(name: $0.name, parameter: $0.parameter, isOfSchedule: $0.isOfSchedule, value: $1)
      }, memory: memory(at: entry))
    return next
  }
}

extension Trace {
  /// Where the step after the last entry leads: of a descent that diverged, the place it could not be recorded at.
  package func attempted() -> [Tensor]? {
    guard let descent = continued(from: stepCount, steps: 1),
      let runner = try? Runner(descent, wantsGradients: true, wantsNorm: false, budget: .unlimited)
    else { return nil }
    var row = [Double](repeating: 0, count: max(runner.rowWidth, 1))
    var next = row
    var gradient = [Double](repeating: 0, count: max(runner.gradientWidth, 1))
    var loss = 0.0
    let made: Void? = row.withUnsafeMutableBufferPointer { row in
      next.withUnsafeMutableBufferPointer { next in
        gradient.withUnsafeMutableBufferPointer { gradient in
          guard let from = row.baseAddress, let to = next.baseAddress else { return nil }
          runner.begin(from)
          return try? runner.step(0, from: from, to: to, loss: &loss, gradient: gradient.baseAddress)
        }
      }
    }
    guard made != nil else { return nil }
    return learned.map { Tensor(shape: $0.shape, elements: Array(next[$0.offset..<($0.offset + $0.size)])) }
  }
}

extension Descent {
  /// The number of its first step, counted from the beginning of the descent it goes on from.
  package var firstStep: Int { past?.steps ?? 0 }
  /// How many steps were made before its optimizer took over.
  package var optimizerDelay: Int { past.map { $0.steps - $0.ownSteps } ?? 0 }
}
