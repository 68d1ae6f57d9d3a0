import Graphs
import Markup
import Syntax
import Tensors

// What losses are written with: rows (the last axis), labels, pairs, and the one place where weights and `reduce=`
// apply.

extension Builtins {
  static let rows: [Builtin] = alongRows + labels + sets + pairs

  // MARK: Along each row

  private static func row(_ name: String, _ primitive: Primitive.ID, _ doc: Phrase) -> Builtin {
    Builtin(name, [x], doc: doc, example: "\(name)([1,2;3,4])") { (call) throws(Diagnostic) in
      try call.alongRows(primitive)
    }
  }

  private static let alongRows: [Builtin] = [
    row("row_sum", .sum, Phrase(en: "the sum of each row; a vector is one row", zh: "每一行的和；向量算一行")),
    row("row_max", .largest, Phrase(en: "the largest of each row", zh: "每一行的最大值")),
    row("row_min", .smallest, Phrase(en: "the smallest of each row", zh: "每一行的最小值")),
    row(
      "row_logsumexp", .logsumexp,
      Phrase(en: "log Σ exp(x) of each row, without overflow", zh: "每一行的 log Σ exp(x)，不会溢出")),
    Builtin(
      "row_mean", [x], doc: Phrase(en: "the average of each row", zh: "每一行的平均值"), example: "row_mean([1,2;3,4])"
    ) { (call) throws(Diagnostic) in
      let shape = try call.expression("x").shape
      let total = try call.alongRows(.sum)
      guard let length = shape.last else { return total }
      return try call.evaluator.apply(
        .divide, [total, .number(Double(length))], [call.span, call.span], at: call.span)
    },
    Builtin(
      "column", [x],
      doc: Phrase(en: "one number per row, standing as a column beside the rows", zh: "把每行一个数竖成一列，好与各行运算"),
      example: "[1,2;3,4] / column([10,100])"
    ) { (call) throws(Diagnostic) in
      let x = try call.expression("x")
      return .traced(x.reshaped(to: x.shape + [1]).id)
    },
    Builtin(
      "batchmean", [x],
      doc: Phrase(en: "the sum divided by the number of samples, the length of the first axis", zh: "总和除以样本数（第一轴的长度）"),
      example: "batchmean([1,2;3,4])"
    ) { (call) throws(Diagnostic) in
      let x = try call.expression("x")
      let samples = x.shape.first ?? 1
      guard samples != 0 else {
        throw call.diagnostic(
          "E209", Phrase(en: "the mean of nothing: there are no samples", zh: "没有样本，没有平均值"), at: "x")
      }
      return .traced((x.apply(.sum) / Double(samples)).id)
    },
    Builtin(
      "frozen", [x],
      doc: Phrase(en: "x, taken as a constant by every gradient", zh: "x 本身，但求导时当作常数"),
      example: "grad (w -> w * frozen(w)) at 3"
    ) { (call) throws(Diagnostic) in .traced(try call.expression("x").apply(.frozen).id) },
    Builtin(
      "reduced",
      [Function.Parameter("elements")]
        + ["reduce", "weight", "divide", "share"].map { Function.Parameter($0, fallback: .absent) },
      doc: Phrase(
        en:
          "weights elements or samples and reduces them: what every loss does at the end; share is what each counts in the divisor of a mean",
        zh: "加权并归约：每个损失的最后一步；share 是各元素在平均的除数中所占的份"),
      example: "reduced([1, 4], mean, [1, 3], \"sum_w\")"
    ) { (call) throws(Diagnostic) in try call.reduced() },
  ]

  // MARK: Labels

  private static let labels: [Builtin] = [
    Builtin(
      "label_rows", [Function.Parameter("y"), Function.Parameter("scores")],
      doc: Phrase(
        en: "labels as one row per sample: class numbers become rows of 0 and 1, rows stay",
        zh: "每个样本一行的标签：类别号变成 0/1 行，已经是行的不变"),
      example: "label_rows([2, 1], [1,2,3;4,5,6])"
    ) { (call) throws(Diagnostic) in
      let (y, scores) = (try call.expression("y"), try call.expression("scores"))
      guard y.shape.count + 1 == scores.shape.count, let classes = scores.shape.last else {
        return try call.operand("y")
      }
      return .traced(try call.oneHot("y", classes).id)
    },
    Builtin(
      "pick", [Function.Parameter("scores"), Function.Parameter("y")],
      doc: Phrase(en: "of each row the element of its class, counted from 1", zh: "每一行中其类别对应的元素，从 1 数起"),
      example: "pick([1,2,3;4,5,6], [2, 1])"
    ) { (call) throws(Diagnostic) in
      let scores = try call.expression("scores")
      guard let classes = scores.shape.last else {
        throw Diagnostic.wrongKind(
          try call.operand("scores"), Phrase(en: "pick needs rows", zh: "pick 需要按行排列的数"), at: call.place("scores"))
      }
      let hot = try call.oneHot("y", classes)
      guard hot.shape == scores.shape else {
        throw Diagnostic(
          ShapeError(.mismatch, shapes: [scores.shape, try call.expression("y").shape]),
          [call.place("scores"), call.place("y")], at: call.span)
      }
      // Chosen rather than multiplied by 0 and 1: scores of −∞ elsewhere do not matter.
      let chosen = scores.where_(hot, else: scores.constant(0))
      return .traced(chosen.apply(.sum, attributes: [scores.shape.count - 1]).id)
    },
  ]

