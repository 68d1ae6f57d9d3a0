import CKernels
import Tensors

/// The machine code of a cluster: one pass over its arrays with every intermediate value in a register.
///
/// The interpreter of blocks (`ll_cluster_run`) writes and reads the first cache for every operation, which costs two to
/// eight times the memory traffic of the loss itself. Here eight numbers go through all operations at once. Code is made
/// for processors with 512-bit registers and for lengths where it pays; the interpreter does the rest.
///
/// A call handles one block. Folds leave `lanes` partial results per block, in a layout that depends on the length
/// alone, so sums do not depend on who ran which block.
final class NativeCode {
  /// How many elements a call handles: many where they are cheap, few where a short array is long work and shared.
  let block: Int
  /// Vector instructions and accesses to memory per eight elements.
  let work: Int
  /// The shortest length that is worth the making of code.
  static let shortest = 64

  /// What a core has of the second and of the last cache on most machines, in bytes. Asking the system gives the sum
  /// over all cores.
  static let secondCache = 1 << 20
  static let lastCache = 32 << 20

  private typealias Entry =
    @convention(c) (
      _ arrays: UnsafePointer<UnsafeMutablePointer<Double>?>, _ numbers: UnsafePointer<Double>, _ offset: Int,
      _ count: Int, _ partials: UnsafeMutablePointer<Double>
    ) -> Void

  private let entry: Entry
  private let code: ExecutableMemory
  private let count: Int
  private let arrays: [Int]
  private let matrix: UnsafeMutablePointer<Double>?
  private let table: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
  /// Partial results per block and fold.
  let lanes: Int
  let blocks: Int

  /// Nil where there is no such processor, an operation without vector instructions, or too much at a time for the
  /// registers.
  ///
  /// - Parameter matrix: where the columns of a narrow matrix are.
  init?(
    _ vectors: @autoclosure () -> VectorCode?, count: Int, block wanted: Int? = nil,
    matrix: UnsafeMutablePointer<Double>? = nil
  ) {
    guard NativeCode.isWorthMaking(count), let vectors = vectors() else { return nil }
    self.matrix = matrix
    var maker = NativeCodeMaker(vectors)
    work = maker.work + 2 * vectors.arrays.count
    block = wanted ?? (work > 32 && count < 1 << 16 ? 1024 : 4096)
    blocks = (count + block - 1) / block
    maker.blocks = blocks
    guard let bytes = maker.make(bytes: vectors.arrays.count * 8 * count) else { return nil }
    lanes = 8 * maker.copies
    arrays = vectors.arrays
    self.count = count
    guard let code = ExecutableMemory(bytes) else { return nil }
    self.code = code
    entry = unsafeBitCast(code.start, to: Entry.self)
    table = .allocate(capacity: arrays.count + 1)
    table[arrays.count] = NativeCode.ramp.bindMemory(to: Double.self, capacity: 16)
  }

  deinit { table.deallocate() }

  /// Whether code is made for arrays of this length here.
  static func isWorthMaking(_ count: Int) -> Bool { count >= shortest && ll_has_wide_vectors() != 0 }

  /// 0 … 15, for shifting lanes by a number that is known when it runs.
  private nonisolated(unsafe) static let ramp: UnsafeMutableRawPointer = {
    let ramp = UnsafeMutablePointer<Int>.allocate(capacity: 16)
    for lane in 0..<16 { ramp[lane] = lane }
    return UnsafeMutableRawPointer(ramp)
  }()

  /// Finds the arrays of this run.
  func open(_ slots: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>) {
    for index in arrays.indices {
      table[index] = arrays[index] == NarrowMatrix.slot ? matrix : slots[arrays[index]]
    }
  }

  func run(block: Int, _ numbers: UnsafePointer<Double>, _ partials: UnsafeMutablePointer<Double>) {
    let start = block * self.block
    entry(table, numbers, start * 8, min(self.block, count - start), partials + block * lanes)
  }

  /// Runs everything, so many blocks at a time.
  func run(
    blocks size: Int, threads: Int, _ numbers: UnsafePointer<Double>, _ partials: UnsafeMutablePointer<Double>,
    _ budget: Budget
  ) throws(Budget.Exhausted) {
    var pieces = Pieces(
      entry: entry, table: table, numbers: numbers, partials: partials, count: count, block: block, lanes: lanes,
      size: size)
    try budget.share((blocks + size - 1) / size, threads: threads, &pieces) { context, piece in
      context.assumingMemoryBound(to: Pieces.self).pointee.run(piece)
    }
  }

  /// What a thread needs for its pieces, and nothing whose references are counted.
  private struct Pieces {
    let entry: Entry
    let table: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
    let numbers: UnsafePointer<Double>
    let partials: UnsafeMutablePointer<Double>
    let count: Int
    let block: Int
    let lanes: Int
    let size: Int

    func run(_ piece: Int) {
      for index in piece * size..<(piece + 1) * size {
        let start = index * block
        guard start < count else { return }
        entry(table, numbers, start * 8, min(block, count - start), partials + index * lanes)
      }
    }
  }
}
