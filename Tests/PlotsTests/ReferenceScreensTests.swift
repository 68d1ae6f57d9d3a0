import Foundation
import Markup
import Testing

@testable import Plots

/// Pictures as they must look, in `Screens/`, one file each: looked at by a person, compared here cell for cell. To look
/// at a change, set `LOSSLAB_SCREENS` to a folder: the pictures are written there as well.
private struct Screen: Sendable, CustomTestStringConvertible {
  let name: String
  let picture: any Picture
  var width = 80
  var height = 20
  var glyphs = Glyphs.braille
  var language = Language.en
  var testDescription: String { name }
}

private func places(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
  (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
}

private func field(_ x: [Double], _ y: [Double], _ f: (Double, Double) -> Double) -> Field {
  Field(x: x, y: y, values: y.flatMap { b in x.map { f($0, b) } })
}

/// Rosenbrock's valley with the path of momentum 0.9, rate 5e-4, from (−1.5, 2.5): the path of the design.
private let valley: ContourChart = {
  func f(_ x: Double, _ y: Double) -> Double { (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x) }
  var path = (x: [-1.5], y: [2.5])
  var (vx, vy) = (0.0, 0.0)
  for step in 0..<1000 {
    let (x, y) = (path.x[step], path.y[step])
    vx = 0.9 * vx - 2 * (1 - x) - 400 * x * (y - x * x)
    vy = 0.9 * vy + 200 * (y - x * x)
    path.x.append(x - 5e-4 * vx)
    path.y.append(y - 5e-4 * vy)
  }
  return ContourChart(
    title: "Rosenbrock", xLabel: "x", yLabel: "y", field: field(places(-2, 2, 81), places(-1, 3, 61), f),
    path: .init(x: path.x, y: path.y, values: zip(path.x, path.y).map { f($0, $1) }))
}()

private let curves: LineChart = {
  let steps = (0..<400).map(Double.init)
  var noisy = steps.map { 3 * exp(-$0 / 80) + 0.2 + 0.1 * sin($0 * 1.7) }
  noisy[187] = 35
  noisy[50] = .nan
  noisy[300] = .infinity
  return LineChart(
    title: "损失 loss", xLabel: "step",
    series: [
      .init(label: "SGD", x: steps, y: noisy), .init(label: "动量", x: steps, y: steps.map { 3 * exp(-$0 / 30) }),
      .init(label: "Adam", x: steps, y: steps.map { 2 * exp(-$0 / 50) }),
    ])
}()

private let decades: LineChart = {
  let steps = (0..<200).map(Double.init)
  return LineChart(
    title: "L", xLabel: "step",
    series: [.init(label: "", x: steps, y: steps.map { $0 == 120 ? 0 : exp(-$0 / 10) })], scale: .logarithmic)
}()

private let bars = Histogram(
  title: "residuals", xLabel: "e",
  values: (0..<300).map { sin(Double($0) * 12.9898) + sin(Double($0) * 78.233) } + [.nan])

private let screens: [Screen] = [
  Screen(name: "contour-80-braille-en", picture: valley, height: 24),
  Screen(name: "contour-40-ascii-zh", picture: valley, width: 40, glyphs: .ascii, language: .zh),
  Screen(name: "contour-200-blocks-en", picture: valley, width: 200, height: 40, glyphs: .blocks),
  Screen(name: "curves-80-braille-en", picture: curves),
  Screen(name: "curves-40-ascii-zh", picture: curves, width: 40, height: 16, glyphs: .ascii, language: .zh),
  Screen(name: "curves-20-blocks-en", picture: curves, width: 20, height: 12, glyphs: .blocks),
  Screen(name: "curves-200-braille-zh", picture: curves, width: 200, height: 30, language: .zh),
  Screen(name: "decades-80-braille-zh", picture: decades, language: .zh),
  Screen(name: "decades-40-ascii-en", picture: decades, width: 40, height: 14, glyphs: .ascii),
  Screen(name: "histogram-80-braille-en", picture: bars),
  Screen(name: "histogram-40-ascii-zh", picture: bars, width: 40, height: 14, glyphs: .ascii, language: .zh),
]

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Screens")

@Test(arguments: screens) private func thePictureIsCellForCellAsItWasLookedAt(_ screen: Screen) throws {
  let drawn = screen.picture.render(
    PictureOptions(width: screen.width, height: screen.height, glyphs: screen.glyphs, language: screen.language)
  ).plain
  if let other = ProcessInfo.processInfo.environment["LOSSLAB_SCREENS"] {
    try drawn.write(toFile: other + "/" + screen.name + ".txt", atomically: true, encoding: .utf8)
  }
  let expected = try String(contentsOf: folder.appending(path: screen.name + ".txt"), encoding: .utf8)
  let (new, old) = (drawn.split(separator: "\n"), expected.split(separator: "\n"))
  #expect(new.count == old.count)
  for (row, line) in zip(new, old).enumerated() { #expect(line.0 == line.1, "line \(row + 1)") }
}
