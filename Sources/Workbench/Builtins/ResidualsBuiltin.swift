import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `residuals(prediction, target)`: what a fit leaves over, against what it predicts.
enum ResidualsBuiltin {
  static let row = Builtin(
    "residuals",
    [Function.Parameter("prediction"), Function.Parameter("target"), Function.Parameter("title", fallback: .absent)],
    doc: Phrase(
      en: "prediction - target against the prediction: structure here is what the model missed",
      zh: "残差图：预测 - 真值；图中的规律就是模型没学到的"),
    example: "residuals([1.1, 2.2, 2.8], [1, 2, 3])"
  ) { (call) throws(Diagnostic) in
    let (prediction, target) = try call.sameLength("prediction", "target")
    let language = call.settings.language
    let residuals = zip(prediction, target).map { $0 - $1 }
    let finite = prediction.filter(\.isFinite)
    var series: [LineChart.Series] = []
    if let low = finite.min(), let high = finite.max() {
      series.append(.init(label: "", x: [low, high], y: [0, 0]))
    }
    series.append(.init(label: "", x: prediction, y: residuals, isJoined: false))
    let known = residuals.filter(\.isFinite)
    let largest = known.lazy.map(\.magnitude).max() ?? 0
    let average = known.reduce(0) { $0 + $1 / Double(known.count) }
    // Rounding alone leaves something of a mean that is zero.
    let mean = average.magnitude < 1e-14 * largest ? 0 : average
    let root = known.reduce(0) { $0 + $1 * $1 / Double(known.count) }.squareRoot()
    let n = { (value: Double) in PictureNumber.text(value) }
    let title =
      try call.text("title")
      ?? Phrase(
        en: "residual = prediction - target   mean \(n(mean))   root mean square \(n(root))",
        zh: "残差 = 预测 - 真值   均值 \(n(mean))   均方根 \(n(root))")[language]
    return .object(
      PlotObject(
        LineChart(title: title, xLabel: Phrase(en: "prediction", zh: "预测")[language], series: series),
        [
          ("residuals", .tensor(Tensor(vector: residuals))), ("mean", .number(mean)), ("rms", .number(root)),
        ]))
  }
}
