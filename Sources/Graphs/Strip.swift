import Tensors

/// Products of a matrix, the cluster that works on their rows, and the products that sum over those rows, a strip of rows
/// at a time: what the loss of a linear model and its gradient are made of. The matrix comes from memory once, and the
/// strip that all of them work on stays in the first cache.
///
/// The values are the same bits for any number of threads: strips depend on the sizes alone and are added up in order.
final class Strip: ProgramStep {
  private let products: [ProductStep]
  private let cluster: Cluster
  private let sums: [ProductStep]
  private let rows: Int
  private let height: Int
  private let strips: Int
  private let parts: [UnsafeMutablePointer<Double>]

  /// From how many elements of the matrix on several threads pay.
  private static let shared = 1 << 17
  private static let mostThreads = 16
  /// What a strip of a matrix may have in bytes, and where the cluster goes along rows.
  private static let near = 64 << 10
  private static let far = 192 << 10

  /// How many elements the blocks of a cluster of plain numbers should have: those of a strip.
  static func height(columns: Int) -> Int {
    var height = 32
    while height < 512, height * 2 * columns * 8 <= near { height *= 2 }
    return height
  }

  init(_ products: [ProductStep], _ cluster: Cluster, _ sums: [ProductStep], _ program: Program) {
    self.products = products
    self.cluster = cluster
    self.sums = sums
    rows = cluster.rows
    let columns = max(1, sums.map(\.matrixColumns).max() ?? 1)
    height = cluster.width == 1 ? cluster.block : cluster.block * max(1, Strip.far / (columns * 8) / cluster.block)
    strips = (rows + height - 1) / height
    let strips = strips
    parts = sums.map { program.allocate($0.count * strips) }
  }

  override func run(_ program: Program, _ budget: Budget) throws(Budget.Exhausted) {
    cluster.open(program)
    if strips == 1 {
      work(0, 0, program)
    } else {
      let isShared = rows * sums[0].matrixColumns >= Strip.shared
      // Some strips at a time, because asking for the next piece costs something too.
      let some = isShared ? max(1, Strip.shared / 4 / (height * sums[0].matrixColumns)) : strips
      try budget.share((strips + some - 1) / some, threads: isShared ? Strip.mostThreads : 1) { piece, worker in
        for strip in piece * some..<min(strips, (piece + 1) * some) { work(strip, worker, program) }
      }
    }
    for (sum, parts) in zip(sums, parts) { sum.total(parts, strips) }
    cluster.close(program)
  }

  private func work(_ strip: Int, _ worker: Int, _ program: Program) {
    let range = strip * height..<min(rows, (strip + 1) * height)
    for product in products { product.multiply(range) }
    let first = range.lowerBound / cluster.block
    cluster.run(first..<(range.upperBound + cluster.block - 1) / cluster.block, worker, program)
    for index in sums.indices {
      let sum = sums[index]
      sum.sum(
        range, into: parts[index] + strip * sum.count,
        ahead: index == 0 && range.upperBound + height <= rows ? height : 0)
    }
  }
}
