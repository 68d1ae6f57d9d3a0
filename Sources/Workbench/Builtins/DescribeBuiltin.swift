import Interpreter
import Markup
import Syntax

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
    return .text(presentable.description(call.settings.language))
  }
}
