import Descent
import Interpreter
import Markup
import Syntax
import Tensors

/// `compare(t1, t2, …)`: descents side by side, as curves and as a table.
enum CompareBuiltin {
  static let row = Builtin(
    "compare", [Function.Parameter("traces", isVariadic: true), Function.Parameter("title", fallback: .absent)],
    doc: Phrase(en: "several traces in one picture, with what each reached and when", zh: "把几条轨迹画在一起，并列出各自的结果与步数"),
    example:
      "compare(descend(w -> w^2, w=1, rate=0.1), descend(w -> w^2, w=1, rate=0.01, with=momentum))"
  ) { (call) throws(Diagnostic) in
    guard !call.rest.isEmpty else {
      throw call.diagnostic(
        "E202", Phrase(en: "compare needs traces", zh: "compare 需要下降轨迹"), help: Phrase(verbatim: "compare(t1, t2)"))
    }
    var runs: [Comparison.Run] = []
    for (index, value) in call.rest.enumerated() {
      guard case .object(let object) = value, let trace = object as? TraceObject else {
        throw Diagnostic.wrongKind(
          value, Phrase(en: "compare takes traces", zh: "compare 需要下降轨迹"),
          at: index < call.restSpans.count ? call.restSpans[index] : call.span)
      }
      let written = index < call.restSpans.count ? call.evaluator.name(at: call.restSpans[index]) : nil
      runs.append(
        Comparison.Run(
          name: written ?? "\(index + 1)", optimizer: trace.trace.optimizer.name, rate: trace.rateText,
          losses: trace.trace.losses, hasDiverged: trace.trace.ending == .diverged))
    }
    let names = Set(
      call.rest.compactMap { value -> String? in
        guard case .object(let object) = value else { return nil }
        return (object as? TraceObject)?.function.name
      })
    let title = try call.text("title") ?? names.sorted().joined(separator: ", ")
    let finals = runs.map { $0.hasDiverged ? Double.infinity : $0.losses.last ?? .nan }
    return .object(PlotObject(Comparison(runs, title: title), [("final", .tensor(Tensor(vector: finals)))]))
  }
}
