import Foundation
import Testing

@testable import Tensors

@Test func arraysAndSingleNumbersGiveTheSameBits() {
  let x = stride(from: -5.0, through: 5.0, by: 0.173).map { $0 }
  var out = x
  for kernel in UnaryKernel.allCases {
    kernel(x, &out, x.count)
    for (input, output) in zip(x, out) { #expect(output.bitPattern == kernel(input).bitPattern || output.isNaN) }
  }
}

/// Values to 17 digits from an arbitrary-precision calculator (mpmath 1.3, 50 digits).
@Test(arguments: [
  (UnaryKernel.sigmoid, -745.0, Double.leastNonzeroMagnitude), (.sigmoid, 1000, 1), (.softplus, 800, 800),
  (.softplus, -40, 4.2483542552915889e-18), (.log1p, 1e-20, 1e-20), (.expm1, 1e-20, 1e-20),
  (.erf, 0.5, 0.52049987781304654),
])
func stableFunctionsAreExactAtExtremes(_ kernel: UnaryKernel, _ x: Double, _ expected: Double) {
  #expect(abs(kernel(x) - expected) <= 4 * expected.ulp)
}

/// To 17 digits from the same calculator. Near its zero at 1.46 and beside its poles digamma is a difference of larger
/// numbers, so the bound is absolute.
@Test(arguments: [(1.0, -0.57721566490153286), (-0.5, 0.036489973978576520), (10, 2.2517525890667211)])
func digammaIsGoodToFourteenDecimals(_ x: Double, _ expected: Double) {
  #expect(abs(UnaryKernel.digamma(x) - expected) < 1e-14)
}

@Test func nanIsNeverHidden() {
  for kernel in [UnaryKernel.relu, .sign, .sigmoid, .softplus, .abs] { #expect(kernel(.nan).isNaN) }
  for kernel in [BinaryKernel.maximum, .minimum, .add, .xlogy] { #expect(kernel(1, .nan).isNaN) }
  #expect(BinaryKernel.maximum(.nan, 1).isNaN)
  #expect(BinaryKernel.xlogy(0, 0) == 0)
}

@Test func sumsStayAccurateOnLongVectors() {
  let x = [Double](repeating: 0.1, count: 1_000_000)
  // 0.1 as a double is 0.1000000000000000055…; pairwise sums err by a few ulps only.
  #expect(abs(Reduction.sum(x, x.count) - 100_000) < 1e-9)
}

@Test func matrixProductsMatchTheDefinition() {
  let a = [1.0, 2, 3, 4, 5, 6]
  let b = [7.0, 8, 9, 10, 11, 12]
  var out = [Double](repeating: 0, count: 4)
  MatrixKernel.multiply(a, b, into: &out, rows: 2, inner: 3, columns: 2)
  #expect(out == [58, 64, 139, 154])
}
