import Descent
import Interpreter
import Markup
import Syntax
import Tensors

/// `batches(X, y, size=32, seed=1)`: rows in random order, so many at a time. Without a size every step sees all rows.
enum BatchesBuiltin {
  static let row = Builtin(
    "batches",
    [
      Function.Parameter("data", isVariadic: true), Function.Parameter("size", fallback: .absent),
      Function.Parameter("seed", fallback: .value(.number(1))), Function.Parameter("order", fallback: .absent),
    ],
    doc: Phrase(
      en:
        "data for descend: size rows per step in random order, or all; order= is a matrix of row numbers, one row per step",
      zh: "给 descend 的数据：每步随机取 size 行，省略则取全部；order= 为行号矩阵，每步一行"),
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
          "E203", Phrase(en: "rows differ: \(first) and \(rows)", zh: "行数不同：\(first) 与 \(rows)"),
          help: Phrase(en: "one row of y per row of X", zh: "X 的每一行对应 y 的一行"))
      }
      columns.append(tensor)
    }
    guard let rows = columns.first?.shape[0] else {
      throw call.diagnostic(
        "E202", Phrase(en: "batches needs data", zh: "batches 需要数据"),
        help: Phrase(verbatim: "batches(X, y, size=32)"))
    }
    let seed = try call.evaluator.integer(call.operand("seed"), at: call.place("seed"), called: "seed", from: 0)
    if call.has("order") {
      let order = try call.evaluator.tensor(call.operand("order"), at: call.place("order"))
      guard (1...2).contains(order.rank), let size = order.shape.last, order.count > 0 else {
        throw call.diagnostic(
          "E203", Phrase(en: "order= is a matrix of row numbers", zh: "order= 应为行号矩阵"), at: "order",
          help: Phrase(en: "one row per step: order=[1,2; 3,4]", zh: "每步一行：order=[1,2; 3,4]"))
      }
      let last = Double(rows)
      // One pass without branches, because an order has as many numbers as a descent has samples; who is wrong is asked
      // afterwards.
      var wrong = 0
      let places = [Double](unsafeUninitializedCapacity: order.count) { places, count in
        order.elements.withUnsafeBufferPointer { numbers in
          for index in numbers.indices {
            let number = numbers[index]
            // Adding this rounds to a whole number, as far as row numbers go.
            let isWhole = number + 0x1.8p52 - 0x1.8p52 == number
            wrong &+= isWhole ? 0 : 1
            wrong &+= number >= 1 ? 0 : 1
            wrong &+= number <= last ? 0 : 1
            places[index] = number - 1
          }
        }
        count = order.count
      }
      if wrong > 0, let odd = order.elements.first(where: { !($0 == $0.rounded() && $0 >= 1 && $0 <= last) }) {
        throw Diagnostic.outOfRange(odd, length: rows, at: call.place("order"))
      }
      let given = Batches.Order.given(places, count: order.count / size)
      return .object(BatchesObject(batches: Batches(columns: columns, size: size, order: given)))
    }
    let size =
      try call.has("size")
      ? call.evaluator.integer(call.operand("size"), at: call.place("size"), called: "size", from: 1) : rows
    return .object(
      BatchesObject(batches: Batches(columns: columns, size: min(size, rows), order: .shuffled(seed: UInt64(seed)))))
  }
}

struct BatchesObject: Presentable {
  let batches: Batches

  var kind: String { "record" }
  var fieldNames: [String] { ["size", "count"] }
  func field(_ name: String) -> Value? {
    switch name {
    case "size": .number(Double(batches.size))
    case "count": .number(Double(batches.perEpoch))
    default: nil
    }
  }
  func element(_ index: Int) -> Value? { nil }
  func text(_ settings: Settings) -> StyledText { StyledText(description(settings.language), .dim) }
  var json: String { "{\"size\":\(batches.size),\"rows\":\(batches.rowCount)}" }
  func description(_ language: Language) -> String {
    let (size, rows) = (batches.size, batches.rowCount)
    if batches.isWhole { return Phrase(en: "all \(rows) rows at every step", zh: "每步用全部 \(rows) 行")[language] }
    return Phrase(en: "batches of \(size) from \(rows) rows", zh: "从 \(rows) 行中每次取 \(size) 行")[language]
  }
}
