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
      Function.Parameter("at", isVariadic: true), Function.Parameter("level", fallback: .absent, takesName: true),
    ],
    doc: Phrase(
      en: "the derivation of ∂f/∂w, step by step; level= is outline, steps, full or quiz",
      zh: "一步一步推导 ∂f/∂w；level= 可取 outline（梗概）、steps（步骤）、full（详尽）、quiz（自测）"),
    example: "derive((w) -> (w - 3)^2)"
  ) { (call) throws(Diagnostic) in
    let function = try call.functionToWrite()
    let variable = try variable(call, function)
    let level = try level(call)
    // A loss takes vectors; a function of the learner's own is tried with numbers first.
    let isLibrary = function.name.map { call.evaluator.environment.variables[$0] == nil } ?? false
    let traced = try FunctionGraph(
      function, in: call.evaluator, examples: call.rest, prefersNumbers: !isLibrary, keeping: [variable],
      call: "derive(\(function.name ?? "…"), \(printedName(variable))", at: call.place("f"))
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
    let page = DerivationText(
      derivation: derivation, title: title, variable: variable, level: level, language: call.settings.language)
    return .text(page.text + check(function, traced, variable, call))
  }

  private static func level(_ call: Call) throws(Diagnostic) -> DerivationText.Level {
    switch call.values["level"] {
    case nil: return .steps
    case .text(let name)?:
      if let level = DerivationText.Level(rawValue: name) { return level }
      fallthrough
    default:
      throw call.diagnostic(
        "E205", Phrase(en: "level is outline, steps, full or quiz", zh: "level 可取 outline、steps、full、quiz"),
        at: "level",
        help: Phrase(verbatim: "level=full"))
    }
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

  // MARK: Three ways to the same number

  /// The formula as printed, reverse mode and central differences at one place.
  private static func check(
    _ function: Function, _ symbolic: FunctionGraph, _ variable: String, _ call: Call
  ) -> String {
    guard let by = symbolic.parameters.firstIndex(where: { $0.name == variable }) else { return "" }
    for place in places(symbolic, by, call) {
      // Lengths are known now: the formula is read off this graph as it was off the other.
      guard
        let traced = try? FunctionGraph(
          function, in: call.evaluator, examples: place.map(Value.init), keeping: [variable], at: call.span),
        let output = traced.results.first, let input = traced.parameters.first(where: { $0.name == variable })?.input,
        let gradient = try? traced.graph.gradient(
          of: traced.graph.expression(output.id), withRespectTo: [traced.graph.expression(input)])[0]
      else { continue }
      var tidying = Tidying(traced.graph)
      guard
        let program = try? Program(traced.graph, outputs: [output.id, tidying.tidied(gradient.id), gradient.id]),
        let values = try? program.run(place), values.allSatisfy({ $0.elements.allSatisfy(\.isFinite) }),
        let slopes = differences(program, place, by, values[0].elements[0])
      else { continue }
      return sentence(place, symbolic, values[1].elements, values[2].elements, slopes, call)
    }
    return ""
  }

  /// Where to compare: the examples, the session's own values, else numbers that are easy to follow.
  private static func places(_ traced: FunctionGraph, _ by: Int, _ call: Call) -> [[Tensor]] {
    let stocks: [[Double]] = [[2, -0.5, 1, 0.3], [0.3, 0.8, 0.6, 0.4]]
    return stocks.map { stock in
      var next = 0
      return traced.parameters.enumerated().map { index, parameter in
        let shape = traced.graph[parameter.input].shape
        if index < call.rest.count, let tensor = call.rest[index].numbers, tensor.shape == shape { return tensor }
        if let known = call.evaluator.environment.variables[parameter.name]?.numbers, known.shape == shape {
          return known
        }
        if let fallback = parameter.fallback { return Tensor(fallback) }
        if shape.isEmpty {
          if index == by { return Tensor(0.5) }
          next += 1
          return Tensor(stock[(next - 1) % stock.count])
        }
        let concrete = shape.map { $0 < 0 ? 3 : $0 }
        let count = concrete.reduce(1, *)
        return Tensor(shape: concrete, elements: (0..<count).map { [0.5, 0.2, 0.8, 0.4, 0.9][($0 + index) % 5] })
      }
    }
  }

  private static func differences(_ program: Program, _ place: [Tensor], _ by: Int, _ value: Double) -> [Double]? {
    guard place[by].count <= 64 else { return nil }
    var slopes: [Double] = []
    for element in place[by].elements.indices {
      var (above, below) = (place, place)
      let h = 1e-5 * max(1, place[by].elements[element].magnitude)
      above[by].elements[element] += h
      below[by].elements[element] -= h
      guard let up = try? program.run(above)[0].elements[0], let down = try? program.run(below)[0].elements[0] else {
        return nil
      }
      let slope = (up - down) / (2 * h)
      slopes.append(abs(slope) < 1e-9 * max(1, value.magnitude) ? 0 : slope)
    }
    return slopes
  }

  private static func sentence(
    _ place: [Tensor], _ traced: FunctionGraph, _ formula: [Double], _ reverse: [Double], _ slopes: [Double],
    _ call: Call
  ) -> String {
    let digits = call.settings.digits
    let language = call.settings.language
    func text(_ numbers: [Double], _ digits: Int) -> String {
      let list = numbers.map { shortNumber($0, digits: digits) }.joined(separator: ", ")
      return numbers.count == 1 ? list : "[" + list + "]"
    }
    let names = zip(traced.parameters, place).filter { $0.0.fallback == nil }
    let indent = "\n" + String(repeating: " ", count: 6)
    let head = Phrase(en: " check   ", zh: " 验证  ")[language]
    guard names.reduce(0, { $0 + $1.1.count }) <= 4, formula.count <= 4 else {
      let scale = max(1, slopes.map(\.magnitude).max() ?? 1)
      let gap = zip(zip(formula, reverse), slopes).map { max(abs($0.0 - $1), abs($0.1 - $1)) }.max() ?? 0
      let bound = shortNumber(max(gap / scale, 1e-12), digits: 1)
      return head
        + Phrase(
          en: "formula, reverse mode and central differences agree to \(bound)",
          zh: "公式、反向模式与中心差分相差不超过 \(bound)")[language] + "\n"
    }
    let at = names.map { printedName($0.0.name) + " = " + text($0.1.elements, digits) }.joined(separator: ", ")
    let (own, back, central) = (text(formula, digits), text(reverse, digits), text(slopes, min(6, digits)))
    let place = Phrase(en: "at \(at):", zh: "\(at) 处：")[language]
    let three = [
      Phrase(en: "formula \(own)", zh: "公式 \(own)")[language],
      Phrase(en: "reverse mode \(back)", zh: "反向模式 \(back)")[language],
      Phrase(en: "central difference \(central)", zh: "中心差分 \(central)")[language],
    ]
    let below = three.joined(separator: Phrase(en: ", ", zh: "，")[language])
    let one = head + place + Phrase(en: " ", zh: "")[language] + below
    if one.displayWidth <= 79 { return one + "\n" }
    return head + place + indent + (below.displayWidth <= 73 ? below : three.joined(separator: indent)) + "\n"
  }
}
