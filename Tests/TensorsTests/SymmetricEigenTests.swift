import Glibc
import Testing

@testable import Tensors

private func symmetric(_ n: Int, seed: UInt64) -> [Double] {
  var source = RandomSource(seed: seed)
  var a = [Double](repeating: 0, count: n * n)
  for i in 0..<n {
    for j in 0...i {
      a[i * n + j] = source.normal()
      a[j * n + i] = a[i * n + j]
    }
  }
  return a
}

/// The second difference with fixed ends: λ = 2 − 2cos(kπ/(n+1)), known in closed form.
@Test(arguments: [1, 2, 3, 10, 64]) func theSecondDifferenceHasItsTextbookEigenvalues(_ n: Int) throws {
  var a = [Double](repeating: 0, count: n * n)
  for k in 0..<n {
    a[k * n + k] = 2
    if k > 0 { (a[k * n + k - 1], a[(k - 1) * n + k]) = (-1, -1) }
  }
  let values = try SymmetricEigen(a, n, budget: .unlimited).values
  for (k, value) in values.enumerated() {
    #expect(abs(value - (2 - 2 * cos(Double(k + 1) * .pi / Double(n + 1)))) < 1e-13)
  }
}

@Test(arguments: [2, 5, 30]) func vectorsAreOrthonormalAndDiagonaliseTheMatrix(_ n: Int) throws {
  let a = symmetric(n, seed: UInt64(n))
  let eigen = try SymmetricEigen(a, n, budget: .unlimited)
  #expect(eigen.values == eigen.values.sorted())
  let v = eigen.vectors
  for p in 0..<n {
    for q in 0..<n {
      let product = (0..<n).reduce(0) { $0 + v[$1 * n + p] * v[$1 * n + q] }
      #expect(abs(product - (p == q ? 1 : 0)) < 1e-13)
      let image = (0..<n).reduce(0) { $0 + a[p * n + $1] * v[$1 * n + q] }
      #expect(abs(image - eigen.values[q] * v[p * n + q]) < 1e-12)
    }
  }
}

@Test func repeatedAndWidelySpreadEigenvaluesAreFound() throws {
  #expect(try SymmetricEigen([1, 0, 0, 0, 1, 0, 0, 0, 1], 3, budget: .unlimited).values == [1, 1, 1])
  #expect(try SymmetricEigen([0, 0, 0, 0], 2, budget: .unlimited).values == [0, 0])
  let spread = try SymmetricEigen([1e300, 0, 0, 0, 1, 0, 0, 0, 1e-300], 3, budget: .unlimited).values
  #expect(spread == [1e-300, 1, 1e300])
}

@Test func aMatrixThatIsNotFiniteHasNoEigenvalues() throws {
  #expect(try SymmetricEigen([.nan, 1, 1, 2], 2, budget: .unlimited).values.allSatisfy(\.isNaN))
}

/// v and −v are both eigenvectors; the one with a positive largest component is given.
@Test func theSignOfAVectorIsSettled() throws {
  let vectors = try SymmetricEigen([2, -1, -1, 2], 2, budget: .unlimited).vectors
  #expect(vectors.map { ($0 * 1e6).rounded() / 1e6 } == [0.707107, 0.707107, 0.707107, -0.707107])
}
