import Graphs
import Markup
import Syntax
import Tensors

/// The functions written in Swift, as rows. Most are primitives of the graph under their own name.
package enum Builtins {
  package static let table: [Builtin] =
    elementwise + special + reductions + structure + arranging + ordering + distances + linearAlgebra + random + images
    + sequences + derivatives + rows

  static let x = Function.Parameter("x")
  static let axis = Function.Parameter("axis", fallback: .absent)

  // MARK: Elementwise

  static func unary(_ name: String, _ primitive: Primitive.ID, _ doc: Phrase, at example: String = "0.5") -> Builtin {
    Builtin(name, [x], doc: doc, example: "\(name)(\(example))") { (call) throws(Diagnostic) in
      try call.evaluator.apply(primitive, [call.operand("x")], [call.place("x")], at: call.span)
    }
  }

  /// The functions that give as many elements as they are given.
  static let elementwiseNames = Set(elementwise.filter { $0.parameters.count == 1 }.map(\.name)).union(["σ"])

  private static let elementwise: [Builtin] =
    [
      unary("abs", .abs, Phrase(en: "distance from 0; slope 0 is taken at the kink", zh: "到 0 的距离；拐点处的斜率取 0")),
      unary("sign", .sign, Phrase(en: "-1, 0 or 1", zh: "符号：-1、0 或 1")),
      unary("sqrt", .sqrt, Phrase(en: "square root", zh: "平方根")),
      unary("exp", .exp, Phrase(en: "e to the power x", zh: "e 的 x 次方")),
      unary("expm1", .expm1, Phrase(en: "exp(x) - 1, exact near 0", zh: "exp(x) - 1，在 0 附近也精确")),
      Builtin("log", [x], doc: Phrase(en: "natural logarithm", zh: "自然对数"), example: "log(2.718282)") {
        (call) throws(Diagnostic) in
        if call.evaluator.libraryDepth == 0 {
          call.evaluator.remark(
            Phrase(en: "log is the natural logarithm; log2 and log10 exist", zh: "log 是自然对数；另有 log2 和 log10"))
        }
        return try call.evaluator.apply(.log, [call.operand("x")], [call.place("x")], at: call.span)
      },
      unary("ln", .log, Phrase(en: "natural logarithm", zh: "自然对数")),
      unary("log1p", .log1p, Phrase(en: "log(1 + x), exact near 0", zh: "log(1 + x)，在 0 附近也精确")),
      unary("log2", .log2, Phrase(en: "logarithm to base 2", zh: "以 2 为底的对数")),
      unary("log10", .log10, Phrase(en: "logarithm to base 10", zh: "以 10 为底的对数")),
      unary("sin", .sin, Phrase(en: "sine, in radians", zh: "正弦（弧度）")),
      unary("cos", .cos, Phrase(en: "cosine, in radians", zh: "余弦（弧度）")),
      unary("tan", .tan, Phrase(en: "tangent, in radians", zh: "正切（弧度）")),
      unary("asin", .asin, Phrase(en: "inverse sine", zh: "反正弦")),
      unary("acos", .acos, Phrase(en: "inverse cosine", zh: "反余弦")),
      unary("atan", .atan, Phrase(en: "inverse tangent", zh: "反正切")),
      unary("sinh", .sinh, Phrase(en: "hyperbolic sine", zh: "双曲正弦")),
      unary("cosh", .cosh, Phrase(en: "hyperbolic cosine", zh: "双曲余弦")),
      unary("tanh", .tanh, Phrase(en: "hyperbolic tangent, from -1 to 1", zh: "双曲正切，取值在 -1 到 1 之间")),
      unary(
        "sigmoid", .sigmoid, Phrase(en: "1/(1 + exp(-x)): a score as a probability", zh: "1/(1 + exp(-x))：把得分变成概率")),
      Builtin(
        "softplus", [x, Function.Parameter("beta", fallback: .value(.number(1)))],
        doc: Phrase(
          en: "log(1 + exp(x)) without overflow; log(1 + exp(beta·x))/beta",
          zh: "log(1 + exp(x))，不会溢出；log(1 + exp(beta·x))/beta"),
        example: "softplus(0.5)"
      ) { (call) throws(Diagnostic) in
        let (x, beta) = (try call.operand("x"), try call.operand("beta"))
        if case .number(1) = beta { return try call.evaluator.apply(.softplus, [x], [call.place("x")], at: call.span) }
        let spans = [call.place("x"), call.place("beta")]
        let scaled = try call.evaluator.apply(.multiply, [x, beta], spans, at: call.span)
        let bent = try call.evaluator.apply(.softplus, [scaled], [call.span], at: call.span)
        return try call.evaluator.apply(.divide, [bent, beta], [call.span, call.place("beta")], at: call.span)
      },
      unary("relu", .relu, Phrase(en: "x above 0, else 0", zh: "大于 0 时是 x，否则是 0")),
      unary("floor", .floor, Phrase(en: "rounded down", zh: "向下取整")),
      unary("ceil", .ceil, Phrase(en: "rounded up", zh: "向上取整")),
      unary("round", .round, Phrase(en: "rounded, halves to even", zh: "四舍六入，逢五取偶")),
      unary("erf", .erf, Phrase(en: "error function", zh: "误差函数")),
      unary("lgamma", .lgamma, Phrase(en: "logarithm of the gamma function", zh: "伽马函数的对数")),
      unary("digamma", .digamma, Phrase(en: "derivative of lgamma", zh: "lgamma 的导数")),
      Builtin(
        "xlogy", [x, Function.Parameter("y")], doc: Phrase(en: "x·log y, and 0 where x is 0", zh: "x·log y，x 为 0 时得 0"),
        example: "xlogy(0, 0)"
      ) { (call) throws(Diagnostic) in
        try call.evaluator.apply(
          .xlogy, [call.operand("x"), call.operand("y")], [call.place("x"), call.place("y")], at: call.span)
      },
      Builtin(
        "power", [x, Function.Parameter("exponent")],
        doc: Phrase(en: "x to a power, as x^exponent", zh: "乘方，同 x^exponent"),
        example: "power(2, 10)"
      ) { (call) throws(Diagnostic) in
        try call.evaluator.apply(
          .power, [call.operand("x"), call.operand("exponent")], [call.place("x"), call.place("exponent")],
          at: call.span)
      },
      Builtin(
        "mod", [x, Function.Parameter("y")], doc: Phrase(en: "remainder, with the sign of y", zh: "余数，符号随 y"),
        example: "mod(7, 3)"
      ) { (call) throws(Diagnostic) in
        try call.evaluator.apply(
          .modulo, [call.operand("x"), call.operand("y")], [call.place("x"), call.place("y")], at: call.span)
      },
      Builtin(
        "clip", [x, Function.Parameter("low"), Function.Parameter("high")],
        doc: Phrase(en: "x kept between low and high", zh: "把 x 限制在 low 与 high 之间"), example: "clip([-2, 0.5, 3], 0, 1)"
      ) { (call) throws(Diagnostic) in
        let raised = try call.evaluator.apply(
          .maximum, [call.operand("x"), call.operand("low")], [call.place("x"), call.place("low")], at: call.span)
        return try call.evaluator.apply(
          .minimum, [raised, call.operand("high")], [call.place("x"), call.place("high")], at: call.span)
      },
      Builtin(
        "none", [x], doc: Phrase(en: "x as it is: reduce=none keeps every element", zh: "原样返回：reduce=none 保留每个元素"),
        example: "mse([1,2], [0,0], reduce=none)"
      ) { (call) throws(Diagnostic) in try call.operand("x") },
    ]

  // MARK: Reductions

  static func reduction(
    _ name: String, _ primitive: Primitive.ID, _ doc: Phrase, needsElements: Bool = false, byAxis: Int? = nil
  ) -> Builtin {
    Builtin(name, [x, axis], doc: doc, example: "\(name)([1, 2, 4])") { (call) throws(Diagnostic) in
      try call.reduce(primitive, needsElements: needsElements, defaultAxisFromEnd: byAxis)
    }
  }

  private static func extreme(_ name: String, _ fold: Primitive.ID, _ pair: Primitive.ID, _ doc: Phrase) -> Builtin {
    Builtin(name, [Function.Parameter("x", isVariadic: true), axis], doc: doc, example: "\(name)(3, 1, 2)") {
      (call) throws(Diagnostic) in
      if let x = call.values["x"] { call.rest.insert(x, at: 0) }
      guard let first = call.rest.first else {
        throw Diagnostic(
          "E202", Phrase(en: "\(name) needs something to compare", zh: "\(name) 需要可比较的值"), at: [.init(call.span)],
          help: Phrase(verbatim: "\(name)(3, 1, 2), \(name)([3, 1, 2])"))
      }
      if call.rest.count == 1 {
        call.values["x"] = first
        return try call.reduce(fold, needsElements: true, defaultAxisFromEnd: nil)
      }
      var result = first
      for value in call.rest.dropFirst() {
        result = try call.evaluator.apply(pair, [result, value], [call.span, call.span], at: call.span)
      }
      return result
    }
  }

  static let mean = Builtin(
    "mean", [x, axis], doc: Phrase(en: "the average", zh: "平均值"), example: "mean([1, 2, 4])"
  ) { (call) throws(Diagnostic) in try call.mean(of: call.operand("x")) }

  private static let reductions: [Builtin] = [
    reduction("sum", .sum, Phrase(en: "all elements added up, or along an axis", zh: "所有元素之和，或沿某一轴求和")),
    reduction("prod", .product, Phrase(en: "all elements multiplied", zh: "所有元素之积")),
    extreme("max", .largest, .maximum, Phrase(en: "the largest", zh: "最大值")),
    extreme("min", .smallest, .minimum, Phrase(en: "the smallest", zh: "最小值")),
    mean,
    Builtin(
      "var", [x, axis, Function.Parameter("correction", fallback: .value(.number(0)))],
      doc: Phrase(
        en:
          "mean squared distance from the mean, over n as in NumPy; correction=1 (ddof) divides by n - 1 as PyTorch does",
        zh: "方差，与 NumPy 一样除以 n；correction=1（即 ddof）时像 PyTorch 那样除以 n - 1"),
      example: "var([1, 2, 4])"
    ) { (call) throws(Diagnostic) in try call.variance() },
    Builtin(
      "std", [x, axis, Function.Parameter("correction", fallback: .value(.number(0)))],
      doc: Phrase(
        en: "square root of var, over n; correction=1 (ddof) for n - 1",
        zh: "标准差，即 var 的平方根；correction=1（即 ddof）时除以 n - 1"), example: "std([1, 2, 4])"
    ) { (call) throws(Diagnostic) in
      try call.evaluator.apply(.sqrt, [call.variance()], [call.span], at: call.span)
    },
    reduction("logsumexp", .logsumexp, Phrase(en: "log Σ exp(x) without overflow", zh: "log Σ exp(x)，不会溢出")),
    reduction(
      "argmax", .argmax, Phrase(en: "where the largest stands, from 1", zh: "最大值的位置，从 1 数起"), needsElements: true),
    reduction(
      "argmin", .argmin, Phrase(en: "where the smallest stands, from 1", zh: "最小值的位置，从 1 数起"), needsElements: true),
    reduction(
      "softmax", .softmax, Phrase(en: "scores as probabilities that add up to 1", zh: "把得分变成总和为 1 的概率"), byAxis: 1),
    reduction(
      "log_softmax", .logSoftmax, Phrase(en: "log of softmax without overflow", zh: "softmax 的对数，不会溢出"), byAxis: 1),
    Builtin("count", [x], doc: Phrase(en: "how many elements", zh: "元素个数"), example: "count([1, 2, 4])") {
      (call) throws(Diagnostic) in
      if case .table(let table) = call.values["x"] { return .number(Double(table.rowCount)) }
      return try call.evaluator.apply(.count, [call.operand("x")], [call.place("x")], at: call.span)
    },
  ]
}

