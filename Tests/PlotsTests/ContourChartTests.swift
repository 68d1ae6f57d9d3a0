import Foundation
import Markup
import Testing

@testable import Plots

private func field(
  _ x: ClosedRange<Double>, _ y: ClosedRange<Double>, _ columns: Int = 61, _ rows: Int = 61,
  _ f: (Double, Double) -> Double
) -> Field {
  func places(_ range: ClosedRange<Double>, _ count: Int) -> [Double] {
    (0..<count).map { range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / Double(count - 1) }
  }
  let (a, b) = (places(x, columns), places(y, rows))
  return Field(x: a, y: b, values: b.flatMap { v in a.map { f($0, v) } })
}

@Test func aLineOfEqualHeightIsWhereTheHeightIsEqual() {
  // x² + y² = 1 over [−2, 2]²: node k stands at −2 + k/15.
  let pieces = MarchingSquares.pieces(of: field(-2...2, -2...2) { $0 * $0 + $1 * $1 }, at: 1)
  #expect(pieces.count > 100)
  for piece in pieces {
    for dot in [piece.from, piece.to] {
      let (x, y) = (dot.x / 15 - 2, dot.y / 15 - 2)
      // Linear interpolation over 1/15 errs by at most h²/8·f″ = 1/900.
      #expect(abs(x * x + y * y - 1) < 1.0 / 900 + 1e-12)
    }
  }
}

@Test func aSaddleIsJoinedAsTheBilinearSurfaceIs() {
  // Corners 0 and 1 across from each other, saddle value ½: below it the high corners are joined.
  let square = Field(x: [0, 1], y: [0, 1], values: [1, 0, 0, 1])
  func ends(_ level: Double) -> Set<Set<Dot>> {
    Set(MarchingSquares.pieces(of: square, at: level).map { [$0.from, $0.to] })
  }
  // At 0.4 the lines cut off the low corners (1, 0) and (0, 1), at 0.6 the high ones.
  #expect(ends(0.4) == [[Dot(x: 0.6, y: 0), Dot(x: 1, y: 0.4)], [Dot(x: 0, y: 0.6), Dot(x: 0.4, y: 1)]])
  #expect(ends(0.6) == [[Dot(x: 0.4, y: 0), Dot(x: 0, y: 0.4)], [Dot(x: 1, y: 0.6), Dot(x: 0.6, y: 1)]])
}

@Test func nodesWithoutAValueLeaveAHole() {
  let pieces = MarchingSquares.pieces(of: field(-2...2, -2...2) { $0 < 0 ? .nan : $0 * $0 + $1 * $1 }, at: 1)
  #expect(!pieces.isEmpty)
  #expect(pieces.allSatisfy { $0.from.x >= 30 && $0.to.x >= 30 })
}

@Test func levelsAreDecadesAboveTheLowest() {
  let rosenbrock = field(-2...2, -1...3) { (1 - $0) * (1 - $0) + 100 * ($1 - $0 * $0) * ($1 - $0 * $0) }
  let levels = ContourLevels(rosenbrock)
  #expect(levels.base == 0)
  #expect(levels.heights == [1, 10, 100, 1000])
  let raised = ContourLevels(field(-2...2, -1...3) { $0 * $0 + $1 * $1 + 5 })
  #expect(raised.base == 5)
  #expect(raised.heights.allSatisfy { [1, 2, 5].contains(($0 / pow(10, floor(log10($0)))).rounded()) })
  // Of both signs: round values, zero among them.
  let saddle = ContourLevels(field(-2...2, -2...2) { $0 * $0 - $1 * $1 })
  #expect(saddle.base == 0)
  #expect(saddle.heights.contains(0))
}

private let bowl = field(-2...4, -2...2) { ($0 - 1) * ($0 - 1) + 3 * $1 * $1 }
private let path = ContourChart.Path(x: [-1.5, 0, 0.9, 1], y: [1.5, -1.2, 0.8, 0.1], values: [13, 5.3, 1.9, 0.03])

