import Descent
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `plot(f, g, x=-3..3)`, `plot(v)`, `plot(t)`
enum PlotBuiltin {
  static let row = Builtin(
    "plot",
    [
      Function.Parameter("what", isVariadic: true), Function.Parameter("…", fallback: .absent),
      Function.Parameter("title", fallback: .absent), Function.Parameter("log", fallback: .absent),
      Function.Parameter("all", fallback: .value(.bool(false))),
    ],
    doc: Phrase(en: "curves of functions, vectors or traces over common axes", zh: "把函数、向量或轨迹画在同一坐标里"),
    example: "plot(x -> x^2, x=-2..2)"
  ) { (call) throws(Diagnostic) in
    guard !call.rest.isEmpty else {
      throw call.diagnostic(
        "E202", Phrase(en: "plot needs something to draw", zh: "plot 需要画的东西"),
        help: Phrase(verbatim: "plot(x -> x^2, x=-2..2)"))
    }
    if let picture = try descentCurve(call) { return .object(picture) }
    let axes = try axes(call)
    var series: [LineChart.Series] = []
    var (isOverFunctions, isOverSteps) = (false, false)
    var name: String?
    for (index, value) in call.rest.enumerated() {
      let written = index < call.restSpans.count ? call.evaluator.name(at: call.restSpans[index]) : nil
      switch value {
      case .function(let function):
        isOverFunctions = true
        series.append(try curve(function, written ?? "\(index + 1)", axes.x, call))
      case .object(let object):
        guard let trace = object as? TraceObject else { throw undrawable(value, index, call) }
        isOverSteps = true
        if call.rest.count == 1 {
          series = trace.ownChart.series
          name = written ?? trace.label
          continue
        }
        var curve = trace.lossChart.series[0]
        curve.label = written ?? trace.label
        series.append(curve)
      default:
        guard call.evaluator.shape(of: value) != nil else { throw undrawable(value, index, call) }
        let tensor = try call.evaluator.tensor(value, at: call.span)
        let isColumn = tensor.rank == 2 && tensor.shape[1] == 1
        guard tensor.rank == 1 || isColumn else { throw undrawable(value, index, call) }
        let steps = (0..<tensor.count).map { Double($0 + 1) }
        series.append(.init(label: written ?? "\(index + 1)", x: steps, y: tensor.elements))
      }
    }
    var title = name ?? ""
    if series.count == 1, name == nil {
      title = isOverFunctions || isOverSteps ? series[0].label : ""
      series[0].label = ""
    }
    let xLabel = axes.xName ?? (isOverFunctions ? "x" : isOverSteps ? "step" : "i")
    var chart = LineChart(
      title: try call.text("title") ?? title, xLabel: xLabel, series: series,
      scale: isOverSteps ? .automatic : .linear)
    if let wanted = call.values["log"] {
      chart.scale = try call.evaluator.number(wanted, at: call.place("log")) != 0 ? .logarithmic : .linear
    }
    chart.clipsSpikes = try call.evaluator.number(call.operand("all"), at: call.place("all")) == 0
    if let range = axes.y {
      chart.yRange = range.lower...range.upper
    } else if chart.clipsSpikes, isOverFunctions {
      chart.yRange = withoutPoles(series)
    }
    return .object(PlotObject(chart))
  }

  /// `x=-3..3` (or the name of the variable), and `y=0..5` beside it.
  private static func axes(_ call: Call) throws(Diagnostic) -> (xName: String?, x: Interval, y: Interval?) {
    var named = call.extra
    var y: Interval?
    if let index = named.firstIndex(where: { $0.name == "y" }), named.count > 1 || hasParameter(call, "x") {
      y = try call.range(named.remove(at: index).value, called: "y")
    }
    if named.count > 1 {
      throw call.diagnostic(
        "E202",
        Phrase(en: "plot takes one range for the variable and y= for the height", zh: "plot 只接受一个自变量范围，另可用 y= 指定高度"),
        at: named[1].name, help: Phrase(verbatim: "plot(f, x=-3..3, y=0..5)"))
    }
    guard let first = named.first else { return (nil, Interval(lower: -3, upper: 3), y) }
    return (first.name, try call.range(first.value, called: first.name), y)
  }

  private static func hasParameter(_ call: Call, _ name: String) -> Bool {
    call.rest.contains { value in
      if case .function(let function) = value { return function.parameters.first?.name == name }
      return false
    }
  }

  private static func undrawable(_ value: Value, _ index: Int, _ call: Call) -> Diagnostic {
    Diagnostic.wrongKind(
      value, Phrase(en: "plot draws functions, vectors and traces", zh: "plot 画函数、向量和轨迹"),
      at: index < call.restSpans.count ? call.restSpans[index] : call.span)
  }

