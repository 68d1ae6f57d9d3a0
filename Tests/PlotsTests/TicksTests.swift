import Testing

@testable import Plots

/// Seeded ranges of every size and place.
private let ranges: [(Double, Double)] = {
  var state: UInt64 = 11
  func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }
  return (0..<500).map { _ in
    let scale = [1e-9, 1e-3, 1, 1e3, 1e9][Int(next() * 5)]
    let low = (next() * 2 - 1) * scale
    return (low, low + (next() + 1e-3) * scale)
  }
}()

@Test func labelsAreExactlyWhereTheyStand() {
  for (low, high) in ranges {
    let ticks = Ticks.linear(from: low, to: high, target: 5).ticks
    #expect(ticks.count >= 2, "\(low)…\(high)")
    for tick in ticks {
      #expect(Double(tick.label) == tick.value, "\(tick)")
      #expect(tick.value >= low && tick.value <= high)
    }
    #expect(Set(ticks.map(\.label)).count == ticks.count)
    #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value })
  }
}

/// As R's labeling::extended(0, 10, 5) and (−3, 3, 7), the authors' own implementation.
@Test func roundRangesGetThePublishedTicks() {
  #expect(Ticks.linear(from: 0, to: 10, target: 5).ticks.map(\.label) == ["0", "2.5", "5", "7.5", "10"])
  #expect(Ticks.linear(from: -3, to: 3, target: 6).ticks.map(\.label) == ["-3", "-2", "-1", "0", "1", "2", "3"])
}

@Test func logTicksAreDecades() {
  #expect(
    Ticks.logarithmic(from: 1e-3, to: 1e2, target: 6, ascii: false).ticks.map(\.label) == [
      "10⁻³", "10⁻²", "10⁻¹", "1", "10", "10²",
    ])
  #expect(Ticks.logarithmic(from: 1, to: 9, target: 5, ascii: true).ticks.map(\.label) == ["1", "2", "5"])
}

@Test func extremesAreNoTrap() {
  for (low, high) in [
    (-1.7e308, 1.7e308), (Double.leastNonzeroMagnitude, 3 * Double.leastNonzeroMagnitude), (1, 1.0000000000000002),
    (0, 1e300),
  ] {
    #expect(!Ticks.linear(from: low, to: high, target: 5).ticks.isEmpty)
  }
}
