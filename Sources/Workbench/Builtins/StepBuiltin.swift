import Interpreter
import Markup
import Syntax

/// `step(t)`: walks through a descent; `step(t, 3)` begins at step 3.
enum StepBuiltin {
  static let row = Builtin(
    "step", [Function.Parameter("t"), Function.Parameter("k", fallback: .value(.number(0)))],
    doc: Phrase(
      en: "walks through a trace step by step, and tries another rate, optimizer or start at any of them",
      zh: "一步一步走过轨迹，可在任何一步换学习率、优化器或位置再试"),
    example: "step(descend(w -> (w - 3)^2, w=0, steps=3), 1)"
  ) { (call) throws(Diagnostic) in
    guard case .object(let object) = try call.operand("t"), let trace = object as? TraceObject else {
      throw Diagnostic.wrongKind(
        try call.operand("t"), Phrase(en: "step takes a trace", zh: "step 需要一条下降轨迹"), at: call.place("t"),
        help: Phrase(en: "t = descend(L, w=0), then step(t)", zh: "先写 t = descend(L, w=0)，再写 step(t)"))
    }
    guard !trace.trace.losses.isEmpty else {
      throw call.diagnostic("E303", Phrase(en: "this trace has no steps", zh: "这条轨迹没有步骤"), at: "t")
    }
    let first = try call.evaluator.integer(
      call.operand("k"), at: call.place("k"), called: "k", from: 0, to: trace.trace.stepCount)
    var stepper = Stepper(trace, in: call.evaluator, at: call.span)
    _ = stepper.command(String(first))
    return .object(StepperObject(stepper: stepper))
  }
}
