import CKernels
import Glibc

/// What this machine has.
package enum Machine {
  /// Bytes of memory.
  package static let memory: Int = {
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? pages * size : 4 << 30
  }()

  /// Makes freed memory wait for its next use. For programs, at their start: it changes the whole process.
  package static func keepMemory() { ll_keep_memory() }

  /// Processors this process may run on.
  package static let processors = max(1, Int(ll_processors()))
}

/// How far a long computation has come.
package struct Progress: Sendable, Hashable {
  package var step: Int
  package var total: Int
  package var loss: Double

  package init(step: Int, total: Int, loss: Double) {
    self.step = step
    self.total = total
    self.loss = loss
  }
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
  /// Told by descents how far they have come, every few hundred steps.
  package var report: (@Sendable (Progress) -> Void)?
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

  /// Calls `body` for every piece 0 ..< count, on as many threads as this budget and the caller allow; `worker` tells them
  /// apart. Asks for the budget between pieces, which should take well under a tenth of a second each.
  ///
  /// What pieces write must be apart from what others read and write.
  package func share(
    _ count: Int, threads most: Int = .max, _ body: (_ piece: Int, _ worker: Int) -> Void
  ) throws(Exhausted) {
    if count == 1 {
      body(0, 0)
      return
    }
    let exhausted: Exhausted? = withoutActuallyEscaping(body) { body in
      var job = Job(body: body, watch: Watch(budget: self))
      withUnsafeMutablePointer(to: &job) { job in
        ll_parallel(
          count, Int32(min(threads, most)),
          { context, piece, worker in
            guard let job = context?.assumingMemoryBound(to: Job.self) else { return 1 }
            job.pointee.body(piece, Int(worker))
            // The thread of the session asks for all; the others see that the job has ended.
            return worker == 0 && !job.pointee.watch.goesOn() ? 1 : 0
          }, job)
      }
      return job.watch.ended()
    }
    if let exhausted { throw exhausted }
  }

  /// The same for a function that finds what it needs through a pointer: for pieces of a microsecond, in which threads
  /// that count references to one object would wait for each other.
  package func share(
    _ count: Int, threads most: Int, _ context: UnsafeMutableRawPointer,
    _ body: @convention(c) (_ context: UnsafeMutableRawPointer, _ piece: Int) -> Void
  ) throws(Exhausted) {
    if count == 1 {
      body(context, 0)
      return
    }
    var watch = Watch(budget: self)
    withUnsafeMutablePointer(to: &watch) { watch in
      var job = PlainJob(body: body, context: context, watch: watch)
      ll_parallel(
        count, Int32(min(threads, most)),
        { context, piece, worker in
          guard let job = context?.assumingMemoryBound(to: PlainJob.self).pointee else { return 1 }
          job.body(job.context, piece)
          return worker == 0 && !job.watch.pointee.goesOn() ? 1 : 0
        }, &job)
    }
    if let exhausted = watch.ended() { throw exhausted }
  }

  /// What the threads of a job have in common.
  private struct Job {
    let body: (Int, Int) -> Void
    var watch: Watch
  }

  private struct PlainJob {
    let body: @convention(c) (UnsafeMutableRawPointer, Int) -> Void
    let context: UnsafeMutableRawPointer
    let watch: UnsafeMutablePointer<Watch>
  }

  /// The budget of a job, asked by one thread only.
  private struct Watch {
    let budget: Budget
    private var exhausted: Exhausted?

    init(budget: Budget) { self.budget = budget }

    mutating func goesOn() -> Bool {
      do {
        try budget.check()
        return true
      } catch {
        exhausted = error
        return false
      }
    }

    /// Why the job has ended, if it was before its time. The others may have left nothing for the thread that asks.
    mutating func ended() -> Exhausted? {
      if exhausted == nil { _ = goesOn() }
      return exhausted
    }
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
