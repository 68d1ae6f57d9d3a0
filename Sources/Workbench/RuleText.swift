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
///
/// Of tensors one entry is followed: what is elementwise is written out for that entry, what is not (a norm, a solved
/// system) enters as a number and is listed beside it.
struct RuleText {
  struct Line {
    let name: String
    /// The name as printed on the left: `W[3]` for one entry of `w`.
    let left: String
    let symbolic: String
    /// The right side with numbers in, nil where it is no arithmetic but one number; and its value.
    let substituted: (text: String?, value: Double)?
    /// What the line took from whole tensors: `norm(w)`.
    let taken: [(text: String, value: Tensor)]
  }

  /// What the lines may call.
  private static let library = StandardLibrary()

  let lines: [Line]
  /// What the last line gives.
  var last: Double? { lines.last?.substituted?.value }

  /// - Parameters:
  ///   - printed: how names are printed, where that is not the name itself.
  ///   - values: what to substitute for the names that are not settings.
  ///   - shape: the shape of the parameter, which a rule may ask for.
  ///   - element: the entry that is followed.
  init(
    _ chosen: ChosenRule, printed: [String: String] = [:], values: [String: Tensor] = [:], shape: Shape = [],
    element: Int = 0, limit: Int = 200
  ) {
    let evaluator = Evaluator(environment: Environment(library: RuleText.library))
    var names: [String: Value] = [:]
    var known: [Graph.ID: Tensor] = [:]
    func symbol(_ name: String, _ shape: Shape) {
      let input = evaluator.symbol(printed[name] ?? name, shape: values[name]?.shape ?? shape)
      known[input.id] = values[name]
      names[name] = .traced(input.id)
    }
    for name in ["w", "g"] { symbol(name, shape) }
    for name in ["rate", "t", "loss", "all_g", "H"] { symbol(name, []) }
    for name in Set(chosen.lines.map(\.name)) where names[name] == nil { symbol(name, []) }
    for (name, value) in chosen.settings {
      // A setting has its value, so that the branches it decides are followed, and is printed by its name.
      guard case .number(let number) = value else {
        names[name] = value
        continue
      }
      let input = evaluator.input(name, Tensor(number))
      known[input.id] = Tensor(number)
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
      let place = EntryPlace(element, of: shape, in: node.shape)
      let left = (printed[line.name] ?? line.name) + (values.isEmpty ? "" : place.text)
      let symbolic = Formula(evaluator.graph).text(node.id, limit: limit) ?? "…"
      let entry = EntryArithmetic(evaluator.graph, known)
      let written = entry.written(node, at: place.element, limit: limit)
      lines.append(
        Line(
          name: line.name, left: left, symbolic: symbolic, substituted: written.map { ($0.text, $0.value) },
          taken: written?.taken ?? []))
      let input = evaluator.symbol(printed[line.name] ?? line.name, shape: node.shape)
      known[input.id] = entry.value(node)
      names[line.name] = .traced(input.id)
    }
    self.lines = lines
  }
}

/// Where the followed entry of a parameter is in a tensor of a rule: the same place in one of the same shape, the place
/// along the last axis in a row of it, the only one in a number.
struct EntryPlace {
  let element: Int
  /// `[2,3]`, as it is typed; empty where there is only one entry.
  let text: String

  init(_ element: Int, of parameter: Shape, in shape: Shape) {
    let count = shape.reduce(1, *)
    if shape == parameter {
      self.element = element
    } else if let last = shape.last, shape.count == 1, last == parameter.last {
      self.element = element % max(1, last)
    } else {
      self.element = 0
    }
    text = count == 1 ? "" : EntryPlace.typed(self.element, shape)
  }

  static func typed(_ element: Int, _ shape: Shape) -> String {
    var rest = element
    var indices: [String] = []
    for stride in Shapes.strides(shape) {
      indices.append(String(rest / max(1, stride) + 1))
      rest %= max(1, stride)
    }
    return "[" + indices.joined(separator: ",") + "]"
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
