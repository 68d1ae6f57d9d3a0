/// xoshiro256** seeded by SplitMix64 (Blackman & Vigna, 2018): the same numbers from a seed on every machine, which
/// the standard library does not promise for its own mappings, nor the C library for its logarithm, whose last bit
/// depends on whether the processor has fused multiply-add.
package struct RandomSource: Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spare: Double?

  package init(seed: UInt64) {
    var mix = seed
    func next() -> UInt64 {
      mix &+= 0x9E37_79B9_7F4A_7C15
      var z = mix
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (next(), next(), next(), next())
  }

  package mutating func next() -> UInt64 {
    let scaled = state.1 &* 5
    let result = ((scaled << 7) | (scaled >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// Uniform in [0, 1), every value a multiple of 2^-53.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal, by Marsaglia's polar method (1964).
  package mutating func normal() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0, s < 1 {
        let factor = (-2 * RandomSource.logarithm(s) / s).squareRoot()
        spare = v * factor
        return u * factor
      }
    }
  }

  /// log x for 0 < x < 1 from sums, products and quotients alone (FreeBSD's e_log.c, within one unit in the last place).
  static func logarithm(_ x: Double) -> Double {
    // x = 2^k·(1 + f) with 1 + f from √½ to √2; s = f/(2 + f) turns log(1 + f) into an odd series in s.
    var k = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand /= 2
      k += 1
    }
    let f = significand - 1
    let s = f / (2 + f)
    let z = s * s
    let coefficients = [
      1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
      2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01,
    ]
    var series = 0.0
    for coefficient in coefficients { series = (series + coefficient) * z }
    let half = 0.5 * f * f
    let (high, low) = (6.93147180369123816490e-01, 1.90821492927058770002e-10)  // log 2
    return k * high - ((half - (s * (half + series) + k * low)) - f)
  }

  /// An integer in 0..<bound without bias (Lemire, 2019, by rejection).
  package mutating func below(_ bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    let width = UInt64(bound)
    let threshold = (0 &- width) % width
    while true {
      let (high, low) = next().multipliedFullWidth(by: width)
      if low >= threshold { return Int(high) }
    }
  }

  /// 0..<count in random order (Fisher and Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<max(0, count))
    for last in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
    return order
  }
}
