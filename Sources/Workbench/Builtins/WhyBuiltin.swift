import Interpreter
import Markup
import Syntax

/// `why(t)`: why a descent went as it did, with the evidence, and a line that would help.
enum WhyBuiltin {
  static let row = Builtin(
    "why", [Function.Parameter("t")],
    doc: Phrase(
      en: "why a descent went as it did: what happened, the evidence, and a line to try", zh: "下降为什么是这样：原因、证据，以及可以一试的一行"
    ),
    example: "why(descend(w -> 4*w^2, w=1, rate=0.3, steps=10))"
  ) { (call) throws(Diagnostic) in
    guard case .object(let object) = try call.operand("t"), let trace = object as? TraceObject else {
      throw Diagnostic.wrongKind(
        try call.operand("t"), Phrase(en: "why takes a trace", zh: "why 需要一条下降轨迹"), at: call.place("t"),
        help: Phrase(en: "t = descend(L, w=0), then why(t)", zh: "先写 t = descend(L, w=0)，再写 why(t)"))
    }
    return .object(DiagnosisObject(diagnosis: Diagnosis.of(trace, call.evaluator.budget)))
  }
}
