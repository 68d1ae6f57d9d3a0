import Interpreter
import Losses
import Markup
import Notation
import Syntax

/// `code(f, "numpy")`: a function of the session in another language, off the graph that computes it.
enum CodeBuiltin {
  static let row = Builtin(
    "code",
    [
      Function.Parameter("f"), Function.Parameter("language", fallback: .value(.text("numpy"))),
      Function.Parameter("examples", isVariadic: true),
    ],
    doc: Phrase(
      en: "a function as numpy, torch, jax, tensorflow or swift code; examples after the language give shapes",
      zh: "把函数写成 numpy、torch、jax、tensorflow 或 swift 代码；语言之后可给出例子以确定形状"),
    example: "code(mse, \"torch\")"
  ) { (call) throws(Diagnostic) in
    let function = try call.functionToWrite()
    guard case .text(let name) = try call.operand("language"), let dialect = Dialect.named(name) else {
      throw call.diagnostic(
        "E205", Phrase(en: "code is written in one of five languages", zh: "可以写成五种语言的代码"), at: "language",
        help: Phrase(verbatim: Dialect.all.map { "\"\($0.name)\"" }.joined(separator: ", ")))
    }
    let written = call.nameToWrite(function)
    let general = call.rest.isEmpty ? generalCode(function, dialect, call) : nil
    if let general, general.isOfMatrices {
      if let text = try general.text(written, call.evaluator, at: call.place("f")) { return .text(text) }
      throw FunctionGraph.needsExample(function, "code(\(written), \"\(dialect.name)\"", at: call.place("f"))
    }
    do throws(Diagnostic) {
      return .text(try plain(function, written, dialect, call))
    } catch {
      // What goes by places in a vector may still be the same for every length.
      if let text = try? general?.text(written, call.evaluator, at: call.place("f")) { return .text(text) }
      throw error
    }
  }

  private static func plain(
    _ function: Function, _ name: String, _ dialect: Dialect, _ call: Call
  ) throws(Diagnostic) -> String {
    let traced = try FunctionGraph(
      function, in: call.evaluator, examples: call.rest,
      call: "code(\(function.name ?? "…"), \"\(dialect.name)\"", at: call.place("f"))
    func text(in dialect: Dialect) throws(Code.Untranslatable) -> String {
      try Code.function(
        name, traced.parameters, results: traced.results, isRecord: traced.isRecord, traced.graph, in: dialect)
    }
    do throws(Code.Untranslatable) {
      return try text(in: dialect)
    } catch {
      let others = Dialect.all.filter { (try? text(in: $0)) != nil }
      throw untranslatable(error, dialect, others: others, at: call.place("f"))
    }
  }

  /// Where the function is one of the catalogue, which says what shapes it takes.
  private static func generalCode(_ function: Function, _ dialect: Dialect, _ call: Call) -> GeneralCode? {
    guard let name = function.name, call.evaluator.environment.variables[name] == nil,
      let entry = LossCatalogue.standard[name]
    else { return nil }
    return GeneralCode(function, entry, dialect)
  }

  /// - Parameter others: the languages that can say it, where that is known.
  static func untranslatable(
    _ error: Code.Untranslatable, _ dialect: Dialect, others: [Dialect]? = nil, at span: Range<Int>
  ) -> Diagnostic {
    let names = (others ?? []).map { "\"\($0.name)\"" }
    let help =
      others == nil
      ? Phrase(en: "another language may have one: code(f, \"numpy\")", zh: "换一种语言试试：code(f, \"numpy\")")
      : names.isEmpty
        ? Phrase(en: "none of the five languages has one", zh: "五种语言都没有")
        : Phrase(
          en: "it can be written in \(names.joined(separator: ", "))", zh: "可以写成 \(names.joined(separator: "、"))")
    return Diagnostic(
      "E219",
      Phrase(
        en: "`\(error.primitive)` has no \(dialect.name) form here",
        zh: "`\(error.primitive)` 在这里没有 \(dialect.name) 写法"), at: [.init(span)], help: help)
  }
}

extension Call {
  func functionToWrite() throws(Diagnostic) -> Function {
    guard case .function(let function) = try operand("f") else {
      throw Diagnostic.wrongKind(
        try operand("f"), Phrase(en: "\(self.function) takes a function", zh: "\(self.function) 需要一个函数"),
        at: place("f"),
        help: Phrase(verbatim: "\(self.function)(x -> x^2)"))
    }
    return function
  }

  func nameToWrite(_ function: Function) -> String {
    guard let name = function.name else { return "f" }
    let plain = name.replacing("∇", with: "grad_").replacing("∂", with: "d").replacing("/", with: "_").replacing(
      "'", with: "_prime")
    return plain.filter { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}
