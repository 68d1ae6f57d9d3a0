import Foundation
import Testing

@testable import Interpreter

@Test(arguments: [
  (1.0, "1"), (0.1 + 0.2, "0.3"), (2.0 / 3, "0.666667"), (1e17, "1e17"), (123456789, "123456789"), (1e-7, "1e-7"),
  (-0.0, "-0"), (.nan, "nan"), (-.infinity, "-inf"), (6.02214076e23, "6.02214e23"), (100000.5, "100000"),
])
func sixSignificantDigitsAtThePrompt(_ value: Double, _ expected: String) {
  // C's %.6g agrees wherever it does not switch notation.
  #expect(shortNumber(value) == expected)
}

@Test func seventeenDigitsReadBackAsTheSameBits() {
  var state: UInt64 = 7
  for _ in 0..<20_000 {
    state = state &* 6_364_136_223_846_793_005 &+ 1
    let value = Double(bitPattern: state)
    guard value.isFinite else { continue }
    #expect(Double(shortNumber(value, digits: 17))?.bitPattern == value.bitPattern)
  }
}

@Test func rangesReachTheirEndDespiteRounding() {
  #expect(Interval(lower: 0, upper: 1, step: 0.1).count == 11)
  #expect(Interval(lower: 1, upper: 5).count == 5)
  #expect(Interval(lower: 0, upper: 1e300).count == nil)
}
