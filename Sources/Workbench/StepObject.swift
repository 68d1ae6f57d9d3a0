import Descent
import Graphs
import Interpreter
import Markup
import Notation
import Syntax
import Tensors

/// One step, explained: the rule, the same with this step's numbers, the result, and whether the loss moved as promised.
struct StepObject: Presentable {
  let trace: TraceObject
  let step: Int
  /// The number of the trace's first step in print, where it goes on from another.
  var firstNumber = 0
  var detail = Detail.full

  /// How much is written out, where the screen is shared with a picture.
  enum Detail: Sendable {
    case full
    /// The slopes as numbers only, the rule with numbers only.
    case brief
    /// Of the rule its last line, with numbers.
    case terse

    var less: Detail? {
      switch self {
      case .full: .brief
      case .brief: .terse
      case .terse: nil
      }
    }
  }

  var kind: String { "record" }
  var fieldNames: [String] { [] }
  func field(_ name: String) -> Value? { nil }
  func element(_ index: Int) -> Value? { nil }
  var json: String { trace.element(step).map(JSONText.value) ?? "null" }
  func description(_ language: Language) -> String {
    var settings = Settings()
    settings.language = language
    return text(settings).characters
  }

  private var descent: Trace { trace.trace }
  private var name: String { trace.function.name ?? "L" }

  func text(_ settings: Settings) -> StyledText {
    guard let entry = descent.entry(step), let next = descent.entry(step + 1) else { return StyledText() }
    var page = StepPage(settings)
    let number = step + firstNumber
    let rate = descent.rate(at: step)
    page.title(
      Phrase(en: "step \(number) → \(number + 1)", zh: "第 \(number) 步 → 第 \(number + 1) 步"), rate: rate,
      rule: detail == .full || trace.ruleLines.count <= 2 ? trace.ruleLines : [])
    let now = Now(entry: entry, next: next, rate: rate)
    if detail != .full {
      slopes(now, &page)
    } else {
      for index in descent.parameters.indices { gradient(now, index, &page) }
    }
    if descent.optimizer.rule.isJoint {
      jointUpdate(now, &page)
    } else {
      for index in descent.parameters.indices { update(now, index, &page) }
    }
    check(entry, next, &page)
    return page.text
  }

  /// What the step knows, for all parameters.
  private struct Now {
    let entry: Trace.Entry
    let next: Trace.Entry
    let rate: Double
  }

  private func largest(_ values: [Double]) -> Int {
    values.indices.max { values[$0].magnitude < values[$1].magnitude } ?? 0
  }

  // MARK: The gradient

  /// All slopes on one line, or as many lines as they need.
  private func slopes(_ now: Now, _ page: inout StepPage) {
    let parts = zip(descent.parameters, now.entry.gradients).map { parameter, gradient in
      parameter.size == 1
        ? "∂\(name)/∂\(parameter.name) = \(shortNumber(gradient.elements[0]))"
        : "‖∂\(name)/∂\(parameter.name)‖ = \(shortNumber(Examination.norm(gradient.elements)))"
    }
    page.line(Phrase(en: "gradient", zh: "梯度"), parts)
  }

  private func gradient(_ now: Now, _ index: Int, _ page: inout StepPage) {
    let parameter = descent.parameters[index]
    let g = now.entry.gradients[index].elements
    guard !g.isEmpty else { return }
    let symbol =
      descent.parameters.count == 1 && parameter.size == 1
      ? "\(name)'(\(parameter.name))" : "∂\(name)/∂\(parameter.name)"
    let word = Phrase(en: "gradient", zh: "梯度")
    let formulas = formulas(now, index, limit: max(56, page.contentWidth * 2))
    guard parameter.size > 1 else {
      guard let formulas else { return page.line(word, "\(symbol) = \(shortNumber(g[0]))") }
      let indent = String(repeating: " ", count: symbol.displayWidth)
      page.line(word, "\(symbol) = \(formulas.symbolic)")
      if let substituted = formulas.substituted { page.line(nil, "\(indent) = \(substituted)") }
      return page.line(nil, "\(indent) = \(shortNumber(g[0]))")
    }
    if let formulas { page.line(word, "\(symbol) = \(formulas.symbolic)") }
    let norm = g.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let order = g.indices.sorted { g[$0].magnitude > g[$1].magnitude }.prefix(3)
    let entries = order.map { "\(EntryPlace.typed($0, parameter.shape)) \(shortNumber(g[$0]))" }
    page.line(
      formulas == nil ? word : nil, "\(symbol) \(Shapes.describe(parameter.shape))",
      "‖·‖ = \(shortNumber(norm))",
      Phrase(en: "largest: ", zh: "最大的：")[page.language] + entries.joined(separator: ", "))
    let (label, row) = row(of: now.entry.gradients[index], at: order[0])
    page.row(nil, "\(symbol)\(label) =", row)
  }

