import Syntax

/// Gradient descent that halves its step until the loss falls as far as the slope promises (Armijo, 1966).
struct Backtracking: Method {
  private let first: Double
  private let share: Double
  private let shrink: Double

  init(_ chosen: ChosenRule) {
    first = chosen.number("alpha0")
    share = chosen.number("c1")
    shrink = chosen.number("shrink")
  }

  func footprint(_ count: Int) -> Int { 0 }

  mutating func move(
    _ step: Int, from row: UnsafePointer<Double>, gradient: UnsafePointer<Double>, loss: Double,
    to next: UnsafeMutablePointer<Double>, count: Int, rate: Double,
    objective: (UnsafePointer<Double>) throws(Diagnostic) -> Double
  ) throws(Diagnostic) {
    var slope = 0.0
    for index in 0..<count { slope += gradient[index] * gradient[index] }
    var length = first
    // 2^-1074 is the smallest number there is: more halvings change nothing.
    for _ in 0..<1100 {
      for index in 0..<count { next[index] = row[index] - length * gradient[index] }
      if try objective(UnsafePointer(next)) <= loss - share * length * slope { return }
      length *= shrink
    }
    next.update(from: row, count: count)
  }
}
