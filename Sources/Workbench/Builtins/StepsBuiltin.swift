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
      throw call.diagnostic(
        "E303", Phrase(en: "this trace has no steps", zh: "这条轨迹没有步骤"), at: "t",
        help: Phrase(en: "descend(…, steps=5) takes some", zh: "descend(…, steps=5) 走几步"))
    }
    let step = try call.evaluator.integer(call.operand("k"), at: call.place("k"), called: "step", from: 0, to: last)
    return .object(StepObject(trace: trace, step: step))
  }
}

/// One step, explained.
struct StepObject: Presentable {
  let trace: TraceObject
  let step: Int
  /// The number of the trace's first step in print, where it goes on from another.
  var firstNumber = 0

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
    guard let entry = descent.entry(step), let next = descent.entry(step + 1) else { return StyledText() }
    var text = StyledText()
    let number = step + firstNumber
    let title = Phrase(en: "step \(number) → \(number + 1)", zh: "第 \(number) 步 → 第 \(number + 1) 步")[language]
    let rate = descent.rate(at: step)
    text.append(" " + title, .heading)
    let rule = descent.optimizer.symbolicLines(shape: descent.parameters.first?.shape ?? [])
    let facts = "   rate = \(shortNumber(rate))   " + rule.joined(separator: ",  ")
    if title.displayWidth + facts.displayWidth < settings.width {
      text.append(facts + "\n", .dim)
    } else {
      text.append("   rate = \(shortNumber(rate))\n", .dim)
      for line in rule {
        for piece in line.wrapped(width: settings.width - 4) { text.append("   " + piece + "\n", .dim) }
      }
    }
    for index in descent.parameters.indices {
      let now = Now(index: index, entry: entry, next: next, rate: rate)
      text.append(descent.parameters[index].size == 1 ? scalar(now, settings) : vector(now, settings))
    }
    text.append(check(entry, next, language))
    return text
  }

  /// One parameter at this step.
  private struct Now {
    let index: Int
    let entry: Trace.Entry
    let next: Trace.Entry
    let rate: Double
  }

  private func line(_ label: String, _ content: String) -> StyledText {
    var text = StyledText("   " + label, .dim)
    text.append(String(repeating: " ", count: max(1, 10 - label.displayWidth)) + content + "\n")
    return text
  }

  // MARK: One number

  private func scalar(_ now: Now, _ settings: Settings) -> StyledText {
    let language = settings.language
    let parameter = descent.parameters[now.index]
    let g = now.entry.gradients[now.index].elements[0]
    let symbol = descent.parameters.count == 1 ? "\(name)'(\(parameter.name))" : "∂\(name)/∂\(parameter.name)"
    var text = StyledText()
    let gradientWord = Phrase(en: "gradient", zh: "梯度")[language]
    if let formulas = formulas(now, width: settings.width) {
      text.append(line(gradientWord, "\(symbol) = \(formulas.symbolic)"))
      text.append(line("", String(repeating: " ", count: symbol.displayWidth) + " = \(formulas.substituted)"))
      text.append(line("", String(repeating: " ", count: symbol.displayWidth) + " = \(shortNumber(g))"))
    } else {
      text.append(line(gradientWord, "\(symbol) = \(shortNumber(g))"))
    }
    return text + update(now, element: 0, settings)
  }

  /// The rule's lines with the numbers of one element in, where they belong to that element alone; otherwise what the
  /// step did to it.
  private func update(_ now: Now, element: Int, _ settings: Settings) -> StyledText {
    let parameter = descent.parameters[now.index]
    let left = parameter.size == 1 ? parameter.name : "\(parameter.name)\(place(element, parameter.shape))"
    let word = Phrase(en: "update", zh: "更新")[settings.language]
    let (w, after) = (now.entry.values[now.index].elements[element], now.next.values[now.index].elements[element])
    var values = [
      "w": w, "g": now.entry.gradients[now.index].elements[element], "rate": now.rate, "t": Double(step + 1),
      "loss": now.entry.loss, "all_g": now.entry.norm,
    ]
    for (piece, state) in zip(descent.kept, now.entry.states) where piece.parameter ?? now.index == now.index {
      if state.count == 1 { values[piece.name] = state.elements[0] }
      if state.count == parameter.size, parameter.size > 1 { values[piece.name] = state.elements[element] }
    }
    let curvature = descent.optimizer.lines.isEmpty ? nil : curvature(now)
    if let curvature { values["H"] = curvature }
    let rule = RuleText(
      descent.optimizer, printed: ["w": left], values: values, shape: parameter.shape,
      limit: max(60, settings.width * 2))
    if let last = rule.last, shortNumber(last) == shortNumber(after) {
      var text = StyledText()
      for (index, made) in rule.lines.enumerated() {
        guard let (substituted, value) = made.substituted else { continue }
        text.append(line(index == 0 ? word : "", "\(made.left) ← \(substituted) = \(shortNumber(value))"))
      }
      return text
    }
    return line(word, "\(left): \(shortNumber(w)) → \(shortNumber(after))")
  }

  /// The second derivative, where the parameter is one number and the rule asks for it.
  private func curvature(_ now: Now) -> Double? {
    guard descent.optimizer.rule.isJoint, descent.parameters.count == 1, descent.parameters[0].size == 1 else {
      return nil
    }
    let second = Function(
      name: nil, parameters: trace.function.parameters,
      body: .gradient(
        Function(name: nil, parameters: trace.function.parameters, body: .gradient(trace.function, wrt: nil)), wrt: nil)
    )
    let evaluator = Evaluator(environment: trace.environment)
    let given = Given(name: descent.parameters[0].name, value: Value(now.entry.values[0]), span: 0..<0)
    guard let value = try? evaluator.invoke(.function(second), [given], at: 0..<0) else { return nil }
    return try? evaluator.number(value, at: 0..<0)
  }

  /// The gradient in symbols, and with this step's numbers in.
  private func formulas(_ now: Now, width: Int) -> (symbolic: String, substituted: String)? {
    let evaluator = Evaluator(environment: trace.environment)
    var given: [Given] = []
    var values: [Graph.ID: Double] = [:]
    var variable: Expression?
    for (index, other) in descent.parameters.enumerated() {
      let input = evaluator.symbol(other.name, shape: other.shape)
      if other.size == 1 { values[input.id] = now.entry.values[index].elements[0] }
      if index == now.index { variable = input }
      given.append(Given(name: other.name, value: .traced(input.id), span: 0..<0))
    }
    if let data = descent.descent.data {
      for (name, column) in zip(descent.descent.dataNames, data.columns) {
        let input = evaluator.symbol(name, shape: [data.size] + column.shape.dropFirst())
        given.append(Given(name: name, value: .traced(input.id), span: 0..<0))
      }
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

  private func vector(_ now: Now, _ settings: Settings) -> StyledText {
    let language = settings.language
    let parameter = descent.parameters[now.index]
    let g = now.entry.gradients[now.index].elements
    guard !g.isEmpty else { return StyledText() }
    let largest = g.indices.max { g[$0].magnitude < g[$1].magnitude } ?? 0
    let norm = g.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var text = StyledText()
    let shape = Shapes.describe(parameter.shape)
    let at = place(largest, parameter.shape)
    text.append(
      line(
        Phrase(en: "gradient", zh: "梯度")[language],
        "∂\(name)/∂\(parameter.name) \(shape)   |∇| = \(shortNumber(norm))   "
          + Phrase(en: "largest at \(at): ", zh: "最大在 \(at)：")[language] + shortNumber(g[largest])))
    return text + update(now, element: largest, settings)
  }

  /// `[2,3]`, as it is typed.
  private func place(_ element: Int, _ shape: Shape) -> String {
    var rest = element
    var indices: [String] = []
    for stride in Shapes.strides(shape) {
      indices.append(String(rest / stride + 1))
      rest %= stride
    }
    return "[" + indices.joined(separator: ",") + "]"
  }

  /// What the loss did, beside what the tangent promised: g·Δw.
  private func check(_ entry: Trace.Entry, _ next: Trace.Entry, _ language: Language) -> StyledText {
    var promised = 0.0
    for (index, gradient) in entry.gradients.enumerated() {
      let moved = zip(next.values[index].elements, entry.values[index].elements).map { $0 - $1 }
      promised += zip(gradient.elements, moved).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let change = shortNumber(next.loss - entry.loss, digits: 5)
    let promise = shortNumber(promised, digits: 5)
    return line(
      Phrase(en: "check", zh: "核对")[language],
      "\(name): \(shortNumber(entry.loss)) → \(shortNumber(next.loss))   Δ\(name) = \(change)   "
        + Phrase(en: "(the tangent promised \(promise))", zh: "（切线预计 \(promise)）")[language])
  }
}
