import Testing

@testable import Tensors

/// SplitMix64 from seed 1234567 begins with these three numbers (Vigna's reference implementation, as quoted on
/// Rosetta Code); xoshiro's first output is then rotl(s1 * 5, 7) * 9.
@Test func seedingFollowsTheReferenceSplitMix() {
  let second: UInt64 = 3_203_168_211_198_807_973
  let scaled = second &* 5
  let expected = ((scaled << 7) | (scaled >> 57)) &* 9
  var source = RandomSource(seed: 1_234_567)
  #expect(source.next() == expected)
}

@Test func normalNumbersHaveTheMomentsOfTheStandardNormal() {
  var source = RandomSource(seed: 1)
  let draws = (0..<20_000).map { _ in source.normal() }
  let mean = draws.reduce(0, +) / 20_000
  let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
  #expect(abs(mean) < 0.03)  // four standard errors of 1/√20000
  #expect(abs(variance - 1) < 0.04)
}

@Test func permutationsHoldEveryNumberOnce() {
  var source = RandomSource(seed: 3)
  #expect(source.permutation(100).sorted() == Array(0..<100))
}
