import Markup

/// The course of a curve in one sentence: what someone would say who looks at it.
struct CurveDescription {
  private enum Shape {
    case points, constant, rises, falls
    /// One lowest (or highest) place between the ends.
    case valley, hill
    case turns(Int)
  }

  private let shape: Shape
  private let count: Int
  private let first: (x: Double, y: Double)
  private let last: (x: Double, y: Double)
  private let low: (x: Double, y: Double)
  private let high: (x: Double, y: Double)

  /// Nil without a finite point.
  init?(_ x: [Double], _ y: [Double], isJoined: Bool) {
    let points = zip(x, y).filter { $0.0.isFinite && $0.1.isFinite }.map { (x: $0.0, y: $0.1) }
    guard let first = points.first, let last = points.last, let low = points.min(by: { $0.y < $1.y }),
      let high = points.max(by: { $0.y < $1.y })
    else { return nil }
    (self.first, self.last, self.low, self.high) = (first, last, low, high)
    count = points.count
    guard isJoined else {
      shape = .points
      return
    }
    // A turn counts once the curve has gone back by a fiftieth of its whole range: noise and rounding are no turns.
    let slack = (high.y / 50 - low.y / 50)
    var turns: [Bool] = []
    var extreme = first.y
    var isRising: Bool?
    for point in points {
      switch isRising {
      case nil:
        if point.y > extreme + slack { isRising = true } else if point.y < extreme - slack { isRising = false }
        if isRising != nil { extreme = point.y }
      case true?:
        if point.y > extreme { extreme = point.y }
        if point.y < extreme - slack {
          turns.append(true)
          isRising = false
          extreme = point.y
        }
      case false?:
        if point.y < extreme { extreme = point.y }
        if point.y > extreme + slack {
          turns.append(false)
          isRising = true
          extreme = point.y
        }
      }
    }
    switch (turns.count, low.y == high.y) {
    case (_, true): shape = .constant
    case (0, _): shape = last.y >= first.y ? .rises : .falls
    case (1, _): shape = turns[0] ? .hill : .valley
    default: shape = .turns(turns.count)
    }
  }

  func sentence(_ name: String, xLabel: String, _ language: Language) -> String {
    // As many digits as it takes to tell the values apart.
    let heights = Set([first.y, last.y, low.y, high.y])
    let digits = (4...15).first { digits in Set(heights.map { Ticks.short($0, digits: digits) }).count == heights.count
    }
    let s = { (value: Double) in Ticks.short(value, digits: digits ?? 15) }
    func at(_ point: (x: Double, y: Double)) -> String { "\(xLabel) = \(Ticks.short(point.x))" }
    let phrase: Phrase
    switch shape {
    case .points:
      phrase = Phrase(
        en: "\(count) points, from \(s(low.y)) (\(at(low))) to \(s(high.y)) (\(at(high)))",
        zh: "共 \(count) 个点，最低 \(s(low.y))（\(at(low))），最高 \(s(high.y))（\(at(high))）")
    case .constant:
      phrase = Phrase(
        en: "stays at \(s(first.y)) from \(at(first)) to \(Ticks.short(last.x))",
        zh: "从 \(at(first)) 到 \(Ticks.short(last.x)) 一直是 \(s(first.y))")
    case .rises:
      phrase = Phrase(
        en: "rises from \(s(first.y)) at \(at(first)) to \(s(last.y)) at \(at(last))",
        zh: "从 \(s(first.y))（\(at(first))）上升到 \(s(last.y))（\(at(last))）")
    case .falls:
      phrase = Phrase(
        en: "falls from \(s(first.y)) at \(at(first)) to \(s(last.y)) at \(at(last))",
        zh: "从 \(s(first.y))（\(at(first))）下降到 \(s(last.y))（\(at(last))）")
    case .valley:
      phrase = Phrase(
        en:
          "falls from \(s(first.y)) at \(at(first)) to its lowest, \(s(low.y)) at \(at(low)), then rises to \(s(last.y)) at \(at(last))",
        zh: "从 \(s(first.y))（\(at(first))）下降到最低点 \(s(low.y))（\(at(low))），再上升到 \(s(last.y))（\(at(last))）")
    case .hill:
      phrase = Phrase(
        en:
          "rises from \(s(first.y)) at \(at(first)) to its highest, \(s(high.y)) at \(at(high)), then falls to \(s(last.y)) at \(at(last))",
        zh: "从 \(s(first.y))（\(at(first))）上升到最高点 \(s(high.y))（\(at(high))），再下降到 \(s(last.y))（\(at(last))）")
    case .turns(let turns):
      phrase = Phrase(
        en:
          "turns \(turns) times between \(s(low.y)) (\(at(low))) and \(s(high.y)) (\(at(high))); starts at \(s(first.y)), ends at \(s(last.y))",
        zh: "在 \(s(low.y))（\(at(low))）与 \(s(high.y))（\(at(high))）之间转向 \(turns) 次；起点 \(s(first.y))，终点 \(s(last.y))")
    }
    let owner = name.isEmpty ? "" : name + (language == .en ? ": " : "：")
    return owner + phrase[language] + (language == .en ? "." : "。")
  }
}
