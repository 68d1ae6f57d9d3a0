import Foundation
import Markup
import Testing

@testable import Plots

private func wave(_ count: Int, label: String = "sin") -> LineChart.Series {
  let x = (0..<count).map { Double($0) / Double(count) * 6 }
  return .init(label: label, x: x, y: x.map { sin($0) })
}

@Test(arguments: [20, 33, 80, 120], [Glyphs.braille, .blocks, .ascii])
func noLineIsWiderThanAsked(_ width: Int, _ glyphs: Glyphs) {
  let chart = LineChart(title: "损失 loss", xLabel: "x", series: [wave(100), wave(50, label: "预测")])
  let text = chart.render(PictureOptions(width: width, height: 12, glyphs: glyphs))
  for line in text.lines { #expect(line.displayWidth <= width + 4, "\(line.characters)") }
}

@Test func asciiPicturesHoldNothingButASCII() {
  let chart = LineChart(title: "loss", xLabel: "x", series: [wave(100), wave(50, label: "b")])
  let text = chart.render(PictureOptions(glyphs: .ascii)).characters
  #expect(text.unicodeScalars.allSatisfy { $0.value < 0x80 })
}

@Test func decimationDrawsTheSameDotsAsDrawingEverything() {
  var state: UInt64 = 5
  let y = (0..<20_000).map { index -> Double in
    state = state &* 6_364_136_223_846_793_005 &+ 1
    return sin(Double(index) / 900) + Double(state >> 40) / Double(1 << 24)
  }
  let x = y.indices.map(Double.init)
  let map = ScreenMap(extent: (0...19_999, -1...2), width: 140, height: 60, logarithmic: false)
  func drawn(_ points: [(Double, Double)]) -> [String] {
    var canvas = Canvas(columns: 70, rows: 15, glyphs: .braille)
    var travelled = 0
    for (a, b) in zip(points, points.dropFirst()) {
      guard let p = map.dot(a.0, a.1), let q = map.dot(b.0, b.1) else { continue }
      canvas.line(p.x, p.y, q.x, q.y, series: 0, dash: .solid, travelled: &travelled)
    }
    return (0..<15).map { row in String((0..<70).map { canvas.cell($0, row)?.character ?? " " }) }
  }
  let reduced = Decimation.reduced(x, y, map)
  #expect(reduced.count < 140 * 4 + 4)
  #expect(drawn(reduced) == drawn(Array(zip(x, y))))
}

@Test func whatCannotBeDrawnIsNamed() {
  let chart = LineChart(
    title: "t", xLabel: "step", series: [.init(label: "", x: [1, 2, 3, 4], y: [1, .nan, .infinity, 2])])
  let text = chart.render(PictureOptions()).characters
  #expect(text.contains("N NaN, step = 2"))
  #expect(text.contains("∞ infinite, step = 3"))
}

@Test func awkwardDataIsDrawnOrExplained() {
  for y in [[], [.nan], [1], [2, 2, 2], [-1.7e308, 1.7e308], [Double.leastNonzeroMagnitude, 0]] as [[Double]] {
    let chart = LineChart(title: "", xLabel: "x", series: [.init(label: "", x: y.indices.map(Double.init), y: y)])
    #expect(!chart.render(PictureOptions(width: 20, height: 5)).isEmpty)
  }
}

@Test func aLogarithmicAxisIsChosenForDecadesAndAnnounced() {
  let y = (0..<50).map { pow(10, -Double($0) / 8) }
  let chart = LineChart(
    title: "L", xLabel: "step", series: [.init(label: "", x: y.indices.map(Double.init), y: y)], scale: .automatic)
  #expect(chart.isLogarithmic)
  #expect(chart.render(PictureOptions()).characters.contains("log scale"))
}