@Test func bothAxesHaveOneScale() throws {
  // 6 by 4 on cells twice as high as wide: three times as many columns as rows.
  let text = ContourChart(title: "", xLabel: "w", yLabel: "b", field: bowl).render(
    PictureOptions(width: 90, height: 19))
  let lines = text.characters.split(separator: "\n")
  let rows = lines.count { $0.contains("│") || $0.contains("┤") }
  let columns = try #require(lines.first { $0.contains("└") }).drop { $0 != "└" }.dropFirst().prefix {
    "─┬".contains($0)
  }.count
  #expect(abs(Double(columns) / Double(rows) - 3) < 0.1)
}

@Test func everyLevelIsLabelledInItsLineAndEveryStepKeyed() {
  let chart = ContourChart(title: "", xLabel: "w", yLabel: "b", field: bowl, path: path)
  let lines = chart.render(PictureOptions(width: 90, height: 22)).characters.split(separator: "\n")
  let picture = lines.filter { $0.contains("│") || $0.contains("┤") }.map { String($0.prefix(54)) }.joined()
  for height in ContourLevels(bowl).heights { #expect(picture.contains(Ticks.short(height))) }
  for letter in ["S", "a", "b", "c"] { #expect(picture.contains(letter)) }
  #expect(lines.contains { $0.contains("a  1     0  -1.2   5.3") })
}

@Test(arguments: [20, 40, 80, 120, 300], Glyphs.allCases) func noLineOfAContourIsWiderThanAsked(
  _ width: Int, _ glyphs: Glyphs
) {
  let chart = ContourChart(title: "损失", xLabel: "权重", yLabel: "偏置", field: bowl, path: path)
  for language in Language.allCases {
    let text = chart.render(PictureOptions(width: width, height: 20, glyphs: glyphs, language: language))
    for line in text.lines { #expect(line.displayWidth <= width, "\(line.characters)") }
    if glyphs == .ascii, language == .en, width == 80 {
      let plain = ContourChart(title: "L", xLabel: "w", yLabel: "b", field: bowl, path: path).render(
        PictureOptions(glyphs: .ascii))
      #expect(plain.characters.unicodeScalars.allSatisfy { $0.value < 0x80 })
    }
  }
}

@Test func flatAndEmptyFieldsAreExplained() {
  for value in [3, .nan, .infinity, 0] as [Double] {
    let chart = ContourChart(title: "", xLabel: "x", yLabel: "y", field: field(0...1, 0...1) { _, _ in value })
    #expect(chart.render(PictureOptions()).characters.contains("the same value everywhere"))
    #expect(chart.svg(.en).hasSuffix("</svg>\n"))
  }
}

/// On a terminal with colours the ground goes from dark to light with the loss, one band per cell; without, nothing
/// changes.
@Test func theGroundOfAContourRisesWithTheLoss() throws {
  let places = (0...40).map { Double($0) / 10 - 2 }
  let bowl = Field(x: places, y: places, values: places.flatMap { y in places.map { x in x * x + y * y } })
  let chart = ContourChart(title: "", xLabel: "x", yLabel: "y", field: bowl)
  var options = PictureOptions(width: 80, height: 24)
  let plain = chart.render(options)
  options.hasColour = true
  let coloured = chart.render(options)
  func bands(_ line: StyledText) -> [Int] {
    line.runs.flatMap { run -> [Int] in
      switch run.style {
      case .band(let band), .bandMark(let band): run.text.map { _ in band }
      default: []
      }
    }
  }
  #expect(plain.lines.allSatisfy { bands($0).isEmpty })
  // Across the middle: down to the lowest band and up again.
  let middle = bands(coloured.lines[12])
  let half = Array(middle[..<(middle.count / 2)])
  #expect(half == half.sorted(by: >))
  #expect((half.last ?? 7) < 3 && half.first == 7)
  let rows = zip(plain.lines, coloured.lines).filter { !bands($1).isEmpty }
  #expect(rows.count >= 20)
  for (before, after) in rows where bands(after).count > 16 {
    #expect(after.characters.hasPrefix(before.withoutTrailingSpaces.characters.prefix(20)))
  }
}
