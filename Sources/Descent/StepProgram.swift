import Graphs
import Interpreter
import Markup
import Syntax
import Tensors

/// One step of a descent as one compiled program: loss, gradient and the optimizer's lines are nodes of one graph.
final class StepProgram {
  /// A piece of memory that a step reads and writes: a parameter, or something the optimizer keeps.
  struct Block {
    let name: String
    /// The parameter it belongs to; nil for what is kept once.
    let parameter: Int?
    /// Whether the schedule keeps it, not the optimizer.
    var isOfSchedule = false
    let shape: Shape
    let input: Int
    /// The output that is its next value; nil where it is not moved by the program.
    let output: Int?
    var count: Int { shape.reduce(1, *) }
  }

  let program: Program
  private(set) var parameters: [Block] = []
  private(set) var states: [Block] = []
  /// The outputs that are the gradients, where they are outputs.
  private(set) var gradients: [Int] = []
  /// The output that is |∇|², where it is wanted.
  private(set) var norm: Int?
  /// The output that is |Δw|², where it is wanted.
  private(set) var movement: Int?
  private(set) var rateOutput: Int?
  /// The output that is the matrix of second derivatives, where the optimizer uses it and it is wanted.
  private(set) var hessian: Int?
  /// Inputs that are nil where nothing depends on them.
  private(set) var time: Int?
  private(set) var rows: Int?
  /// Outputs that must be as they were when the program was traced.
  private(set) var guards: [(output: Int, value: Bool)] = []
  /// What the states are before the first step.
  private(set) var stateStarts: [Tensor] = []

  /// - Parameters:
  ///   - values: the parameters that decide which branches of the objective are followed.
  ///   - batch: row numbers to begin with, where the data come in batches.
  init(
    _ descent: Descent, at values: [Tensor], batch: Tensor?, wantsGradients: Bool, wantsNorm: Bool,
    wantsHessian: Bool = false, budget: Budget
  ) throws(Diagnostic) {
    let evaluator = Evaluator(environment: descent.environment, budget: budget)
    evaluator.line = descent.line
    let graph = evaluator.graph
    graph.isOnlyRun = true
    let clock = evaluator.symbol("t", shape: [])
    var stream = descent.environment
    evaluator.randomKey = clock + stream.nextSeed()
    // The loss and its gradient.
    var given: [Given] = []
    var inputs: [Expression] = []
    for (start, value) in zip(descent.start, values) {
      let input = evaluator.input(start.name, value)
      inputs.append(input)
      given.append(Given(name: start.name, value: .traced(input.id), span: descent.span))
    }
    if let data = descent.data {
      let rowNumbers = batch.map { evaluator.input("rows", $0) }
      rows = rowNumbers.map { graph[$0.id].attributes[0] }
      for (name, column) in zip(descent.dataNames, data.columns) {
        let value =
          rowNumbers.map { Value.traced(graph.constant(column).apply(.take, [$0], attributes: [0]).id) }
          ?? .tensor(column)
        given.append(Given(name: name, value: value, span: descent.span))
      }
    }
    let loss = try evaluator.expression(
      evaluator.invoke(.function(descent.objective), given, at: descent.span), at: descent.span)
    guard loss.shape.isEmpty else {
      throw Diagnostic.gradientOfMany(descent.objective.name, loss.shape, at: descent.span)
    }
    let slopes: [Expression]
    do {
      slopes = try graph.gradient(of: loss, withRespectTo: inputs)
    } catch {
      throw Diagnostic(
        "E213", Phrase(en: "`\(error.primitive)` has no derivative", zh: "`\(error.primitive)` 没有导数"),
        at: [.init(descent.span)])
    }
    // The update.
    evaluator.usesPresentValues = false
    let mover = StepMover(evaluator, descent, loss: loss, parameters: inputs, slopes: slopes, clock: clock)
    try mover.follow()
    // What a run gives.
    var outputs: [Graph.ID] = [loss.id]
    func output(_ expression: Expression) -> Int {
      outputs.append(expression.id)
      return outputs.count - 1
    }
    for (index, start) in descent.start.enumerated() {
      let next = mover.moved.isEmpty ? nil : output(mover.moved[index])
      parameters.append(
        Block(
          name: start.name, parameter: index, shape: start.value.shape, input: graph[inputs[index].id].attributes[0],
          output: next))
    }
    for (parameter, isOfSchedule, state) in mover.states {
      states.append(
        Block(
          name: state.name, parameter: parameter, isOfSchedule: isOfSchedule, shape: state.input.shape,
          input: graph[state.input.id].attributes[0], output: output(state.next.broadcast(to: state.input.shape))))
    }
    if wantsGradients { gradients = slopes.map(output) }
    if wantsHessian { hessian = mover.hessian.map(output) }
    if wantsNorm { norm = output(StepMover.squaredLength(slopes)) }
    if descent.stop.step != nil, !mover.moved.isEmpty {
      movement = output(StepMover.squaredLength(zip(mover.moved, inputs).map { $0 - $1 }))
    }
    if case .rule = descent.rate { rateOutput = output(mover.rate) }
    for (condition, value) in evaluator.guards { guards.append((output(graph.expression(condition)), value)) }
    do {
      program = try Program(graph, outputs: outputs, budget: budget)
      let starts = mover.states.map { $0.state.start.broadcast(to: $0.state.input.shape).id }
      if !starts.isEmpty {
        stateStarts = try Program(graph, outputs: starts, budget: budget).run(
          evaluator.presentValues, budget: budget)
      }
      for (index, block) in states.enumerated() {
        stateStarts[index] =
          descent.past?.value(of: block.name, block.parameter, isOfSchedule: block.isOfSchedule, block.shape)
          ?? stateStarts[index]
      }
    } catch {
      throw Diagnostic(error, at: descent.span)
    }
    time = graph[clock.id].attributes[0]
  }
}

