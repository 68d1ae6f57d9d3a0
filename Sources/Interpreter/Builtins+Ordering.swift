import Graphs
import Markup
import Syntax
import Tensors

// Order and running folds. Without `axis=` these run along the last axis, as in NumPy and PyTorch; a percentile without
// it is of all elements.

extension Builtins {
  static let ordering: [Builtin] = [
    reduction("sort", .sort, Phrase(en: "from smallest to largest; NaN last", zh: "从小到大排列，NaN 在最后"), byAxis: 1),
    reduction(
      "argsort", .argsort,
      Phrase(en: "the places, from 1, that would sort x; ties keep their order", zh: "排序后各元素原来的位置（从 1 数起），相等的保持原顺序"),
      byAxis: 1),
    reduction("flip", .reverse, Phrase(en: "in reverse order", zh: "倒过来排列"), byAxis: 1),
    reduction("cumsum", .cumsum, Phrase(en: "running sum", zh: "累计和"), byAxis: 1),
    reduction("cumprod", .cumprod, Phrase(en: "running product", zh: "累计积"), byAxis: 1),
    reduction(
      "logcumsumexp", .logcumsumexp,
      Phrase(
        en: "running logsumexp: log of cumsum(exp(x)) without overflow", zh: "累计 logsumexp：log(cumsum(exp(x)))，不会溢出"),
      byAxis: 1),
    Builtin(
      "median", [x, axis],
      doc: Phrase(en: "the middle value; of an even number, the mean of the two", zh: "中位数；偶数个时取中间两个的平均"),
      example: "median([3, 1, 2, 10])"
    ) { (call) throws(Diagnostic) in try call.percentile(of: Tensor(50)) },
    Builtin(
      "percentile", [x, Function.Parameter("p"), axis],
      doc: Phrase(
        en: "the value that p% of x lie below, interpolated; p from 0 to 100 (quantile is the name of a loss)",
        zh: "有 p% 的元素在其下方的值（线性插值），p 从 0 到 100；quantile 是一个损失的名字"),
      example: "percentile(1..5, [25, 50, 90])"
    ) { (call) throws(Diagnostic) in
      try call.percentile(of: call.evaluator.tensor(call.operand("p"), at: call.place("p")))
    },
    Builtin(
      "take_along", [x, Function.Parameter("places"), axis],
      doc: Phrase(
        en: "elements of x by an array of places, one row of places per row of x", zh: "按位置数组取 x 的元素，x 的每一行各有一行位置"),
      example: "take_along([10,20;30,40], [2,1;1,1])"
    ) { (call) throws(Diagnostic) in
      let expression = try call.evaluator.expression(call.operand("x"), at: call.place("x"))
      let axis = try call.axisOrLast(of: expression.shape)
      let places = try call.places("places", upTo: expression.shape[axis])
      return try call.evaluator.apply(
        .takeAlong, [call.operand("x"), places], [call.place("x"), call.place("places")], attributes: [axis],
        at: call.span)
    },
  ]
}

extension Call {
  /// The axis asked for, counted from 0, or the last.
  func axisOrLast(of shape: Shape, _ parameter: String = "x") throws(Diagnostic) -> Int {
    if let axis = try axis(of: shape) { return axis }
    guard !shape.isEmpty else {
      throw Diagnostic.wrongKind(
        try operand(parameter), Phrase(en: "\(function) needs a vector", zh: "\(function) 需要向量"), at: place(parameter))
    }
    return shape.count - 1
  }

  /// An argument that counts from 1, as places from 0 for the graph; checked where its numbers are known.
  func places(_ name: String, upTo length: Int) throws(Diagnostic) -> Value {
    let value = try operand(name)
    let expression = try evaluator.expression(value, at: place(name))
    if evaluator.isKnown(expression.id), length >= 0 {
      for position in try evaluator.tensor(value, at: place(name)).elements {
        guard position == position.rounded(), position >= 1, position <= Double(length) else {
          throw Diagnostic.outOfRange(position, length: length, at: place(name))
        }
      }
    }
    return .traced((expression - 1).id)
  }

  /// Linear between the neighbours in order, NumPy's default (Hyndman & Fan 1996, type 7). A NaN makes the result NaN.
  func percentile(of p: Tensor) throws(Diagnostic) -> Value {
    for value in p.elements where !(value >= 0 && value <= 100) {
      throw diagnostic(
        "E209",
        Phrase(
          en: "a percentile runs from 0 to 100, not \(shortNumber(value))",
          zh: "百分位数从 0 到 100，不能是 \(shortNumber(value))"),
        at: "p")
    }
    var expression = try evaluator.expression(operand("x"), at: place("x"))
    let axis = try axis(of: expression.shape)
    guard Shapes.isConcrete(expression.shape), p.rank < 2 else {
      throw diagnostic("E203", Phrase(en: "percentile takes a number or a vector of p", zh: "p 应为数或向量"), at: "p")
    }
    if axis == nil { expression = expression.reshaped(to: [expression.shape.reduce(1, *)]) }
    let along = axis ?? 0
    let length = expression.shape[along]
    guard length > 0 else {
      throw diagnostic(
        "E209", Phrase(en: "\(function) of nothing: the vector is empty", zh: "向量是空的，\(function) 没有结果"), at: "x")
    }
    let sorted = expression.apply(.sort, attributes: [along])
    let heights = p.elements.map { Double(length - 1) * $0 / 100 }
    func neighbours(_ places: [Double]) -> Expression {
      let tensor = Tensor(shape: p.shape, elements: places.map { min($0, Double(length - 1)) })
      return sorted.apply(.take, [evaluator.graph.constant(tensor)], attributes: [along])
    }
    var result = neighbours(heights.map { $0.rounded(.down) })
    if heights.contains(where: { $0 != $0.rounded() }) {
      let weight = Tensor(shape: p.shape, elements: heights.map { $0 - $0.rounded(.down) })
      let after = Shape(repeating: 1, count: p.rank == 0 ? 0 : expression.shape.count - along - 1)
      let upper = evaluator.graph.constant(weight).reshaped(to: p.shape + after).broadcast(to: result.shape)
      result = (1 - upper) * result + upper * neighbours(heights.map { $0.rounded(.up) })
    }
    var top = expression.apply(.largest, attributes: [along])
    if p.rank == 1 {
      var kept = result.shape
      kept[along] = 1
      top = top.reshaped(to: kept).broadcast(to: result.shape)
    }
    return .traced(result.where_(top.equals(top), else: top).id)
  }
}