  private static let sets: [Builtin] = [
    Builtin(
      "label_sets", [Function.Parameter("y"), Function.Parameter("scores")],
      doc: Phrase(
        en: "rows of class numbers, ended by 0, as rows with a 1 for every class named",
        zh: "把每行的类别号（以 0 结束）变成 0/1 行，列出的类别为 1"), example: "label_sets([3, 1, 0], [1, 2, 3])"
    ) { (call) throws(Diagnostic) in
      let y = try call.evaluator.tensor(call.operand("y"), at: call.place("y"))
      let scores = try call.expression("scores").shape
      guard let classes = scores.last, let width = y.shape.last, Array(scores.dropLast()) == Array(y.shape.dropLast())
      else {
        throw Diagnostic(
          ShapeError(.mismatch, shapes: [y.shape, scores]), [call.place("y"), call.place("scores")], at: call.span)
      }
      var rows = [Double](repeating: 0, count: scores.reduce(1, *))
      for row in 0..<(width == 0 ? 0 : y.count / width) {
        for label in y.elements[(row * width)..<((row + 1) * width)].prefix(while: { $0 != 0 }) {
          guard label == label.rounded(), label >= 1, label <= Double(classes) else {
            throw Diagnostic.outOfRange(label, length: classes, at: call.place("y"))
          }
          rows[row * classes + Int(label) - 1] = 1
        }
      }
      return Value(Tensor(shape: scores, elements: rows))
    },
    Builtin(
      "kept_rows", ["y", "scores", "ignore"].map { Function.Parameter($0) },
      doc: Phrase(
        en: "0 for samples whose class is to be ignored, 1 for the others", zh: "类别被忽略的样本为 0，其余为 1"),
      example: "kept_rows([2, -100], [1,2;3,4], -100)"
    ) { (call) throws(Diagnostic) in
      let y = try call.expression("y")
      guard y.shape.count + 1 == (try call.expression("scores").shape.count) else { return .number(1) }
      let ignore = try call.evaluator.number(call.operand("ignore"), at: call.place("ignore"))
      // Nothing ignored, as is usual: then nothing of it is left in the formula.
      if let labels = try call.operand("y").numbers, !labels.elements.contains(ignore) { return .number(1) }
      return .traced(y.apply(.unequal, [y.constant(ignore)]).id)
    },
  ]

  // MARK: Pairs

  private static func paired(_ name: String, _ doc: Phrase, _ arrange: @escaping @Sendable (Shape) -> Shape) -> Builtin
  {
    Builtin(name, [x], doc: doc, example: "\(name)([1, 2, 3])") { (call) throws(Diagnostic) in
      let x = try call.expression("x")
      guard let length = x.shape.last else {
        throw Diagnostic.wrongKind(
          try call.operand("x"), Phrase(en: "\(name) needs a vector", zh: "\(name) 需要向量"), at: call.place("x"))
      }
      let table = x.shape + [length]
      guard Shapes.count(table) != nil else { throw Diagnostic.tooManyElements(at: call.span) }
      return .traced(x.reshaped(to: arrange(x.shape)).broadcast(to: table).id)
    }
  }

  private static let pairs: [Builtin] = [
    paired(
      "down",
      Phrase(en: "a square table whose rows are constant: element (i, j) is x[i]", zh: "每行相同的方表：第 i 行第 j 列是 x[i]")
    ) { $0 + [1] },
    paired(
      "across",
      Phrase(en: "a square table whose columns are constant: element (i, j) is x[j]", zh: "每列相同的方表：第 i 行第 j 列是 x[j]")
    ) { $0.dropLast() + [1] + $0.suffix(1) },
  ]
}

extension Call {
  func expression(_ name: String) throws(Diagnostic) -> Expression {
    try evaluator.expression(operand(name), at: place(name))
  }

  /// A fold along the last axis; a number is its own.
  fileprivate func alongRows(_ primitive: Primitive.ID) throws(Diagnostic) -> Value {
    let x = try expression("x")
    guard let length = x.shape.last else { return try operand("x") }
    if length == 0, primitive != .sum {
      throw diagnostic(
        "E209", Phrase(en: "\(function) of nothing: the rows are empty", zh: "行是空的，\(function) 没有结果"), at: "x")
    }
    return try evaluator.apply(
      primitive, [operand("x")], [place("x")], attributes: [x.shape.count - 1], at: span)
  }

