import Tensors

/// Rows of data in the order a descent sees them.
package struct Batches: Sendable {
  package enum Order: Sendable {
    /// All rows, shuffled anew in every epoch; rows that do not fill a batch wait for the next shuffle.
    case shuffled(seed: UInt64)
    /// One row of 0-based row numbers per step, from the top again after the last.
    case given([Double], count: Int)
  }

  package let columns: [Tensor]
  package let size: Int
  package let order: Order

  package init(columns: [Tensor], size: Int, order: Order) {
    self.columns = columns
    self.size = size
    self.order = order
  }

  package var rowCount: Int { columns.first?.shape.first ?? 0 }
  package var perEpoch: Int {
    if case .given(_, let count) = order { return count }
    return max(1, rowCount / max(size, 1))
  }
  /// Whether every step sees all rows, in their own order.
  package var isWhole: Bool {
    if case .given = order { return false }
    return size >= rowCount
  }
}

/// Walks through the batches of one descent; the same walk for the same seed.
final class BatchCursor {
  private let batches: Batches
  /// The row numbers of the present epoch, as the program reads them.
  private let rows: UnsafeMutablePointer<Double>
  private var source: RandomSource
  private var epoch = -1

  init(_ batches: Batches) {
    self.batches = batches
    switch batches.order {
    case .shuffled(let seed):
      source = RandomSource(seed: seed)
      rows = .allocate(capacity: max(batches.rowCount, 1))
    case .given(let order, _):
      source = RandomSource(seed: 0)
      rows = .allocate(capacity: max(order.count, 1))
      rows.initialize(from: order, count: order.count)
    }
  }

  deinit { rows.deallocate() }

  /// The rows of a step's batch, readable until the next call.
  func rows(at step: Int) -> UnsafePointer<Double> {
    let (turn, place) = step.quotientAndRemainder(dividingBy: batches.perEpoch)
    if case .shuffled(let seed) = batches.order, turn != epoch {
      if turn < epoch {
        source = RandomSource(seed: seed)
        epoch = -1
      }
      while epoch < turn {
        for (index, row) in source.permutation(batches.rowCount).enumerated() { rows[index] = Double(row) }
        epoch += 1
      }
    }
    return UnsafePointer(rows + place * batches.size)
  }
}
