import Glibc

/// Eigenvalues and eigenvectors of a symmetric matrix: Householder reduction to tridiagonal form, then QL iterations
/// with implicit shifts (Bowdler, Martin, Reinsch & Wilkinson 1968: EISPACK's `tred2` and `tql2`). Backward stable: the
/// results are exact for a matrix that differs from the given one by rounding errors.
package struct SymmetricEigen: Sendable {
  /// In ascending order.
  package private(set) var values: [Double]
  /// Column j belongs to `values[j]`, has length 1, and its largest component is positive.
  package private(set) var vectors: [Double]
  private let n: Int

  /// - Parameter matrix: n × n; of an asymmetric one the symmetric part (A + Aᵀ)/2 is meant.
  package init(_ matrix: UnsafePointer<Double>, _ n: Int, budget: Budget) throws(Budget.Exhausted) {
    self.n = n
    try budget.admit(scratch: 2 * n * n)
    values = [Double](repeating: .nan, count: n)
    vectors = [Double](repeating: .nan, count: n * n)
    for k in 0..<(n * n) where !matrix[k].isFinite { return }
    for i in 0..<n {
      for j in 0..<n { vectors[i * n + j] = (matrix[i * n + j] + matrix[j * n + i]) / 2 }
    }
    guard n > 0 else { return }
    var off = [Double](repeating: 0, count: n)
    // Both work on the transpose, whose rows the eigenvectors become: the inner loops run through memory in order.
    try reduce(&off, budget)
    try iterate(&off, budget)
    order()
  }

  /// To tridiagonal form: the diagonal in `values`, the subdiagonal in `off[1...]`, the transformation in `vectors`.
  private mutating func reduce(_ off: inout [Double], _ budget: Budget) throws(Budget.Exhausted) {
    for j in 0..<n { values[j] = vectors[j * n + n - 1] }
    for i in stride(from: n - 1, to: 0, by: -1) {
      var scale = 0.0
      var h = 0.0
      for k in 0..<i { scale += values[k].magnitude }
      if scale == 0 {
        off[i] = values[i - 1]
        for j in 0..<i {
          values[j] = vectors[j * n + i - 1]
          vectors[j * n + i] = 0
          vectors[i * n + j] = 0
        }
      } else {
        for k in 0..<i {
          values[k] /= scale
          h += values[k] * values[k]
        }
        var f = values[i - 1]
        var g = f > 0 ? -h.squareRoot() : h.squareRoot()
        off[i] = scale * g
        h -= f * g
        values[i - 1] = f - g
        for j in 0..<i { off[j] = 0 }
        for j in 0..<i {
          f = values[j]
          vectors[i * n + j] = f
          g = off[j] + vectors[j * n + j] * f
          for k in (j + 1)..<max(j + 1, i) {
            g += vectors[j * n + k] * values[k]
            off[k] += vectors[j * n + k] * f
          }
          off[j] = g
        }
        f = 0
        for j in 0..<i {
          off[j] /= h
          f += off[j] * values[j]
        }
        let half = f / (h + h)
        for j in 0..<i { off[j] -= half * values[j] }
        for j in 0..<i {
          f = values[j]
          g = off[j]
          for k in j..<i { vectors[j * n + k] -= f * off[k] + g * values[k] }
          values[j] = vectors[j * n + i - 1]
          vectors[j * n + i] = 0
        }
      }
      values[i] = h
      try budget.check()
    }
    for i in 0..<(n - 1) {
      vectors[i * n + n - 1] = vectors[i * n + i]
      vectors[i * n + i] = 1
      let h = values[i + 1]
      if h != 0 {
        for k in 0...i { values[k] = vectors[(i + 1) * n + k] / h }
        for j in 0...i {
          var g = 0.0
          for k in 0...i { g += vectors[(i + 1) * n + k] * vectors[j * n + k] }
          for k in 0...i { vectors[j * n + k] -= g * values[k] }
        }
      }
      for k in 0...i { vectors[(i + 1) * n + k] = 0 }
      try budget.check()
    }
    for j in 0..<n {
      values[j] = vectors[j * n + n - 1]
      vectors[j * n + n - 1] = 0
    }
    vectors[n * n - 1] = 1
    off[0] = 0
  }

  private mutating func iterate(_ off: inout [Double], _ budget: Budget) throws(Budget.Exhausted) {
    for i in 1..<max(1, n) { off[i - 1] = off[i] }
    off[n - 1] = 0
    var f = 0.0
    var largest = 0.0
    for l in 0..<n {
      largest = max(largest, values[l].magnitude + off[l].magnitude)
      var m = l
      while m < n - 1, off[m].magnitude > 0x1p-52 * largest { m += 1 }
      var rounds = 0
      while m > l {
        rounds += 1
        // Two or three rounds are usual; thirty have never been needed.
        if rounds > 60 { break }
        var g = values[l]
        var p = (values[l + 1] - g) / (2 * off[l])
        var r = hypot(p, 1)
        if p < 0 { r = -r }
        values[l] = off[l] / (p + r)
        values[l + 1] = off[l] * (p + r)
        let next = values[l + 1]
        let shift = g - values[l]
        for i in (l + 2)..<max(l + 2, n) { values[i] -= shift }
        f += shift
        p = values[m]
        var (c, c2, c3) = (1.0, 1.0, 1.0)
        let below = off[l + 1]
        var (s, s2) = (0.0, 0.0)
        for i in stride(from: m - 1, through: l, by: -1) {
          c3 = c2
          c2 = c
          s2 = s
          g = c * off[i]
          let h = c * p
          r = hypot(p, off[i])
          off[i + 1] = s * r
          s = off[i] / r
          c = p / r
          p = c * values[i] - s * g
          values[i + 1] = h + s * (c * g + s * values[i])
          for k in 0..<n {
            let right = vectors[(i + 1) * n + k]
            vectors[(i + 1) * n + k] = s * vectors[i * n + k] + c * right
            vectors[i * n + k] = c * vectors[i * n + k] - s * right
          }
        }
        p = -s * s2 * c3 * below * off[l] / next
        off[l] = s * p
        values[l] = c * p
        try budget.check()
        if off[l].magnitude <= 0x1p-52 * largest { break }
      }
      values[l] += f
      off[l] = 0
    }
  }

  private mutating func order() {
    let order = (0..<n).sorted { values[$0] < values[$1] }
    let (oldValues, oldVectors) = (values, vectors)
    for (new, old) in order.enumerated() {
      values[new] = oldValues[old]
      var top = 0.0
      // A hair of preference for the first of two equal components, so that rounding does not choose the sign.
      for component in oldVectors[(old * n)..<((old + 1) * n)] where component.magnitude > top.magnitude * (1 + 1e-9) {
        top = component
      }
      for k in 0..<n { vectors[k * n + new] = top < 0 ? -oldVectors[old * n + k] : oldVectors[old * n + k] }
    }
  }
}