extension Call {
  package func operand(_ name: String) throws(Diagnostic) -> Value {
    guard let value = values[name] else { preconditionFailure("\(function) has no parameter \(name)") }
    return value
  }

  func operands(_ names: [String]) throws(Diagnostic) -> [Value] {
    var result: [Value] = []
    for name in names { result.append(try operand(name)) }
    return result
  }

  package func place(_ name: String) -> Range<Int> { spans[name] ?? span }

  /// The axis asked for, counted from 0; nil for all elements.
  func axis(of shape: Shape) throws(Diagnostic) -> Int? {
    guard let value = values["axis"] else { return nil }
    let number = try evaluator.number(value, at: place("axis"))
    guard number == number.rounded(), number >= 1, number <= Double(max(shape.count, 1)), !shape.isEmpty else {
      let count = shape.count
      if number == 0 {
        throw diagnostic(
          "E207", Phrase(en: "axes count from 1, like every index", zh: "轴和下标一样从 1 数起"), at: "axis",
          help: Diagnostic.axes)
      }
      throw diagnostic(
        "E207",
        shape.isEmpty
          ? Phrase(en: "a plain number has no axes", zh: "单个数没有轴")
          : Phrase(
            en: "there is no axis \(shortNumber(number)): the value has \(count)",
            zh: "没有第 \(shortNumber(number)) 轴：共有 \(count) 个轴"),
        at: "axis", help: shape.isEmpty ? Diagnostic.severalNumbers : Diagnostic.axes)
    }
    return Int(number) - 1
  }

