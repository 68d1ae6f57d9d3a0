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
      Function.Parameter("title", fallback: .absent),
    ],
    doc: Phrase(en: "curves of functions, vectors or traces over common axes", zh: "把函数、向量或轨迹画在同一坐标里"),
    example: "plot(x -> x^2, x=-2..2)"
  ) { (call) throws(Diagnostic) in
    var xLabel = "x"
    var interval = Interval(lower: -3, upper: 3)
    if let named = call.extra.first {
      guard case .range(let range) = named.value, range.upper > range.lower else {
        throw Diagnostic.wrongKind(
          named.value, Phrase(en: "a plot needs a range from low to high", zh: "画图需要从小到大的范围"),
          at: call.place(named.name),
          help: Phrase(verbatim: "plot(f, \(named.name)=-3..3)"))
      }
      xLabel = named.name
      interval = range
    }
    guard !call.rest.isEmpty else {
      throw call.diagnostic(
        "E202", Phrase(en: "plot needs something to draw", zh: "plot 需要画的东西"),
        help: Phrase(verbatim: "plot(x -> x^2, x=-2..2)"))
    }
    var series: [LineChart.Series] = []
    var isOverFunctions = false
    var isOverSteps = false
    for (index, value) in call.rest.enumerated() {
      switch value {
      case .function(let function):
        isOverFunctions = true
        series.append(try curve(function, index, interval, call))
      case .object(let object):
        guard let trace = object as? TraceObject else { throw undrawable(value, call) }
        isOverSteps = true
        var curve = trace.lossChart.series[0]
        curve.label = call.rest.count > 1 ? "\(trace.trace.optimizer.name) \(shortNumber(trace.trace.rate))" : ""
        series.append(curve)
      default:
        let tensor = try call.evaluator.tensor(value, at: call.span)
        guard tensor.rank == 1 else { throw undrawable(value, call) }
        series.append(
          .init(
            label: call.rest.count > 1 ? "\(index + 1)" : "", x: (1...max(1, tensor.count)).map(Double.init),
            y: tensor.elements))
      }
    }
    if call.extra.isEmpty, !isOverFunctions { xLabel = isOverSteps ? "step" : "i" }
    var title = series.count == 1 && isOverFunctions ? series[0].label : ""
    if case .text(let given) = call.values["title"] { title = given }
    if series.count == 1, isOverFunctions { series[0].label = "" }
    let chart = LineChart(title: title, xLabel: xLabel, series: series, scale: isOverSteps ? .automatic : .linear)
    return .object(PlotObject(chart: chart))
  }

  private static func undrawable(_ value: Value, _ call: Call) -> Diagnostic {
    Diagnostic.wrongKind(
      value, Phrase(en: "plot draws functions, vectors and traces", zh: "plot 画函数、向量和轨迹"), at: call.span)
  }

  /// A function at evenly spaced places, as many as there are columns of dots on a wide screen.
  private static func curve(
    _ function: Function, _ index: Int, _ interval: Interval, _ call: Call
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
    let traced = TracedFunction(
      function, [.init(name: parameter.name, isVariable: false)], in: call.evaluator, at: call.span)
    let count = 241
    var x: [Double] = []
    var y: [Double] = []
    for step in 0..<count {
      let share = Double(step) / Double(count - 1)
      let place = interval.lower * (1 - share) + interval.upper * share
      let value = try traced([Tensor(place)]).value
      guard value.rank == 0 else {
        throw call.diagnostic(
          "E212",
          Phrase(
            en: "\(function.name ?? "the function") gives \(Shapes.describe(value.shape)), not one number",
            zh: "\(function.name ?? "这个函数") 给出 \(Shapes.describe(value.shape))，不是一个数"))
      }
      x.append(place)
      y.append(value.elements[0])
    }
    return .init(label: label(function, index), x: x, y: y)
  }

  private static func label(_ function: Function, _ index: Int) -> String {
    if let name = function.name { return name }
    if case .defined(let tree, let body, _) = function.body { return Diagnostic.shorten(tree.text(body), to: 24) }
    return "\(index + 1)"
  }
}

/// `scatter(x, y)`, with the fitted line or any function over it: `scatter(x, y, f)`.
enum ScatterBuiltin {
  static let row = Builtin(
    "scatter",
    [
      Function.Parameter("x"), Function.Parameter("y"), Function.Parameter("f", fallback: .absent),
      Function.Parameter("title", fallback: .absent),
    ], doc: Phrase(en: "points, and a function over them", zh: "散点，可再叠一条函数曲线"), example: "scatter([1,2,3], [2,3,5])"
  ) { (call) throws(Diagnostic) in
    let x = try call.evaluator.tensor(call.operand("x"), at: call.place("x"))
    let y = try call.evaluator.tensor(call.operand("y"), at: call.place("y"))
    guard x.rank == 1, x.shape == y.shape else {
      throw Diagnostic(
        "E203", Phrase(en: "scatter takes two vectors of one length", zh: "scatter 需要两个等长的向量"),
        at: [
          .init(call.place("x"), Diagnostic.shapeText(x.shape)), .init(call.place("y"), Diagnostic.shapeText(y.shape)),
        ])
    }
    var series: [LineChart.Series] = []
    if case .function(let function) = call.values["f"], let parameter = function.parameters.first,
      let low = x.elements.filter(\.isFinite).min(), let high = x.elements.filter(\.isFinite).max()
    {
      let traced = TracedFunction(
        function, [.init(name: parameter.name, isVariable: false)], in: call.evaluator, at: call.place("f"))
      var line = LineChart.Series(label: function.name ?? "f", x: [], y: [])
      for step in 0...120 {
        let place = low + (high - low) * Double(step) / 120
        line.x.append(place)
        line.y.append(try traced([Tensor(place)]).value.elements[0])
      }
      series.append(line)
    }
    series.append(.init(label: "", x: x.elements, y: y.elements, isJoined: false))
    var title = ""
    if case .text(let given) = call.values["title"] { title = given }
    return .object(PlotObject(chart: LineChart(title: title, xLabel: "x", series: series)))
  }
}

/// `describe(p)`: a picture or a trace in words and numbers.
enum DescribeBuiltin {
  static let row = Builtin(
    "describe", [Function.Parameter("picture")], doc: Phrase(en: "a picture or trace in words", zh: "用文字描述一张图或一条轨迹"),
    example: "describe(plot(x -> x^2, x=-2..2))"
  ) { (call) throws(Diagnostic) in
    guard case .object(let object) = try call.operand("picture"), let presentable = object as? any Presentable else {
      throw Diagnostic.wrongKind(
        try call.operand("picture"), Phrase(en: "describe takes a picture or a trace", zh: "describe 需要一张图或一条轨迹"),
        at: call.place("picture"))
    }
    let language = (call.evaluator.surroundings as? Settings)?.language ?? .en
    return .text(presentable.description(language))
  }
}
