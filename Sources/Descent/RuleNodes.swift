import Graphs
import Interpreter
import Markup
import Syntax
import Tensors

/// A rule's lines as nodes of a graph: for one parameter, for all of them joined, or for a schedule.
///
/// A name that is read before its line is kept from step to step: it is an input of the graph, and the value of its
/// line is what the input is at the next step. Which names those are, and their shapes, is found by following the lines:
/// a number that meets a matrix becomes a matrix.
struct RuleNodes {
  /// Something kept from step to step.
  struct State {
    let name: String
    let input: Expression
    let next: Expression
    let start: Expression
  }

  private(set) var states: [State] = []
  /// What the lines' names are worth after the last line.
  private(set) var values: [String: Value] = [:]

  /// - Parameters:
  ///   - names: what the lines may name besides their own: w, g, rate, t, loss.
  ///   - results: the names whose values are wanted; a state that none of them depends on is dropped.
  init(
    _ chosen: ChosenRule, _ evaluator: Evaluator, names: [String: Value], results: [String]
  ) throws(Diagnostic) {
    var known = names
    for setting in chosen.settings { known[setting.name] = setting.value }
    var starts: [String: Value] = [:]
    for line in chosen.starts { starts[line.name] = try RuleNodes.value(of: line, known, evaluator) }
    let kept = Array(Set(chosen.lines.map(\.name)).subtracting(names.keys)).sorted()
    var shapes: [String: Shape] = [:]
    for name in kept {
      shapes[name] =
        try starts[name].map { (value) throws(Diagnostic) in try evaluator.expression(value, at: 0..<0).shape } ?? []
    }
    for _ in 0..<6 {
      var inputs: [String: Expression] = [:]
      values = known
      for name in kept {
        let input = evaluator.symbol(name, shape: shapes[name] ?? [])
        inputs[name] = input
        values[name] = .traced(input.id)
      }
      for line in chosen.lines { values[line.name] = try RuleNodes.value(of: line, values, evaluator) }
      var settled = true
      states = try RuleNodes.live(kept, inputs, values, results, evaluator) { (name) throws(Diagnostic) in
        try evaluator.expression(starts[name] ?? .number(0), at: 0..<0)
      }
      for state in states where state.next.shape != state.input.shape {
        shapes[state.name] = state.next.shape
        settled = false
      }
      if settled { return }
    }
    preconditionFailure("the shapes of \(chosen.rule.name) do not settle")
  }

  private static func value(
    of line: Rule.Line, _ known: [String: Value], _ evaluator: Evaluator
  ) throws(Diagnostic) -> Value {
    let function = Function(name: nil, parameters: [], body: .defined(line.tree, line.body, captured: known))
    return try evaluator.invoke(.function(function), [], at: 0..<0)
  }

  /// The names whose inputs the results, or other live states, depend on.
  private static func live(
    _ kept: [String], _ inputs: [String: Expression], _ values: [String: Value], _ results: [String],
    _ evaluator: Evaluator, start: (String) throws(Diagnostic) -> Expression
  ) throws(Diagnostic) -> [State] {
    let graph = evaluator.graph
    var wanted: [Graph.ID] = []
    for result in results {
      if let value = values[result] { wanted.append(try evaluator.expression(value, at: 0..<0).id) }
    }
    var states: [State] = []
    var found = true
    while found {
      found = false
      let reachable = Set(graph.reachable(from: wanted))
      for name in kept where !states.contains(where: { $0.name == name }) {
        guard let input = inputs[name], let value = values[name], reachable.contains(input.id) else { continue }
        let next = try evaluator.expression(value, at: 0..<0)
        states.append(State(name: name, input: input, next: next, start: try start(name)))
        wanted.append(next.id)
        found = true
      }
    }
    return states.sorted { $0.name < $1.name }
  }
}
