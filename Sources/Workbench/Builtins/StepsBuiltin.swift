import Descent
import Graphs
import Interpreter
import Markup
import Notation
import Syntax
import Tensors

/// `steps(t, 3)`: one step of a descent with its numbers in: gradient, update, and whether the loss moved as promised.
enum StepsBuiltin {
  static let row = Builtin(
    "steps", [Function.Parameter("t"), Function.Parameter("k", fallback: .value(.number(0)))],
    doc: Phrase(en: "one step of a trace with the numbers substituted", zh: "把数字代进去，看轨迹中的一步"),
    example: "steps(descend(w -> (w - 3)^2, w=0, steps=3), 1)"
  ) { (call) throws(Diagnostic) in
    guard case .object(let object) = try call.operand("t"), let trace = object as? TraceObject else {
      throw Diagnostic.wrongKind(
        try call.operand("t"), Phrase(en: "steps takes a trace", zh: "steps 需要一条轨迹"), at: call.place("t"),
        help: Phrase(verbatim: "t = descend(L, w=0)"))
    }
    let last = trace.trace.stepCount - 1
    guard last >= 0 else {
      throw call.diagnostic("E303", Phrase(en: "this trace has no steps", zh: "这条轨迹没有步骤"), at: "t")
    }
    let step = try call.evaluator.integer(call.operand("k"), at: call.place("k"), called: "step", from: 0, to: last)
    return .object(StepObject(trace: trace, step: step))
  }
}

/// One step, explained.
struct StepObject: Presentable {
  let trace: TraceObject
  let step: Int

  var kind: String { "record" }
  var fieldNames: [String] { [] }
  func field(_ name: String) -> Value? { nil }
  func element(_ index: Int) -> Value? { nil }
  var json: String { trace.element(step).map(JSONText.value) ?? "null" }
  func description(_ language: Language) -> String { text(Settings()).characters }

  private var descent: Trace { trace.trace }
  private var name: String { trace.function.name ?? "L" }

  func text(_ settings: Settings) -> StyledText {
    let language = settings.language
    var text = StyledText()
    let title = Phrase(en: "step \(step) → \(step + 1)", zh: "第 \(step) 步 → 第 \(step + 1) 步")[language]
    text.append(" " + title, .heading)
    text.append("   rate = \(shortNumber(descent.rate))   \(descent.optimizer.rule.joined(separator: ",  "))\n", .dim)
    let state = descent.state(before: step)
    var offset = 0
    for parameter in descent.parameters {
      let own = state.map { Array($0[offset..<(offset + parameter.size)]) }
      text.append(parameter.size == 1 ? scalar(parameter, own, settings) : vector(parameter, own, settings))
      offset += parameter.size
    }
    text.append(check(language))
    return text
  }

  private func line(_ label: String, _ content: String) -> StyledText {
    var text = StyledText("   " + label, .dim)
    text.append(String(repeating: " ", count: max(1, 10 - label.displayWidth)) + content + "\n")
    return text
  }

  // MARK: One number

  private func scalar(_ parameter: Trace.Parameter, _ state: [[Double]], _ settings: Settings) -> StyledText {
    let language = settings.language
    let w = parameter.values[step]
    let g = parameter.gradients[step]
    let symbol = descent.parameters.count == 1 ? "\(name)'(\(parameter.name))" : "∂\(name)/∂\(parameter.name)"
    var text = StyledText()
    let gradientWord = Phrase(en: "gradient", zh: "梯度")[language]
    if let formulas = formulas(parameter, width: settings.width) {
      text.append(line(gradientWord, "\(symbol) = \(formulas.symbolic)"))
      text.append(line("", String(repeating: " ", count: symbol.displayWidth) + " = \(formulas.substituted)"))
      text.append(line("", String(repeating: " ", count: symbol.displayWidth) + " = \(shortNumber(g))"))
    } else {
      text.append(line(gradientWord, "\(symbol) = \(shortNumber(g))"))
    }
    let updateWord = Phrase(en: "update", zh: "更新")[language]
    for (index, substituted) in descent.optimizer.substituted(w, g, state.map { $0[0] }, rate: descent.rate)
      .enumerated()
    {
      let left = substituted.left == "w" ? parameter.name : substituted.left
      text.append(line(index == 0 ? updateWord : "", "\(left) ← " + ClosingArithmetic.text(substituted)))
    }
    return text
  }

