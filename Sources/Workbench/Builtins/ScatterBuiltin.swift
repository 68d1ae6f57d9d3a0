import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `scatter(x, y)`, with the fitted line or any function over it: `scatter(x, y, f)`.
enum ScatterBuiltin {
  static let row = Builtin(
    "scatter",
    [
      Function.Parameter("x"), Function.Parameter("y"), Function.Parameter("f", fallback: .absent),
      Function.Parameter("title", fallback: .absent),
    ], doc: Phrase(en: "points, and a function over them", zh: "散点，可再叠一条函数曲线"), example: "scatter([1,2,3], [2,3,5])"
  ) { (call) throws(Diagnostic) in
    let (x, y) = try call.sameLength("x", "y")
    var series: [LineChart.Series] = []
    if call.has("f") {
      let function = try call.function("f")
      let finite = x.filter(\.isFinite)
      if let parameter = function.parameters.first, let low = finite.min(), let high = finite.max() {
        let places = FunctionSampler.places(low, high, 241)
        let sampler = FunctionSampler(function, [parameter.name], in: call.evaluator, at: call.place("f"))
        series.append(.init(label: function.name ?? "f", x: places, y: try sampler.values([places])))
      }
    }
    let yName = call.written("y") ?? "y"
    series.append(.init(label: series.isEmpty ? "" : yName, x: x, y: y, isJoined: false))
    let title = try call.text("title") ?? (call.written("y").map { "\($0) / \(call.written("x") ?? "x")" } ?? "")
    return .object(
      PlotObject(LineChart(title: title, xLabel: call.written("x") ?? "x", series: series)))
  }
}
