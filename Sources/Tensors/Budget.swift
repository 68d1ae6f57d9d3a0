import CKernels
import Glibc

/// What this machine has.
package enum Machine {
  /// Bytes of memory.
  package static let memory: Int = {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? pages * size : 4 << 30
  }()

  /// Processors this process may run on.
  package static let processors = max(1, Int(ll_processors()))
}

/// What a computation may use, asked by every loop before it goes on.
package struct Budget: Sendable {
  /// Why a computation was stopped; whatever it had made is dropped, and nothing else has changed.
  package enum Exhausted: Error, Sendable, Hashable {
    case interrupted
    case time(seconds: Double)
    /// `needed` is nil where even the count would overflow.
    case memory(needed: Int?, limit: Int)
  }

  /// Whether someone pressed Ctrl-C. Called from hot loops, so it must be cheap.
  package var isInterrupted: @Sendable () -> Bool
  /// How many bytes one computation may have at a time.
  package var memoryLimit: Int
  /// How many threads may work on large arrays.
  package var threads: Int
  private let deadline: ContinuousClock.Instant?
  private let seconds: Double

  package init(
    seconds: Double? = nil, memoryLimit: Int = Machine.memory / 2, threads: Int = Machine.processors,
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.isInterrupted = isInterrupted
    self.memoryLimit = memoryLimit
    self.threads = threads
    self.seconds = seconds ?? 0
    deadline = seconds.map { ContinuousClock.now + .seconds($0) }
  }

  package static let unlimited = Budget()

  package func check() throws(Exhausted) {
    if isInterrupted() { throw .interrupted }
    if let deadline, ContinuousClock.now > deadline { throw .time(seconds: seconds) }
  }

  /// The element count of a shape that may be allocated.
  package static func allocatable(_ shape: Shape) throws(Exhausted) -> Int {
    guard let count = Shapes.count(shape) else {
      throw .memory(
        needed: shape.reduce(Optional(8)) { total, length in
          total.flatMap { $0.multipliedReportingOverflow(by: length).overflow ? nil : $0 * length }
        }, limit: Shapes.elementLimit * 8)
    }
    return count
  }

  /// Refuses working memory for more numbers than the limit allows.
  package func admit(scratch count: Int) throws(Exhausted) {
    if count > memoryLimit / 8 { throw .memory(needed: count <= Int.max / 8 ? count * 8 : nil, limit: memoryLimit) }
  }
}

/// Asks the budget once in a while on a way of many short steps: often enough for Ctrl-C to seem immediate, seldom enough
/// to cost nothing.
package struct Pace {
  private let budget: Budget
  private var work = 0

  package init(_ budget: Budget) { self.budget = budget }

  /// Counts elements that have been worked on.
  package mutating func advance(by count: Int) throws(Budget.Exhausted) {
    work += count
    if work >= 1 << 17 {
      work = 0
      try budget.check()
    }
  }
}
