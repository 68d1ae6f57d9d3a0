import Glibc

/// A function of two variables at the nodes of a grid.
package struct Field: Sendable {
  package let x: [Double]
  package let y: [Double]
  /// Row after row, the lowest y first.
  package let values: [Double]

  package init(x: [Double], y: [Double], values: [Double]) {
    precondition(values.count == x.count * y.count && x.count > 1 && y.count > 1, "a value at every node")
    self.x = x
    self.y = y
    self.values = values
  }

  package subscript(column: Int, row: Int) -> Double { values[row * x.count + column] }

  /// The lowest finite node.
  package var lowest: (x: Double, y: Double, value: Double)? {
    var best: Int?
    for index in values.indices where values[index].isFinite && (best.map { values[index] < values[$0] } ?? true) {
      best = index
    }
    return best.map { (x[$0 % x.count], y[$0 / x.count], values[$0]) }
  }
}

/// Lines of one height across a field (marching squares; Lorensen & Cline, 1987, in the plane).
enum MarchingSquares {
  /// The pieces of the line, each from one edge of a grid cell to another, in grid coordinates (column, row).
  ///
  /// Two corners across from each other above the level and two below may be joined either way: the value at the
  /// saddle of the bilinear surface decides (the asymptotic decider of Nielson & Hamann, 1991).
  /// - Parameter height: a monotone transform of the values in which they are closer to linear between nodes.
  static func pieces(
    of field: Field, at level: Double, height: (Double) -> Double = { $0 }
  ) -> [(from: Dot, to: Dot)] {
    var pieces: [(from: Dot, to: Dot)] = []
    let columns = field.x.count
    let heights = field.values.map(height)
    let level = height(level)
    for row in 0..<(field.y.count - 1) {
      for column in 0..<(columns - 1) {
        let at = row * columns + column
        // Counter-clockwise from the lower left.
        let (a, b, c, d) = (heights[at], heights[at + 1], heights[at + columns + 1], heights[at + columns])
        guard a.isFinite, b.isFinite, c.isFinite, d.isFinite else { continue }
        var code = 0
        if a > level { code |= 1 }
        if b > level { code |= 2 }
        if c > level { code |= 4 }
        if d > level { code |= 8 }
        if code == 0 || code == 15 { continue }
        let (x, y) = (Double(column), Double(row))
        func share(_ p: Double, _ q: Double) -> Double { (level - p) / (q - p) }
        func bottom() -> Dot { Dot(x: x + share(a, b), y: y) }
        func right() -> Dot { Dot(x: x + 1, y: y + share(b, c)) }
        func top() -> Dot { Dot(x: x + share(d, c), y: y + 1) }
        func left() -> Dot { Dot(x: x, y: y + share(a, d)) }
        switch code {
        case 1, 14: pieces.append((left(), bottom()))
        case 2, 13: pieces.append((bottom(), right()))
        case 3, 12: pieces.append((left(), right()))
        case 4, 11: pieces.append((right(), top()))
        case 6, 9: pieces.append((bottom(), top()))
        case 7, 8: pieces.append((left(), top()))
        default:
          let saddle = (a * c - b * d) / (a + c - b - d)
          // Above the level at the saddle, the high corners are joined, and the line cuts off the low ones.
          if (saddle > level) == (code == 5) {
            pieces.append((left(), top()))
            pieces.append((bottom(), right()))
          } else {
            pieces.append((left(), bottom()))
            pieces.append((right(), top()))
          }
        }
      }
    }
    return pieces
  }
}

/// The heights at which lines are drawn.
package struct ContourLevels: Sendable, Hashable {
  /// What heights are measured from: f*, or 0 where the lowest value is practically that.
  package let base: Double
  package let heights: [Double]
  package let isLogarithmic: Bool

  /// Decades of f − f* where the field spans them, 1-2-5 where it spans less, even steps where it is nearly flat.
  package init(_ field: Field) {
    let sorted = field.values.filter(\.isFinite).sorted()
    guard let low = sorted.first, let high = sorted.last, high > low, (high - low).isFinite else {
      (base, heights, isLogarithmic) = (sorted.first ?? 0, [], false)
      return
    }
    // A field of both signs has no lowest value worth measuring from: its lines are at round values, zero among them.
    if low < 0, high > 0, -low > high / 10 {
      (base, isLogarithmic) = (0, false)
      heights = Ticks.linear(from: low, to: high, target: 6).ticks.map(\.value).filter { $0 > low && $0 < high }
      return
    }
    let base = low >= 0 && low <= 0.02 * sorted[sorted.count / 2] ? 0 : low
    let above = sorted.filter { $0 > base }.map { $0 - base }
    let bottom = above[above.count / 100]
    let top = above[(above.count - 1) * 99 / 100]
    self.base = base
    isLogarithmic = top / bottom >= 8
    guard isLogarithmic else {
      let ticks = Ticks.linear(from: 0, to: high - base, target: 6).ticks.map(\.value)
      heights = ticks.filter { $0 > 0 && $0 < high - base }
      return
    }
    let target = top / bottom >= 300 ? 6 : 7
    let ticks =
      top / bottom >= 300
      ? Ticks.logarithmic(from: bottom, to: top, target: target, ascii: true).ticks
      : ContourLevels.oneTwoFive(from: bottom, to: top)
    heights = ticks.map(\.value)
  }

  private static func oneTwoFive(from low: Double, to high: Double) -> [Ticks.Tick] {
    var ticks: [Ticks.Tick] = []
    for power in Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up)) {
      for digit in [1, 2, 5] {
        guard let value = Double("\(digit)e\(power)"), value >= low, value <= high else { continue }
        ticks.append(Ticks.Tick(value: value, label: Ticks.label(digit, power)))
      }
    }
    return ticks
  }

  /// The transform between nodes in which a bowl is closest to linear.
  func transform(_ value: Double) -> Double {
    guard isLogarithmic, let least = heights.first else { return value }
    return value.isFinite ? log10(max(value - base, least * 1e-3)) : value
  }

  func label(_ height: Double) -> String { Ticks.short(height, digits: 3) }
}

/// The ground of each place: eight bands of equal height, in the transform in which lines are drawn.
struct HeightBands {
  static let count = 8

  private let field: Field
  private let heights: [Double]
  private let low: Double
  private let high: Double

  init(_ field: Field, _ levels: ContourLevels) {
    self.field = field
    heights = field.values.map(levels.transform)
    let sorted = heights.filter(\.isFinite).sorted()
    // A few nodes far out must not take all the bands.
    low = sorted.isEmpty ? 0 : sorted[sorted.count / 200]
    high = sorted.isEmpty ? 0 : sorted[sorted.count - 1 - sorted.count / 50]
  }

  /// The band at a place, in shares of the width and the height; nil where there is no value.
  func band(_ x: Double, _ y: Double) -> Int? {
    let (u, v) = (x * Double(field.x.count - 1), y * Double(field.y.count - 1))
    let (column, row) = (min(max(Int(u), 0), field.x.count - 2), min(max(Int(v), 0), field.y.count - 2))
    let (s, t) = (u - Double(column), v - Double(row))
    let at = row * field.x.count + column
    let (a, b, c, d) = (heights[at], heights[at + 1], heights[at + field.x.count], heights[at + field.x.count + 1])
    let value = (1 - t) * ((1 - s) * a + s * b) + t * ((1 - s) * c + s * d)
    guard value.isFinite, high > low else { return nil }
    return min(max(Int((value - low) / (high - low) * Double(HeightBands.count)), 0), HeightBands.count - 1)
  }
}