  /// The gradient in symbols, and with this step's numbers in.
  private func formulas(_ parameter: Trace.Parameter, width: Int) -> (symbolic: String, substituted: String)? {
    let evaluator = Evaluator(environment: trace.environment)
    var given: [Given] = []
    var values: [Graph.ID: Double] = [:]
    var variable: Expression?
    for other in descent.parameters {
      let input = evaluator.symbol(other.name, shape: other.shape)
      if other.size == 1 { values[input.id] = other.values[step] }
      if other.name == parameter.name { variable = input }
      given.append(Given(name: other.name, value: .traced(input.id), span: 0..<0))
    }
    guard let variable, let value = try? evaluator.invoke(.function(trace.function), given, at: 0..<0),
      let result = try? evaluator.expression(value, at: 0..<0), result.shape.isEmpty,
      let gradient = try? evaluator.graph.gradient(of: result, withRespectTo: [variable])[0],
      let symbolic = Formula(evaluator.graph).text(gradient.id, limit: width - 24),
      let substituted = Formula(evaluator.graph, values: values, digits: 8).text(gradient.id, limit: width - 24)
    else { return nil }
    return (symbolic, substituted)
  }

  // MARK: Many numbers

  private func vector(_ parameter: Trace.Parameter, _ state: [[Double]], _ settings: Settings) -> StyledText {
    let language = settings.language
    let w = parameter.value(at: step).elements
    let g = parameter.gradient(at: step).elements
    let largest = g.indices.max { g[$0].magnitude < g[$1].magnitude } ?? 0
    let norm = g.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var text = StyledText()
    let shape = Shapes.describe(parameter.shape)
    text.append(
      line(
        Phrase(en: "gradient", zh: "梯度")[language],
        "∂\(name)/∂\(parameter.name) \(shape)   |∇| = \(shortNumber(norm))   "
          + Phrase(en: "largest at [\(largest + 1)]: ", zh: "最大在 [\(largest + 1)]：")[language] + shortNumber(g[largest])
      ))
    for substituted in descent.optimizer.substituted(
      w[largest], g[largest], state.map { $0[largest] }, rate: descent.rate)
    {
      let left = substituted.left == "w" ? "\(parameter.name)[\(largest + 1)]" : substituted.left
      text.append(line(Phrase(en: "update", zh: "更新")[language], "\(left) ← " + ClosingArithmetic.text(substituted)))
    }
    return text
  }

  /// What the loss did, beside what the tangent promised: g·Δw.
  private func check(_ language: Language) -> StyledText {
    let before = descent.losses[step]
    let after = descent.losses[step + 1]
    var promised = 0.0
    for parameter in descent.parameters {
      let moved = zip(parameter.value(at: step + 1).elements, parameter.value(at: step).elements).map { $0 - $1 }
      promised += zip(parameter.gradient(at: step).elements, moved).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let change = shortNumber(after - before, digits: 5)
    let promise = shortNumber(promised, digits: 5)
    return line(
      Phrase(en: "check", zh: "核对")[language],
      "\(name): \(shortNumber(before)) → \(shortNumber(after))   Δ\(name) = \(change)   "
        + Phrase(en: "(the tangent promised \(promise))", zh: "（切线预计 \(promise)）")[language])
  }
}

/// Arithmetic that closes in print: the operands get as many digits as it takes for a reader's calculator to arrive at
/// the printed result.
enum ClosingArithmetic {
  static func text(_ line: SubstitutedLine) -> String {
    let digits =
      (8...17).first { digits in
        let base = line.base.map { rounded($0, toSignificant: digits) } ?? 0
        let again = base + rounded(line.factor, toSignificant: digits) * rounded(line.operand, toSignificant: digits)
        return shortNumber(again) == shortNumber(line.value)
      } ?? 17
    func number(_ value: Double) -> String {
      let text = shortNumber(rounded(value, toSignificant: digits), digits: digits)
      return value < 0 ? "(\(text))" : text
    }
    var text = line.base.map { shortNumber(rounded($0, toSignificant: digits), digits: digits) } ?? ""
    if line.base != nil { text += line.factor < 0 ? " - " : " + " }
    text += shortNumber(line.factor.magnitude, digits: digits) + "·" + number(line.operand)
    return text + " = " + shortNumber(line.value)
  }
}
