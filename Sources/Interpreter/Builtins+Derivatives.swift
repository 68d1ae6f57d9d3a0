import Graphs
import Markup
import Syntax

// Derivatives that have no sign of their own in the language.

extension Builtins {
  static let derivatives: [Builtin] = [
    derivative(
      "hessian", Phrase(en: "the matrix of second derivatives of a function", zh: "函数的二阶导数矩阵（海森矩阵）"),
      example: "hessian((x, y) -> x^2 * y)(1, 2)"
    ) { .hessian($0) },
    derivative(
      "jacobian", Phrase(en: "the matrix of first derivatives: a row per result", zh: "一阶导数矩阵（雅可比矩阵）：每个结果一行"),
      example: "jacobian(x -> x^2)([1, 2])"
    ) { .jacobian($0) },
    Builtin(
      "value_and_grad", [Function.Parameter("f"), Function.Parameter("at", isVariadic: true)],
      doc: Phrase(
        en: "the value of a function and its gradient, computed together; a record gives several arguments by name",
        zh: "同时算出函数值和梯度；多个参数可用记录按名给出"),
      example: "value_and_grad(w -> (w - 3)^2, 1)"
    ) { (call) throws(Diagnostic) in
      guard case .function(let function) = try call.operand("f") else {
        throw Diagnostic.wrongKind(
          try call.operand("f"), Phrase(en: "value_and_grad takes a function", zh: "value_and_grad 需要一个函数"),
          at: call.place("f"), help: Phrase(verbatim: "value_and_grad(w -> (w - 3)^2, 1)"))
      }
      var given = call.rest.map { Given(name: nil, value: $0, span: call.span) }
      if call.rest.count == 1, case .record(let record) = call.rest[0] {
        given = record.fields.map { Given(name: $0.name, value: $0.value, span: call.span) }
      }
      let both = try call.evaluator.valueAndGradient(of: function, wrt: nil, given, at: call.span)
      return .record(Record([("value", both.value), ("gradient", both.gradient)]))
    },
  ]

  /// `hessian(f)` is a function with f's parameters; `hessian(f, x…)` calls it at once.
  private static func derivative(
    _ name: String, _ doc: Phrase, example: String, _ body: @escaping @Sendable (Function) -> Function.Body
  ) -> Builtin {
    Builtin(
      name, [Function.Parameter("f"), Function.Parameter("at", isVariadic: true)], doc: doc, example: example
    ) { (call) throws(Diagnostic) in
      guard case .function(let function) = try call.operand("f") else {
        throw Diagnostic.wrongKind(
          try call.operand("f"), Phrase(en: "\(name) is taken of a function", zh: "\(name) 只用于函数"),
          at: call.place("f"), help: Phrase(verbatim: "\(name)((x, y) -> x^2 * y)(1, 2)"))
      }
      var derived = Function(
        name: name + "(" + (function.name ?? "f") + ")", parameters: function.parameters, body: body(function))
      for index in derived.parameters.indices where derived.parameters[index].fallback != nil {
        derived.parameters[index].fallback = .absent
      }
      if call.rest.isEmpty { return .function(derived) }
      return try call.evaluator.invoke(
        .function(derived), call.rest.map { Given(name: nil, value: $0, span: call.span) }, at: call.span)
    }
  }
}
