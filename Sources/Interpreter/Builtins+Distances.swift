import Graphs
import Markup
import Syntax
import Tensors

// Lengths and distances. At length 0 the subgradient 0 is taken, so that two equal points do not make a gradient NaN.

extension Builtins {
  private static let order = Function.Parameter("ord", fallback: .value(.number(2)))

  static let distances: [Builtin] = [
    Builtin(
      "norm", [x, order, axis],
      doc: Phrase(
        en: "length: √Σx²; ord=1 adds |x|, ord=inf takes the largest |x|, ord=p is (Σ|x|^p)^(1/p)",
        zh: "长度：√Σx²；ord=1 为 Σ|x|，ord=inf 为最大的 |x|，ord=p 为 (Σ|x|^p)^(1/p)"), example: "norm([3, 4])"
    ) { (call) throws(Diagnostic) in
      let expression = try call.evaluator.expression(call.operand("x"), at: call.place("x"))
      let axis = try call.axis(of: expression.shape)
      let order = try call.order()
      if order != 2, axis == nil, expression.shape.count == 2 {
        call.evaluator.remark(
          Phrase(
            en: "norm runs over all elements of a matrix; √max(eigenvalues(A' @ A)) is the spectral norm",
            zh: "矩阵的 norm 把所有元素一起算；谱范数是 √max(eigenvalues(A' @ A))"))
      }
      return .traced(expression.norm(order, along: axis).id)
    },
    Builtin(
      "cdist", [Function.Parameter("a"), Function.Parameter("b", fallback: .absent), order],
      doc: Phrase(
        en: "the distance from each row of a to each row of b (to each row of a itself, without b)",
        zh: "a 的每一行到 b 的每一行的距离；省略 b 时是 a 各行之间的距离"), example: "cdist([0,0; 3,4], [0,0; 0,1; 3,0])"
    ) { (call) throws(Diagnostic) in
      let name = call.has("b") ? "b" : "a"
      var a = try call.evaluator.expression(call.operand("a"), at: call.place("a"))
      var b = try call.evaluator.expression(call.operand(name), at: call.place(name))
      // A vector holds points on a line.
      if a.shape.count == 1, b.shape.count == 1 {
        a = a.reshaped(to: a.shape + [1])
        b = b.reshaped(to: b.shape + [1])
      }
      guard a.shape.count == 2, b.shape.count == 2, a.shape[1] == b.shape[1] else {
        throw Diagnostic(
          ShapeError(a.shape.count == 2 && b.shape.count == 2 ? .mismatch : .rank, shapes: [a.shape, b.shape]),
          [call.place("a"), call.place(name)], at: call.span)
      }
      let (n, m, d) = (a.shape[0], b.shape[0], a.shape[1])
      _ = try call.evaluator.exhausted(at: call.span) { () throws(Budget.Exhausted) in
        try Budget.allocatable([n, m, d])
      }
      let difference =
        a.reshaped(to: [n, 1, d]).broadcast(to: [n, m, d]) - b.reshaped(to: [1, m, d]).broadcast(to: [n, m, d])
      return .traced(difference.norm(try call.order(), along: 2).id)
    },
  ]
}

extension Call {
  fileprivate func order() throws(Diagnostic) -> Double {
    let order = try evaluator.number(operand("ord"), at: place("ord"))
    guard order > 0 else {
      throw diagnostic(
        "E209",
        Phrase(en: "ord must be above 0, not \(shortNumber(order))", zh: "ord 应大于 0，不能是 \(shortNumber(order))"),
        at: "ord")
    }
    return order
  }
}

extension Expression {
  fileprivate func norm(_ order: Double, along axis: Int?) -> Expression {
    let attributes = axis.map { [$0] } ?? []
    switch order {
    case 2: return apply(.norm, attributes: attributes)
    case 1: return apply(.abs).apply(.sum, attributes: attributes)
    case .infinity: return apply(.abs).apply(.largest, attributes: attributes)
    default: return apply(.abs).power(order).apply(.sum, attributes: attributes).power(1 / order)
    }
  }
}
