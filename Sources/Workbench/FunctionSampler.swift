import Graphs
import Interpreter
import Syntax
import Tensors

/// A function of numbers at many places at once: what pictures of functions are made of.
///
/// Where the function works element by element, all places go through one program as vectors. Otherwise (a mean over
/// data, a matrix product) it is traced once for numbers and that program runs for each place.
struct FunctionSampler {
  private let function: Function
  private let names: [String]
  private let fixed: [(name: String, value: Tensor)]
  private let evaluator: Evaluator
  private let span: Range<Int>

  /// - Parameter fixed: further arguments that are the same at every place.
  init(
    _ function: Function, _ names: [String], fixed: [(name: String, value: Tensor)] = [], in evaluator: Evaluator,
    at span: Range<Int>
  ) {
    self.fixed = fixed
    self.function = function
    self.names = names
    self.evaluator = evaluator
    self.span = span
  }

  /// - Parameter columns: for each parameter its value at every place.
  func values(_ columns: [[Double]]) throws(Diagnostic) -> [Double] {
    let count = columns.first?.count ?? 0
    if count > 8, let all = vectorised(columns) { return all }
    let traced = TracedFunction(
      function, (names + fixed.map(\.name)).map { .init(name: $0, isVariable: false) }, in: evaluator, at: span)
    var result: [Double] = []
    result.reserveCapacity(count)
    for place in 0..<count {
      let value = try traced(columns.map { Tensor($0[place]) } + fixed.map(\.value)).value
      guard value.count == 1 else {
        throw Diagnostic(
          "E212",
          .init(
            en: "\(function.name ?? "the function") gives \(Shapes.describe(value.shape)), not one number",
            zh: "\(function.name ?? "这个函数") 给出 \(Shapes.describe(value.shape))，不是一个数"), at: [.init(span)])
      }
      result.append(value.elements[0])
      if place & 255 == 0 {
        try evaluator.exhausted(at: span) { () throws(Budget.Exhausted) in try evaluator.budget.check() }
      }
    }
    return result
  }

  /// All places in one program, or nil where that would compute something else than place by place.
  private func vectorised(_ columns: [[Double]]) -> [Double]? {
    let count = columns[0].count
    let inner = Evaluator(environment: evaluator.environment, budget: evaluator.budget)
    var given: [Given] = []
    var inputs: Set<Graph.ID> = []
    for (name, column) in zip(names, columns) {
      let input = inner.input(name, Tensor(vector: column))
      inputs.insert(input.id)
      given.append(Given(name: name, value: .traced(input.id), span: span))
    }
    for other in fixed { given.append(Given(name: other.name, value: Value(other.value), span: span)) }
    guard let value = try? inner.invoke(.function(function), given, at: span) else { return nil }
    if case .number(let constant) = value { return [Double](repeating: constant, count: count) }
    guard case .traced(let id) = value, inner.graph[id].shape == [count], inner.guards.isEmpty else { return nil }
    var depends = inputs
    for node in inner.graph.reachable(from: [id]) where !inputs.contains(node) {
      guard inner.graph[node].inputs.contains(where: depends.contains) else {
        // A vector of its own that happens to be as long would be paired with the places.
        if !inner.graph[node].shape.isEmpty, inner.graph[node].primitive != .broadcast { return nil }
        continue
      }
      guard inner.graph[node].primitive.row.kernel.isElementwise else { return nil }
      depends.insert(node)
    }
    return try? inner.force(id, at: span).elements
  }

  /// Evenly spaced places, both ends included.
  static func places(_ lower: Double, _ upper: Double, _ count: Int) -> [Double] {
    let span = upper - lower
    return (0..<count).map { step in
      // Multiplied before divided, so that whole numbers in between are hit exactly.
      if span.isFinite, span * Double(count) < .infinity { return lower + span * Double(step) / Double(count - 1) }
      let share = Double(step) / Double(count - 1)
      return lower * (1 - share) + upper * share
    }
  }
}
