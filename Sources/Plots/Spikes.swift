/// Isolated spikes, which would press everything else flat against the axis.
enum Spikes {
  /// How many may be cut off before they are the picture.
  private static let limit = 64

  /// The places of values that stretch the range and are more than eight times as large as the medians of the ten
  /// values on either side; never in the last twentieth, where a rise is news.
  ///
  /// Only the largest value can stretch the range, so it is asked first, then the next largest, until one is no spike:
  /// what is left is no flatter for the smaller spikes inside it.
  static func indices(in values: [Double]) -> Set<Int> {
    var found: Set<Int> = []
    let end = values.count - max(1, values.count / 20)
    guard values.count >= 24 else { return [] }
    while found.count < limit {
      let largest = largest(in: values, but: found)
      guard largest >= 0, largest < end, isSpike(values, largest, but: found) else { break }
      found.insert(largest)
    }
    return found
  }

  /// The place of the largest finite value; -1 where there is none.
  private static func largest(in values: [Double], but found: Set<Int>) -> Int {
    values.withUnsafeBufferPointer { values in
      var place = -1
      var size = -1.0
      for index in 0..<values.count {
        let magnitude = values[index].magnitude
        // Nearly always the first comparison is enough.
        if magnitude > size, magnitude < .infinity, !found.contains(index) { (place, size) = (index, magnitude) }
      }
      return place
    }
  }

  private static func isSpike(_ values: [Double], _ index: Int, but found: Set<Int>) -> Bool {
    func median(_ places: some Sequence<Int>) -> Double? {
      var near: [Double] = []
      for place in places {
        if values[place].isFinite, !found.contains(place) { near.append(values[place].magnitude) }
        if near.count == 10 { break }
      }
      guard near.count >= 5 else { return nil }
      return near.sorted()[near.count / 2]
    }
    let left = median((0..<index).reversed())
    let right = median((index + 1)..<values.count)
    // Without neighbours on both sides a first value that falls steeply would count.
    guard let left, let right else { return false }
    return values[index].magnitude > 8 * max(left, right)
  }
}
