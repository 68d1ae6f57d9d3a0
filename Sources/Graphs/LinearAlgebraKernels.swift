import Tensors

/// Kernels on the matrices of the last two axes, one after the other through the batch.
enum LinearAlgebraKernels {
  /// Calls `body` for each matrix of the first input with its place in the batch.
  private static func eachMatrix(
    _ call: borrowing KernelCall,
    _ body: (_ index: Int, _ matrix: UnsafePointer<Double>, _ n: Int) throws(Budget.Exhausted) -> Void
  ) throws(Budget.Exhausted) {
    let shape = call.inputShapes[0]
    let n = shape[shape.count - 1]
    for index in 0..<shape.dropLast(2).reduce(1, *) { try body(index, call.inputs[0] + index * n * n, n) }
  }

  static func solve(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    guard let product = try? MatrixProduct(call.inputShapes[0], call.inputShapes[1]) else {
      preconditionFailure("shapes were checked when the node was made")
    }
    let (n, columns) = (product.inner, product.columns)
    let right = try StructureKernels.sources(product.rightBatch, over: product.batch, budget)
    let left = try StructureKernels.sources(product.leftBatch, over: product.batch, budget)
    var factored: (source: Int, factors: LUFactorization)?
    for at in left.indices {
      let factors: LUFactorization
      if let known = factored, known.source == left[at] {
        factors = known.factors
      } else {
        factors = try LUFactorization(call.inputs[0] + left[at] * n * n, n, budget: budget)
        factored = (left[at], factors)
      }
      let target = call.output + at * n * columns
      if factors.isSingular {
        target.update(repeating: .nan, count: n * columns)
      } else {
        target.update(from: call.inputs[1] + right[at] * n * columns, count: n * columns)
        try factors.solve(target, columns: columns, budget: budget)
      }
    }
  }

  static func inverse(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let output = call.output
    try eachMatrix(call) { (index, matrix, n) throws(Budget.Exhausted) in
      let target = output + index * n * n
      let factors = try LUFactorization(matrix, n, budget: budget)
      target.update(repeating: factors.isSingular ? .nan : 0, count: n * n)
      if factors.isSingular { return }
      for k in 0..<n { target[k * n + k] = 1 }
      try factors.solve(target, columns: n, budget: budget)
    }
  }

  static func determinant(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let output = call.output
    try eachMatrix(call) { (index, matrix, n) throws(Budget.Exhausted) in
      output[index] = try LUFactorization(matrix, n, budget: budget).determinant(of: matrix)
    }
  }

  /// log det A; −∞ for a singular matrix, NaN where the determinant is negative.
  static func logDeterminant(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let output = call.output
    try eachMatrix(call) { (index, matrix, n) throws(Budget.Exhausted) in
      let (logarithm, sign) = try LUFactorization(matrix, n, budget: budget).logDeterminant
      output[index] = sign < 0 ? .nan : logarithm
    }
  }

  /// The matrix of cofactors, ∂det A/∂A. `det A · A⁻ᵀ` has no value where A is singular, the cofactors do, so the
  /// elimination pivots completely and treats a last pivot that is only rounding as 0: then the adjugate is the product
  /// of the two null vectors.
  static func cofactor(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let output = call.output
    try eachMatrix(call) { (index, matrix, n) throws(Budget.Exhausted) in
      let target = output + index * n * n
      target.update(repeating: 0, count: n * n)
      let elimination = try CompleteElimination(matrix, n, budget: budget)
      guard elimination.rank >= n - 1 else { return }
      if elimination.rank == n {
        let factors = try LUFactorization(matrix, n, budget: budget)
        var inverse = [Double](repeating: 0, count: n * n)
        for k in 0..<n { inverse[k * n + k] = 1 }
        try inverse.withUnsafeMutableBufferPointer { (buffer) throws(Budget.Exhausted) in
          if let base = buffer.baseAddress { try factors.solve(base, columns: n, budget: budget) }
        }
        let determinant = factors.determinant(of: matrix)
        for i in 0..<n {
          for j in 0..<n { target[i * n + j] = determinant * inverse[j * n + i] }
        }
      } else {
        let (left, right, scale) = elimination.nullVectors
        for i in 0..<n {
          for j in 0..<n { target[i * n + j] = scale * left[i] * right[j] + 0 }
        }
      }
    }
  }

