import Foundation
import Testing

@testable import Plots

private func noisy(_ count: Int, _ level: (Double) -> Double) -> [Double] {
  var state: UInt64 = 9
  return (0..<count).map { index in
    state = state &* 6_364_136_223_846_793_005 &+ 1
    return level(Double(index)) * (0.8 + 0.4 * Double(state >> 40) / Double(1 << 24))
  }
}

@Test func exactlyThePlantedSpikesAreFound() {
  var values = noisy(500) { 3 * exp(-$0 / 100) + 0.1 }
  values[187] = 35
  values[300] = -20
  #expect(Spikes.indices(in: values) == [187, 300])
}

@Test func spikesAreFoundAmongManyValuesAndBesideBreaks() {
  var values = noisy(20_000) { _ in 1 }
  for (place, value) in [(300, 90.0), (310, -70), (9_000, 50), (15_001, 80)] { values[place] = value }
  values[302] = .nan
  values[9_100] = .infinity
  #expect(Spikes.indices(in: values) == [300, 310, 9_000, 15_001])
}

@Test func aBurstOfFourStepsIsOneSpikeNextToTheOther() {
  var values = noisy(500) { _ in 1 }
  for (offset, value) in [40.0, 60, 50, 30].enumerated() { values[200 + offset] = value }
  #expect(Spikes.indices(in: values) == [200, 201, 202, 203])
}

@Test(arguments: [0.05, 0.3, 1, 3]) func growthAndDecayAreNoSpikes(_ rate: Double) {
  let values = (0..<200).map { exp(rate * Double($0)) }
  #expect(Spikes.indices(in: values).isEmpty)
  #expect(Spikes.indices(in: values.reversed()).isEmpty)
}

@Test func aRiseAtTheEndIsNews() {
  var values = noisy(400) { _ in 1 }
  values[395] = 100
  #expect(Spikes.indices(in: values).isEmpty)
}