  func reduce(
    _ primitive: Primitive.ID, needsElements: Bool, defaultAxisFromEnd: Int?
  ) throws(Diagnostic) -> Value {
    let x = try operand("x")
    let expression = try evaluator.expression(x, at: place("x"))
    var attributes = try axis(of: expression.shape).map { [$0] } ?? []
    if attributes.isEmpty, let fromEnd = defaultAxisFromEnd {
      guard expression.shape.count >= fromEnd else {
        throw Diagnostic.wrongKind(x, Phrase(en: "\(function) needs a vector", zh: "\(function) 需要向量"), at: place("x"))
      }
      attributes = [expression.shape.count - fromEnd]
    }
    if needsElements, expression.shape.contains(0) {
      throw diagnostic(
        "E209", Phrase(en: "\(function) of nothing: the vector is empty", zh: "向量是空的，\(function) 没有结果"), at: "x",
        help: Phrase(en: "give it at least one number", zh: "至少要有一个数"))
    }
    return try evaluator.apply(primitive, [x], [place("x")], attributes: attributes, at: span)
  }

  /// Σx / n over all elements or along the axis.
  func mean(of x: Value) throws(Diagnostic) -> Value {
    let expression = try evaluator.expression(x, at: place("x"))
    let axis = try axis(of: expression.shape)
    if expression.shape.contains(0) {
      throw diagnostic(
        "E209", Phrase(en: "the mean of nothing: the vector is empty", zh: "向量是空的，没有平均值"), at: "x",
        help: Phrase(en: "give it at least one number", zh: "至少要有一个数"))
    }
    let total = try evaluator.apply(.sum, [x], [span], attributes: axis.map { [$0] } ?? [], at: span)
    return try evaluator.apply(.divide, [total, length(of: expression, along: axis)], [span, span], at: span)
  }

