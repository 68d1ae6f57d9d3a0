import Tensors

// Elementwise primitives. Each derivative is the textbook's, in x, y, … and the result r, arranged so that it stays
// finite wherever the mathematics does: sigmoid′ = r(1 − r), not e^-x/(1 + e^-x)².

private typealias Partial = @Sendable ([Expression], Expression) -> Expression?

private func unary(
  _ id: Primitive.ID, _ name: String, _ kernel: UnaryKernel,
  _ derivative: @escaping @Sendable (Expression, Expression) -> Expression
) -> (Primitive.ID, Primitive) {
  let partial: Partial = { inputs, result in derivative(inputs[0], result) }
  return (
    id,
    Primitive(
      name: name, shape: { (inputs, _) in inputs[0] }, kernel: .unary(kernel), derivative: .elementwise([partial]))
  )
}

private func step(_ id: Primitive.ID, _ name: String, _ kernel: UnaryKernel) -> (Primitive.ID, Primitive) {
  (id, Primitive(name: name, shape: { (inputs, _) in inputs[0] }, kernel: .unary(kernel), derivative: .zero))
}

private func binary(
  _ id: Primitive.ID, _ name: String, _ kernel: BinaryKernel,
  _ left: @escaping @Sendable (Expression, Expression, Expression) -> Expression?,
  _ right: @escaping @Sendable (Expression, Expression, Expression) -> Expression?
) -> (Primitive.ID, Primitive) {
  let partials: [Partial] = [
    { inputs, result in left(inputs[0], inputs[1], result) }, { inputs, result in right(inputs[0], inputs[1], result) },
  ]
  return (
    id,
    Primitive(
      name: name, shape: { (inputs, _) in inputs[0] }, kernel: .binary(kernel), derivative: .elementwise(partials))
  )
}

private func comparison(_ id: Primitive.ID, _ name: String, _ kernel: BinaryKernel) -> (Primitive.ID, Primitive) {
  (id, Primitive(name: name, shape: { (inputs, _) in inputs[0] }, kernel: .binary(kernel), derivative: .zero))
}

extension Primitive {
  static let unaryRows: [(ID, Primitive)] = [
    unary(.negate, "neg", .negate) { x, _ in x.constant(-1) },
    // At the kink the subgradient 0 is chosen, as sign(0) is.
    unary(.abs, "abs", .abs) { x, _ in x.apply(.sign) },
    step(.sign, "sign", .sign),
    unary(.sqrt, "sqrt", .sqrt) { _, r in 1 / (2 * r) },
    unary(.exp, "exp", .exp) { _, r in r },
    unary(.expm1, "expm1", .expm1) { x, _ in x.apply(.exp) },
    unary(.log, "log", .log) { x, _ in 1 / x },
    unary(.log1p, "log1p", .log1p) { x, _ in 1 / (1 + x) },
    unary(.log2, "log2", .log2) { x, _ in 1 / (x * 0.6931471805599453) },
    unary(.log10, "log10", .log10) { x, _ in 1 / (x * 2.302585092994046) },
    unary(.sin, "sin", .sin) { x, _ in x.apply(.cos) },
    unary(.cos, "cos", .cos) { x, _ in -x.apply(.sin) },
    unary(.tan, "tan", .tan) { _, r in 1 + r.power(2) },
    unary(.tanh, "tanh", .tanh) { _, r in 1 - r.power(2) },
    unary(.sinh, "sinh", .sinh) { x, _ in x.apply(.cosh) },
    unary(.cosh, "cosh", .cosh) { x, _ in x.apply(.sinh) },
    unary(.asin, "asin", .asin) { x, _ in 1 / (1 - x.power(2)).apply(.sqrt) },
    unary(.acos, "acos", .acos) { x, _ in -1 / (1 - x.power(2)).apply(.sqrt) },
    unary(.atan, "atan", .atan) { x, _ in 1 / (1 + x.power(2)) },
    unary(.sigmoid, "sigmoid", .sigmoid) { _, r in r * (1 - r) },
    unary(.softplus, "softplus", .softplus) { x, _ in x.apply(.sigmoid) },
    unary(.relu, "relu", .relu) { x, _ in x.apply(.greater, [x.constant(0)]) },
    step(.floor, "floor", .floor),
    step(.ceil, "ceil", .ceil),
    step(.round, "round", .round),
    unary(.erf, "erf", .erf) { x, _ in 1.1283791670955126 * (-x.power(2)).apply(.exp) },  // 2/√π
    unary(.lgamma, "lgamma", .lgamma) { x, _ in x.apply(.digamma) },
    unary(.digamma, "digamma", .digamma) { x, _ in x.constant(1).apply(.polygamma, [x]) },
    step(.not, "not", .not),
    unary(.asinh, "asinh", .asinh) { x, _ in 1 / (1 + x.power(2)).apply(.sqrt) },
    unary(.acosh, "acosh", .acosh) { x, _ in 1 / (x.power(2) - 1).apply(.sqrt) },
    unary(.atanh, "atanh", .atanh) { x, _ in 1 / (1 - x.power(2)) },
    unary(.erfc, "erfc", .erfc) { x, _ in -1.1283791670955126 * (-x.power(2)).apply(.exp) },
    unary(.erfinv, "erfinv", .erfinv) { _, r in 0.886226925452758 * r.power(2).apply(.exp) },  // √π/2
    // I₀′ = I₁ and I₁′ = I₀ − I₁/x; the factor e^-|x| adds −sign(x) times the function itself.
    unary(.besselI0e, "i0e", .besselI0e) { x, r in x.apply(.besselI1e) - x.apply(.sign) * r },
    unary(.besselI1e, "i1e", .besselI1e) { x, r in
      let elsewhere = x.apply(.unequal, [x.constant(0)])
      let quotient = (r / x.where_(elsewhere, else: x.constant(1))).where_(elsewhere, else: x.constant(0.5))
      return x.apply(.besselI0e) - quotient - x.apply(.sign) * r
    },
    // φ/Φ as one exponential: both underflow on the left, their quotient does not.
    unary(.logNdtr, "log_ndtr", .logNdtr) { x, r in (-x.power(2) / 2 - r - 0.9189385332046727).apply(.exp) },
  ]

