import Descent
import Graphs
import Interpreter
import Losses
import Markup
import Notation
import Syntax
import Tensors

/// A rule's lines as formulas: in symbols, or with the numbers of one step in.
///
/// The lines are traced as for a program, but after each line its name becomes a symbol of its own, so that the next
/// line reads as written. Lines that say nothing here (`g ← g` where there is no weight decay) are left out.
struct RuleText {
  struct Line {
    let name: String
    /// The name as printed on the left: `W[3]` for one entry of `w`.
    let left: String
    let symbolic: String
    /// The right side with numbers in, and its value; nil where a number is not known.
    let substituted: (text: String, value: Double)?
  }

  /// What the lines may call.
  private static let library = StandardLibrary()

  let lines: [Line]
  /// What the last line gives.
  var last: Double? { lines.last?.substituted?.value }

  /// - Parameters:
  ///   - printed: how names are printed, where that is not the name itself.
  ///   - values: numbers to substitute, of the names that are not settings.
  ///   - shape: the shape of the parameter, which a rule may ask for.
  init(
    _ chosen: ChosenRule, printed: [String: String] = [:], values: [String: Double] = [:], shape: Shape = [],
    limit: Int = 200
  ) {
    let evaluator = Evaluator(environment: Environment(library: RuleText.library))
    var names: [String: Value] = [:]
    var numbers: [Graph.ID: Double] = [:]
    func symbol(_ name: String, _ shape: Shape) -> Expression {
      let input = evaluator.symbol(printed[name] ?? name, shape: values.isEmpty ? shape : [])
      if let number = values[name] { numbers[input.id] = number }
      names[name] = .traced(input.id)
      return input
    }
    for name in ["w", "g"] { _ = symbol(name, shape) }
    for name in ["rate", "t", "loss", "all_g", "H"] { _ = symbol(name, []) }
    for name in Set(chosen.lines.map(\.name)) where names[name] == nil { _ = symbol(name, []) }
    for (name, value) in chosen.settings {
      // A setting has its value, so that the branches it decides are followed, and is printed by its name.
      guard case .number(let number) = value else {
        names[name] = value
        continue
      }
      let input = evaluator.input(name, Tensor(number))
      numbers[input.id] = number
      names[name] = .traced(input.id)
    }
    var lines: [Line] = []
    for line in chosen.lines {
      let function = Function(name: nil, parameters: [], body: .defined(line.tree, line.body, captured: names))
      guard let value = try? evaluator.invoke(.function(function), [], at: 0..<0),
        let node = try? evaluator.expression(value, at: 0..<0)
      else { continue }
      if node.node.primitive == .input {
        names[line.name] = .traced(node.id)
        continue
      }
      let symbolic = Formula(evaluator.graph).text(node.id, limit: limit) ?? "…"
      let substituted = RuleText.substituted(node, numbers, limit)
      lines.append(
        Line(name: line.name, left: printed[line.name] ?? line.name, symbolic: symbolic, substituted: substituted))
      let input = evaluator.symbol(printed[line.name] ?? line.name, shape: node.shape)
      if let substituted { numbers[input.id] = substituted.value }
      names[line.name] = .traced(input.id)
    }
    self.lines = lines
  }

  /// Arithmetic that closes in print: the operands get as many digits as it takes for a reader's calculator to arrive at
  /// the printed result.
  private static func substituted(
    _ node: Expression, _ numbers: [Graph.ID: Double], _ limit: Int
  ) -> (text: String, value: Double)? {
    let graph = node.graph
    let inputs = graph.reachable(from: [node.id]).filter { graph[$0].primitive == .input }
    guard node.shape.isEmpty, inputs.allSatisfy({ numbers[$0] != nil }),
      let program = try? Program(graph, outputs: [node.id])
    else { return nil }
    func value(_ round: (Double) -> Double) -> Double? {
      var arguments = [Tensor](repeating: Tensor(0), count: graph.inputNames.count)
      for id in inputs { arguments[graph[id].attributes[0]] = Tensor(round(numbers[id] ?? 0)) }
      return (try? program.run(arguments))?.first?.elements.first
    }
    guard let exact = value({ $0 }) else { return nil }
    let digits =
      (8...17).first { digits in
        value { rounded($0, toSignificant: digits) }.map { shortNumber($0) == shortNumber(exact) } ?? false
      } ?? 17
    guard let text = Formula(graph, values: numbers, digits: digits).text(node.id, limit: limit) else { return nil }
    return (text, exact)
  }
}

extension ChosenRule {
  /// `v ← beta·v + g`, one per line of the rule.
  func symbolicLines(shape: Shape = []) -> [String] {
    if let written = rule.documentation.fields["rule"] { return [written] }
    return RuleText(self, shape: shape).lines.map { "\($0.left) ← \($0.symbolic)" }
  }
}

extension RuleObject: Presentable {
  /// `adam(beta1=0.8)`: what was chosen, as it is typed.
  var call: String {
    var settings = chosen.settings.filter { name, value in
      guard let usual = chosen.rule.settings.first(where: { $0.name == name })?.fallback else { return true }
      return usual.difference(from: value, tolerance: 0) != nil
    }.map { "\($0.name)=\($0.value.plainText)" }
    if let like = chosen.like { settings.append("like=\"\(like)\"") }
    return chosen.rule.name + (settings.isEmpty ? "" : "(" + settings.joined(separator: ", ") + ")")
  }

  package func text(_ settings: Settings) -> StyledText {
    var text = StyledText(call, .function)
    let lines = chosen.symbolicLines()
    if lines.count == 1, call.displayWidth + lines[0].displayWidth + 3 <= settings.width {
      return text + StyledText("   " + lines[0], .dim)
    }
    for line in lines { text.append("\n  " + line, .dim) }
    return text
  }

  package var json: String { "{\"optimizer\":" + JSONText.string(chosen.rule.name) + "}" }
  package func description(_ language: Language) -> String { chosen.symbolicLines().joined(separator: ", ") }
}

extension Value {
  fileprivate var plainText: String {
    switch self {
    case .number(let number): shortNumber(number)
    case .bool(let bool): bool ? "true" : "false"
    default: "…"
    }
  }
}
