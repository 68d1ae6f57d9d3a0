import Graphs
import Markup
import Synchronization
import Syntax
import Tensors

extension Evaluator {
  /// A value without nodes, to keep or to show. All its nodes are computed by one program, so that a loss and its
  /// gradient share their pass over the data.
  package func finished(_ value: Value, at span: Range<Int>) throws(Diagnostic) -> Value {
    if case .range(let interval) = value, interval.count == nil { throw Diagnostic.tooManyElements(at: span) }
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
      return value.replacingNodes { tensors[$0] }
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
  /// The value of the line, with places of the program's outputs for its nodes.
  private indirect enum Template {
    case output(Int)
    case record([(name: String, value: Template)])
    case value(Value)
    /// Something else with nodes inside.
    case other(Value)
  }

  private let template: Template
  /// Whether the value is the one output, or a record with all outputs among its fields.
  private let isPlain: Bool
  /// That record without the outputs, and the field of each.
  private let record: Record?
  private let fields: [Int]
  private let wanted: [Graph.ID]
  private let program: Program
  /// Kept because the program reads them where they are.
  private let arguments: [Tensor]
  private let isBusy = Atomic<Bool>(false)

  fileprivate init(
    _ evaluator: Evaluator, _ value: Value, _ nodes: [Graph.ID], at span: Range<Int>
  ) throws(Diagnostic) {
    var places: [Graph.ID: Int] = [:]
    var outputs: [Graph.ID] = []
    for id in nodes where places[id] == nil && evaluator.graph.constant(at: id) == nil {
      try evaluator.requireKnown(id, at: span)
      places[id] = outputs.count
      outputs.append(id)
    }
    let wanted = outputs
    self.wanted = wanted
    template = LineProgram.template(of: value, places, evaluator.graph)
    let form = LineProgram.form(of: template, outputs: wanted.count)
    isPlain = form != nil
    record = form?.record
    fields = form?.fields ?? []
    arguments = evaluator.presentValues
    program = try evaluator.exhausted(at: span) { () throws(Budget.Exhausted) in
      try Program(evaluator.graph, outputs: wanted, isWatching: true, budget: evaluator.budget)
    }
    for (number, argument) in arguments.enumerated() {
      if let address = argument.address { program.bind(input: number, to: UnsafePointer(address)) }
    }
  }

  private static func template(of value: Value, _ places: [Graph.ID: Int], _ graph: Graph) -> Template {
    switch value {
    case .traced(let id):
      if let place = places[id] { return .output(place) }
      return .value(graph.constant(at: id).map { Value($0) } ?? value)
    case .record(let record):
      return .record(record.fields.map { ($0.name, template(of: $0.value, places, graph)) })
    case .function:
      var nodes: [Graph.ID] = []
      value.collectNodes(into: &nodes)
      if nodes.isEmpty { return .value(value) }
      // What is constant is filled in now, the rest after each run.
      return .other(value.replacingNodes { id in graph.constant(at: id) })
    default: return .value(value)
    }
  }

  private static func form(of template: Template, outputs: Int) -> (record: Record?, fields: [Int])? {
    switch template {
    case .output: return (nil, [0])
    case .record(let fields):
      var record = Record([])
      var places: [Int: Int] = [:]
      for (name, template) in fields {
        switch template {
        case .output(let index) where places[index] == nil: places[index] = record.fields.count
        case .value: break
        default: return nil
        }
        if case .value(let value) = template {
          record.fields.append((name, value))
        } else {
          record.fields.append((name, .nothing))
        }
      }
      let order = (0..<outputs).compactMap { places[$0] }
      return order.count == outputs ? (record, order) : nil
    default: return nil
    }
  }

  /// The value with every node computed, and the results that are not finite throughout.
  fileprivate func run(
    _ budget: Budget
  ) throws(Budget.Exhausted) -> (value: Value, nonFinite: [(Graph.ID, Tensor)]) {
    var results: [Value] = []
    results.reserveCapacity(wanted.count)
    for index in wanted.indices {
      let (shape, count) = program.output(index)
      if shape.isEmpty {
        results.append(.nothing)
      } else {
        let tensor = Tensor(uninitialized: shape, count: count)
        if let address = tensor.address { program.bind(output: index, to: address) }
        results.append(.tensor(tensor))
      }
    }
    try program.execute(budget)
    var nonFinite: [(Graph.ID, Tensor)] = []
    for index in wanted.indices {
      if case .nothing = results[index] { results[index] = .number(program.result(index)[0]) }
      if !program.isFinite(index), let tensor = results[index].numbers { nonFinite.append((wanted[index], tensor)) }
    }
    return (value(template, results), nonFinite)
  }

  private func value(_ template: Template, _ results: [Value]) -> Value {
    switch template {
    case .output(let index): return results[index]
    case .record(let fields): return .record(Record(fields.map { ($0.name, value($0.value, results)) }))
    case .value(let value): return value
    case .other(let value):
      return value.replacingNodes { id in wanted.firstIndex(of: id).flatMap { results[$0].numbers } }
    }
  }

  /// Runs once more and makes `answer` the value; false where that takes an evaluation: another thread is at it, or
  /// there is something to explain. Where it fails, `answer` is as before.
  ///
  /// - Parameter isItsOwn: whether `answer` is the value that this program gave last. It is then written again where it
  ///   is, unless someone else holds it: with the same numbers, so whoever stops it half-way has changed nothing.
  package func runAgain(_ budget: Budget, replacing answer: inout Value?, isItsOwn: Bool) throws(Budget.Exhausted)
    -> Bool
  {
    guard !isBusy.exchange(true, ordering: .acquiring) else { return false }
    defer { isBusy.store(false, ordering: .releasing) }
    guard isPlain else {
      let (value, nonFinite) = try run(budget)
      guard nonFinite.isEmpty else { return false }
      answer = value
      return true
    }
    var value = Value.nothing
    if isItsOwn, let own = answer {
      value = own
      answer = nil
    } else if let record {
      value = .record(record)
    }
    // Until it has succeeded, the answer is the one before.
    func giveBack() { if isItsOwn { answer = value } }
    for index in wanted.indices {
      if program.isNumber(index) { continue }
      change(index, of: &value) { place in
        let memory = memory(for: index, from: &place)
        if let address = memory.address { program.bind(output: index, to: address) }
        place = .tensor(memory)
      }
    }
    do {
      try program.execute(budget)
    } catch {
      giveBack()
      throw error
    }
    for index in wanted.indices {
      guard program.isFinite(index) else {
        giveBack()
        return false
      }
      if program.isNumber(index) { change(index, of: &value) { $0 = .number(program.result(index)[0]) } }
    }
    answer = value
    return true
  }

  /// Changes what stands for an output in a value of this program's form.
  private func change(_ index: Int, of value: inout Value, _ body: (inout Value) -> Void) {
    guard record != nil, case .record(var record) = value else { return body(&value) }
    value = .nothing
    body(&record.fields[fields[index]].value)
    value = .record(record)
  }

  /// The tensor in a place, if it is one nobody else holds, or new memory.
  private func memory(for index: Int, from place: inout Value) -> Tensor {
    if case .tensor(var tensor) = place {
      place = .nothing
      if tensor.isUnshared { return tensor }
    }
    let (shape, count) = program.output(index)
    return Tensor(uninitialized: shape, count: count)
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

  fileprivate func replacingNodes(_ tensor: (Graph.ID) -> Tensor?) -> Value {
    switch self {
    case .traced(let id): return tensor(id).map { Value($0) } ?? self
    case .record(let record):
      return .record(Record(record.fields.map { ($0.name, $0.value.replacingNodes(tensor)) }))
    case .function(var function):
      guard case .defined(let tree, let body, let captured) = function.body else { return self }
      function.body = .defined(tree, body, captured: captured.mapValues { $0.replacingNodes(tensor) })
      return .function(function)
    default: return self
    }
  }
}
