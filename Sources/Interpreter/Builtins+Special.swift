import Graphs
import Markup
import Syntax

// Functions of statistics and geometry beyond the ones every calculator has.

extension Builtins {
  private static func pair(
    _ name: String, _ primitive: Primitive.ID, _ first: String, _ second: String, _ doc: Phrase, _ example: String
  ) -> Builtin {
    Builtin(name, [Function.Parameter(first), Function.Parameter(second)], doc: doc, example: example) {
      (call) throws(Diagnostic) in
      try call.evaluator.apply(
        primitive, [call.operand(first), call.operand(second)], [call.place(first), call.place(second)], at: call.span)
    }
  }

  /// e^|x| times the scaled function; overflows where the function itself does.
  private static func unscaled(_ name: String, _ primitive: Primitive.ID, _ doc: Phrase) -> Builtin {
    Builtin(name, [x], doc: doc, example: "\(name)(0.5)") { (call) throws(Diagnostic) in
      let scaled = try call.evaluator.apply(primitive, [call.operand("x")], [call.place("x")], at: call.span)
      let size = try call.evaluator.apply(.abs, [call.operand("x")], [call.place("x")], at: call.span)
      let scale = try call.evaluator.apply(.exp, [size], [call.span], at: call.span)
      return try call.evaluator.apply(.multiply, [scaled, scale], [call.span, call.span], at: call.span)
    }
  }

  static let special: [Builtin] = [
    unary("asinh", .asinh, Phrase(en: "inverse hyperbolic sine", zh: "反双曲正弦")),
    unary("acosh", .acosh, Phrase(en: "inverse hyperbolic cosine, from 1", zh: "反双曲余弦，x ≥ 1"), at: "2"),
    unary("atanh", .atanh, Phrase(en: "inverse hyperbolic tangent", zh: "反双曲正切")),
    pair(
      "atan2", .atan2, "y", "x", Phrase(en: "the angle of the point (x, y), from -π to π", zh: "点 (x, y) 的辐角，从 -π 到 π"),
      "atan2(1, -1)"),
    unary("erfc", .erfc, Phrase(en: "1 - erf(x), exact in the tail", zh: "1 - erf(x)，尾部也精确")),
    unary("erfinv", .erfinv, Phrase(en: "inverse of erf", zh: "erf 的反函数")),
    unary(
      "log_ndtr", .logNdtr,
      Phrase(en: "log of the standard normal distribution function", zh: "标准正态分布函数的对数"), at: "-3"),
    Builtin("trigamma", [x], doc: Phrase(en: "derivative of digamma", zh: "digamma 的导数"), example: "trigamma(1)") {
      (call) throws(Diagnostic) in
      try call.evaluator.apply(
        .polygamma, [.number(1), call.operand("x")], [call.span, call.place("x")], at: call.span)
    },
    pair(
      "polygamma", .polygamma, "n", "x",
      Phrase(en: "the n-th derivative of digamma, n a whole number", zh: "digamma 的 n 阶导数，n 为整数"), "polygamma(2, 1.5)"),
    unary(
      "bessel_i0e", .besselI0e,
      Phrase(en: "exp(-|x|)·I₀(x), modified Bessel function", zh: "exp(-|x|)·I₀(x)，第一类修正贝塞尔函数")),
    unary(
      "bessel_i1e", .besselI1e,
      Phrase(en: "exp(-|x|)·I₁(x), modified Bessel function", zh: "exp(-|x|)·I₁(x)，第一类修正贝塞尔函数")),
    unscaled(
      "bessel_i0", .besselI0e,
      Phrase(en: "I₀(x), modified Bessel function of the first kind", zh: "I₀(x)，第一类修正贝塞尔函数")),
    unscaled(
      "bessel_i1", .besselI1e,
      Phrase(en: "I₁(x), modified Bessel function of the first kind", zh: "I₁(x)，第一类修正贝塞尔函数")),
    pair(
      "logaddexp", .logaddexp, "a", "b",
      Phrase(en: "log(exp(a) + exp(b)) without overflow", zh: "log(exp(a) + exp(b))，不会溢出"), "logaddexp(1000, 1000)"),
    Builtin(
      "where",
      [Function.Parameter("condition"), Function.Parameter("a"), Function.Parameter("b")],
      doc: Phrase(
        en: "a where the condition holds, b elsewhere; both are computed", zh: "条件成立处取 a，否则取 b；两者都会计算"),
      example: "where([1,-2] > 0, [10,20], 0)"
    ) { (call) throws(Diagnostic) in
      let names = ["condition", "a", "b"]
      return try call.evaluator.apply(.select, call.operands(names), names.map { call.place($0) }, at: call.span)
    },
  ]
}
