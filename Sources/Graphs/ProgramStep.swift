import Tensors

/// One thing that a run does.
///
/// An object called through its class, not a closure or a case of an enum: a program keeps its steps unmanaged, so that
/// going through them counts no references. A small step takes less time than counting would.
class ProgramStep {
  func run(_ program: Program, _ budget: Budget) throws(Budget.Exhausted) {
    preconditionFailure("a step that does nothing")
  }
}

/// Straight-line code: a range of the program's.
final class NumbersStep: ProgramStep {
  private let start: Int
  private let count: Int

  init(start: Int, count: Int) {
    self.start = start
    self.count = count
  }

  override func run(_ program: Program, _ budget: Budget) throws(Budget.Exhausted) {
    program.runNumbers(start, count)
  }
}

/// A fold along one axis.
final class ReductionStep: ProgramStep {
  private let reduction: Reduction
  private let from: Int
  private let to: Int
  private let outer: Int
  private let length: Int
  private let inner: Int

  /// - Parameters:
  ///   - from: the slot of what is folded, seen as `outer × length × inner`.
  ///   - to: the slot of the result.
  init(_ reduction: Reduction, from: Int, to: Int, outer: Int, length: Int, inner: Int) {
    self.reduction = reduction
    self.from = from
    self.to = to
    self.outer = outer
    self.length = length
    self.inner = inner
  }

  override func run(_ program: Program, _ budget: Budget) throws(Budget.Exhausted) {
    guard let x = program.slots[from], let out = program.slots[to] else { return }
    let size = max(1, length * inner)
    let rows = max(1, 65536 / size)
    try budget.share((outer + rows - 1) / rows) { piece, _ in
      let first = piece * rows
      reduction.alongAxis(
        x + first * size, out + first * inner, outer: min(rows, outer - first), length: length, inner: inner)
    }
  }
}

/// A kernel of the table of primitives.
final class KernelStep: ProgramStep {
  private let kernel: @Sendable (borrowing KernelCall) -> Void
  private let call: KernelCall

  init(_ call: KernelCall, _ kernel: @escaping @Sendable (borrowing KernelCall) -> Void) {
    self.kernel = kernel
    self.call = call
  }

  override func run(_ program: Program, _ budget: Budget) throws(Budget.Exhausted) {
    kernel(call)
    try budget.check()
  }
}

/// One that asks the budget on its way.
final class StoppableStep: ProgramStep {
  private let kernel: @Sendable (borrowing KernelCall, Budget) throws(Budget.Exhausted) -> Void
  private let call: KernelCall

  init(
    _ call: KernelCall, _ kernel: @escaping @Sendable (borrowing KernelCall, Budget) throws(Budget.Exhausted) -> Void
  ) {
    self.kernel = kernel
    self.call = call
  }

  override func run(_ program: Program, _ budget: Budget) throws(Budget.Exhausted) { try kernel(call, budget) }
}