  fileprivate func oneHot(_ name: String, _ classes: Int) throws(Diagnostic) -> Expression {
    let y = try expression(name)
    let shape = y.shape + [classes]
    guard Shapes.count(shape) != nil else { throw Diagnostic.tooManyElements(at: span) }
    let numbers = evaluator.graph.constant(Tensor(vector: (1...max(classes, 1)).map(Double.init)))
    return y.reshaped(to: y.shape + [1]).broadcast(to: shape).equals(numbers.broadcast(to: shape))
  }

  /// `reduce(elements·weight)`; a mean divides by how many elements there are, or by what they weigh or share.
  fileprivate func reduced() throws(Diagnostic) -> Value {
    let elements = try expression("elements")
    let reduce = try reduction()
    if elements.shape.count >= 2, reduce.isMean, evaluator.libraryDepth <= 1, let count = Shapes.count(elements.shape) {
      evaluator.note(Phrase(en: "mean over \(count) elements", zh: "对 \(count) 个元素取平均"))
    }
    func folded(_ value: Value) throws(Diagnostic) -> Value {
      try evaluator.invoke(reduce.function, [Given(name: nil, value: value, span: place("elements"))], at: span)
    }
    if case .number = try operand("elements"), values["weight"] == nil { return try folded(operand("elements")) }
    let plain: (Value?) -> Bool = { value in
      if case .number(1)? = value { return true }
      return value == nil
    }
    let hasWeight = !plain(values["weight"])
    let hasShare = !plain(values["share"])
    var weighted = elements
    var weight = elements.constant(1)
    if hasWeight, let given = values["weight"] {
      weight = try aligned(evaluator.expression(given, at: place("weight")), to: elements.shape)
      weighted = elements * weight
    }
    guard reduce.isMean, hasWeight || hasShare else { return try folded(.traced(weighted.id)) }
    guard case .text(let divisor)? = values["divide"] ?? .text("n"), divisor == "n" || divisor == "sum_w" else {
      throw diagnostic(
        "E209", Phrase(en: "divide= is \"n\" or \"sum_w\"", zh: "divide= 只能是 \"n\" 或 \"sum_w\""), at: "divide")
    }
    if hasWeight {
      evaluator.remark(
        divisor == "n"
          ? Phrase(
            en: "the weighted mean is Σ w·loss / n; divide=\"sum_w\" divides by Σ w",
            zh: "加权平均是 Σ w·loss / n；divide=\"sum_w\" 则除以 Σ w")
          : Phrase(en: "the weighted mean is Σ w·loss / Σ w", zh: "加权平均是 Σ w·loss / Σ w"))
    }
    var share = elements.constant(1)
    if hasShare { share = try expression("share") }
    if divisor == "sum_w" { share = share * weight }
    if share.shape.isEmpty, evaluator.graph.number(share.id) == 1 { return try folded(.traced(weighted.id)) }
    return .traced((weighted.apply(.sum) / share.broadcast(to: elements.shape).apply(.sum)).id)
  }

  private func reduction() throws(Diagnostic) -> (function: Value, isMean: Bool) {
    switch values["reduce"] {
    case .function(let function)?:
      if case .builtin(let builtin) = function.body { return (.function(function), builtin.name == "mean") }
      return (.function(function), false)
    case .text(let name)?:
      // `reduction="mean"` is how other libraries spell it.
      if ["mean", "sum", "none", "batchmean"].contains(name), let function = evaluator.environment.library[name] {
        return (function, name == "mean")
      }
      throw diagnostic(
        "E209",
        Phrase(en: "reduce= is mean, sum, none or batchmean", zh: "reduce= 可以是 mean、sum、none 或 batchmean"), at: "reduce"
      )
    case let other?:
      throw Diagnostic.wrongKind(
        other, Phrase(en: "reduce= is mean, sum, none or batchmean", zh: "reduce= 可以是 mean、sum、none 或 batchmean"),
        at: place("reduce"))
    case nil: return (.function(Builtins.mean.function), true)
    }
  }

  /// One weight per element, or one per sample: then it stands for everything of the sample.
  private func aligned(_ weight: Expression, to shape: Shape) throws(Diagnostic) -> Expression {
    if weight.shape == shape || weight.shape.isEmpty { return weight }
    guard weight.shape.count < shape.count, Array(shape.prefix(weight.shape.count)) == weight.shape else {
      throw Diagnostic(
        "E203",
        Phrase(
          en: "weights \(Shapes.describe(weight.shape)) for losses \(Shapes.describe(shape))",
          zh: "权重的形状是 \(Shapes.describe(weight.shape))，损失的形状是 \(Shapes.describe(shape))"),
        at: [Diagnostic.Label(place("weight"))],
        help: Phrase(en: "one weight per element, or one per sample", zh: "每个元素一个权重，或每个样本一个权重"))
    }
    return weight.reshaped(to: weight.shape + Shape(repeating: 1, count: shape.count - weight.shape.count))
  }
}