  /// The row an entry is in, and how it is typed: `[2,:]`; all of a vector.
  private func row(of tensor: Tensor, at element: Int) -> (label: String, row: ArraySlice<Double>) {
    let width = max(1, tensor.shape.last ?? 1)
    let first = element / width * width
    let places = EntryPlace.typed(element, tensor.shape).dropFirst().dropLast().split(separator: ",")
    let label = tensor.rank < 2 ? "" : "[" + places.dropLast().joined(separator: ",") + ",:]"
    return (label, tensor.elements[first..<min(first + width, tensor.elements.count)])
  }

  /// The gradient in symbols, and with this step's numbers in, where they are all numbers.
  private func formulas(_ now: Now, _ index: Int, limit: Int) -> (symbolic: String, substituted: String?)? {
    let evaluator = Evaluator(environment: trace.environment)
    var given: [Given] = []
    var known: [Graph.ID: Tensor] = [:]
    var variable: Expression?
    for (other, parameter) in descent.parameters.enumerated() {
      let input = evaluator.symbol(parameter.name, shape: parameter.shape)
      known[input.id] = now.entry.values[other]
      if other == index { variable = input }
      given.append(Given(name: parameter.name, value: .traced(input.id), span: 0..<0))
    }
    if let data = descent.descent.data {
      for (name, column) in zip(descent.descent.dataNames, data.columns) {
        let input = evaluator.symbol(name, shape: [data.size] + column.shape.dropFirst())
        given.append(Given(name: name, value: .traced(input.id), span: 0..<0))
      }
    }
    guard let variable, let value = try? evaluator.invoke(.function(trace.function), given, at: 0..<0),
      let result = try? evaluator.expression(value, at: 0..<0), result.shape.isEmpty,
      let gradient = try? evaluator.graph.gradient(of: result, withRespectTo: [variable])[0]
    else { return nil }
    var tidying = Tidying(evaluator.graph)
    let printed = evaluator.graph.expression(tidying.tidied(gradient.id))
    guard let symbolic = Formula(evaluator.graph).text(printed.id, limit: limit) else { return nil }
    guard variable.shape.isEmpty else { return (symbolic, nil) }
    return (symbolic, EntryArithmetic(evaluator.graph, known).written(printed, at: 0, limit: limit)?.text)
  }

  // MARK: The update

  /// The values of the names a rule's lines may use, for one parameter.
  private func values(_ now: Now, w: Tensor, g: Tensor, _ parameter: Int?) -> [String: Tensor] {
    let t = step + 1 + descent.descent.firstStep - descent.descent.optimizerDelay
    var values = [
      "w": w, "g": g, "rate": Tensor(now.rate), "t": Tensor(Double(t)), "loss": Tensor(now.entry.loss),
      "all_g": Tensor(now.entry.norm),
    ]
    for (piece, state) in zip(descent.kept, now.entry.states)
    where piece.parameter == parameter && !piece.isOfSchedule { values[piece.name] = state }
    return values
  }

  private func update(_ now: Now, _ index: Int, _ page: inout StepPage) {
    let parameter = descent.parameters[index]
    let (w, after) = (now.entry.values[index], now.next.values[index])
    guard !w.elements.isEmpty else { return }
    let element = largest(now.entry.gradients[index].elements)
    let rule = RuleText(
      descent.optimizer, printed: ["w": parameter.name],
      values: values(now, w: w, g: now.entry.gradients[index], index), shape: parameter.shape, element: element,
      limit: max(60, page.contentWidth * 3))
    write(rule, of: parameter.name, w, after, element, &page)
  }

