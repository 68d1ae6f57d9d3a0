import Graphs
import Markup
import Syntax
import Tensors

/// The derivation of ∂L/∂w, link by link of the chain rule, read off the graph.
///
/// The chain consists of the nodes that every path from the variable to the result passes through: between two of them
/// the derivative is one factor. Linear pieces in a row are one link, so that a model `w·x + b` is one step.
package struct Derivation {
  package struct Link {
    /// The named value and what it is made of: `z`, `w·x + b`.
    package var name: String
    package var definition: String
    /// What it is derived by, and the factor, if one can be written.
    package var inner: String
    package var factor: String?
    package var rules: [Rule]
  }

  package struct Rule: Sendable, Hashable {
    package var name: Phrase
    package var form: Phrase
  }

  package private(set) var links: [Link] = []
  /// A short form the factors cancel to, `p - y`, and what it is the derivative by.
  package private(set) var cancelled: (by: String, text: String)?
  /// The whole gradient.
  package let result: String

  /// nil where the result does not depend on the variable or has no gradient formula of readable size.
  package init?(
    _ graph: Graph, of output: Graph.ID, by variable: Graph.ID, called outputName: String, taken: Set<String>
  ) {
    let order = graph.reachable(from: [output])
    var depends: Set<Graph.ID> = [variable]
    for id in order where graph[id].inputs.contains(where: depends.contains) {
      // What is flat, a count or a comparison, passes nothing on.
      if case .zero = graph[id].primitive.row.derivative { continue }
      depends.insert(id)
    }
    guard depends.contains(output), output != variable, graph[output].shape.isEmpty,
      let gradient = try? graph.gradient(of: graph.expression(output), withRespectTo: [graph.expression(variable)])[0],
      let whole = Formula(graph).text(gradient.id, limit: 600)
    else { return nil }
    result = whole
    let live = order.filter(depends.contains)
    let cuts = Derivation.joined(Derivation.cuts(live, graph), live, graph)
    var names: [Graph.ID: String] = [variable: graph.inputNames[graph[variable].attributes[0]]]
    var used = taken
    for cut in cuts.dropFirst().dropLast() {
      let name = Derivation.name(graph[cut].primitive, used)
      used.insert(name)
      names[cut] = name
    }
    names[output] = outputName
    for (inner, outer) in zip(cuts, cuts.dropFirst()) {
      var known = names
      known[outer] = nil
      let between = live.filter { $0 > inner && $0 <= outer }
      guard let definition = Formula(graph, names: known).text(outer, limit: 300) else { return nil }
      known[outer] = names[outer]
      let factor = Derivation.factor(of: outer, by: inner, between, graph)
        .flatMap { Formula(graph, names: known).text($0, limit: 300) }
      links.append(
        Link(
          name: names[outer] ?? "u", definition: definition, inner: names[inner] ?? "u", factor: factor,
          rules: Derivation.rules(between, depends, graph)))
    }
    for (place, cut) in cuts.enumerated() where graph[cut].primitive == .sigmoid && place > 0 && place + 1 < cuts.count
    {
      guard let name = names[cut], let score = names[cuts[place - 1]],
        let target = Derivation.target(graph, output: output, probability: cut, score: cuts[place - 1])
      else { continue }
      cancelled = (score, "\(printedName(name)) - \(printedName(target))")
    }
  }

  /// The input y with ∂L/∂z = p − y, if there is one. An identity of formulas, tried at three points: products of
  /// quotients like (p − y)/(p(1 − p)) · p(1 − p) are cancelled by nothing that also keeps NaN and ∞ as they are.
  private static func target(_ graph: Graph, output: Graph.ID, probability: Graph.ID, score: Graph.ID) -> String? {
    let inputs = graph.reachable(from: [output]).filter { graph[$0].primitive == .input }
    guard inputs.allSatisfy({ graph[$0].shape.isEmpty }),
      let slope = try? graph.gradient(of: graph.expression(output), withRespectTo: [graph.expression(score)])[0].id,
      let program = try? Program(graph, outputs: [slope, probability] + inputs)
    else { return nil }
    var candidates = Set(inputs.indices)
    for point in [0.3, 0.55, 0.8] {
      let values = graph.inputNames.indices.map { Tensor(point + 0.07 * Double($0)) }
      guard let found = try? program.run(values).map({ $0.elements[0] }) else { return nil }
      candidates = candidates.filter { abs(found[0] - (found[1] - found[2 + $0])) < 1e-9 }
    }
    return candidates.first.map { graph.inputNames[graph[inputs[$0]].attributes[0]] }
  }

  // MARK: The chain

  /// The nodes that every path passes through, from the variable to the result.
  private static func cuts(_ live: [Graph.ID], _ graph: Graph) -> [Graph.ID] {
    var lastUse: [Graph.ID: Int] = [:]
    for (place, id) in live.enumerated() { for input in graph[id].inputs { lastUse[input] = place } }
    var cuts: [Graph.ID] = []
    var furthest = 0
    for (place, id) in live.enumerated() {
      if furthest <= place { cuts.append(id) }
      furthest = max(furthest, lastUse[id] ?? place)
    }
    return cuts
  }

  /// Leaves out the nodes between two linear links, and those that only change a shape.
  private static func joined(_ cuts: [Graph.ID], _ live: [Graph.ID], _ graph: Graph) -> [Graph.ID] {
    var kept = cuts
    var index = 1
    while index + 1 < kept.count {
      let (before, here, after) = (kept[index - 1], kept[index], kept[index + 1])
      let first = live.filter { $0 > before && $0 <= here }
      let second = live.filter { $0 > here && $0 <= after }
      let isFold = { (ids: [Graph.ID]) in
        ids.contains { !graph[$0].primitive.row.kernel.isElementwise && !graph[$0].isShapeOnly }
      }
      let bothLinear =
        isLinear(first, before, graph) && isLinear(second, here, graph) && isFold(first) == isFold(second)
      // Σ and the division by n that follows are one mean.
      let isMean = graph[here].primitive == .sum && isLinear(second, here, graph) && graph[here].shape.isEmpty
      if bothLinear && !isFold(first) || isMean || second.allSatisfy({ graph[$0].isShapeOnly }) {
        kept.remove(at: index)
      } else {
        index += 1
      }
    }
    return kept
  }

  private static func isLinear(_ ids: [Graph.ID], _ inner: Graph.ID, _ graph: Graph) -> Bool {
    let set = Set(ids).union([inner])
    return ids.allSatisfy { id in
      let node = graph[id]
      let varying = node.inputs.filter(set.contains).count
      switch node.primitive {
      case .add, .subtract, .negate, .sum, .sumTo, .broadcast, .reshape, .alias, .transpose, .take, .stack: return true
      case .multiply, .matmul: return varying == 1
      case .divide: return !set.contains(node.inputs[1])
      default: return false
      }
    }
  }

  // MARK: Factors

  /// ∂outer/∂inner: by reverse mode where the outer value is a number, element by element where it is not.
  private static func factor(
    of outer: Graph.ID, by inner: Graph.ID, _ between: [Graph.ID], _ graph: Graph
  ) -> Graph.ID? {
    if graph[outer].shape.isEmpty {
      let gradient = try? graph.gradient(of: graph.expression(outer), withRespectTo: [graph.expression(inner)])
      return gradient?[0].id
    }
    var tangents: [Graph.ID: Expression] = [inner: graph.constant(1)]
    for id in between {
      let node = graph[id]
      let inputs = node.inputs.map(graph.expression)
      if node.primitive == .select {
        let zero = graph.constant(0)
        tangents[id] = (tangents[node.inputs[1]] ?? zero).where_(inputs[0], else: tangents[node.inputs[2]] ?? zero)
        continue
      }
      switch node.primitive.row.derivative {
      case .elementwise(let partials):
        var total: Expression?
        for (index, input) in node.inputs.enumerated() {
          guard let tangent = tangents[input] else { continue }
          guard let partial = partials[index](inputs, graph.expression(id)) else { continue }
          let term =
            graph.number(tangent.id) == 1 ? partial : graph.number(partial.id) == 1 ? tangent : partial * tangent
          total = total.map { $0 + term } ?? term
        }
        tangents[id] = total
      case .zero: continue
      default:
        if node.isShapeOnly || node.primitive == .alias {
          tangents[id] = tangents[node.inputs[0]]
        } else if node.primitive == .matmul, between == [id] {
          // X @ w: the matrix itself.
          return node.inputs[1] == inner ? node.inputs[0] : node.inputs[1]
        } else {
          return nil
        }
      }
    }
    return tangents[outer]?.id
  }

  // MARK: Names and rules

  private static func name(_ primitive: Primitive.ID, _ used: Set<String>) -> String {
    let wanted: [String] =
      switch primitive {
      case .sigmoid, .softmax: ["p", "q"]
      case .subtract: ["r", "d"]
      case .add, .multiply, .matmul: ["z", "s"]
      default: []
      }
    if let free = wanted.first(where: { !used.contains($0) }) { return free }
    for digit in "₁₂₃₄₅₆₇₈₉" where !used.contains("u\(digit)") { return "u\(digit)" }
    var number = 10
    while used.contains("u\(number)") { number += 1 }
    return "u\(number)"
  }

  private static func rules(_ between: [Graph.ID], _ depends: Set<Graph.ID>, _ graph: Graph) -> [Rule] {
    var found: [Rule] = []
    func add(_ rule: Rule) { if !found.contains(rule) { found.append(rule) } }
    let hasSum = between.contains { graph[$0].primitive == .sum }
    for id in between {
      let node = graph[id]
      let varying = node.inputs.filter(depends.contains).count
      switch node.primitive {
      case .multiply, .matmul: if varying > 1 { add(table["product"] ?? linear) }
      case .divide: if node.inputs.count > 1, depends.contains(node.inputs[1]) { add(table["quotient"] ?? linear) }
      default: if let rule = table[node.primitive.row.name] { add(rule) }
      }
    }
    if hasSum {
      let isMean = between.contains { graph[$0].primitive == .divide && !depends.contains(graph[$0].inputs[1]) }
      found.removeAll { $0 == table["sum"] }
      found.insert(isMean ? mean : table["sum"] ?? linear, at: 0)
    }
    return found.isEmpty ? [linear] : found
  }

  private static let linear = Rule(
    name: Phrase(en: "LINEAR RULE", zh: "线性法则"), form: Phrase(verbatim: "(a·u + b)′ = a"))
  private static let mean = Rule(
    name: Phrase(en: "MEAN RULE", zh: "平均法则"), form: Phrase(en: "each element weighs 1/n", zh: "每个元素占 1/n"))

  private static func rule(_ en: String, _ zh: String, _ form: String) -> Rule {
    Rule(name: Phrase(en: en, zh: zh), form: Phrase(verbatim: form))
  }

  private static let table: [String: Rule] = [
    "^": rule("POWER RULE", "幂法则", "(uⁿ)′ = n·uⁿ⁻¹"), "exp": rule("EXP RULE", "指数法则", "(eᵘ)′ = eᵘ"),
    "log": rule("LOG RULE", "对数法则", "(ln u)′ = 1/u"), "xlogy": rule("LOG RULE", "对数法则", "(ln u)′ = 1/u"),
    "sigmoid": rule("SIGMOID RULE", "sigmoid 法则", "σ′ = σ·(1 − σ)"),
    "tanh": rule("TANH RULE", "tanh 法则", "tanh′ = 1 − tanh²"),
    "sqrt": rule("ROOT RULE", "平方根法则", "(√u)′ = 1/(2√u)"),
    "softplus": rule("SOFTPLUS RULE", "softplus 法则", "softplus′ = σ"),
    "sin": rule("SINE RULE", "正弦法则", "(sin u)′ = cos u"), "cos": rule("COSINE RULE", "余弦法则", "(cos u)′ = −sin u"),
    "product": rule("PRODUCT RULE", "乘积法则", "(u·v)′ = u′·v + u·v′"),
    "quotient": rule("QUOTIENT RULE", "商法则", "(u/v)′ = (u′·v − u·v′)/v²"),
    "abs": Rule(
      name: Phrase(en: "ABSOLUTE VALUE", zh: "绝对值"),
      form: Phrase(en: "|u|′ = sign u, taken as 0 at the kink", zh: "|u|′ = sign u，拐点处取 0")),
    "relu": Rule(
      name: Phrase(en: "RELU RULE", zh: "relu 法则"),
      form: Phrase(en: "1 above 0, 0 below, taken as 0 at the kink", zh: "0 以上为 1，0 以下为 0，拐点处取 0")),
    "if": Rule(
      name: Phrase(en: "CASES", zh: "分段"), form: Phrase(en: "each case by itself", zh: "每一段各自求导")),
    "sum": Rule(
      name: Phrase(en: "SUM RULE", zh: "求和法则"),
      form: Phrase(en: "the derivative of a sum is the sum of the derivatives", zh: "和的导数等于导数的和")),
    "logsumexp": Rule(
      name: Phrase(en: "SOFTMAX RULE", zh: "softmax 法则"),
      form: Phrase(verbatim: "∂ log Σ exp z / ∂zₖ = softmax(z)ₖ")),
    "softmax": Rule(
      name: Phrase(en: "SOFTMAX RULE", zh: "softmax 法则"), form: Phrase(verbatim: "∂pᵢ/∂zₖ = pᵢ·(δᵢₖ − pₖ)")),
    "log_softmax": Rule(
      name: Phrase(en: "SOFTMAX RULE", zh: "softmax 法则"), form: Phrase(verbatim: "∂ log pᵢ/∂zₖ = δᵢₖ − pₖ")),
  ]
}

extension Graph.Node {
  fileprivate var isShapeOnly: Bool { [.broadcast, .reshape, .alias].contains(primitive) }
}
