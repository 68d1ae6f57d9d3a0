import Foundation
import Markup
import Testing

@testable import Plots

@Test func everyValueIsInExactlyOneBin() throws {
  var state: UInt64 = 3
  let values = (0..<1000).map { _ -> Double in
    state = state &* 6_364_136_223_846_793_005 &+ 1
    return pow(Double(state >> 11) * 0x1p-53, 3) * 40 - 7
  }
  let bins = try #require(Histogram(title: "", xLabel: "", values: values).bins)
  #expect(bins.counts.reduce(0, +) == 1000)
  for (index, count) in bins.counts.enumerated() {
    let isLast = index + 1 == bins.counts.count
    let own = values.count {
      $0 >= bins.edges[index] && ($0 < bins.edges[index + 1] || isLast && $0 == bins.edges[index + 1])
    }
    #expect(own == count)
    #expect(Double(bins.labels[index]) == bins.edges[index])
  }
}

@Test func valuesOnAnEdgeBelongToTheRight() throws {
  let bins = try #require(Histogram(title: "", xLabel: "", values: [1, 2, 2, 3, 3, 3, 7], bins: 6).bins)
  #expect(bins.edges == [1, 2, 3, 4, 5, 6, 7])
  #expect(bins.counts == [1, 2, 3, 0, 0, 1])
}

@Test(arguments: [1, 4, 5, 7, 60]) func asManyBinsAsAskedFor(_ count: Int) throws {
  let values = (0..<500).map { sin(Double($0)) * 3.21 }
  let bins = try #require(Histogram(title: "", xLabel: "", values: values, bins: count).bins)
  #expect(bins.counts.count == count)
  #expect(bins.counts.reduce(0, +) == 500)
  #expect(bins.edges.first == values.min() && bins.edges.last == values.max())
}

@Test func aNarrowPictureLeavesNoBinOut() throws {
  let bins = try #require(Histogram(title: "", xLabel: "", values: (0..<300).map(Double.init), bins: 100).bins)
  for room in [1, 7, 30, 99, 100, 500] {
    let grouped = bins.grouped(into: room)
    #expect(grouped.counts.count <= room)
    #expect(grouped.counts.reduce(0, +) == 300)
    #expect(grouped.edges.first == bins.edges.first && grouped.edges.last == bins.edges.last)
  }
}

/// 0.1·3 is not 0.3: the bin of a decimal is that of the decimal, not of the quotient.
@Test func tenthsFallWhereTheyArePrinted() throws {
  let bins = try #require(Histogram(title: "", xLabel: "", values: (0...10).map { Double($0) / 10 }, bins: 10).bins)
  #expect(bins.counts == [1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
}

@Test(
  arguments: [[], [.nan], [1], [2, 2, 2], [-1.7e308, 1.7e308], [1e300], [0, Double.leastNonzeroMagnitude]] as [[Double]]
)
func awkwardValuesAreCountedOrExplained(_ values: [Double]) {
  for width in [20, 80] {
    let text = Histogram(title: "", xLabel: "v", values: values).render(PictureOptions(width: width, height: 10))
    #expect(!text.isEmpty)
    for line in text.lines { #expect(line.displayWidth <= width) }
  }
}