/// Adds the lines of the optimizer and of the schedule to a graph that has the loss and its gradient.
final class StepMover {
  private let evaluator: Evaluator
  private let descent: Descent
  private let loss: Expression
  private let parameters: [Expression]
  private let slopes: [Expression]
  private let clock: Expression
  /// The next parameters; empty where the method is not made of lines.
  private(set) var moved: [Expression] = []
  private(set) var states: [(parameter: Int?, isOfSchedule: Bool, state: RuleNodes.State)] = []
  private(set) var rate: Expression
  /// All second derivatives, where the lines name them.
  private(set) var hessian: Expression?

  init(
    _ evaluator: Evaluator, _ descent: Descent, loss: Expression, parameters: [Expression], slopes: [Expression],
    clock: Expression
  ) {
    self.evaluator = evaluator
    self.descent = descent
    self.loss = loss
    self.parameters = parameters
    self.slopes = slopes
    self.clock = clock
    rate = loss.constant(0)
  }

  static func squaredLength(_ parts: [Expression]) -> Expression {
    let squares = parts.map { part in
      let square = part * part
      return part.shape.isEmpty ? square : square.apply(.sum)
    }
    return squares.dropFirst().reduce(squares[0], +)
  }

  func follow() throws(Diagnostic) {
    switch descent.rate {
    case .constant(let number): rate = loss.constant(number)
    case .function(let function):
      let made = Given(name: nil, value: .traced((clock - 1).id), span: descent.span)
      rate = try evaluator.expression(evaluator.invoke(.function(function), [made], at: descent.span), at: descent.span)
      guard rate.shape.isEmpty else {
        throw Diagnostic(
          "E301", Phrase(en: "a schedule gives one number for each t", zh: "学习率日程对每个 t 应给出一个数"),
          at: [.init(descent.span)])
      }
    case .rule(let chosen):
      let names: [String: Value] = ["t": .traced(clock.id), "loss": .traced(loss.id)]
      let nodes = try RuleNodes(chosen, evaluator, names: names, results: ["rate"])
      rate = try evaluator.expression(nodes.values["rate"] ?? .number(0), at: descent.span)
      states += nodes.states.map { (nil, true, $0) }
    }
    guard !descent.optimizer.lines.isEmpty else { return }
    if descent.optimizer.rule.isJoint { try moveTogether() } else { try moveEach() }
  }

  private func names(_ w: Expression, _ g: Expression) -> [String: Value] {
    let age = descent.optimizerDelay == 0 ? clock : clock - clock.constant(Double(descent.optimizerDelay))
    return [
      "w": .traced(w.id), "g": .traced(g.id), "rate": .traced(rate.id), "t": .traced(age.id),
      "loss": .traced(loss.id), "all_g": .traced(StepMover.squaredLength(slopes).apply(.sqrt).id),
    ]
  }

