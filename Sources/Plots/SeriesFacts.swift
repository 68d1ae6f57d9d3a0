/// What drawing wants to know of a curve, found in one pass: a million points are looked at once, not once per question.
///
/// The lowest and highest of every few hundred points are kept, so that later questions are asked of those and only a
/// few points are looked at again.
struct SeriesFacts: Sendable {
  /// Points that follow each other.
  struct Block: Sendable {
    var x: (low: Double, high: Double) = (.infinity, -.infinity)
    var y: (low: Double, high: Double) = (.infinity, -.infinity)
    /// Whether every place and every value is a number; otherwise the ranges say nothing.
    var isFinite = false

    /// The largest magnitude of its values.
    var size: Double { max(-y.low, y.high) }
  }

  /// How many points a block has; the last may have fewer.
  static let blockSize = 256

  private(set) var blocks: [Block] = []
  /// How many points there are.
  let count: Int
  /// Over the points with a finite place.
  private(set) var x: (low: Double, high: Double) = (.infinity, -.infinity)
  /// Of the finite values at those.
  private(set) var y: (low: Double, high: Double) = (.infinity, -.infinity)
  /// The lowest value above zero.
  private(set) var lowestPositive = Double.infinity
  private(set) var hasNonFinite = false
  private(set) var hasNonPositive = false

  init(_ series: LineChart.Series) { self.init(series.x, series.y) }

  init(_ x: [Double], _ y: [Double]) {
    count = min(x.count, y.count)
    blocks.reserveCapacity(count / SeriesFacts.blockSize + 1)
    x.withUnsafeBufferPointer { places in
      y.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: count, by: SeriesFacts.blockSize) {
          let points = start..<min(start + SeriesFacts.blockSize, count)
          add(
            UnsafeBufferPointer(rebasing: places[points]), UnsafeBufferPointer(rebasing: values[points]))
        }
      }
    }
  }

  /// The points of a block.
  func points(of block: Int) -> Range<Int> {
    block * SeriesFacts.blockSize..<min((block + 1) * SeriesFacts.blockSize, count)
  }

  private mutating func add(_ places: UnsafeBufferPointer<Double>, _ values: UnsafeBufferPointer<Double>) {
    var block = Block()
    // A number less itself is zero unless it is infinite or none.
    block.isFinite = SeriesFacts.rest(places) == 0 && SeriesFacts.rest(values) == 0
    guard block.isFinite else {
      blocks.append(block)
      return addEach(places, values)
    }
    block.x = SeriesFacts.range(places)
    block.y = SeriesFacts.range(values)
    blocks.append(block)
    x = (min(x.low, block.x.low), max(x.high, block.x.high))
    y = (min(y.low, block.y.low), max(y.high, block.y.high))
    if block.y.low > 0 { return lowestPositive = min(lowestPositive, block.y.low) }
    hasNonPositive = true
    guard block.y.high > 0 else { return }
    var lowest = lowestPositive
    for value in values {
      let positive = value > 0 ? value : .infinity
      lowest = positive < lowest ? positive : lowest
    }
    lowestPositive = lowest
  }

  private mutating func addEach(_ places: UnsafeBufferPointer<Double>, _ values: UnsafeBufferPointer<Double>) {
    for (a, b) in zip(places, values) where a.isFinite {
      x = (min(x.low, a), max(x.high, a))
      guard b.isFinite else {
        hasNonFinite = true
        if b < 0 { hasNonPositive = true }
        continue
      }
      y = (min(y.low, b), max(y.high, b))
      if b > 0 { lowestPositive = min(lowestPositive, b) } else { hasNonPositive = true }
    }
  }

  // MARK: The loops over all points
  //
  // Four results at a time, because one alone would wait for itself at every point.

  /// The sum of what each number leaves when it is taken from itself.
  @inline(__always)
  private static func rest(_ numbers: UnsafeBufferPointer<Double>) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var index = 0
    while index + 4 <= numbers.count {
      a += numbers[index] - numbers[index]
      b += numbers[index + 1] - numbers[index + 1]
      c += numbers[index + 2] - numbers[index + 2]
      d += numbers[index + 3] - numbers[index + 3]
      index += 4
    }
    while index < numbers.count {
      a += numbers[index] - numbers[index]
      index += 1
    }
    return (a + b) + (c + d)
  }

  /// The lowest and the highest of finite numbers.
  @inline(__always)
  private static func range(_ numbers: UnsafeBufferPointer<Double>) -> (low: Double, high: Double) {
    var (a, b, c, d) = (Double.infinity, Double.infinity, Double.infinity, Double.infinity)
    var (e, f, g, h) = (-Double.infinity, -Double.infinity, -Double.infinity, -Double.infinity)
    var index = 0
    while index + 4 <= numbers.count {
      let (p, q, r, s) = (numbers[index], numbers[index + 1], numbers[index + 2], numbers[index + 3])
      a = p < a ? p : a
      b = q < b ? q : b
      c = r < c ? r : c
      d = s < d ? s : d
      e = p > e ? p : e
      f = q > f ? q : f
      g = r > g ? r : g
      h = s > h ? s : h
      index += 4
    }
    while index < numbers.count {
      a = min(a, numbers[index])
      e = max(e, numbers[index])
      index += 1
    }
    return (min(min(a, b), min(c, d)), max(max(e, f), max(g, h)))
  }
}
