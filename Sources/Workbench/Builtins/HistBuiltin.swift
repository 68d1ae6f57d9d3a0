import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `hist(v)`: how often values fall into equal bins.
enum HistBuiltin {
  static let row = Builtin(
    "hist",
    [
      Function.Parameter("v"), Function.Parameter("bins", fallback: .absent),
      Function.Parameter("title", fallback: .absent),
    ], doc: Phrase(en: "a histogram: how often values fall into equal bins", zh: "直方图：数值落入等宽各格的次数"),
    example: "hist([1, 2, 2, 3, 3, 3, 7])"
  ) { (call) throws(Diagnostic) in
    let values = try call.evaluator.tensor(call.operand("v"), at: call.place("v")).elements
    var bins: Int?
    if call.has("bins") {
      bins = try call.evaluator.integer(call.operand("bins"), at: call.place("bins"), called: "bins", from: 1, to: 500)
    }
    let picture = Histogram(
      title: try call.text("title") ?? "", xLabel: call.written("v") ?? "v", values: values, bins: bins)
    let counted = picture.bins
    return .object(
      PlotObject(
        picture,
        [
          ("edges", .tensor(Tensor(vector: counted?.edges ?? []))),
          ("counts", .tensor(Tensor(vector: (counted?.counts ?? []).map(Double.init)))),
        ]))
  }
}
