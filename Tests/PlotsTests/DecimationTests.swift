import Foundation
import Testing

@testable import Plots

/// A curve of seeded points with noise, breaks and places no axis shows.
private func rough(_ count: Int, offset: Double) -> (x: [Double], y: [Double]) {
  var state: UInt64 = 5
  let y = (0..<count).map { index -> Double in
    state = state &* 6_364_136_223_846_793_005 &+ 1
    if state >> 50 == 3 { return .nan }
    if state >> 52 == 7 { return -1 }
    return offset + sin(Double(index) / 900) + Double(state >> 40) / Double(1 << 24)
  }
  return (y.indices.map(Double.init), y)
}

private func cells(_ places: [Dot?], _ glyphs: Glyphs) -> [String] {
  var canvas = Canvas(columns: 70, rows: 15, glyphs: glyphs)
  canvas.polyline(places, series: 0, dash: .solid)
  return (0..<15).map { row in String((0..<70).map { canvas.cell($0, row)?.character ?? " " }) }
}

@Test(arguments: Glyphs.allCases, [false, true])
func decimationDrawsTheSameCellsAsDrawingEverything(_ glyphs: Glyphs, _ logarithmic: Bool) {
  // More points to a column than to a block of `SeriesFacts`, so that both ways through a column are taken.
  let (x, y) = rough(60_000, offset: 2)
  let canvas = Canvas(columns: 70, rows: 15, glyphs: glyphs)
  // The second axis cuts part of the curve off above and below.
  for range in [0.5...4.5, 1.6...3.1] {
    let map = ScreenMap(
      extent: (0...59_999, range), width: canvas.width, height: canvas.height, logarithmic: logarithmic)
    let reduced = Decimation.reduced(x, y, map)
    #expect(cells(reduced, glyphs) == cells(zip(x, y).map { map.place($0, $1) }, glyphs))
    #expect(reduced.count < 3_000)
  }
}

@Test func curvesThatRunBackAreDecimatedExactlyToo() {
  let turns = (0..<30_000).map { Double($0) / 30_000 * 40 }
  let (x, y) = (turns.map { $0 * cos($0) }, turns.map { $0 * sin($0) })
  let map = ScreenMap(extent: (-40...40, -40...40), width: 140, height: 60, logarithmic: false)
  let reduced = Decimation.reduced(x, y, map)
  #expect(reduced.count < 15_000)
  #expect(cells(reduced, .braille) == cells(zip(x, y).map { map.place($0, $1) }, .braille))
}
