import Descent
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// What a contour picture needs of a function and of a trace.
enum Contours {
  /// Nodes of the grid: two dots apart in a picture of 100 × 30 cells.
  private static let nodes = (x: 81, y: 61)

  /// - Parameter others: learned parameters that are not on the axes, at fixed values.
  static func field(
    _ function: Function, _ names: [String], _ ranges: [Interval], others: [(name: String, value: Tensor)],
    in evaluator: Evaluator, at span: Range<Int>
  ) throws(Diagnostic) -> Field {
    let x = FunctionSampler.places(ranges[0].lower, ranges[0].upper, nodes.x)
    let y = FunctionSampler.places(ranges[1].lower, ranges[1].upper, nodes.y)
    let columns = [y.flatMap { _ in x }, y.flatMap { row in x.map { _ in row } }]
    let sampler = FunctionSampler(function, names, fixed: others, in: evaluator, at: span)
    return Field(x: x, y: y, values: try sampler.values(columns))
  }

  /// The learned parameters that are numbers.
  static func scalars(_ trace: TraceObject) -> [String] {
    trace.trace.parameters.filter { $0.size == 1 }.map(\.name)
  }

  private static func values(_ name: String, _ trace: TraceObject) -> [Double]? {
    trace.trace.parameters.first { $0.name == name && $0.size == 1 }?.values
  }

  static func path(of trace: TraceObject, _ names: [String]) -> ContourChart.Path? {
    guard let x = values(names[0], trace), let y = values(names[1], trace) else { return nil }
    return ContourChart.Path(x: x, y: y, values: trace.trace.losses)
  }

  /// Around the path, with room on either side to see where it comes from and what it goes round.
  static func range(of name: String, in trace: TraceObject) -> Interval {
    let finite = (values(name, trace) ?? []).filter { $0.isFinite && $0.magnitude < 1e150 }
    guard let low = finite.min(), let high = finite.max() else { return Interval(lower: -3, upper: 3) }
    let room = high > low ? (high - low) * 0.35 : max(1, low.magnitude * 0.5)
    return Interval(lower: low - room, upper: high + room)
  }

  /// The loss of one parameter over a range, with the steps of a trace.
  static func curve(
    _ function: Function, _ trace: TraceObject, _ range: Interval, in evaluator: Evaluator, at span: Range<Int>
  ) throws(Diagnostic) -> TangentChart {
    let parameter = trace.trace.parameters[0]
    let x = FunctionSampler.places(range.lower, range.upper, 241)
    let sampler = FunctionSampler(
      function, [parameter.name], fixed: data(trace), in: evaluator, at: span)
    let steps = zip(zip(parameter.values, trace.trace.losses), parameter.gradients).map {
      TangentChart.Step(w: $0.0, loss: $0.1, slope: $1)
    }
    return TangentChart(
      title: trace.label, lossName: function.name ?? "L", parameter: parameter.name, x: x, y: try sampler.values([x]),
      steps: steps)
  }

  /// The columns of the data, whole, under the names of the objective's parameters.
  static func data(_ trace: TraceObject) -> [(name: String, value: Tensor)] {
    zip(trace.trace.descent.dataNames, trace.trace.descent.data?.columns ?? []).map { ($0, $1) }
  }

  /// Around the path in both directions, near enough in size that one scale serves both axes on a wide screen.
  static func ranges(of names: [String], in trace: TraceObject) -> [Interval] {
    var ranges = names.map { range(of: $0, in: trace) }
    func widen(_ index: Int, to span: Double) {
      let own = ranges[index].upper - ranges[index].lower
      // A parameter that hardly moves beside the other would be drawn as a point: then the scales may differ.
      guard own < span, span < 20 * own else { return }
      let middle = ranges[index].lower + own / 2
      ranges[index] = Interval(lower: middle - span / 2, upper: middle + span / 2)
    }
    guard ranges.count == 2 else { return ranges }
    widen(0, to: ranges[1].upper - ranges[1].lower)
    widen(1, to: (ranges[0].upper - ranges[0].lower) / 2)
    return ranges
  }

  /// What the function's other parameters were at the end.
  static func others(_ trace: TraceObject, _ names: [String]) -> [(name: String, value: Tensor)] {
    let last = trace.trace.losses.count - 1
    guard last >= 0 else { return [] }
    return trace.trace.parameters.filter { !names.contains($0.name) }.map { ($0.name, $0.value(at: last)) }
      + data(trace)
  }

  /// The gradient at the start and the step it leads to.
  static func firstStep(_ trace: TraceObject, _ names: [String]) -> [Phrase]? {
    let own = names.compactMap { name in trace.trace.parameters.first { $0.name == name && $0.size == 1 } }
    guard own.count == 2, trace.trace.losses.count > 1 else { return nil }
    let n = { (value: Double) in PictureNumber.text(value) }
    let slope = own.map { $0.gradients[0] }
    let moved = own.map { $0.values[1] - $0.values[0] }
    let norm = (slope[0] * slope[0] + slope[1] * slope[1]).squareRoot()
    return [
      Phrase(
        en: "at S ∇f = (\(n(slope[0])), \(n(slope[1]))), |∇f| = \(n(norm))",
        zh: "S 处 ∇f = (\(n(slope[0])), \(n(slope[1])))，|∇f| = \(n(norm))"),
      Phrase(
        en: "step 1 = (\(n(moved[0])), \(n(moved[1])))", zh: "第 1 步 = (\(n(moved[0])), \(n(moved[1])))"),
    ]
  }
}
