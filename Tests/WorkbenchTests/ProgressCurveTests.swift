import Markup
import Tensors
import Testing

@testable import Workbench

@Test func theLineSaysHowFarAndHowLong() {
  var curve = ProgressCurve()
  for step in 0...30 { curve.add(Progress(step: step * 100, total: 10_000, loss: 1 / Double(step + 1))) }
  // 3000 of 10000 steps in 6 s: 14 s are left.
  let line = curve.line(seconds: 6, Settings()).plain
  #expect(line.contains("step 3000/10000"))
  #expect(line.contains("14 s left"))
  #expect(line.contains("█") && line.contains("▁"))
}

@Test func aMillionReportsTakeNoMoreRoomThanAFew() {
  var curve = ProgressCurve()
  for step in 0..<100_000 { curve.add(Progress(step: step, total: 100_000, loss: Double(step % 7) + 1)) }
  for language in Language.allCases {
    for width in [20, 40, 80] {
      var settings = Settings()
      settings.width = width
      settings.language = language
      #expect(curve.line(seconds: 3, settings).displayWidth < width)
    }
  }
}

@Test func anotherDescentBeginsANewCurve() {
  var curve = ProgressCurve()
  curve.add(Progress(step: 512, total: 1000, loss: 1))
  #expect(!curve.isAnother(Progress(step: 768, total: 1000, loss: 1)))
  #expect(curve.isAnother(Progress(step: 0, total: 1000, loss: 1)))
}
