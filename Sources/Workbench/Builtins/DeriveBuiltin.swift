import Graphs
import Interpreter
import Markup
import Notation
import Syntax
import Tensors

/// `derive(L, w)`: how ∂L/∂w comes about, link by link of the chain rule.
enum DeriveBuiltin {
  static let row = Builtin(
    "derive",
    [
      Function.Parameter("f"), Function.Parameter("by", fallback: .absent, takesName: true),
      Function.Parameter("at", isVariadic: true),
    ],
    doc: Phrase(en: "the derivation of ∂f/∂w, step by step", zh: "一步一步推导 ∂f/∂w"),
    example: "derive((w) -> (w - 3)^2)"
  ) { (call) throws(Diagnostic) in
    let function = try call.functionToWrite()
    let variable = try variable(call, function)
    // A loss takes vectors; a function of the learner's own is tried with numbers first.
    let isLibrary = function.name.map { call.evaluator.environment.variables[$0] == nil } ?? false
    let traced: FunctionGraph
    do throws(Diagnostic) {
      traced = try FunctionGraph(
        function, in: call.evaluator, examples: call.rest, prefersNumbers: !isLibrary, keeping: [variable],
        at: call.place("f"))
    } catch {
      guard error.code == "E203", call.rest.isEmpty else { throw error }
      throw call.diagnostic(
        "E203",
        Phrase(
          en: "the shapes in \(function.name ?? "f") depend on those of its arguments",
          zh: "\(function.name ?? "f") 里的形状取决于参数的形状"), at: "f",
        help: Phrase(
          en: "add an example: derive(\(function.name ?? "f"), \(printedName(variable)), [0, 0])",
          zh: "加一个例子：derive(\(function.name ?? "f"), \(printedName(variable)), [0, 0])"))
    }
    let names = Set(traced.parameters.map(\.name))
    let own = function.name ?? "f"
    let title = own.count > 4 && !names.contains("L") ? "L" : own
    guard let input = traced.parameters.first(where: { $0.name == variable })?.input, let output = traced.results.first,
      !traced.isRecord,
      let derivation = Derivation(
        traced.graph, of: output.id, by: input, called: title, taken: names.union([title]))
    else {
      throw call.diagnostic(
        "E212",
        Phrase(
          en: "there is no derivation of \(title) by \(variable): the result must be one number that depends on it",
          zh: "无法推导 \(title) 对 \(variable) 的导数：结果应为一个依赖它的数"), at: "f",
        help: Phrase(en: "grad \(title) gives the gradient by itself", zh: "grad \(title) 直接给出梯度"))
    }
    return .text(text(derivation, title, variable, call) + (try check(function, title, variable, call)))
  }

  private static func variable(_ call: Call, _ function: Function) throws(Diagnostic) -> String {
    switch call.values["by"] {
    case .text(let name)?:
      let wanted = canonicalName(name)
      guard function.parameters.contains(where: { $0.name == wanted }) else {
        throw call.diagnostic(
          "E212",
          Phrase(en: "\(function.signature) has no parameter `\(name)`", zh: "\(function.signature) 没有参数 `\(name)`"),
          at: "by")
      }
      return wanted
    case nil:
      guard let first = function.parameters.first else {
        throw call.diagnostic("E212", Phrase(en: "there is nothing to derive by", zh: "没有可以求导的变量"))
      }
      return first.name
    default:
      throw call.diagnostic(
        "E205", Phrase(en: "derive takes the name of a parameter", zh: "derive 需要参数的名字"), at: "by",
        help: Phrase(verbatim: "derive(L, w)"))
    }
  }

  // MARK: Text

  private static func text(_ derivation: Derivation, _ title: String, _ variable: String, _ call: Call) -> String {
    let language = call.settings.language
    let symbol = "∂\(title)/∂\(printedName(variable))"
    var lines: [String] = []
    let width = derivation.links.map(\.name.displayWidth).max() ?? 1
    for link in derivation.links {
      lines.append(
        "  " + link.name + String(repeating: " ", count: width - link.name.displayWidth) + " = " + link.definition)
    }
    var number = 0
    func step(_ name: String, _ form: String, _ content: String) {
      number += 1
      let head = "\(number)  \(name)"
      lines.append("")
      lines.append(" " + head + String(repeating: " ", count: max(2, 22 - head.displayWidth)) + form)
      lines.append("      " + content)
    }
    let factors = derivation.links.reversed().map { "∂\($0.name)/∂\(printedName($0.inner))" }
    if factors.count > 1 {
      step(
        Phrase(en: "CHAIN RULE", zh: "链式法则")[language],
        Phrase(
          en: "\(title) sees \(printedName(variable)) only through \(derivation.links[0].name)",
          zh: "\(title) 只通过 \(derivation.links[0].name) 依赖 \(printedName(variable))")[language],
        symbol + " = " + factors.joined(separator: " · "))
    }
    for link in derivation.links.reversed() {
      let factor =
        link.factor.map { "∂\(link.name)/∂\(printedName(link.inner)) = " + $0 }
        ?? Phrase(en: "this matrix is worked into the result", zh: "这个矩阵已并入结果")[language]
      step(link.rules[0].name[language], link.rules[0].form[language], factor)
      for rule in link.rules.dropFirst().prefix(3) {
        let name = "   " + rule.name[language]
        let line = " " + name + String(repeating: " ", count: max(2, 22 - name.displayWidth)) + rule.form[language]
        lines.insert(line, at: lines.count - 1)
      }
    }
    if let cancelled = derivation.cancelled {
      step(
        Phrase(en: "CANCEL", zh: "约分")[language],
        Phrase(en: "the factors of p(1 − p) cancel", zh: "p(1 − p) 的因子互相约去")[language],
        "∂\(title)/∂\(printedName(cancelled.by)) = \(cancelled.text)")
    }
    lines.append("")
    lines.append(" " + Phrase(en: "result", zh: "结果")[language] + "  " + symbol + " = " + derivation.result)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Where the function has one number to vary, the formula's value beside a central difference.
  private static func check(
    _ function: Function, _ title: String, _ variable: String, _ call: Call
  ) throws(Diagnostic) -> String {
    guard function.requiredCount == 1, function.parameters.first?.name == variable else { return "" }
    let language = call.settings.language
    var place = 0.5
    if case .number(let value)? = call.evaluator.environment.variables[variable] { place = value }
    func value(_ callee: Function, at x: Double) -> Double? {
      let given = [Given(name: nil, value: .number(x), span: call.span)]
      guard let result = try? call.evaluator.invoke(.function(callee), given, at: call.span) else { return nil }
      return try? call.evaluator.number(result, at: call.span)
    }
    let gradient = Function(name: nil, parameters: [function.parameters[0]], body: .gradient(function, wrt: variable))
    let h = 1e-5 * max(1, place.magnitude)
    guard let exact = value(gradient, at: place), let above = value(function, at: place + h),
      let below = value(function, at: place - h)
    else { return "" }
    let digits = call.settings.digits
    var difference = (above - below) / (2 * h)
    if abs(difference) < 1e-9 * max(1, abs(above)) { difference = 0 }
    return " "
      + Phrase(
        en:
          "check   at \(printedName(variable)) = \(shortNumber(place, digits: digits)): formula \(shortNumber(exact, digits: digits)), central difference \(shortNumber(difference, digits: min(6, digits)))",
        zh:
          "验证  \(printedName(variable)) = \(shortNumber(place, digits: digits)) 处：公式 \(shortNumber(exact, digits: digits))，中心差分 \(shortNumber(difference, digits: min(6, digits)))"
      )[language] + "\n"
  }
}
