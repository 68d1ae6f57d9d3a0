import Foundation
#if canImport(FoundationXML)
  import FoundationXML
#endif
import Markup
import Testing

@testable import Plots

private func wave(_ count: Int, label: String = "sin") -> LineChart.Series {
  let x = (0..<count).map { Double($0) / Double(count) * 6 }
  return .init(label: label, x: x, y: x.map { sin($0) })
}

@Test(arguments: [20, 33, 80, 120, 300], [Glyphs.braille, .blocks, .ascii])
func noLineIsWiderThanAsked(_ width: Int, _ glyphs: Glyphs) {
  let chart = LineChart(title: "损失 loss", xLabel: "x", series: [wave(100), wave(50, label: "预测")])
  let text = chart.render(PictureOptions(width: width, height: 12, glyphs: glyphs))
  for line in text.lines { #expect(line.displayWidth <= width, "\(line.characters)") }
}

@Test func asciiPicturesHoldNothingButASCII() {
  let chart = LineChart(title: "loss", xLabel: "x", series: [wave(100), wave(50, label: "b")])
  let text = chart.render(PictureOptions(glyphs: .ascii)).characters
  #expect(text.unicodeScalars.allSatisfy { $0.value < 0x80 })
}

@Test func whatCannotBeDrawnIsNamed() throws {
  let chart = LineChart(
    title: "t", xLabel: "step", series: [.init(label: "", x: [1, 2, 3, 4], y: [1, .nan, .infinity, 2])])
  let text = chart.render(PictureOptions()).characters
  #expect(text.contains("N NaN, step = 2"))
  #expect(text.contains("∞ infinite, step = 3"))
  // The strip under the axis has each mark in the column of its step: 0, ⅓ and ⅔ of the way.
  let strip = try #require(text.split(separator: "\n").first { $0.contains("N") && !$0.contains("NaN") })
  let frame = try #require(text.split(separator: "\n").first { $0.contains("└") })
  let axis = Array(frame)
  let ticks = axis.indices.filter { axis[$0] == "┬" }
  #expect(Array(strip).firstIndex(of: "N").map { ticks.contains($0) } ?? false)
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

@Test func valuesThatDifferInTheirLastDigitsGetAnOffset() throws {
  let y = (0..<50).map { 0.693147 + 1e-8 * Double($0) }
  let chart = LineChart(title: "L", xLabel: "step", series: [.init(label: "", x: y.indices.map(Double.init), y: y)])
  #expect(chart.render(PictureOptions()).characters.contains("(values are 0.693147 + …)"))
}

@Test func aCutOffSpikeIsMarkedAtTheEdgeAndNamed() {
  var y = (0..<200).map { 1 + Double($0 % 7) / 10 }
  y[123] = 35
  var chart = LineChart(title: "L", xLabel: "step", series: [.init(label: "", x: y.indices.map(Double.init), y: y)])
  let text = chart.render(PictureOptions()).characters
  #expect(text.contains("▲ beyond the axis, step: 35 @ 123"))
  #expect(text.split(separator: "\n")[1].contains("▲"))
  chart.clipsSpikes = false
  #expect(!chart.render(PictureOptions()).characters.contains("▲"))
}

@Test func everyCurveIsNamedHoweverManyThereAre() {
  let series = (1...30).map { LineChart.Series(label: "curve \($0)", x: [0, 1], y: [0, Double($0)]) }
  let text = LineChart(title: "", xLabel: "x", series: series).render(PictureOptions(width: 60, height: 12)).characters
  for curve in 1...30 { #expect(text.contains("curve \(curve)")) }
}

@Test func theCourseOfACurveIsToldInWords() {
  let x = (0...100).map { Double($0) / 10 - 5 }
  func said(_ f: (Double) -> Double, _ language: Language = .en) -> String {
    LineChart(title: "f", xLabel: "w", series: [.init(label: "", x: x, y: x.map(f))]).describe(language)
  }
  #expect(
    said { ($0 - 1) * ($0 - 1) } == "f: falls from 36 at w = -5 to its lowest, 0 at w = 1, then rises to 16 at w = 5.")
  #expect(said { 2 * $0 } == "f: rises from -10 at w = -5 to 10 at w = 5.")
  #expect(said({ _ in 3 }, .zh) == "f：从 w = -5 到 5 一直是 3。")
  // 3w runs over ±15, which holds the ten extremes ±π/2, ±3π/2 … ±9π/2.
  #expect(said { sin(3 * $0) }.hasPrefix("f: turns 10 times between"))
}

@Test func aSavedChartIsAWellFormedDocument() throws {
  let chart = LineChart(title: "a < b & \"c\"", xLabel: "x", series: [wave(100), wave(50, label: "预测")])
  let parser = XMLParser(data: Data(chart.svg(.en).utf8))
  #expect(parser.parse(), "\(String(describing: parser.parserError))")
}
