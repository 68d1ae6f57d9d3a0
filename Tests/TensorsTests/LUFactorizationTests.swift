import Testing

@testable import Tensors

/// 1/(i + j − 1), the classic ill-conditioned matrix.
private func hilbert(_ n: Int) -> [Double] {
  (0..<n).flatMap { i in (0..<n).map { 1 / Double(i + $0 + 1) } }
}

private func pseudorandom(_ count: Int) -> [Double] {
  var source = RandomSource(seed: 5)
  return (0..<count).map { _ in source.normal() }
}

@Test(arguments: [1, 2, 7, 40]) func solvingGivesBackTheSolutionItWasBuiltFrom(_ n: Int) throws {
  let a = pseudorandom(n * n)
  let x = (0..<n).map { Double($0) - 2 }
  var b = (0..<n).map { i in (0..<n).reduce(0) { $0 + a[i * n + $1] * x[$1] } }
  let factors = try LUFactorization(a, n, budget: .unlimited)
  try b.withUnsafeMutableBufferPointer { try factors.solve(#require($0.baseAddress), columns: 1) }
  for (found, expected) in zip(b, x) { #expect(abs(found - expected) < 1e-10) }
}

@Test func aZeroInTheCornerOnlyExchangesRows() throws {
  let a = [0.0, 1, 1, 0]
  let factors = try LUFactorization(a, 2, budget: .unlimited)
  #expect(!factors.isSingular)
  #expect(factors.determinant(of: a) == -1)
}

/// numpy.linalg.cond(A, 1), NumPy 2.4.6; the estimate is exact for most small matrices.
@Test func conditionNumbersAreThoseOfNumPy() throws {
  let small = [2.1, 0.3, -0.7, 0.4, 1.6, 0.2, -0.5, 0.8, 1.9]
  #expect(abs(try LUFactorization(small, 3, budget: .unlimited).condition - 3.9552536955653217) < 1e-12)
  #expect(abs(try LUFactorization(hilbert(6), 6, budget: .unlimited).condition / 29_070_279.003768865 - 1) < 1e-6)
  #expect(try LUFactorization([1, 2, 2, 4], 2, budget: .unlimited).condition == .infinity)
}

@Test func determinantsOfWholeNumbersAreWhole() throws {
  let rows: [(a: [Double], expected: Double)] = [
    ([1, 2, 3, 4, 5, 6, 7, 8, 9], 0), ([2, 0, 1, 1, 3, 2, 1, 1, 4], 18), ([3, 8, 1, 4, 6, 9, 2, 7, 5], -99),
  ]
  for (a, expected) in rows {
    #expect(try LUFactorization(a, 3, budget: .unlimited).determinant(of: a) == expected)
  }
}

@Test func aDeterminantBeyondAllNumbersHasALogarithm() throws {
  let n = 200
  var a = [Double](repeating: 0, count: n * n)
  for k in 0..<n { a[k * n + k] = 100 }
  let factors = try LUFactorization(a, n, budget: .unlimited)
  #expect(factors.determinant(of: a) == .infinity)
  #expect(abs(factors.logDeterminant.logarithm - 200 * 4.605170185988092) < 1e-9)
}

@Test func eliminationStopsWhenItIsInterrupted() {
  let a = pseudorandom(100)
  #expect(throws: Budget.Exhausted.interrupted) { try LUFactorization(a, 10, budget: Budget { true }) }
}
