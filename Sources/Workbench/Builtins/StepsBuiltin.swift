import Descent
import Interpreter
import Markup
import Syntax

/// `steps(t, 3)`: one step of a descent with its numbers in: gradient, update, and whether the loss moved as promised.
enum StepsBuiltin {
  static let row = Builtin(
    "steps", [Function.Parameter("t"), Function.Parameter("k", fallback: .value(.number(0)))],
    doc: Phrase(en: "one step of a trace with the numbers substituted", zh: "把数字代进去，看轨迹中的一步"),
    example: "steps(descend(w -> (w - 3)^2, w=0, steps=3), 1)"
  ) { (call) throws(Diagnostic) in
    guard case .object(let object) = try call.operand("t"), let trace = object as? TraceObject else {
      throw Diagnostic.wrongKind(
        try call.operand("t"), Phrase(en: "steps takes a trace", zh: "steps 需要一条轨迹"), at: call.place("t"),
        help: Phrase(verbatim: "t = descend(L, w=0)"))
    }
    let last = trace.trace.stepCount - 1
    guard last >= 0 else {
      throw call.diagnostic(
        "E303", Phrase(en: "this trace has no steps", zh: "这条轨迹没有步骤"), at: "t",
        help: Phrase(en: "descend(…, steps=5) takes some", zh: "descend(…, steps=5) 走几步"))
    }
    let step = try call.evaluator.integer(call.operand("k"), at: call.place("k"), called: "step", from: 0, to: last)
    return .object(StepObject(trace: trace, step: step))
  }
}