  /// Lower triangular L with L·Lᵀ = (A + Aᵀ)/2; NaN where that is not positive definite.
  static func cholesky(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let output = call.output
    try eachMatrix(call) { (index, matrix, n) throws(Budget.Exhausted) in
      let target = output + index * n * n
      target.update(repeating: 0, count: n * n)
      for i in 0..<n {
        for j in 0...i {
          var total = (matrix[i * n + j] + matrix[j * n + i]) / 2
          for k in 0..<j { total -= target[i * n + k] * target[j * n + k] }
          if i > j {
            target[i * n + j] = total / target[j * n + j]
          } else if total > 0 {
            target[i * n + i] = total.squareRoot()
          } else {
            target.update(repeating: .nan, count: n * n)
            return
          }
        }
        try budget.check()
      }
    }
  }

  static func eigenvalues(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let output = call.output
    try eachMatrix(call) { (index, matrix, n) throws(Budget.Exhausted) in
      (output + index * n).update(from: try SymmetricEigen(matrix, n, budget: budget).values, count: n)
    }
  }

  static func eigenvectors(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    let output = call.output
    try eachMatrix(call) { (index, matrix, n) throws(Budget.Exhausted) in
      (output + index * n * n).update(from: try SymmetricEigen(matrix, n, budget: budget).vectors, count: n * n)
    }
  }
}

/// Gaussian elimination with complete pivoting: P·A·Q = L·U, the pivots in falling order of size, so that rank can be
/// read off them.
private struct CompleteElimination {
  private let n: Int
  private var a: [Double]
  private var rows: [Int]
  private var columns: [Int]
  private var sign = 1.0
  private(set) var rank = 0

  init(_ matrix: UnsafePointer<Double>, _ n: Int, budget: Budget) throws(Budget.Exhausted) {
    self.n = n
    try budget.admit(scratch: n * n)
    a = Array(UnsafeBufferPointer(start: matrix, count: n * n))
    rows = Array(0..<n)
    columns = Array(0..<n)
    var first = 0.0
    for k in 0..<n {
      var (top, row, column) = (0.0, k, k)
      for i in k..<n {
        for j in k..<n where a[i * n + j].magnitude > top { (top, row, column) = (a[i * n + j].magnitude, i, j) }
      }
      if k == 0 { first = top }
      guard top > first * Double(n) * 0x1p-52 else { return }
      if row != k {
        for j in 0..<n { a.swapAt(k * n + j, row * n + j) }
        rows.swapAt(k, row)
        sign = -sign
      }
      if column != k {
        for i in 0..<n { a.swapAt(i * n + k, i * n + column) }
        columns.swapAt(k, column)
        sign = -sign
      }
      for i in (k + 1)..<max(k + 1, n) {
        a[i * n + k] /= a[k * n + k]
        for j in (k + 1)..<n { a[i * n + j] -= a[i * n + k] * a[k * n + j] }
      }
      rank = k + 1
      try budget.check()
    }
  }

  /// Of a matrix of rank n − 1: vectors x and y with xᵀA = 0 and A·y = 0 such that the cofactors are scale·x·yᵀ.
  var nullVectors: (left: [Double], right: [Double], scale: Double) {
    let last = n - 1
    var (x, y) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    (x[last], y[last]) = (1, 1)
    for i in stride(from: last - 1, through: 0, by: -1) {
      // Lᵀx = e and U·y = 0 with the last components 1.
      for k in (i + 1)...last {
        x[i] -= a[k * n + i] * x[k]
        y[i] -= a[i * n + k] * y[k]
      }
      y[i] /= a[i * n + i]
    }
    var scale = sign
    for k in 0..<last { scale *= a[k * n + k] }
    var (left, right) = (x, y)
    for k in 0..<n {
      left[rows[k]] = x[k]
      right[columns[k]] = y[k]
    }
    return (left, right, scale)
  }
}
