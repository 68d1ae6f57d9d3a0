/// A = P·L·U by Gaussian elimination with partial pivoting, row-major, in memory of its own.
///
/// The growth of errors is that of LAPACK's unblocked `getf2`: row exchanges bring the largest element of the column to
/// the pivot. A zero pivot is kept as it is (`isSingular`), so that a determinant can still be read off.
package struct LUFactorization: Sendable {
  package let n: Int
  /// L below the diagonal (its own diagonal is 1), U on and above it.
  private var factors: [Double]
  /// Row `k` of P·A is row `rows[k]` of A.
  private var rows: [Int]
  private var sign = 1.0
  /// ‖A‖₁, the largest column sum: for the condition number.
  private let norm: Double
  package private(set) var isSingular = false

  package init(_ matrix: UnsafePointer<Double>, _ n: Int, budget: Budget) throws(Budget.Exhausted) {
    self.n = n
    try budget.admit(scratch: n * n)
    factors = Array(UnsafeBufferPointer(start: matrix, count: n * n))
    rows = Array(0..<n)
    norm = LUFactorization.columnNorm(factors, n)
    for k in 0..<n {
      var pivot = k
      for i in k..<n where factors[i * n + k].magnitude > factors[pivot * n + k].magnitude { pivot = i }
      if pivot != k {
        for j in 0..<n { factors.swapAt(k * n + j, pivot * n + j) }
        rows.swapAt(k, pivot)
        sign = -sign
      }
      let head = factors[k * n + k]
      guard head != 0, head.isFinite else {
        isSingular = true
        continue
      }
      factors.withUnsafeMutableBufferPointer { a in
        for i in (k + 1)..<max(k + 1, n) {
          let factor = a[i * n + k] / head
          a[i * n + k] = factor
          if factor == 0 { continue }
          for j in (k + 1)..<max(k + 1, n) { a[i * n + j] -= factor * a[k * n + j] }
        }
      }
      try budget.check()
    }
  }

  private static func columnNorm(_ a: [Double], _ n: Int) -> Double {
    var sums = [Double](repeating: 0, count: n)
    for i in 0..<n {
      for j in 0..<n { sums[j] += a[i * n + j].magnitude }
    }
    return sums.max() ?? 0
  }

  /// The determinant, exact for whole numbers as long as rounding errors cannot have reached ½.
  package func determinant(of matrix: UnsafePointer<Double>) -> Double {
    var product = sign
    for k in 0..<n { product *= factors[k * n + k] }
    // Hadamard's bound: no determinant of these rows, or of rows a rounding error away, is further off than this.
    var bound = Double(n * n * n) * 0x1p-51
    for i in 0..<n {
      var square = 0.0
      for j in 0..<n {
        let element = matrix[i * n + j]
        guard element == element.rounded() else { return product }
        square += element * element
      }
      bound *= square.squareRoot()
    }
    return bound < 0.5 ? product.rounded() + 0 : product
  }

  /// log |det A| and its sign: no overflow however large the matrix.
  package var logDeterminant: (logarithm: Double, sign: Double) {
    var (total, sign) = (0.0, self.sign)
    for k in 0..<n {
      let pivot = factors[k * n + k]
      total += UnaryKernel.log(pivot.magnitude)
      sign *= pivot < 0 ? -1 : pivot == 0 ? 0 : 1
    }
    return (total, sign)
  }

  /// Overwrites the `columns` right-hand sides in `b` (row-major, n × columns) with the solutions of A·x = b.
  package func solve(
    _ b: UnsafeMutablePointer<Double>, columns: Int, budget: Budget = .unlimited
  ) throws(Budget.Exhausted) {
    let original = Array(UnsafeBufferPointer(start: b, count: n * columns))
    for (k, row) in rows.enumerated() {
      for c in 0..<columns { b[k * columns + c] = original[row * columns + c] }
    }
    for i in 0..<n {
      for k in 0..<i { subtract(b, columns, from: i, factors[i * n + k], times: k) }
      if i & 63 == 63 { try budget.check() }
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      for k in (i + 1)..<max(i + 1, n) { subtract(b, columns, from: i, factors[i * n + k], times: k) }
      let pivot = factors[i * n + i]
      for c in 0..<columns { b[i * columns + c] /= pivot }
      if i & 63 == 63 { try budget.check() }
    }
  }

  private func subtract(
    _ b: UnsafeMutablePointer<Double>, _ columns: Int, from row: Int, _ factor: Double, times other: Int
  ) {
    if factor == 0 { return }
    for c in 0..<columns { b[row * columns + c] -= factor * b[other * columns + c] }
  }

  /// Overwrites b with the solution of Aᵀ·x = b.
  private func solveTransposed(_ b: inout [Double]) {
    for i in 0..<n {
      for k in 0..<i { b[i] -= factors[k * n + i] * b[k] }
      b[i] /= factors[i * n + i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      for k in (i + 1)..<max(i + 1, n) { b[i] -= factors[k * n + i] * b[k] }
    }
    var unpermuted = b
    for (k, row) in rows.enumerated() { unpermuted[row] = b[k] }
    b = unpermuted
  }

  /// The condition number ‖A‖₁·‖A⁻¹‖₁, estimated from below and nearly always within a factor of 3, in O(n²): Hager
  /// (1984) as improved by Higham (1988), which is LAPACK's `gecon`.
  package var condition: Double {
    if n == 0 { return 1 }
    if isSingular { return .infinity }
    var x = [Double](repeating: 1 / Double(n), count: n)
    var best = 0.0
    var last = -1
    for _ in 0..<5 {
      x.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { try? solve(base, columns: 1) }
      }
      let size = x.reduce(0) { $0 + $1.magnitude }
      if size <= best { break }
      best = size
      var signs = x.map { $0 < 0 ? -1.0 : 1.0 }
      solveTransposed(&signs)
      guard let place = signs.indices.max(by: { signs[$0].magnitude < signs[$1].magnitude }), place != last else {
        break
      }
      last = place
      x = [Double](repeating: 0, count: n)
      x[place] = 1
    }
    // A second witness against matrices built to fool the first.
    var witness = (0..<n).map { (index: Int) -> Double in
      let size = 1 + Double(index) / Double(max(n - 1, 1))
      return index & 1 == 0 ? size : -size
    }
    witness.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { try? solve(base, columns: 1) }
    }
    let witnessed: Double = witness.reduce(0) { $0 + $1.magnitude }
    let alternative = 2 * witnessed / Double(3 * n)
    let result = norm * max(best, alternative)
    return result.isNaN ? .infinity : result
  }
}
