import Markup
import Testing

@testable import Plots

/// L(w) = w², η = 0.1: w = 2, 1.6, 1.28; slopes 4, 3.2; the tangent promises −η·slope² = −1.6 and −1.024, the loss
/// falls by 4 − 2.56 = 1.44 and 2.56 − 1.6384 = 0.9216.
private let chart: TangentChart = {
  let x = (0...60).map { Double($0) / 20 - 0.5 }
  return TangentChart(
    title: "sgd 0.1", lossName: "L", parameter: "w", x: x, y: x.map { $0 * $0 },
    steps: [(2.0, 4.0, 4.0), (1.6, 2.56, 3.2), (1.28, 1.6384, 2.56)].map { .init(w: $0.0, loss: $0.1, slope: $0.2) })
}()

@Test func promiseAndOutcomeStandSideBySide() {
  let text = chart.render(PictureOptions()).characters
  #expect(text.contains("0 L′(2) = 4"))
  #expect(text.contains("→ w = 2 - 0.4 = 1.6"))
  #expect(text.contains("ΔL = -1.44, tangent -1.6"))
  #expect(text.contains("ΔL = -0.9216, tangent -1.024"))
}

@Test func oneStepIsShownAlone() {
  var single = chart
  single.current = 1
  let text = single.render(PictureOptions(glyphs: .ascii)).characters
  #expect(text.contains("@ L'(1.6) = 3.2"))
  #expect(!text.contains("L'(2)"))
  #expect(text.unicodeScalars.allSatisfy { $0.value < 0x80 })
}

@Test(arguments: [20, 40, 71, 72, 80, 200]) func noLineOfTheTangentsIsWiderThanAsked(_ width: Int) {
  for language in Language.allCases {
    for line in chart.render(PictureOptions(width: width, language: language)).lines {
      #expect(line.displayWidth <= width, "\(line.characters)")
    }
  }
}
