import Glibc
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

/// From a Python implementation of SplitMix64, xoshiro256** and the polar method, written from the papers alone.
@Test func theSameSeedGivesTheSameNumbersEverywhere() {
  var uniform = RandomSource(seed: 7)
  #expect((0..<3).map { _ in uniform.uniform() } == [0.7005764821796896, 0.2787512294737843, 0.8396274618764198])
  var normal = RandomSource(seed: 7)
  let expected = [0.9643618527255184, -1.0637531974798475, -0.3039301238656567, -1.0989693210013467]
  for value in expected { #expect(abs(normal.normal() - value) <= value.ulp) }
}

/// Against the C library, which is correct to the last bit or the one before.
@Test func theLogarithmOfItsOwnIsTheLogarithm() {
  for x in [Double.leastNonzeroMagnitude, 1e-300, 1e-16, 0.1, 0.5, 0.70710678, 0.7071068, 0.9, 0.999_999_999] {
    #expect(abs(RandomSource.logarithm(x) - log(x)) <= log(x).ulp)
  }
}