  private func moveEach() throws(Diagnostic) {
    for (index, (w, g)) in zip(parameters, slopes).enumerated() {
      let nodes = try RuleNodes(descent.optimizer, evaluator, names: names(w, g), results: ["w"])
      moved.append(try evaluator.expression(nodes.values["w"] ?? .number(0), at: descent.span).broadcast(to: w.shape))
      states += nodes.states.map { (index, false, $0) }
    }
  }

  /// The rows of the Hessian: the gradient of each entry of the gradient.
  private func second(
    _ g: Expression, _ joined: ([Expression]) -> Expression
  ) throws(NotDifferentiable) -> [Expression] {
    if g.shape.isEmpty { return try evaluator.graph.gradient(of: g, withRespectTo: parameters) }
    var rows: [Expression] = []
    for index in 0..<g.shape[0] {
      let entry = g.apply(.take, [g.constant(Double(index))], attributes: [0])
      rows.append(joined(try evaluator.graph.gradient(of: entry, withRespectTo: parameters)))
    }
    return rows
  }

  /// All parameters as one vector; a single number stays a number.
  private func moveTogether() throws(Diagnostic) {
    let isNumber = parameters.count == 1 && parameters[0].shape.isEmpty
    func joined(_ parts: [Expression]) -> Expression {
      if isNumber { return parts[0] }
      let flat = parts.map { $0.reshaped(to: [$0.shape.reduce(1, *)]) }
      return flat.count == 1 ? flat[0] : flat[0].apply(.concat, Array(flat.dropFirst()), attributes: [0])
    }
    let w = joined(parameters)
    let g = joined(slopes)
    var names = names(w, g)
    if descent.optimizer.mentions("H") {
      guard w.shape.reduce(1, *) <= 512 else {
        throw Diagnostic(
          "E301",
          Phrase(
            en:
              "\(descent.optimizer.rule.name) needs all second derivatives: at most 512 parameters, not \(w.shape.reduce(1, *))",
            zh: "\(descent.optimizer.rule.name) 需要全部二阶导数：参数最多 512 个，不能是 \(w.shape.reduce(1, *)) 个"),
          at: [.init(descent.span)], help: Phrase(en: "with=lbfgs needs only gradients", zh: "with=lbfgs 只需要梯度"))
      }
      let rows: [Expression]
      do {
        rows = try second(g, isNumber ? { $0[0] } : joined)
      } catch {
        throw Diagnostic(
          "E213",
          Phrase(en: "`\(error.primitive)` has no second derivative", zh: "`\(error.primitive)` 没有二阶导数"),
          at: [.init(descent.span)])
      }
      let matrix = isNumber ? rows[0] : rows[0].apply(.stack, Array(rows.dropFirst()))
      hessian = matrix
      names["H"] = .traced(matrix.id)
    }
    let nodes: RuleNodes
    do {
      nodes = try RuleNodes(descent.optimizer, evaluator, names: names, results: ["w"])
    } catch {
      guard error.code == "E218" else { throw error }
      let name = descent.optimizer.rule.name
      throw Diagnostic(
        "E218",
        Phrase(
          en: "the matrix of second derivatives is singular at the start: \(name) has no step there",
          zh: "起点处的二阶导数矩阵是奇异的：\(name) 走不出这一步"),
        at: [.init(descent.span)],
        help: Phrase(
          en: "with=\(name)(damping=0.01) adds 0.01 to its diagonal", zh: "with=\(name)(damping=0.01) 在对角线上加 0.01"))
    }
    states += nodes.states.map { (nil, false, $0) }
    let next = try evaluator.expression(nodes.values["w"] ?? .number(0), at: descent.span)
    if isNumber {
      moved = [next]
      return
    }
    var offset = 0
    for parameter in parameters {
      let count = parameter.shape.reduce(1, *)
      let places = next.graph.constant(Tensor(vector: (offset..<(offset + count)).map(Double.init)))
      moved.append(next.apply(.take, [places], attributes: [0]).reshaped(to: parameter.shape))
      offset += count
    }
  }
}

extension ChosenRule {
  /// Whether a line names something.
  func mentions(_ name: String) -> Bool {
    lines.contains { line in
      line.tree.nodes.contains { node in
        if case .name(name) = node { return true }
        return false
      }
    }
  }
}
