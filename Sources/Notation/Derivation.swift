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
    /// What it is derived by, and the factor.
    package var inner: String
    package var factor: Factor?
    package var rules: [Rule]
    /// The derivatives of what the definition is made of, from the inside out: `r²` and `2·r`.
    package var parts: [(of: String, is: String)] = []
    /// The shape of the named value.
    package var shape: Shape
  }

  /// The derivative of one named value by the next.
  package enum Factor {
    /// Every element by its own element, or a number by each element.
    case elementwise(String)
    /// Every element by all of them; the slope so far, and what the two come to.
    case matrix(String, slope: String, product: String)

    package var text: String {
      switch self {
      case .elementwise(let text), .matrix(let text, _, _): text
      }
    }
  }

  package struct Rule: Sendable, Hashable {
    package var name: Phrase
    package var form: Phrase
  }

  package private(set) var links: [Link] = []
  /// A short form the factors of a sigmoid or softmax cancel to, `p - y`, and what it is the derivative by.
  package private(set) var cancelled: (by: String, text: String)?
  /// Labels whose sum, 1, makes the short form shorter still: `Σ y`, and what is left.
  package private(set) var sumsToOne: (labels: String, text: String)?
  /// The whole gradient: in the names of the chain, written out, and with known sums worked out.
  package private(set) var results: [String]
  /// What has to hold for the derivative to exist: `p > 0`.
  package private(set) var domain: [String] = []
  /// Data that is too large to print, by the name it has in the formulas.
  package private(set) var data: [(name: String, tensor: Tensor)] = []

  /// nil where the result does not depend on the variable or has no gradient formula of readable size.
  package init?(
    _ graph: Graph, of original: Graph.ID, by variable: Graph.ID, called outputName: String, taken: Set<String>
  ) {
    let output = graph.withKnownParts(of: original)
    let order = graph.reachable(from: [output])
    var depends: Set<Graph.ID> = [variable]
    for id in order where graph[id].inputs.contains(where: depends.contains) {
      // What is flat, a count or a comparison, passes nothing on.
      if case .zero = graph[id].primitive.row.derivative { continue }
      depends.insert(id)
    }
    guard depends.contains(output), output != variable, graph[output].shape.isEmpty,
      let gradient = try? graph.gradient(of: graph.expression(output), withRespectTo: [graph.expression(variable)])[0]
    else { return nil }
    let live = order.filter(depends.contains)
    let cuts = Derivation.joined(Derivation.cuts(live, graph), live, graph)
    var names: [Graph.ID: String] = [variable: graph.inputNames[graph[variable].attributes[0]]]
    var used = taken
    for id in order {
      guard let tensor = graph.constant(at: id), tensor.count > Formula.literalLimit else { continue }
      let name = Derivation.name(of: tensor, used)
      used.insert(name)
      names[id] = name
      data.append((name, tensor))
    }
    for cut in cuts.dropFirst().dropLast() {
      let name = Derivation.name(graph[cut].primitive, used)
      used.insert(name)
      names[cut] = name
    }
    results = Derivation.results(gradient.id, names, graph)
    guard !results.isEmpty else { return nil }
    names[output] = outputName
    let slopes = Derivation.slopes(of: output, by: cuts, names, graph)
    for (inner, outer) in zip(cuts, cuts.dropFirst()) {
      var known = names
      known[outer] = nil
      let between = live.filter { $0 > inner && $0 <= outer }
      guard let definition = Formula(graph, names: known, spellsOut: true).text(outer, limit: 300) else { return nil }
      known[outer] = names[outer]
      let tangents = Derivation.tangents(by: inner, between, graph)
      var link = Link(
        name: names[outer] ?? "u", definition: definition, inner: names[inner] ?? "u",
        rules: Derivation.rules(between, depends, graph), shape: graph[outer].shape)
      let slope = graph[outer].shape.isEmpty ? slopes.relative(outer, inner) : tangents[outer]?.id
      if let slope {
        var tidying = Tidying(graph, names: known)
        link.factor = Formula(graph, names: known).text(tidying.tidied(slope), limit: 300).map { .elementwise($0) }
      } else if graph[outer].primitive == .sum, between.count == 1 {
        link.factor = .elementwise("1")
      } else if let matrix = Derivation.matrix(outer, inner, between, known, graph), let before = slopes.text[outer],
        let after = slopes.text[inner]
      {
        link.factor = .matrix(matrix, slope: before, product: after)
      }
      link.parts = Derivation.parts(between.dropLast(), tangents, known, graph)
      links.append(link)
    }
    for (place, cut) in cuts.enumerated()
    where [.sigmoid, .softmax, .logSoftmax].contains(graph[cut].primitive) && place > 0 && place + 1 < cuts.count {
      guard let score = names[cuts[place - 1]], let text = slopes.text[cuts[place - 1]] else { continue }
      if graph[cut].primitive == .sigmoid { cancelled = (score, text) }
      guard let unit = Derivation.withUnitSum(text, graph, output) else { continue }
      sumsToOne = (unit.0, unit.1)
      if place == 1 { results.append(unit.1) }
    }
    domain = Derivation.domain(order, names, graph)
  }

  private static func results(
    _ gradient: Graph.ID, _ names: [Graph.ID: String], _ graph: Graph
  ) -> [String] {
    let leaves = names.filter { graph[$0.key].inputs.isEmpty }
    var named = Tidying(graph, names: names)
    var plain = Tidying(graph, names: leaves)
    var folded = Tidying(graph, folds: true)
    let texts = [
      Formula(graph, names: names).text(named.tidied(gradient), limit: 300),
      Formula(graph, names: leaves).text(plain.tidied(gradient), limit: 600),
      Formula(graph, names: leaves).text(folded.tidied(gradient), limit: 300),
    ].compactMap { $0 }
    // The form in names says it all where the one written out is long.
    var kept: [String] = []
    for (place, text) in texts.enumerated() where !kept.contains(text) {
      if place > 0, text.count > 80, texts[0].count < text.count { continue }
      kept.append(text)
    }
    return kept
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

  /// The derivatives of the result by every value of the chain.
  private struct Slopes {
    let graph: Graph
    var text: [Graph.ID: String] = [:]

    /// The derivative of a number in the chain by the value before it, by reverse mode.
    func relative(_ outer: Graph.ID, _ inner: Graph.ID) -> Graph.ID? {
      let gradient = try? graph.gradient(of: graph.expression(outer), withRespectTo: [graph.expression(inner)])
      return gradient?[0].id
    }
  }

  private static func slopes(
    of output: Graph.ID, by cuts: [Graph.ID], _ names: [Graph.ID: String], _ graph: Graph
  ) -> Slopes {
    var slopes = Slopes(graph: graph)
    for cut in cuts.dropLast() {
      guard let slope = slopes.relative(output, cut) else { continue }
      var tidying = Tidying(graph, names: names)
      slopes.text[cut] = Formula(graph, names: names).text(tidying.tidied(slope), limit: 300)
    }
    return slopes
  }

  /// The derivatives by `inner` of the nodes after it, element by element, as far as they go that way.
  private static func tangents(
    by inner: Graph.ID, _ between: [Graph.ID], _ graph: Graph
  ) -> [Graph.ID: Expression] {
    var tangents: [Graph.ID: Expression] = [inner: graph.constant(1)]
    for id in between {
      let node = graph[id]
      let inputs = node.inputs.map(graph.expression)
      guard node.inputs.allSatisfy({ $0 < between[0] || tangents[$0] != nil || !between.contains($0) }) else {
        continue
      }
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
          tangents[id] = graph.expression(node.inputs[1] == inner ? node.inputs[0] : node.inputs[1])
        }
      }
    }
    return tangents
  }

  /// The derivative of each element by all of them, where that matrix has a name in books.
  private static func matrix(
    _ outer: Graph.ID, _ inner: Graph.ID, _ between: [Graph.ID], _ names: [Graph.ID: String], _ graph: Graph
  ) -> String? {
    guard let last = between.last, between.dropLast().allSatisfy({ graph[$0].isShapeOnly }) else { return nil }
    let node = graph[last]
    let name = printedName(names[outer] ?? "p")
    let isRows = node.shape.count > 1
    switch node.primitive {
    case .softmax: return isRows ? "diag(pᵢ) - pᵢ·pᵢ'".replacing("p", with: name) : "diag(\(name)) - \(name)·\(name)'"
    case .logSoftmax:
      let inside = printedName(names[inner] ?? "z")
      return "I - 1·softmax(\(inside)\(isRows ? "ᵢ" : ""))'"
    case .take:
      guard let place = graph.number(node.inputs[1]), node.attributes == [0] else { return nil }
      return "e" + String(Int(place) + 1).map { "₀₁₂₃₄₅₆₇₈₉".map { $0 }[$0.wholeNumberValue ?? 0] } + "'"
    default: return nil
    }
  }

  /// What a link is made of, piece by piece.
  private static func parts(
    _ between: ArraySlice<Graph.ID>, _ tangents: [Graph.ID: Expression], _ names: [Graph.ID: String], _ graph: Graph
  ) -> [(of: String, is: String)] {
    between.compactMap { id in
      guard !graph[id].isShapeOnly, graph[id].primitive != .alias, let tangent = tangents[id] else { return nil }
      var tidying = Tidying(graph, names: names)
      guard let whole = Formula(graph, names: names, spellsOut: true).text(id, limit: 60),
        let slope = Formula(graph, names: names).text(tidying.tidied(tangent.id), limit: 60)
      else { return nil }
      return (whole, slope)
    }
  }

  /// `p·Σ y - y` with Σ y = 1: labels are one-hot or probabilities.
  private static func withUnitSum(_ text: String, _ graph: Graph, _ output: Graph.ID) -> (String, String)? {
    for id in graph.reachable(from: [output]) where graph[id].primitive == .input && !graph[id].shape.isEmpty {
      let labels = printedName(graph.inputNames[graph[id].attributes[0]])
      let sum = "Σ " + labels
      for (long, short) in [("·\(sum)", ""), ("\(sum)·", ""), ("(\(sum))·", ""), ("·(\(sum))", "")] {
        guard text.contains(long) else { continue }
        return (sum, text.replacing(long, with: short))
      }
    }
    return nil
  }

  /// Where logarithms, roots and quotients have a derivative.
  private static func domain(_ order: [Graph.ID], _ names: [Graph.ID: String], _ graph: Graph) -> [String] {
    var found: [String] = []
    for id in order {
      let node = graph[id]
      let (operand, condition): (Graph.ID?, String) =
        switch node.primitive {
        case .log, .log2, .log10, .sqrt: (node.inputs[0], " > 0")
        case .xlogy: (node.inputs[1], " > 0")
        case .divide: (node.inputs[1], " ≠ 0")
        default: (nil, "")
        }
      guard let operand, graph.number(operand) == nil, graph[operand].primitive != .count,
        let text = Formula(graph, names: names).text(operand, limit: 60), !found.contains(text + condition)
      else { continue }
      found.append(text + condition)
    }
    return found
  }
}

extension Graph.Node {
  var isShapeOnly: Bool { [.broadcast, .reshape, .alias].contains(primitive) }
}
