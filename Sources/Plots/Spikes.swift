/// Isolated spikes, which would press everything else flat against the axis.
enum Spikes {
  /// How many may be cut off before they are the picture.
  private static let limit = 64

  /// The places of values that stretch the range and are more than eight times as large as the medians of the ten
  /// values on either side; never in the last twentieth, where a rise is news.
  ///
  /// Only the largest value can stretch the range, so it is asked first, then the next largest, until one is no spike:
  /// what is left is no flatter for the smaller spikes inside it.
  /// - Parameter facts: of the same values.
  /// - Returns: the places in order.
  static func indices(in values: [Double], _ facts: SeriesFacts) -> [Int] {
    let end = values.count - max(1, values.count / 20)
    guard values.count >= 24, facts.count == values.count else { return [] }
    var found: Set<Int> = []
    while found.count < limit {
      let largest = largest(in: values, facts, but: found)
      guard largest >= 0, largest < end, isSpike(values, largest, but: found) else { break }
      found.insert(largest)
    }
    return found.sorted()
  }

  static func indices(in values: [Double]) -> [Int] { indices(in: values, SeriesFacts(values, values)) }

  /// The place of the largest finite value; -1 where there is none.
  private static func largest(in values: [Double], _ facts: SeriesFacts, but found: Set<Int>) -> Int {
    let touched = Set(found.map { $0 / SeriesFacts.blockSize })
    return values.withUnsafeBufferPointer { values in
      var place = -1
      var size = -1.0
      func look(_ points: Range<Int>) {
        for index in points {
          let magnitude = values[index].magnitude
          // Nearly always the first comparison is enough.
          if magnitude > size, magnitude < .infinity, !found.contains(index) { (place, size) = (index, magnitude) }
        }
      }
      // A block whose range is known is looked into only if it is the one.
      var candidate: Int?
      for (number, block) in facts.blocks.enumerated() where !block.isFinite || block.size > size {
        if block.isFinite, !touched.contains(number) {
          (candidate, size) = (number, block.size)
        } else {
          let before = size
          look(facts.points(of: number))
          if size > before { candidate = nil }
        }
      }
      if let candidate {
        size = -1
        look(facts.points(of: candidate))
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
