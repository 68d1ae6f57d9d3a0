import Testing

@testable import Plots

/// Braille bits by hand: dots 1-2-3-7 on the left, 4-5-6-8 on the right (Unicode 2800).
@Test func brailleCellsFollowTheUnicodeNumbering() {
  for (x, y, expected) in [
    (0, 0, "⠁"), (0, 1, "⠂"), (0, 2, "⠄"), (0, 3, "⡀"), (1, 0, "⠈"), (1, 1, "⠐"), (1, 2, "⠠"), (1, 3, "⢀"),
  ] {
    var canvas = Canvas(columns: 1, rows: 1, glyphs: .braille)
    canvas.set(x, y, series: 0)
    #expect(canvas.cell(0, 0)?.character == Character(expected))
  }
}

@Test func aDiagonalTouchesEveryRowOnce() {
  var canvas = Canvas(columns: 4, rows: 2, glyphs: .braille)
  var travelled = 0
  canvas.line(0, 7, 7, 0, series: 0, dash: .solid, travelled: &travelled)
  // Dots (k, 7 − k): rows 4-7 in the left cells of the lower row, rows 0-3 in the right ones of the upper.
  #expect((0..<4).map { canvas.cell($0, 0)?.character ?? " " } == [" ", " ", "⡠", "⠊"])
  #expect((0..<4).map { canvas.cell($0, 1)?.character ?? " " } == ["⡠", "⠊", " ", " "])
}

@Test func theFirstSeriesKeepsAContestedDot() {
  var canvas = Canvas(columns: 1, rows: 1, glyphs: .blocks)
  canvas.set(0, 0, series: 0)
  canvas.set(0, 0, series: 1)
  #expect(canvas.cell(0, 0)?.series == 0)
}
