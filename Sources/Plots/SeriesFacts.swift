/// What the axes want to know of a curve, found in one pass: a million points are looked at once, not once per question.
struct SeriesFacts: Sendable {
  /// Over the points with a finite place.
  private(set) var x: (low: Double, high: Double) = (.infinity, -.infinity)
  /// Of the finite values at those.
  private(set) var y: (low: Double, high: Double) = (.infinity, -.infinity)
  /// The lowest value above zero.
  private(set) var lowestPositive = Double.infinity
  private(set) var hasNonFinite = false
  private(set) var hasNonPositive = false

  init(_ series: LineChart.Series) {
    let count = min(series.x.count, series.y.count)
    series.x.withUnsafeBufferPointer { places in
      series.y.withUnsafeBufferPointer { values in
        for index in 0..<count {
          let (a, b) = (places[index], values[index])
          // A number less itself is zero unless it is infinite or none.
          guard a - a == 0 else { continue }
          if a < x.low { x.low = a }
          if a > x.high { x.high = a }
          guard b - b == 0 else {
            hasNonFinite = true
            if b < 0 { hasNonPositive = true }
            continue
          }
          if b < y.low { y.low = b }
          if b > y.high { y.high = b }
          if b > 0 {
            if b < lowestPositive { lowestPositive = b }
          } else {
            hasNonPositive = true
          }
        }
      }
    }
  }
}
