import Graphs
import Markup
import Syntax
import Tensors

// Random numbers: with `seed=` the same on every machine and every time; without it the next ones of the session, whose
// stream also starts the same everywhere (`:set seed 7` starts another). In a descent an unseeded draw is made anew at
// every step.

extension Builtins {
  private static let sizes = Function.Parameter("sizes", isVariadic: true)
  private static let seed = Function.Parameter("seed", fallback: .absent)

  private static func draw(
    _ name: String, _ distribution: Primitive.Distribution, _ doc: Phrase
  ) -> Builtin {
    Builtin(name, [sizes, seed], doc: doc, example: "\(name)(3, seed=7)") { (call) throws(Diagnostic) in
      .traced(try call.random(distribution, try call.sizes()).id)
    }
  }

  static let random: [Builtin] = [
    draw("rand", .uniform, Phrase(en: "random numbers, uniform from 0 to 1", zh: "0 到 1 之间均匀分布的随机数")),
    draw("randn", .normal, Phrase(en: "random numbers from the standard normal", zh: "标准正态分布的随机数")),
    Builtin(
      "randint", [Function.Parameter("low"), Function.Parameter("high"), sizes, seed],
      doc: Phrase(en: "random whole numbers from low to high, both included", zh: "low 到 high 之间的随机整数，含两端"),
      example: "randint(1, 6, 10, seed=7)"
    ) { (call) throws(Diagnostic) in
      let limit = 1_000_000_000_000
      let low = try call.evaluator.integer(
        call.operand("low"), at: call.place("low"), called: "low", from: -limit, to: limit)
      let high = try call.evaluator.integer(
        call.operand("high"), at: call.place("high"), called: "high", from: low, to: limit)
      let uniform = try call.random(.uniform, try call.sizes())
      return .traced((Double(low) + (Double(high - low + 1) * uniform).apply(.floor)).id)
    },
    Builtin(
      "permutation", [Function.Parameter("n"), seed],
      doc: Phrase(en: "1…n in random order", zh: "把 1…n 随机排列"), example: "permutation(5, seed=7)"
    ) { (call) throws(Diagnostic) in
      let n = try call.evaluator.integer(
        call.operand("n"), at: call.place("n"), called: "n", from: 0, to: Shapes.elementLimit)
      return .traced(try call.permutation(n).id)
    },
    Builtin(
      "shuffle", [x, seed],
      doc: Phrase(
        en: "the elements of a vector, or the rows of a matrix, in random order; equal seeds shuffle X and y alike",
        zh: "随机打乱向量的元素或矩阵的行；seed 相同，X 与 y 的打乱方式就相同"),
      example: "shuffle([1,2,3,4], seed=7)"
    ) { (call) throws(Diagnostic) in
      let expression = try call.evaluator.expression(call.operand("x"), at: call.place("x"))
      guard let length = expression.shape.first, length >= 0 else {
        throw Diagnostic.wrongKind(
          try call.operand("x"), Phrase(en: "shuffle needs a vector or rows", zh: "shuffle 需要向量或矩阵"),
          at: call.place("x"))
      }
      let places = try call.permutation(length) - 1
      return .traced(expression.apply(.take, [places], attributes: [0]).id)
    },
    Builtin(
      "dropout", [x, Function.Parameter("rate", fallback: .value(.number(0.5))), seed],
      doc: Phrase(
        en: "each element 0 with probability rate, the others divided by 1 - rate, so that the mean stays",
        zh: "每个元素以概率 rate 变为 0，其余除以 1 - rate，均值不变"),
      example: "dropout([1,2,3,4], 0.5, seed=7)"
    ) { (call) throws(Diagnostic) in
      let expression = try call.evaluator.expression(call.operand("x"), at: call.place("x"))
      let rate = try call.evaluator.number(call.operand("rate"), at: call.place("rate"))
      guard rate >= 0, rate < 1 else {
        throw call.diagnostic(
          "E209",
          Phrase(
            en: "the rate of dropout is from 0 to below 1, not \(shortNumber(rate))",
            zh: "dropout 的 rate 从 0 到 1（不含 1），不能是 \(shortNumber(rate))"), at: "rate")
      }
      guard rate > 0 else { return try call.operand("x") }
      let keeps = try call.random(.uniform, expression.shape).apply(.greaterOrEqual, [expression.constant(rate)])
      return .traced((expression / (1 - rate)).where_(keeps, else: expression.constant(0)).id)
    },
  ]
}

extension Call {
  /// Numbers from `seed=` if it is given, else from the key of the run being traced, else the session's next.
  fileprivate func random(_ distribution: Primitive.Distribution, _ shape: Shape) throws(Diagnostic) -> Expression {
    guard Shapes.isConcrete(shape) else {
      throw diagnostic("E217", Phrase(en: "how many numbers is not known here", zh: "这里还不知道需要多少个数"))
    }
    _ = try allocatable(shape)
    var key: Expression
    var draw = 0
    if has("seed") {
      let seed = try evaluator.integer(operand("seed"), at: place("seed"), called: "seed", from: 0)
      key = evaluator.graph.constant(Double(seed))
    } else if let running = evaluator.randomKey {
      evaluator.draws += 1
      draw = evaluator.draws
      key = running
    } else {
      key = evaluator.graph.constant(evaluator.environment.nextSeed())
      evaluator.isRepeatable = false
    }
    return key.apply(.random, attributes: [distribution.rawValue, draw] + shape)
  }

  /// 1…n in random order: the order of n random numbers. Two equal ones among 2^27 would be a tie of no consequence.
  fileprivate func permutation(_ n: Int) throws(Diagnostic) -> Expression {
    try random(.uniform, [n]).apply(.argsort, attributes: [0])
  }
}
