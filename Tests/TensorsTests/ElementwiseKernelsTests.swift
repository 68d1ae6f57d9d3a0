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

/// To 17 digits from the same calculator.
@Test(arguments: [
  (UnaryKernel.erfinv, 1e-300, 8.8622692545275804e-301), (.erfinv, 0.5, 0.47693627620446987),
  (.erfinv, -0.84, -0.99353562834730419), (.erfinv, 0.999999, 3.4589107372754988), (.besselI0e, 3, 0.2430003541618254),
  (.besselI0e, 29.9, 0.073269219046001908), (.besselI0e, -800, 0.014106945005869184),
  (.besselI1e, -3, -0.19682671329730086), (.besselI1e, 1e-10, 4.9999999995000002e-11),
  (.logNdtr, -5, -15.064998393988726),
  (.logNdtr, -40, -804.60844201375379), (.logNdtr, 1, -0.17275377902344989), (.erfc, 10, 2.0884875837625448e-45),
])
func statisticalFunctionsAreExactOverTheWholeLine(_ kernel: UnaryKernel, _ x: Double, _ expected: Double) {
  #expect(abs(kernel(x) - expected) <= 8 * expected.ulp)
}

/// To 17 digits from the same calculator; −1500.25 goes through the reflection.
@Test(arguments: [
  (1.0, 1.0, 1.6449340668482264), (1, 100, 0.010050166663333571), (1, -1500.25, 19.738542468703455),
  (2, 0.1, -2001.8614573783437), (2, -1500.25, 124.025106277199), (3, -3.3, 768.98565825542855),
  (5, 12, 0.00011820829051081492),
])
func polygammaHoldsLeftOfZeroToo(_ n: Double, _ x: Double, _ expected: Double) {
  #expect(abs(BinaryKernel.polygamma(n, x) - expected) <= 1e-14 * abs(expected))
}

@Test func logaddexpOfInfinitiesIsNoNaN() {
  #expect(BinaryKernel.logaddexp(-.infinity, -.infinity) == -.infinity)
  #expect(BinaryKernel.logaddexp(1000, -.infinity) == 1000)
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
  MatrixKernel(rows: 2, inner: 3, columns: 2).multiply(a, b, into: &out)
  #expect(out == [58, 64, 139, 154])
}
