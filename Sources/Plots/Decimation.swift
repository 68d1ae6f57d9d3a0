/// M4 (Jugel et al., 2014, doi:10.14778/2732951.2732953): of the points in one column of dots only the first, lowest,
/// highest and last can change the drawing, because a line through the others stays between them in that column. What
/// is drawn is dot for dot what drawing every point would give.
enum Decimation {
  /// The places of a curve in dots, nil where the line breaks.
  /// - Parameter facts: of the same points. A block of them that lies inside a column is passed over in one step.
  static func reduced(_ x: [Double], _ y: [Double], _ map: ScreenMap, _ facts: SeriesFacts) -> [Dot?] {
    let count = facts.count
    var result: [Dot?] = []
    result.reserveCapacity(min(count, map.x.dots * 4 + 16))
    // Values stand for heights: the axis is monotone, so only four points of a column need a logarithm.
    let floor = map.y.isLogarithmic ? 0 : -Double.infinity
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        var index = 0
        while index < count {
          guard let first = map.place(x[index], y[index]) else {
            if result.last != .some(nil) { result.append(nil) }
            index += 1
            continue
          }
          // What rounds to this column; on a tie, as `rounded` does, the larger one.
          let column = first.x.rounded()
          let (from, to) = (column - 0.5, column + 0.5)
          var (low, high) = (Extreme(index, y[index]), Extreme(index, y[index]))
          var next = index + 1
          while next < count {
            if next % SeriesFacts.blockSize == 0 {
              let number = next / SeriesFacts.blockSize
              let block = facts.blocks[number]
              if block.isFinite, block.y.low > floor, map.x.position(block.x.low) >= from,
                map.x.position(block.x.high) < to
              {
                if block.y.low < low.value { low = Extreme(next, block.y.low) }
                if block.y.high > high.value { high = Extreme(next, block.y.high) }
                next = facts.points(of: number).upperBound
                continue
              }
            }
            let value = y[next]
            let position = map.x.position(x[next])
            // False for NaN, too.
            guard position >= from, position < to, value > floor, value < .infinity else { break }
            if value < low.value { low = Extreme(next, value) }
            if value > high.value { high = Extreme(next, value) }
            next += 1
          }
          result.append(first)
          let (lowest, highest) = (low.place(in: y), high.place(in: y))
          for chosen in [min(lowest, highest), max(lowest, highest), next - 1] where chosen > index {
            if let dot = map.place(x[chosen], y[chosen]), dot != result.last { result.append(dot) }
          }
          index = next
        }
      }
    }
    return result
  }

  static func reduced(_ x: [Double], _ y: [Double], _ map: ScreenMap) -> [Dot?] {
    reduced(x, y, map, SeriesFacts(x, y))
  }

  /// The lowest or highest value so far, which stands at a place or is the first of its kind after it.
  private struct Extreme {
    var start: Int
    var value: Double

    init(_ start: Int, _ value: Double) {
      self.start = start
      self.value = value
    }

    func place(in values: UnsafeBufferPointer<Double>) -> Int {
      var place = start
      while values[place] != value { place += 1 }
      return place
    }
  }
}
