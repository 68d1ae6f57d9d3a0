/// M4 (Jugel et al., 2014, doi:10.14778/2732951.2732953): of the points in one column of dots only the first, lowest,
/// highest and last can change the drawing, because a line through the others stays between them in that column. What
/// is drawn is dot for dot what drawing every point would give.
enum Decimation {
  /// The places of a curve in dots, nil where the line breaks.
  static func reduced(_ x: [Double], _ y: [Double], _ map: ScreenMap) -> [Dot?] {
    let count = min(x.count, y.count)
    var result: [Dot?] = []
    result.reserveCapacity(min(count, map.x.dots * 4 + 16))
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        var index = 0
        while index < count {
          guard let first = map.place(x[index], y[index]) else {
            if result.last != .some(nil) { result.append(nil) }
            index += 1
            continue
          }
          let column = first.x.rounded()
          // Values stand for heights here: the axis is monotone, so only four points of a column need a logarithm.
          var (low, high, last) = (index, index, index)
          var next = index + 1
          while next < count {
            let value = y[next]
            guard map.x.position(x[next]).rounded() == column, value.isFinite, !map.y.isLogarithmic || value > 0 else {
              break
            }
            if value < y[low] { low = next }
            if value > y[high] { high = next }
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
