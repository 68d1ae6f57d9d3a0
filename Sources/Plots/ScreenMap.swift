import Glibc

/// One axis: from values to dots.
struct Scale: Sendable, Hashable {
  let range: ClosedRange<Double>
  /// Dots along the axis.
  let dots: Int
  let isLogarithmic: Bool
  private let origin: Double
  private let factor: Double
  /// 1, or ½ where the range itself would overflow.
  private let shrink: Double

  init(_ range: ClosedRange<Double>, dots: Int, isLogarithmic: Bool = false) {
    self.range = range
    self.dots = dots
    self.isLogarithmic = isLogarithmic
    if isLogarithmic {
      shrink = 1
      origin = log10(range.lowerBound)
      factor = Double(dots - 1) / (log10(range.upperBound) - origin)
    } else {
      shrink = (range.upperBound - range.lowerBound).isFinite ? 1 : 0.5
      origin = range.lowerBound * shrink
      factor = Double(dots - 1) / (range.upperBound * shrink - origin)
    }
  }

  /// Where a value lies, 0 at the lower end, unrounded; not finite for a value the axis cannot show.
  func position(_ value: Double) -> Double {
    if isLogarithmic { return value > 0 ? (log10(value) - origin) * factor : .nan }
    return (value * shrink - origin) * factor
  }

  /// The value at a place, 0 to 1 along the axis.
  func value(at share: Double) -> Double {
    if isLogarithmic { return pow(10, origin + share * Double(dots - 1) / factor) }
    return range.lowerBound * (1 - share) + range.upperBound * share
  }
}

/// From points to dots, counted from the upper left.
struct ScreenMap: Sendable {
  let x: Scale
  let y: Scale

  init(x: Scale, y: Scale) {
    self.x = x
    self.y = y
  }

  init(extent: (x: ClosedRange<Double>, y: ClosedRange<Double>), width: Int, height: Int, logarithmic: Bool) {
    x = Scale(extent.x, dots: width)
    y = Scale(extent.y, dots: height, isLogarithmic: logarithmic)
  }

  /// The place of a point in dots, unrounded and perhaps outside; nil for what the axes cannot show.
  func place(_ a: Double, _ b: Double) -> Dot? {
    let dot = Dot(x: x.position(a), y: Double(y.dots - 1) - y.position(b))
    return dot.x.isFinite && dot.y.isFinite ? dot : nil
  }
}

/// A place among the dots of a canvas, unrounded.
struct Dot: Sendable, Hashable {
  var x: Double
  var y: Double
}
