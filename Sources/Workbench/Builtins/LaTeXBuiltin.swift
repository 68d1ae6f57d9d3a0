import Interpreter
import Markup
import Notation
import Syntax

/// `latex(f)`: a function as a paper would set it.
enum LaTeXBuiltin {
  static let row = Builtin(
    "latex", [Function.Parameter("f"), Function.Parameter("examples", isVariadic: true)],
    doc: Phrase(
      en: "the formula of a function as LaTeX; it can be pasted back", zh: "函数的公式写成 LaTeX；可以再粘贴回来"),
    example: "latex(mse)"
  ) { (call) throws(Diagnostic) in
    let function = try call.functionToWrite()
    let traced = try FunctionGraph(
      function, in: call.evaluator, examples: call.rest, call: "latex(\(function.name ?? "…")",
      at: call.place("f"))
    var texts: [String] = []
    for result in traced.results {
      var formula = LaTeXFormula(traced.graph)
      guard let text = formula.text(result.id) else {
        throw call.diagnostic("E210", Phrase(en: "the formula would fill pages", zh: "公式会长达数页"), at: "f")
      }
      texts.append(traced.isRecord ? "\\frac{\\partial \(name(function))}{\\partial \(result.name)} = " + text : text)
    }
    return .text(texts.joined(separator: "\n"))
  }

  private static func name(_ function: Function) -> String {
    (function.name ?? "f").filter { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}
