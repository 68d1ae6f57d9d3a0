import Graphs
import Markup
import Synchronization
import Syntax
import Tensors

extension Evaluator {
  /// A value without nodes, to keep or to show. All its nodes are computed by one program, so that a loss and its
  /// gradient share their pass over the data.
  package func finished(_ value: Value, at span: Range<Int>) throws(Diagnostic) -> Value {
    var wanted: [Graph.ID] = []
    value.collectNodes(into: &wanted)
    guard !wanted.isEmpty else { return value }
    if forceCount > 0 {
      // Part of it has been computed on the way; only the rest is.
      var tensors: [Graph.ID: Tensor] = [:]
      for id in wanted {
        let tensor = try force(id, at: span)
        tensors[id] = tensor
        if let at = tensor.elements.firstIndex(where: { !$0.isFinite }) { try explain(id, element: at, at: span) }
      }
      return value.replacingNodes(by: tensors)
    }
    let line = try LineProgram(self, value, wanted, at: span)
    let (result, nonFinite) = try exhausted(at: span) { () throws(Budget.Exhausted) in try line.run(budget) }
    for (id, tensor) in nonFinite {
      if let at = tensor.elements.firstIndex(where: { !$0.isFinite }) { try explain(id, element: at, at: span) }
    }
    program = line
    return result
  }

  /// Finds the first node whose result is not finite though its operands are, and notes it.
  func explain(_ id: Graph.ID, element: Int, at span: Range<Int>) throws(Diagnostic) {
    let nodes = graph.reachable(from: [id]).filter { Shapes.isConcrete(graph[$0].shape) }
    guard nodes.count < 500, nodes.reduce(0, { $0 + (Shapes.count(graph[$1].shape) ?? 0) }) < 200_000 else { return }
    let values = try exhausted(at: span) { () throws(Budget.Exhausted) in
      try Program(graph, outputs: nodes, budget: budget).run(bindings.map { $0 ?? Tensor(0) }, budget: budget)
    }
    let tensors = Dictionary(uniqueKeysWithValues: zip(nodes, values))
    for node in nodes {
      guard let result = tensors[node], graph[node].primitive.row.kernel.isElementwise,
        let at = result.elements.firstIndex(where: { !$0.isFinite })
      else { continue }
      let operands = graph[node].inputs.compactMap { tensors[$0] }.map {
        $0.count == 1 ? $0.elements[0] : $0.elements[at]
      }
      guard operands.allSatisfy(\.isFinite) else { continue }
      note(
        Evaluator.origin(
          graph[node].primitive, operands, result.elements[at], element: result.count > 1 ? at + 1 : nil))
      return
    }
  }
}

/// What a line computes, compiled: run again as long as nothing the line reads has changed.
///
/// Unchecked: programs are for one thread at a time; `isBusy` sees to that when copies of a session share one.
package final class LineProgram: @unchecked Sendable {
  private let value: Value
  private let wanted: [Graph.ID]
  private let known: [Graph.ID: Tensor]
  private let program: Program
  private let arguments: [Tensor]
  private let isBusy = Atomic<Bool>(false)

  fileprivate init(
    _ evaluator: Evaluator, _ value: Value, _ nodes: [Graph.ID], at span: Range<Int>
  ) throws(Diagnostic) {
    self.value = value
    var known: [Graph.ID: Tensor] = [:]
    var wanted: [Graph.ID] = []
    for id in nodes where known[id] == nil && !wanted.contains(id) {
      if let constant = evaluator.graph.constant(at: id) {
        known[id] = constant
      } else {
        try evaluator.requireKnown(id, at: span)
        wanted.append(id)
      }
    }
    self.known = known
    self.wanted = wanted
    arguments = evaluator.bindings.map { $0 ?? Tensor(0) }
    program = try evaluator.exhausted(at: span) { () throws(Budget.Exhausted) in
      try Program(evaluator.graph, outputs: wanted, isWatching: true, budget: evaluator.budget)
    }
  }

  /// The value with every node computed, and the results that are not finite throughout.
  fileprivate func run(
    _ budget: Budget
  ) throws(Budget.Exhausted) -> (value: Value, nonFinite: [(Graph.ID, Tensor)]) {
    var tensors = known
    var nonFinite: [(Graph.ID, Tensor)] = known.filter { !$0.value.elements.allSatisfy(\.isFinite) }.map { ($0, $1) }
    let results = try program.run(arguments, budget: budget)
    for (index, id) in wanted.enumerated() {
      tensors[id] = results[index]
      if !program.areFinite[index] { nonFinite.append((id, results[index])) }
    }
    return (value.replacingNodes(by: tensors), nonFinite)
  }

  /// Runs once more; nil where that takes an evaluation: another thread is at it, or there is something to explain.
  package func runAgain(_ budget: Budget) throws(Budget.Exhausted) -> Value? {
    guard !isBusy.exchange(true, ordering: .acquiring) else { return nil }
    defer { isBusy.store(false, ordering: .releasing) }
    let (value, nonFinite) = try run(budget)
    return nonFinite.isEmpty ? value : nil
  }
}

extension Value {
  fileprivate func collectNodes(into nodes: inout [Graph.ID]) {
    switch self {
    case .traced(let id): nodes.append(id)
    case .record(let record): for field in record.fields { field.value.collectNodes(into: &nodes) }
    case .function(let function):
      if case .defined(_, _, let captured) = function.body {
        for value in captured.values { value.collectNodes(into: &nodes) }
      }
    default: break
    }
  }

  fileprivate func replacingNodes(by tensors: [Graph.ID: Tensor]) -> Value {
    switch self {
    case .traced(let id): return tensors[id].map { Value($0) } ?? self
    case .record(let record):
      return .record(Record(record.fields.map { ($0.name, $0.value.replacingNodes(by: tensors)) }))
    case .function(var function):
      guard case .defined(let tree, let body, let captured) = function.body else { return self }
      function.body = .defined(tree, body, captured: captured.mapValues { $0.replacingNodes(by: tensors) })
      return .function(function)
    default: return self
    }
  }
}
