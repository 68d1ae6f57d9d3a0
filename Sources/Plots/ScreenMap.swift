import Glibc

/// From values to dots.
struct ScreenMap: Sendable {
  let extent: (x: ClosedRange<Double>, y: ClosedRange<Double>)
  let width: Int
  let height: Int
  let logarithmic: Bool

  /// Where a value lies between the ends of a range, 0 to 1; by halves where the whole would overflow.
  private func fraction(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    let span = range.upperBound - range.lowerBound
    if span.isFinite { return (value - range.lowerBound) / span }
    return (value / 2 - range.lowerBound / 2) / (range.upperBound / 2 - range.lowerBound / 2)
  }

  func column(_ x: Double) -> Double { fraction(x, extent.x) * Double(width - 1) }

  func row(_ y: Double) -> Double {
    let position =
      logarithmic
      ? (log(y) - log(extent.y.lowerBound)) / (log(extent.y.upperBound) - log(extent.y.lowerBound))
      : fraction(y, extent.y)
    return (1 - position) * Double(height - 1)
  }

  /// The dot of a point, clamped far outside so that lines to it keep their direction; nil for NaN and the like.
  func dot(_ x: Double, _ y: Double) -> (x: Int, y: Int)? {
    guard x.isFinite, y.isFinite, !logarithmic || y > 0 else { return nil }
    let (column, row) = (column(x), row(y))
    guard column.isFinite, row.isFinite else { return nil }
    let limit = 4_000.0
    return (
      Int(min(max(column, -limit), limit).rounded()), Int(min(max(row, -limit), limit).rounded())
    )
  }
}

/// M4 (Jugel et al., 2014, doi:10.14778/2732951.2732953): of the points in one column of dots only the first, lowest,
/// highest and last can change the drawing.
enum Decimation {
  static func reduced(_ x: [Double], _ y: [Double], _ map: ScreenMap) -> [(Double, Double)] {
    let count = min(x.count, y.count)
    guard count > map.width * 8 else { return Array(zip(x, y)) }
    var result: [(Double, Double)] = []
    var index = 0
    while index < count {
      let column = map.column(x[index]).rounded()
      var last = index
      var (low, high) = (index, index)
      while last + 1 < count, map.column(x[last + 1]).rounded() == column, y[last + 1].isFinite == y[index].isFinite {
        last += 1
        if y[last] < y[low] { low = last }
        if y[last] > y[high] { high = last }
      }
      for chosen in Set([index, low, high, last]).sorted() { result.append((x[chosen], y[chosen])) }
      index = last + 1
    }
    return result
  }
}
