import Foundation
import Markup
import Testing

@testable import Plots

/// x₁ + x₂ > 1 is class 1, over [0, 2]².
private let chart: BoundaryChart = {
  let places = (0...40).map { Double($0) / 20 }
  let score = Field(x: places, y: places, values: places.flatMap { y in places.map { x in x + y } })
  return BoundaryChart(
    title: "sum", xLabel: "x₁", yLabel: "x₂",
    field: Field(x: places, y: places, values: score.values.map { $0 > 1 ? 1 : 0 }), classes: ["low", "high"],
    x: [0.2, 1.6, 0.3, 1.2], y: [0.3, 1.5, 0.4, 1.4], labels: [0, 1, 1, 1], score: (score, 1))
}()

@Test func pointsOnTheWrongSideAreCounted() {
  #expect(chart.render(PictureOptions()).characters.contains("3 of 4 points on the side of their class"))
  // A triangle of legs 1 is an eighth of the square; the line of nodes on the boundary adds to it.
  #expect(chart.describe(.en).hasPrefix("sum: the plane is divided into low 14%, high 86%; 1 of 4 points"))
}

@Test func eachClassHasAMarkAndAGroundOfItsOwn() {
  let lines = chart.render(PictureOptions(width: 60, height: 20)).characters.split(separator: "\n")
  let rows = lines.filter { $0.contains("│") || $0.contains("┤") }
  #expect(rows.first.map { $0.filter { $0 == "·" }.count > 20 } ?? false)
  #expect(rows.last.map { !$0.prefix(20).contains("·") } ?? false)
  #expect(rows.joined().filter { $0 == "o" }.count == 1)
  #expect(rows.joined().filter { $0 == "x" }.count == 3)
}
