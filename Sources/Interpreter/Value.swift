import Graphs
import Markup
import Tensors

/// What an expression is worth.
package enum Value: Sendable {
  case nothing
  case number(Double)
  case bool(Bool)
  /// One axis or more; a tensor of rank 0 is a `number`.
  case tensor(Tensor)
  /// `1..5`: a vector wherever numbers are wanted, an interval for a plot.
  case range(Interval)
  case text(String)
  case function(Function)
  case record(Record)
  case table(DataTable)
  case object(any Object)
  /// A node of the graph that the line at hand is building; never outlives the line.
  case traced(Graph.ID)

  package init(_ tensor: Tensor) {
    self = tensor.rank == 0 ? .number(tensor.elements[0]) : .tensor(tensor)
  }
}

/// Something with a life of its own: a trace of a descent, a picture. The interpreter passes it on and asks it only this.
package protocol Object: Sendable {
  /// `trace`, `plot`: the kind in `--json`.
  var kind: String { get }
  func field(_ name: String) -> Value?
  func element(_ index: Int) -> Value?
  /// Names for completion and for the error about an unknown field.
  var fieldNames: [String] { get }
}

/// `lower..upper`, both ends included.
package struct Interval: Sendable, Hashable {
  package var lower: Double
  package var upper: Double
  package var step: Double?

  package init(lower: Double, upper: Double, step: Double? = nil) {
    self.lower = lower
    self.upper = upper
    self.step = step
  }

  /// How many numbers it has, or nil beyond the limit on tensors.
  package var count: Int? {
    let step = step ?? 1
    // A hair of tolerance, so that 0..1 step 0.1 reaches 1.
    let steps = ((upper - lower) / step * (1 + 4e-16) + 1e-9).rounded(.down)
    guard steps.isFinite, steps < Double(Shapes.elementLimit) else { return nil }
    return steps < 0 ? 0 : Int(steps) + 1
  }

  func element(_ index: Int) -> Double { lower + Double(index) * (step ?? 1) }

  /// All its numbers. The longest take a tenth of a second and more, so the budget is asked on the way.
  package func tensor(_ budget: Budget = .unlimited) throws(Budget.Exhausted) -> Tensor? {
    guard let count else { return nil }
    var exhausted: Budget.Exhausted?
    let elements = [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      var pace = Pace(budget)
      while filled < count, exhausted == nil {
        let end = min(count, filled + 1 << 16)
        while filled < end {
          buffer.initializeElement(at: filled, to: element(filled))
          filled += 1
        }
        do throws(Budget.Exhausted) { try pace.advance(by: 1 << 16) } catch { exhausted = error }
      }
    }
    if let exhausted { throw exhausted }
    return Tensor(vector: elements)
  }
}

/// Named values in order.
package struct Record: Sendable {
  package var fields: [(name: String, value: Value)]
  package init(_ fields: [(name: String, value: Value)]) { self.fields = fields }
  package subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }
}

extension Value {
  /// What the kind is called in `--json`.
  package var kind: String {
    switch self {
    case .nothing: "nothing"
    case .number: "number"
    case .bool: "bool"
    case .tensor, .range, .traced: "tensor"
    case .text: "text"
    case .function: "function"
    case .record: "record"
    case .table: "table"
    case .object(let object): object.kind
    }
  }

  /// The kind in words, with its shape: for messages.
  package var described: Phrase {
    switch self {
    case .nothing: Phrase(en: "nothing", zh: "没有值")
    case .number(let number): Phrase(en: "the number \(shortNumber(number))", zh: "数 \(shortNumber(number))")
    case .bool(let bool): Phrase(verbatim: bool ? "true" : "false")
    case .tensor(let tensor):
      switch tensor.rank {
      case 1: Phrase(en: "a vector of length \(tensor.count)", zh: "长度为 \(tensor.count) 的向量")
      case 2:
        Phrase(
          en: "a \(tensor.shape[0])×\(tensor.shape[1]) matrix", zh: "\(tensor.shape[0])×\(tensor.shape[1]) 矩阵")
      default: Phrase(en: "a tensor \(Shapes.describe(tensor.shape))", zh: "张量 \(Shapes.describe(tensor.shape))")
      }
    case .range: Phrase(en: "a range", zh: "范围")
    case .text: Phrase(en: "a text", zh: "文本")
    case .function: Phrase(en: "a function", zh: "函数")
    case .record: Phrase(en: "a record", zh: "记录")
    case .table: Phrase(en: "a table", zh: "数据表")
    case .object(let object):
      object.kind == "trace" ? Phrase(en: "a trace", zh: "下降轨迹") : Phrase(en: "a \(object.kind)", zh: "图")
    case .traced: Phrase(en: "a tensor", zh: "张量")
    }
  }

  /// The numbers of a finished value, if it has any.
  package var numbers: Tensor? {
    switch self {
    case .number(let number): Tensor(number)
    case .bool(let bool): Tensor(bool ? 1 : 0)
    case .tensor(let tensor): tensor
    case .range(let interval): try? interval.tensor()
    default: nil
    }
  }

  /// What keeps two values from being the same within `tolerance` (absolute or relative, whichever is wider), or nil
  /// when they agree.
  package func difference(from expected: Value, tolerance: Double) -> Phrase? {
    if let mine = numbers, let theirs = expected.numbers {
      if mine.shape != theirs.shape {
        return Phrase(
          en: "yours is \(described.en), expected \(expected.described.en)",
          zh: "你的结果是\(described.zh)，应为\(expected.described.zh)")
      }
      for (index, (a, b)) in zip(mine.elements, theirs.elements).enumerated() where !isClose(a, b, tolerance) {
        let (yours, wanted) = (shortNumber(a), shortNumber(b))
        if mine.count == 1 { return Phrase(en: "yours \(yours), expected \(wanted)", zh: "你的是 \(yours)，应为 \(wanted)") }
        return Phrase(
          en: "element \(index + 1): yours \(yours), expected \(wanted)",
          zh: "第 \(index + 1) 个元素：你的是 \(yours)，应为 \(wanted)")
      }
      return nil
    }
    switch (self, expected) {
    case (.text(let a), .text(let b)): return a == b ? nil : Phrase(en: "the texts differ", zh: "文本不同")
    case (.record(let a), .record(let b)):
      for (name, value) in b.fields {
        guard let mine = a[name] else { return Phrase(en: "`\(name)` is missing", zh: "缺少 `\(name)`") }
        if let difference = mine.difference(from: value, tolerance: tolerance) {
          return difference.map { "\(name): \($0)" }
        }
      }
      return nil
    default:
      if kind == expected.kind, kind != "function" { return nil }
      return Phrase(
        en: "yours is \(described.en), expected \(expected.described.en)",
        zh: "你的结果是\(described.zh)，应为\(expected.described.zh)")
    }
  }
}

/// NaN agrees with NaN, ∞ with ∞ of the same sign.
private func isClose(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  if a == b || a.isNaN && b.isNaN { return true }
  guard a.isFinite, b.isFinite else { return false }
  return (a - b).magnitude <= tolerance * max(1, max(a.magnitude, b.magnitude))
}