  /// Rules that move all parameters as one vector: Newton, with the matrix it solves with.
  private func jointUpdate(_ now: Now, _ page: inout StepPage) {
    let isNumber = descent.parameters.count == 1 && descent.parameters[0].shape.isEmpty
    func joined(_ parts: [Tensor]) -> Tensor {
      isNumber ? parts[0] : Tensor(vector: parts.flatMap(\.elements))
    }
    let (w, g, after) = (joined(now.entry.values), joined(now.entry.gradients), joined(now.next.values))
    var values = values(now, w: w, g: g, nil)
    let name = descent.parameters.count == 1 ? descent.parameters[0].name : "w"
    if descent.parameters.count > 1 {
      let order = descent.parameters.map { $0.size == 1 ? $0.name : "\($0.name) \(Shapes.describe($0.shape))" }
      page.line(
        Phrase(en: "together", zh: "合成"),
        Phrase(
          en: "w is \(order.joined(separator: ", ")) in one vector", zh: "w 是 \(order.joined(separator: "、")) 连成的向量")[
            page.language])
      page.row(nil, "w =", w.elements[...])
      page.row(nil, "g =", g.elements[...])
    }
    if let hessian = descent.hessian(at: step) {
      values["H"] = hessian
      page.matrix(Phrase(en: "Hessian", zh: "Hessian"), hessian)
    }
    let element = largest(g.elements)
    let rule = RuleText(
      descent.optimizer, printed: ["w": name], values: values, shape: w.shape, element: element,
      limit: max(60, page.contentWidth * 3))
    write(rule, of: name, w, after, element, &page)
  }

  /// The rule's lines with the numbers of one entry in, if they lead where the step led; otherwise what it did.
  private func write(
    _ rule: RuleText, of name: String, _ w: Tensor, _ after: Tensor, _ element: Int, _ page: inout StepPage
  ) {
    var word: Phrase? = Phrase(en: "update", zh: "更新")
    let (before, made) = (w.elements[element], after.elements[element])
    let left = name + (w.count == 1 ? "" : EntryPlace.typed(element, w.shape))
    if let last = rule.last, shortNumber(last) == shortNumber(made) {
      for line in detail == .terse ? rule.lines.suffix(1) : rule.lines {
        guard let (text, value) = line.substituted else { continue }
        for (text, tensor) in line.taken where tensor.count == 1 {
          page.line(word, "\(text) = \(shortNumber(tensor.elements[0], digits: 8))")
          word = nil
        }
        for (text, tensor) in line.taken where tensor.count > 1 {
          let (label, row) = row(of: tensor, at: min(element, tensor.count - 1))
          page.row(word, text + label + " =", row)
          word = nil
        }
        page.line(word, "\(line.left) ← \(text.map { "\($0) = " } ?? "")\(shortNumber(value))")
        word = nil
      }
    } else {
      // A method that is more than lines: what it did, as a sum that closes.
      let move = made - before
      let digits =
        (8...17).first { digits in
          let sum = rounded(before, toSignificant: digits) + rounded(move, toSignificant: digits)
          return shortNumber(sum) == shortNumber(made)
        } ?? 17
      let sign = move < 0 ? "-" : "+"
      page.line(
        word,
        "\(left) ← \(shortNumber(before, digits: digits)) \(sign) \(shortNumber(move.magnitude, digits: digits)) = \(shortNumber(made))"
      )
    }
    if w.count > 1, detail != .terse {
      let (label, row) = row(of: after, at: element)
      page.row(nil, "\(name)\(label) →", row)
    }
  }

  // MARK: The check

  /// What the loss did, beside what the tangent promised: g·Δw.
  private func check(_ entry: Trace.Entry, _ next: Trace.Entry, _ page: inout StepPage) {
    var promised = 0.0
    for (index, gradient) in entry.gradients.enumerated() {
      let moved = zip(next.values[index].elements, entry.values[index].elements).map { $0 - $1 }
      promised += zip(gradient.elements, moved).reduce(0) { $0 + $1.0 * $1.1 }
    }
    // The loss of the next entry may be that of another batch; the promise is about this one.
    let isStochastic = descent.descent.data.map { !$0.isWhole } ?? false
    let after = isStochastic ? descent.loss(at: next.values, onBatchOf: step) ?? next.loss : next.loss
    let change = shortNumber(after - entry.loss, digits: 5)
    // The difference of the losses as printed is the change as printed.
    let digits =
      (6...17).first { digits in
        let (a, b) = (rounded(entry.loss, toSignificant: digits), rounded(after, toSignificant: digits))
        return shortNumber(b - a, digits: 5) == change
      } ?? 17
    let promise = shortNumber(promised, digits: 5)
    let tangent =
      detail == .full
      ? Phrase(en: "(the tangent promised \(promise))", zh: "（切线预计 \(promise)）")
      : Phrase(en: "tangent: \(promise)", zh: "切线：\(promise)")
    page.line(
      Phrase(en: "check", zh: "核对"),
      "\(name): \(shortNumber(entry.loss, digits: digits)) → \(shortNumber(after, digits: digits))"
        + (isStochastic ? Phrase(en: " on this batch", zh: "（同一批次）")[page.language] : ""),
      "Δ\(name) = \(change)",
      tangent[page.language])
  }
}
