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
      Function.Parameter("rate", fallback: .absent),
      Function.Parameter("steps", fallback: .value(.number(20))), Function.Parameter("with", fallback: .absent),
      Function.Parameter("data", fallback: .absent), Function.Parameter("stop", fallback: .absent),
      Function.Parameter("stop_step", fallback: .absent), Function.Parameter("stop_loss", fallback: .absent),
    ],
    doc: Phrase(
      en: "gradient descent on L from the named starting values; keeps every step", zh: "从给定的起点对 L 做梯度下降，记下每一步"),
    example: "descend(w -> (w - 3)^2, w=0, rate=0.1, steps=5)"
  ) { (call) throws(Diagnostic) in .object(TraceObject(try descent(&call).run(call.evaluator.budget))) }

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

  private static func descent(_ call: inout Call) throws(Diagnostic) -> Descent {
    let function = try goal(call)
    let evaluator = call.evaluator
    let optimizer =
      try call.values["with"].map { (value) throws(Diagnostic) in
        try self.optimizer(value, evaluator, at: call.place("with"))
      } ?? ChosenRule(plain)
    let rate =
      try call.values["rate"].map { (value) throws(Diagnostic) in
        try self.rate(value, evaluator, at: call.place("rate"))
      } ?? .constant(optimizer.rule.defaultRate)
    let steps = try evaluator.integer(
      call.operand("steps"), at: call.place("steps"), called: "steps", from: 0, to: 10_000_000)
    var start: [Descent.Start] = []
    for (name, value) in call.extra {
      guard function.parameters.contains(where: { $0.name == name }) else {
        throw call.unknownArgument(name, of: function)
      }
      start.append(Descent.Start(name: name, value: try evaluator.tensor(value, at: call.place(name))))
    }
    guard !start.isEmpty else {
      let first = function.parameters.first?.name ?? "w"
      throw call.diagnostic(
        "E302", Phrase(en: "say what is learned and where it starts", zh: "请说明学习哪个参数、从哪里开始"),
        help: Phrase(
          en: "descend(\(function.name ?? "L"), \(first)=0)", zh: "descend(\(function.name ?? "L"), \(first)=0)"))
    }
    let batches = try self.batches(call)
    return Descent(
      objective: function, environment: evaluator.environment, start: start, data: batches,
      dataNames: try dataNames(function, start, batches, call), optimizer: optimizer,
      rate: rate, steps: steps, stop: try stop(call), span: call.place("L"), line: evaluator.line)
  }

  /// The parameters of L that the columns of the data are, in order.
  private static func dataNames(
    _ function: Function, _ start: [Descent.Start], _ batches: Batches?, _ call: Call
  ) throws(Diagnostic) -> [String] {
    let learned = Set(start.map(\.name))
    let others = function.parameters.filter { !learned.contains($0.name) && ($0.fallback == nil || batches != nil) }
      .map(\.name)
    let names = Array(others.prefix(batches?.columns.count ?? 0))
    if let missing = others.dropFirst(names.count).first(where: { name in
      function.parameters.first { $0.name == name }?.fallback == nil
    }) {
      throw call.diagnostic(
        "E302",
        Phrase(
          en: "`\(missing)` of \(function.signature) has no value", zh: "\(function.signature) 的 `\(missing)` 没有值"),
        help: Phrase(
          en: "give it a start (\(missing)=0) or data=batches(…)", zh: "给它起始值（\(missing)=0），或用 data=batches(…)"))
    }
    if let batches, names.count < batches.columns.count {
      throw call.diagnostic(
        "E302",
        Phrase(
          en:
            "the data have \(batches.columns.count) columns, but \(function.signature) has \(names.count) parameters that are not learned",
          zh: "数据有 \(batches.columns.count) 列，而 \(function.signature) 只有 \(names.count) 个不需要学习的参数"),
        at: "data",
        help: Phrase(
          en: "L takes the learned parameters and one parameter per column", zh: "L 的参数应为要学习的参数，再加每列数据一个参数"))
    }
    return names
  }

  /// `rate=`: a number, a function of t such as `cosine(0.1, 200)`, or a schedule that remembers.
  static func rate(_ value: Value, _ evaluator: Evaluator, at span: Range<Int>) throws(Diagnostic) -> Descent.Rate {
    var value = value
    if case .function(let function) = value, case .builtin = function.body, function.requiredCount == 0 {
      value = try evaluator.invoke(value, [], at: span)
    }
    if case .object(let object) = value, let rule = object as? RuleObject, rule.chosen.rule.kind == .schedule {
      return .rule(rule.chosen)
    }
    if case .function(let function) = value {
      // The bare name of a schedule: its builtin or definition has to be given its numbers first.
      let isBareName = function.name.flatMap { RuleBook.standard.section($0) }?.definition != nil
      guard !isBareName, function.requiredCount == 1 else {
        throw Diagnostic(
          "E301",
          Phrase(
            en: "\(function.signature) is not a schedule yet", zh: "\(function.signature) 还不是学习率日程"),
          at: [.init(span)],
          help: Phrase(
            en: "a schedule is a function of t: rate=cosine(0.1, 200), or rate = t -> 0.1/(1+t)",
            zh: "日程是 t 的函数：rate=cosine(0.1, 200)，或 rate = t -> 0.1/(1+t)"))
      }
      return .function(function)
    }
    let rate = try evaluator.number(value, at: span)
    guard rate > 0, rate.isFinite else {
      throw Diagnostic(
        "E301",
        Phrase(
          en: "rate must be a positive number, not \(shortNumber(rate))", zh: "rate 应为正数，不能是 \(shortNumber(rate))"),
        at: [.init(span)], help: Phrase(en: "try rate=0.1", zh: "试试 rate=0.1"))
    }
    return .constant(rate)
  }

  /// `stop=1e-6` is a tolerance on |∇|, `stop_step=` one on |Δw|, `stop_loss=` one on |ΔL|: whichever is met first.
  private static func stop(_ call: Call) throws(Diagnostic) -> Descent.Stop {
    Descent.Stop(
      gradient: try tolerance("stop", call), step: try tolerance("stop_step", call),
      loss: try tolerance("stop_loss", call))
  }

  private static func tolerance(_ name: String, _ call: Call) throws(Diagnostic) -> Double? {
    guard let value = call.values[name] else { return nil }
    let number = try call.evaluator.number(value, at: call.place(name))
    guard number >= 0 else {
      throw call.diagnostic(
        "E301", Phrase(en: "\(name)= takes a tolerance of 0 or more", zh: "\(name)= 需要不小于 0 的容差"), at: name)
    }
    return number
  }

  /// What `descend` uses where nothing is said.
  private static var plain: Rule {
    guard let rule = RuleBook.standard.section("sgd")?.rule else { preconditionFailure("sgd is part of the prelude") }
    return rule
  }

  /// `with=`: an optimizer with its settings, or its bare name for the defaults.
  static func optimizer(
    _ value: Value, _ evaluator: Evaluator, at span: Range<Int>
  ) throws(Diagnostic) -> ChosenRule {
    let library = RuleBook.standard
    var value = value
    if case .text(let name) = value, let known = library[canonicalName(name)] { value = known }
    if case .function(let function) = value, case .builtin = function.body, function.requiredCount == 0 {
      value = try evaluator.invoke(value, [], at: span)
    }
    guard case .object(let object) = value, let made = object as? RuleObject, made.chosen.rule.kind == .optimizer else {
      let names = library.optimizers.map(\.name).joined(separator: ", ")
      throw Diagnostic.wrongKind(
        value, Phrase(en: "with= takes an optimizer", zh: "with= 需要优化器"), at: span,
        help: Phrase(en: "one of \(names)", zh: "可用：\(names)"))
    }
    return made.chosen
  }

  private static func batches(_ call: Call) throws(Diagnostic) -> Batches? {
    guard let value = call.values["data"] else { return nil }
    guard case .object(let object) = value, let batches = object as? BatchesObject else {
      throw Diagnostic.wrongKind(
        value, Phrase(en: "data= takes batches(X, y, size=…)", zh: "data= 需要 batches(X, y, size=…)"),
        at: call.place("data"))
    }
    return batches.batches
  }
}
