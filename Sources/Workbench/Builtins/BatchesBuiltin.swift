import Interpreter
import Markup
import Syntax
import Tensors

/// `batches(X, y, size=32, seed=1)`: rows in random order, so many at a time.
enum BatchesBuiltin {
  static let row = Builtin(
    "batches",
    [
      Function.Parameter("data", isVariadic: true), Function.Parameter("size", fallback: .value(.number(32))),
      Function.Parameter("seed", fallback: .value(.number(1))),
    ], doc: Phrase(en: "data for descend, some rows at a time, in random order", zh: "给 descend 的数据：每步随机取若干行"),
    example: "batches([1,2,3,4], [2,4,6,8], size=2)"
  ) { (call) throws(Diagnostic) in
    var columns: [Tensor] = []
    for value in call.rest {
      let tensor = try call.evaluator.tensor(value, at: call.span)
      guard let rows = tensor.shape.first, rows > 0 else {
        throw Diagnostic.wrongKind(
          value, Phrase(en: "batches takes vectors and matrices", zh: "batches 需要向量或矩阵"), at: call.span)
      }
      if let first = columns.first?.shape[0], first != rows {
        throw call.diagnostic(
          "E203", Phrase(en: "rows differ: \(first) and \(rows)", zh: "行数不同：\(first) 与 \(rows)"))
      }
      columns.append(tensor)
    }
    guard let rows = columns.first?.shape[0] else {
      throw call.diagnostic("E202", Phrase(en: "batches needs data", zh: "batches 需要数据"))
    }
    let size = try call.evaluator.integer(call.operand("size"), at: call.place("size"), called: "size", from: 1)
    let seed = try call.evaluator.integer(call.operand("seed"), at: call.place("seed"), called: "seed", from: 0)
    return .object(BatchesObject(columns: columns, size: min(size, rows), seed: UInt64(seed)))
  }
}

struct BatchesObject: Presentable {
  let columns: [Tensor]
  let size: Int
  let seed: UInt64

  /// The batches of one descent, drawn as they are asked for.
  struct Order {
    let batches: BatchesObject
    var source: RandomSource
    var permutation: [Int] = []
    var position = 0

    /// The next `size` rows; the rows are shuffled anew when all have been seen.
    mutating func batch(at step: Int) -> [Tensor] {
      let rows = batches.columns[0].shape[0]
      if batches.size == rows { return batches.columns }
      if position + batches.size > permutation.count {
        permutation = source.permutation(rows)
        position = 0
      }
      let chosen = permutation[position..<(position + batches.size)]
      position += batches.size
      return batches.columns.map { column in
        let width = column.count / rows
        var elements: [Double] = []
        elements.reserveCapacity(chosen.count * width)
        for row in chosen { elements.append(contentsOf: column.elements[(row * width)..<((row + 1) * width)]) }
        return Tensor(shape: [chosen.count] + column.shape.dropFirst(), elements: elements)
      }
    }
  }

  func order() -> Order { Order(batches: self, source: RandomSource(seed: seed)) }

  var kind: String { "record" }
  var fieldNames: [String] { ["size", "count"] }
  func field(_ name: String) -> Value? {
    switch name {
    case "size": .number(Double(size))
    case "count": .number(Double(columns[0].shape[0] / size))
    default: nil
    }
  }
  func element(_ index: Int) -> Value? { nil }
  func text(_ settings: Settings) -> StyledText { StyledText(description(settings.language), .dim) }
  var json: String { "{\"size\":\(size),\"rows\":\(columns[0].shape[0])}" }
  func description(_ language: Language) -> String {
    let rows = columns[0].shape[0]
    return Phrase(en: "batches of \(size) from \(rows) rows", zh: "从 \(rows) 行中每次取 \(size) 行")[language]
  }
}
