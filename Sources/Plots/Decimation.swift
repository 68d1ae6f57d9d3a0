/// M4 (Jugel et al., 2014, doi:10.14778/2732951.2732953): of the points in one column of dots only the first, lowest,
/// highest and last can change the drawing, because a line through the others stays between them in that column. What
/// is drawn is dot for dot what drawing every point would give.
enum Decimation {
  /// The places of a curve in dots, nil where the line breaks.
  static func reduced(_ x: [Double], _ y: [Double], _ map: ScreenMap) -> [Dot?] {
    let count = min(x.count, y.count)
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
          var (low, high, last) = (index, index, index)
          var (lowest, highest) = (y[index], y[index])
          var next = index + 1
          while next < count {
            let value = y[next]
            let position = map.x.position(x[next])
            // False for NaN, too.
            guard position >= from, position < to, value > floor, value < .infinity else { break }
            if value < lowest { (lowest, low) = (value, next) }
            if value > highest { (highest, high) = (value, next) }
            last = next
            next += 1
          }
          result.append(first)
          for chosen in [min(low, high), max(low, high), last] where chosen > index {
            if let dot = map.place(x[chosen], y[chosen]), dot != result.last { result.append(dot) }
          }
          index = next
        }
      }
    }
    return result
  }
}
