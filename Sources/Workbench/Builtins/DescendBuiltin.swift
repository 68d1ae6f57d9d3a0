import Descent
import Interpreter
import Markup
import Syntax
import Tensors

/// `descend(L, w=0, rate=0.1, steps=20, with=momentum(0.9))`
enum DescendBuiltin {
  static let row = Builtin(
    "descend",
    [
      Function.Parameter("L"), Function.Parameter("…", fallback: .absent),
      Function.Parameter("rate", fallback: .value(.number(0.1))),
      Function.Parameter("steps", fallback: .value(.number(20))), Function.Parameter("with", fallback: .absent),
      Function.Parameter("data", fallback: .absent), Function.Parameter("stop", fallback: .absent),
    ],
    doc: Phrase(
      en: "gradient descent on L from the named starting values; keeps every step", zh: "从给定的起点对 L 做梯度下降，记下每一步"),
    example: "descend(w -> (w - 3)^2, w=0, rate=0.1, steps=5)"
  ) { (call) throws(Diagnostic) in .object(TraceObject(try trace(&call), try goal(call), call.evaluator)) }

  private static func goal(_ call: Call) throws(Diagnostic) -> Function {
    guard case .function(let function) = try call.operand("L") else {
      throw Diagnostic.wrongKind(
        try call.operand("L"), Phrase(en: "descend needs a function to go down", zh: "descend 需要一个函数"),
        at: call.place("L"),
        help: Phrase(
          en: "first L(w) = mse(w*x, y), then descend(L, w=0)", zh: "先写 L(w) = mse(w*x, y)，再写 descend(L, w=0)"))
    }
    return function
  }

  private static func trace(_ call: inout Call) throws(Diagnostic) -> Trace {
    let function = try goal(call)
    let evaluator = call.evaluator
    let rate = try evaluator.number(call.operand("rate"), at: call.place("rate"))
    guard rate > 0, rate.isFinite else {
      throw call.diagnostic(
        "E301",
        Phrase(
          en: "rate must be a positive number, not \(shortNumber(rate))", zh: "rate 应为正数，不能是 \(shortNumber(rate))"),
        at: "rate", help: Phrase(en: "try rate=0.1", zh: "试试 rate=0.1"))
    }
    let steps = try evaluator.integer(
      call.operand("steps"), at: call.place("steps"), called: "steps", from: 0, to: 10_000_000)
    var start: [(name: String, start: Tensor)] = []
    for (name, value) in call.extra {
      guard function.parameters.contains(where: { $0.name == name }) else {
        throw call.diagnostic(
          "E302",
          Phrase(en: "\(function.signature) has no parameter `\(name)`", zh: "\(function.signature) 没有参数 `\(name)`"),
          at: name, help: Phrase(en: "name the parameters of L with their starting values", zh: "请写 L 的参数名和起始值"))
      }
      start.append((name, try evaluator.tensor(value, at: call.place(name))))
    }
    guard !start.isEmpty else {
      let first = function.parameters.first?.name ?? "w"
      throw call.diagnostic(
        "E302", Phrase(en: "say what is learned and where it starts", zh: "请说明学习哪个参数、从哪里开始"),
        help: Phrase(
          en: "descend(\(function.name ?? "L"), \(first)=0)", zh: "descend(\(function.name ?? "L"), \(first)=0)"))
    }
    let batches = try self.batches(call)
    let learned = Set(start.map(\.name))
    let others = function.parameters.filter { !learned.contains($0.name) && ($0.fallback == nil || batches != nil) }
      .map(\.name)
    let dataNames = Array(others.prefix(batches?.columns.count ?? 0))
    if let missing = others.dropFirst(dataNames.count).first(where: { name in
      function.parameters.first { $0.name == name }?.fallback == nil
    }) {
      throw call.diagnostic(
        "E302",
        Phrase(
          en: "`\(missing)` of \(function.signature) has no value", zh: "\(function.signature) 的 `\(missing)` 没有值"),
        help: Phrase(
          en: "give it a start (\(missing)=0) or data=batches(…)", zh: "给它起始值（\(missing)=0），或用 data=batches(…)"))
    }
    let descent = Descent(
      optimizer: try optimizer(call), rate: rate, steps: steps,
      tolerance: try call.has("stop") ? evaluator.number(call.operand("stop"), at: call.place("stop")) : nil)
    let arguments =
      start.map { TracedFunction.Argument(name: $0.name, isVariable: true) }
      + dataNames.map { TracedFunction.Argument(name: $0, isVariable: false) }
    let objective = TracedFunction(function, arguments, in: evaluator, at: call.place("L"))
    var order = batches?.order()
    return try descent.run(from: start, budget: evaluator.budget) { (parameters, step) throws(Diagnostic) in
      let data = order?.batch(at: step) ?? []
      let (value, gradients) = try objective(parameters + data)
      return (value.elements[0], gradients)
    }
  }

  /// `with=`: an optimizer made by its builtin, or the builtin itself for its defaults.
  private static func optimizer(_ call: Call) throws(Diagnostic) -> any Optimizer {
    guard var value = call.values["with"] else { return GradientDescent() }
    if case .function = value { value = try call.evaluator.invoke(value, [], at: call.place("with")) }
    guard case .object(let object) = value, let made = object as? OptimizerObject else {
      let names = Optimizers.table.map(\.name).joined(separator: ", ")
      throw Diagnostic.wrongKind(
        value, Phrase(en: "with= takes an optimizer", zh: "with= 需要优化器"), at: call.place("with"),
        help: Phrase(en: "one of \(names)", zh: "可用：\(names)"))
    }
    return made.optimizer
  }

  private static func batches(_ call: Call) throws(Diagnostic) -> BatchesObject? {
    guard let value = call.values["data"] else { return nil }
    guard case .object(let object) = value, let batches = object as? BatchesObject else {
      throw Diagnostic.wrongKind(
        value, Phrase(en: "data= takes batches(X, y, size=…)", zh: "data= 需要 batches(X, y, size=…)"),
        at: call.place("data"))
    }
    return batches
  }
}