  static let binaryRows: [(ID, Primitive)] = [
    binary(.add, "+", .add, { x, _, _ in x.constant(1) }, { x, _, _ in x.constant(1) }),
    binary(.subtract, "-", .subtract, { x, _, _ in x.constant(1) }, { x, _, _ in x.constant(-1) }),
    binary(.multiply, "*", .multiply, { _, y, _ in y }, { x, _, _ in x }),
    binary(.divide, "/", .divide, { _, y, _ in 1 / y }, { x, y, _ in -x / y.power(2) }),
    // x^y·log x would be 0·(−∞) at x = 0; xlogy keeps the limit.
    binary(
      .power, "^", .power, { x, y, _ in y * x.power(y - 1) },
      { x, y, r in
        let logarithm = x.apply(.log)
        return (r * logarithm).where_(x.apply(.greater, [x.constant(0)]), else: x.constant(0))
      }),
    // Half of the gradient to each side of a tie, so that the two halves add up to 1.
    binary(.minimum, "min", .minimum, { x, y, _ in share(y, x) }, { x, y, _ in share(x, y) }),
    binary(.maximum, "max", .maximum, { x, y, _ in share(x, y) }, { x, y, _ in share(y, x) }),
    binary(.modulo, "mod", .modulo, { x, _, _ in x.constant(1) }, { x, y, _ in -(x / y).apply(.floor) }),
    binary(.xlogy, "xlogy", .xlogy, { _, y, _ in y.apply(.log) }, { x, y, _ in x / y }),
    comparison(.less, "<", .less),
    comparison(.lessOrEqual, "≤", .lessOrEqual),
    comparison(.greater, ">", .greater),
    comparison(.greaterOrEqual, "≥", .greaterOrEqual),
    comparison(.equal, "==", .equal),
    comparison(.unequal, "≠", .unequal),
    comparison(.and, "and", .and),
    comparison(.or, "or", .or),
    // The order n is a whole number: there is nothing to differentiate.
    binary(.polygamma, "polygamma", .polygamma, { _, _, _ in nil }, { n, x, _ in (n + 1).apply(.polygamma, [x]) }),
    binary(
      .logaddexp, "logaddexp", .logaddexp, { x, y, _ in (x - y).apply(.sigmoid) },
      { x, y, _ in (y - x).apply(.sigmoid) }),
    binary(
      .atan2, "atan2", .atan2, { y, x, _ in x / (x.power(2) + y.power(2)) },
      { y, x, _ in -y / (x.power(2) + y.power(2)) }),
    (
      .select,
      Primitive(
        name: "where", shape: { (inputs, _) in inputs[0] }, kernel: .select,
        derivative: .pullback { pullback in
          let condition = pullback.inputs[0]
          let zero = condition.constant(0)
          let chosen = pullback.adjoint.where_(condition, else: zero).summed(to: pullback.inputs[1].shape)
          let other = zero.where_(condition, else: pullback.adjoint).summed(to: pullback.inputs[2].shape)
          return [nil, chosen, other]
        })
    ),
  ]

  /// 1 where a > b, ½ where they tie.
  private static func share(_ a: Expression, _ b: Expression) -> Expression {
    a.constant(1).where_(a.apply(.greater, [b]), else: a.constant(0.5).where_(a.equals(b), else: a.constant(0)))
  }
}