  /// How many elements there are along an axis, or in all; a node where that is not known yet.
  private func length(of expression: Expression, along axis: Int?) -> Value {
    guard let axis, expression.shape[axis] >= 0 else { return .traced(expression.apply(.count).id) }
    return .number(Double(expression.shape[axis]))
  }

  func variance() throws(Diagnostic) -> Value {
    let x = try operand("x")
    let expression = try evaluator.expression(x, at: place("x"))
    let shape = expression.shape
    let axis = try axis(of: shape)
    var center = try mean(of: x)
    if let axis {
      var kept = shape
      kept[axis] = 1
      center = try evaluator.apply(.reshape, [center], [span], attributes: kept, at: span)
    }
    let deviation = try evaluator.apply(.subtract, [x, center], [span, span], at: span)
    let squares = try evaluator.apply(.multiply, [deviation, deviation], [span, span], at: span)
    let total = try evaluator.apply(.sum, [squares], [span], attributes: axis.map { [$0] } ?? [], at: span)
    let correction = try evaluator.number(operand("correction"), at: place("correction"))
    guard Shapes.isConcrete(shape) else {
      let count = try evaluator.apply(
        .subtract, [length(of: expression, along: axis), .number(correction)], [span, span], at: span)
      return try evaluator.apply(.divide, [total, count], [span, span], at: span)
    }
    let count = Double(axis.map { shape[$0] } ?? shape.reduce(1, *)) - correction
    guard count > 0 else {
      throw diagnostic(
        "E209", Phrase(en: "too few elements for this correction", zh: "元素太少，无法这样修正"), at: "x",
        help: Phrase(en: "correction=0 divides by n", zh: "correction=0 则除以 n"))
    }
    return try evaluator.apply(.divide, [total, .number(count)], [span, span], at: span)
  }
}
