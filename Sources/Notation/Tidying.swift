import Graphs
import Interpreter
import Tensors

/// A formula rewritten as one would leave it on paper: numbers gathered in front, like terms collected, equal factors
/// cancelled, `3·(2·(3·w - 5)) + 2·(w - 2)` as `20·w - 34`, and the gradient of a cross-entropy as `p - y`.
///
/// Every formula is a sum of terms, every term a number times powers of factors; a factor is a node, and one that is
/// itself a sum is known as such. Of the ways to write a sum (as it came, multiplied out, with what all terms share in
/// front) the shortest is taken. What comes out is only read: unlike the graph's own simplification it does not keep
/// NaN, infinities and the last bit as they are.
package struct Tidying {
  let graph: Graph
  /// Nodes that are printed under a name of their own: they are left whole.
  let names: [Graph.ID: String]
  /// Whether sums over known numbers are worked out: Σ(w·[1,2]) as 3·w.
  let folds: Bool
  var sums: [Graph.ID: [Term]] = [:]
  var known: [[Term]: Graph.ID] = [:]
  var totals: [Graph.ID: [Term]] = [:]
  var done: [Graph.ID: [Term]] = [:]
  /// Rows with a single 1, and where it is.
  var rows: [Graph.ID: Int] = [:]

  struct Factor: Hashable {
    var base: Graph.ID
    var exponent: Int
  }

  struct Term: Hashable {
    var number: Double
    var factors: [Factor] = []

    var key: Set<Factor> { Set(factors) }
  }

  /// Larger formulas are not read, and would take long.
  static let limit = 400
  static let termLimit = 40

  package init(_ graph: Graph, names: [Graph.ID: String] = [:], folds: Bool = false) {
    self.graph = graph
    self.names = names
    self.folds = folds
  }

  /// The same value, written shorter; the node itself where nothing is gained.
  package mutating func tidied(_ id: Graph.ID) -> Graph.ID {
    let order = graph.reachable(from: [id])
    guard order.count <= Tidying.limit else { return id }
    for node in order where done[node] == nil { done[node] = terms(node) }
    guard let terms = done[id] else { return id }
    let result = built(shortest(terms)).broadcast(to: graph[id].shape).id
    return length(result) <= length(id) ? result : id
  }

  func length(_ id: Graph.ID) -> Int { Formula(graph, names: names).text(id, limit: 2_000)?.count ?? 2_000 }

  // MARK: Nodes

  mutating func terms(_ id: Graph.ID) -> [Term] {
    if names[id] != nil { return [atom(id)] }
    let node = graph[id]
    let operands = node.inputs.map { done[$0] ?? [atom($0)] }
    switch node.primitive {
    case .constant:
      guard let number = graph.number(id), number.isFinite else { return [atom(id)] }
      return number == 0 ? [] : [Term(number: number)]
    case .alias: return operands[0]
    case .broadcast:
      // What stretches an axis of length 1 stays: factors must fit each other in any order.
      let inner = graph[node.inputs[0]].shape
      if node.shape.suffix(inner.count).elementsEqual(inner) { return operands[0] }
      return linear(node, operands)
    case .add: return collected(operands[0] + operands[1])
    case .subtract: return collected(operands[0] + operands[1].map { scaled($0, -1) })
    case .negate: return operands[0].map { scaled($0, -1) }
    case .multiply: return product(operands[0], operands[1])
    case .divide where !operands[1].isEmpty: return product(operands[0], power(operands[1], -1))
    case .power:
      guard let exponent = graph.number(node.inputs[1]), let whole = Int(exactly: exponent), (-8...8).contains(whole),
        whole > 0 || !operands[0].isEmpty
      else { break }
      return whole == 0 ? [Term(number: 1)] : power(operands[0], whole)
    case .exp where graph[node.inputs[0]].primitive == .logSoftmax:
      let inner = graph[node.inputs[0]]
      return [atom(argument(inner, 0).apply(.softmax, attributes: inner.attributes).id)]
    case .exp:
      if let softmax = softmax(node.inputs[0]) { return [atom(softmax.id)] }
    case .reshape where graph[node.inputs[0]].shape.isEmpty: return operands[0]
    case .scatterAdd where node.shape.count == 1:
      if let place = graph.number(node.inputs[1]), let row = oneHot(node.shape[0], Int(place)) {
        return product(operands[0], [atom(row)])
      }
    case .xlogy:
      if operands[0].isEmpty { return [] }
      return product(operands[0], [atom(argument(node, 1).apply(.log).id)])
    case .sigmoid:
      // σ(−z) = 1 − σ(z): both slopes of a logistic loss are then of one kind.
      let inner = shortest(operands[0])
      if let first = inner.first, first.number < 0 {
        let turned = built(inner.map { scaled($0, -1) }).broadcast(to: node.shape).apply(.sigmoid)
        return [Term(number: 1), scaled(atom(turned.id), -1)]
      }
    case .sum where node.attributes.isEmpty: return total(operands[0], over: graph[node.inputs[0]].shape)
    case .sum, .sumTo, .transpose, .matmul, .reshape: return linear(node, operands)
    case .select: return choice(node, operands)
    default: break
    }
    return node.inputs.isEmpty ? [atom(id)] : [atom(rebuilt(node).id)]
  }

  /// What exp(z − log Σ exp z) is.
  func softmax(_ exponent: Graph.ID) -> Expression? {
    let node = graph[exponent]
    guard node.primitive == .subtract else { return nil }
    var other = graph[node.inputs[1]]
    while [.broadcast, .reshape].contains(other.primitive) { other = graph[other.inputs[0]] }
    guard other.primitive == .logsumexp, other.inputs == [node.inputs[0]] else { return nil }
    let scores = graph.expression(node.inputs[0])
    return scores.apply(.softmax, attributes: other.attributes.isEmpty ? [0] : other.attributes)
  }

  /// The row with a single 1, one node for each.
  mutating func oneHot(_ length: Int, _ place: Int) -> Graph.ID? {
    guard 1...64 ~= length, 0..<length ~= place else { return nil }
    let row = Tensor(vector: (0..<length).map { $0 == place ? 1 : 0 })
    if let made = rows.first(where: { $0.value == place && graph[$0.key].shape == [length] }) { return made.key }
    let id = graph.constant(row).id
    rows[id] = place
    return id
  }

  /// [0,1,0]·p is [0,1,0]·p[2]: beside a row with a single 1 only that element of the others counts.
  func picked(_ term: Term) -> Term {
    guard let row = term.factors.first(where: { rows[$0.base] != nil && $0.exponent > 0 }), let place = rows[row.base]
    else { return term }
    var result = Term(number: term.number, factors: [Factor(base: row.base, exponent: 1)])
    for factor in term.factors where factor.base != row.base {
      var base = factor.base
      if graph[base].shape == graph[row.base].shape {
        base = graph.expression(base).apply(.take, [graph.constant(Double(place))], attributes: [0]).id
      }
      result.factors.append(Factor(base: base, exponent: factor.exponent))
    }
    var merged = Term(number: result.number)
    for factor in result.factors { merged = merging(merged, factor) }
    return merged
  }

  func atom(_ id: Graph.ID) -> Term {
    if let number = graph.number(id), number.isFinite, number != 0 { return Term(number: number) }
    return Term(number: 1, factors: [Factor(base: id, exponent: 1)])
  }

  /// An operand, tidied, in the shape the operation was built for.
  mutating func argument(_ node: Graph.Node, _ index: Int) -> Expression {
    let input = node.inputs[index]
    guard let terms = done[input] else { return graph.expression(input) }
    let result = built(shortest(terms)).broadcast(to: graph[input].shape)
    return length(result.id) < length(input) ? result : graph.expression(input)
  }

  mutating func rebuilt(_ node: Graph.Node) -> Expression {
    let arguments = node.inputs.indices.map { argument(node, $0) }
    return arguments[0].apply(node.primitive, Array(arguments.dropFirst()), attributes: node.attributes)
  }

  // MARK: Sums over elements and linear operations

  /// Σ, with what does not change from element to element in front.
  mutating func total(_ terms: [Term], over shape: Shape) -> [Term] {
    guard !terms.isEmpty else { return [] }
    let whole = single(shortest(terms))
    let outside = Term(number: whole.number, factors: whole.factors.filter { graph[$0.base].shape.isEmpty })
    let inside = Term(number: 1, factors: whole.factors.filter { !graph[$0.base].shape.isEmpty })
    let inner = built([inside]).broadcast(to: shape)
    let sum = inner.apply(.sum)
    if let number = value(sum.id) { return number == 0 ? [] : [product(outside, Term(number: number))] }
    let parts = folds ? expanded([inside]) : []
    if parts.count > 1 {
      totals[sum.id] = collected(
        parts.map { part in
          let outside = Term(number: part.number, factors: part.factors.filter { graph[$0.base].shape.isEmpty })
          let inside = Term(number: 1, factors: part.factors.filter { !graph[$0.base].shape.isEmpty })
          let sum = built([inside]).broadcast(to: shape).apply(.sum)
          return product(outside, value(sum.id).map { Term(number: $0) } ?? atom(sum.id))
        })
    }
    return [product(outside, atom(sum.id))]
  }

  /// What a node without inputs is worth in every element, if all of it is known.
  func value(_ id: Graph.ID) -> Double? {
    let order = graph.reachable(from: [id])
    guard order.count < 100, order.allSatisfy({ graph[$0].primitive != .input && Shapes.isConcrete(graph[$0].shape) }),
      let program = try? Program(graph, outputs: [id]), let result = try? program.run([])[0].elements,
      let first = result.first, first.isFinite, result.allSatisfy({ $0 == first })
    else { return nil }
    return ExactNumber.snapped(first)
  }

  /// Numbers come out of products of matrices, sums along an axis and transposes.
  mutating func linear(_ node: Graph.Node, _ operands: [[Term]]) -> [Term] {
    guard operands.allSatisfy({ !$0.isEmpty }) else { return [] }
    var outside = Term(number: 1)
    var arguments: [Expression] = []
    for (input, terms) in zip(node.inputs, operands) {
      let whole = single(shortest(terms))
      outside = product(
        outside, Term(number: whole.number, factors: whole.factors.filter { graph[$0.base].shape.isEmpty }))
      let inside = Term(number: 1, factors: whole.factors.filter { !graph[$0.base].shape.isEmpty })
      // A number repeated is the number.
      if inside.factors.isEmpty, node.primitive == .broadcast || node.primitive == .reshape { return [outside] }
      arguments.append(built([inside]).broadcast(to: graph[input].shape))
    }
    let result = arguments[0].apply(node.primitive, Array(arguments.dropFirst()), attributes: node.attributes)
    if let number = value(result.id) { return number == 0 ? [] : [product(outside, Term(number: number))] }
    return [product(outside, atom(result.id))]
  }

  /// What both cases share goes in front.
  mutating func choice(_ node: Graph.Node, _ operands: [[Term]]) -> [Term] {
    let condition = argument(node, 0)
    guard !operands[1].isEmpty, !operands[2].isEmpty else { return [atom(rebuilt(node).id)] }
    let a = single(shortest(operands[1]))
    let b = single(shortest(operands[2]))
    var shared = Term(number: 1, factors: a.factors.filter { b.factors.contains($0) })
    if a.number == b.number { shared.number = a.number }
    let rest = [a, b].map { term in
      built([
        Term(number: term.number / shared.number, factors: term.factors.filter { !shared.factors.contains($0) })
      ])
    }
    return [product(atom(condition.apply(.select, rest).id), shared)]
  }

  // MARK: The shortest way to write it

  mutating func shortest(_ terms: [Term]) -> [Term] {
    guard terms.count > 1 || terms.contains(where: { !$0.factors.isEmpty }) else { return terms }
    let cancelled = expanded(terms, onlyQuotients: true)
    let sums = [terms, cancelled, expanded(cancelled)]
    let candidates = sums.map { $0.count > 1 ? [single($0)] : $0 } + sums
    // A product is preferred to a sum that is hardly shorter: p·(1 - p), (p - y)·x.
    // Where a number is all that comes out, a little less so: 12·x² - 2.
    let lengths = candidates.map { terms in
      length(built(terms).id) + 3 * terms.count + (terms.count == 1 && terms[0].factors.count == 1 ? 1 : 0)
    }
    guard let least = lengths.min(), let place = lengths.firstIndex(of: least) else { return terms }
    return candidates[place]
  }

  /// Products of sums multiplied out: those with quotients first, which is where factors cancel.
  func expanded(_ terms: [Term], onlyQuotients: Bool = false) -> [Term] {
    var terms = terms
    for _ in 0..<24 {
      var next: [Term] = []
      var changed = false
      for term in terms {
        let open = term.factors.filter { $0.exponent > 0 && $0.exponent < 5 && inner($0.base) != nil }
        let quotients = open.filter { factor in
          (inner(factor.base) ?? []).contains { $0.factors.contains { $0.exponent < 0 } }
        }
        guard let factor = quotients.first ?? (onlyQuotients ? nil : open.first), let sum = inner(factor.base) else {
          next.append(term)
          continue
        }
        changed = true
        var rest = term
        rest.factors.removeAll { $0 == factor }
        if factor.exponent > 1 { rest.factors.append(Factor(base: factor.base, exponent: factor.exponent - 1)) }
        next += sum.map { product($0, rest) }
      }
      guard changed, next.count <= Tidying.termLimit else { break }
      terms = collected(next)
    }
    return terms
  }

  func inner(_ base: Graph.ID) -> [Term]? { sums[base] ?? totals[base] }
}
