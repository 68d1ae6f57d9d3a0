/// The lengths of a tensor's axes, outermost first. A negative length stands for a number not known yet: `-1` is `n`
/// in a formula that holds for vectors of any length.
package typealias Shape = [Int]

package enum Shapes {
  /// The most elements any tensor may have: 2^27 doubles are 1 GiB.
  package static let elementLimit = 1 << 27

  /// How many elements a shape holds, or nil beyond the limit. Checked before every allocation: a failed one cannot
  /// be caught.
  package static func count(_ shape: Shape) -> Int? {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(length, 0))
      if overflow || product > elementLimit { return nil }
      count = product
    }
    return count
  }

  package static func isConcrete(_ shape: Shape) -> Bool { shape.allSatisfy { $0 >= 0 } }

  /// How two shapes combine elementwise: NumPy's rule, except that it refuses to stretch both operands.
  package enum Broadcast: Sendable, Hashable {
    case shape(Shape)
    /// A pair of unequal lengths.
    case mismatch
    /// Both operands would be stretched, as `[n,1]` with `[n]`: nearly always a mistake.
    case bothStretch
  }

  package static func broadcast(_ left: Shape, _ right: Shape) -> Broadcast {
    if left == right || right.isEmpty { return .shape(left) }
    if left.isEmpty { return .shape(right) }
    let rank = max(left.count, right.count)
    var result = Shape(repeating: 1, count: rank)
    var stretchesLeft = left.count < rank
    var stretchesRight = right.count < rank
    for axis in 0..<rank {
      let a = axis - (rank - left.count) < 0 ? 1 : left[axis - (rank - left.count)]
      let b = axis - (rank - right.count) < 0 ? 1 : right[axis - (rank - right.count)]
      if a == b {
        result[axis] = a
      } else if a == 1 {
        result[axis] = b
        stretchesLeft = true
      } else if b == 1 {
        result[axis] = a
        stretchesRight = true
      } else {
        return .mismatch
      }
    }
    // A single element, however many axes it has, stretches like a number.
    if left.allSatisfy({ $0 == 1 }) { stretchesLeft = false }
    if right.allSatisfy({ $0 == 1 }) { stretchesRight = false }
    return stretchesLeft && stretchesRight ? .bothStretch : .shape(result)
  }

  package static func strides(_ shape: Shape) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    var running = 1
    for axis in shape.indices.reversed() {
      strides[axis] = running
      running *= max(shape[axis], 1)
    }
    return strides
  }

  /// `[2,3]`, or `[n,3]` with an unknown length.
  package static func describe(_ shape: Shape) -> String {
    let names = ["n", "m", "k", "l"]
    return "[" + shape.map { $0 >= 0 ? String($0) : names[min(-$0 - 1, 3)] }.joined(separator: ",") + "]"
  }
}
