import Tensors

/// A matrix of few columns that never changes, and what a cluster makes of it on the way: products with vectors, whose
/// elements the cluster reads, and products of its transpose with what the cluster makes. That is all of a step of a linear
/// model: eight rows are loaded, multiplied, compared with their targets and added to the gradient without leaving the
/// registers. Columns are copied one after another, so that eight rows of one are a vector.
struct NarrowMatrix {
  /// What stands for the slot of the copy, which is no value of the program.
  static let slot = -1
  /// Each column takes a register, and so does its part of the gradient.
  static let widest = 12
  /// What stays in the second cache.
  static let largest = 1 << 17

  let columns: Int
  /// From column to column of the copy, in elements.
  let pitch: Int
  let copy: UnsafeMutablePointer<Double>
  /// Slots of the products that the cluster reads and of the vectors they are made with.
  let products: [(slot: Int, vector: Int)]
  /// Operands of the cluster's instructions that meet the transposed matrix, and the slots of the results.
  var sums: [Int] = []
  let results: [(source: Int, slot: Int)]

  /// - Parameters:
  ///   - results: the slots of what is multiplied and of the product.
  init(
    _ matrix: Tensor, products: [(slot: Int, vector: Int)], results: [(source: Int, slot: Int)], _ program: Program
  ) {
    let rows = matrix.shape[0]
    columns = matrix.shape[1]
    let whole = (rows + 7) / 8 * 8
    // Columns a multiple of a page apart would get in each other's way in the cache.
    pitch = whole % 512 == 0 ? whole + 8 : whole
    copy = program.allocate(columns * pitch)
    self.products = products
    self.results = results
    if let start = matrix.address {
      MatrixKernel.transpose(start, into: copy, rows: rows, columns: columns, pitch: pitch)
    }
  }

  /// With the operands of a cluster that are the sources of the sums; nil if one is missing.
  func reading(_ operands: [(kind: Int32, index: Int32)], array: Int32) -> NarrowMatrix? {
    var read = self
    for result in results {
      guard let operand = operands.firstIndex(where: { $0.kind == array && Int($0.index) == result.source }) else {
        return nil
      }
      read.sums.append(operand)
    }
    return read
  }
}