  /// `plot(L, t)`: the loss of one parameter with the steps of a descent on it.
  private static func descentCurve(_ call: Call) throws(Diagnostic) -> PlotObject? {
    guard call.rest.count == 2, case .function(let function) = call.rest[0], case .object(let object) = call.rest[1],
      let trace = object as? TraceObject, let parameter = Contours.scalars(trace).first,
      trace.trace.parameters.count == 1, !trace.trace.losses.isEmpty
    else { return nil }
    var range = Contours.range(of: parameter, in: trace)
    if let named = call.extra.first { range = try call.range(named.value, called: named.name) }
    var picture = try Contours.curve(function, trace, range, in: call.evaluator, at: call.span)
    if let title = try call.text("title") { picture.title = title }
    return PlotObject(
      picture, [(parameter, .tensor(Tensor(vector: picture.x))), ("values", .tensor(Tensor(vector: picture.y)))])
  }

  // MARK: Functions

  /// A function at evenly spaced places, several to a column of dots; where it jumps, the line is broken.
  private static func curve(
    _ function: Function, _ fallback: String, _ interval: Interval, _ call: Call
  ) throws(Diagnostic) -> LineChart.Series {
    guard function.requiredCount <= 1, let parameter = function.parameters.first else {
      throw call.diagnostic(
        "E202",
        Phrase(
          en: "plot draws functions of one number; \(function.signature) has \(function.requiredCount) parameters",
          zh: "plot 画一元函数，\(function.signature) 有 \(function.requiredCount) 个参数"),
        help: Phrase(
          en: "fix the others: plot(x -> \(function.name ?? "f")(x, 0))",
          zh: "把其他参数固定：plot(x -> \(function.name ?? "f")(x, 0))"))
    }
    let sampler = FunctionSampler(function, [parameter.name], in: call.evaluator, at: call.span)
    let places = FunctionSampler.places(interval.lower, interval.upper, 481)
    let values = try sampler.values([places])
    let broken = try withBreaks(places, values, sampler)
    return .init(label: label(function, fallback), x: broken.x, y: broken.y)
  }

  /// Breaks the line between neighbours whose distance does not shrink however closely one looks: at a pole, at a step.
  private static func withBreaks(
    _ x: [Double], _ y: [Double], _ sampler: FunctionSampler
  ) throws(Diagnostic) -> (x: [Double], y: [Double]) {
    let finite = y.filter(\.isFinite).sorted()
    guard finite.count > 8 else { return (x, y) }
    let spread = finite[finite.count * 9 / 10] - finite[finite.count / 10]
    var result = (x: [Double](), y: [Double]())
    var checked = 0
    for index in x.indices {
      if index > 0, checked < 64, y[index].isFinite, y[index - 1].isFinite,
        (y[index] - y[index - 1]).magnitude > max(spread / 8, .leastNormalMagnitude)
      {
        checked += 1
        if try jumps(from: (x[index - 1], y[index - 1]), to: (x[index], y[index]), sampler) {
          result.x.append(.nan)
          result.y.append(.nan)
        }
      }
      result.x.append(x[index])
      result.y.append(y[index])
    }
    return result
  }

  private static func jumps(
    from: (x: Double, y: Double), to: (x: Double, y: Double), _ sampler: FunctionSampler
  ) throws(Diagnostic) -> Bool {
    var (a, b) = (from, to)
    let gap = (b.y - a.y).magnitude
    for _ in 0..<24 {
      let middle = a.x + (b.x - a.x) / 2
      guard let value = try sampler.values([[middle]]).first else { return false }
      guard value.isFinite else { return true }
      if (value - a.y).magnitude > (b.y - value).magnitude { b = (middle, value) } else { a = (middle, value) }
      if (b.y - a.y).magnitude < gap / 4 { return false }
    }
    return true
  }

  /// The range without the neighbourhood of poles: where a line breaks far outside what most of the curve does.
  private static func withoutPoles(_ series: [LineChart.Series]) -> ClosedRange<Double>? {
    var poles = false
    var values: [Double] = []
    for curve in series {
      values += curve.y.filter(\.isFinite)
      for (index, x) in curve.x.enumerated() where !x.isFinite || !curve.y[index].isFinite { poles = true }
    }
    guard poles, values.count > 20 else { return nil }
    values.sort()
    let (low, high) = (values[values.count / 10], values[values.count - 1 - values.count / 10])
    let room = (high - low) * 1.5
    guard room > 0, values[0] < low - 2 * room || values[values.count - 1] > high + 2 * room else { return nil }
    return max(values[0], low - room)...min(values[values.count - 1], high + room)
  }

  private static func label(_ function: Function, _ fallback: String) -> String {
    if let name = function.name { return name }
    if case .defined(let tree, let body, _) = function.body { return Diagnostic.shorten(tree.text(body), to: 24) }
    return fallback
  }
}
