import Graphs
import Markup
import Syntax
import Tensors

extension Evaluator {
  /// `Σ body`, `Σ_i body`, `Σ_{i=1}^n body` and the same for Π.
  func fold(
    _ big: Big, _ body: Tree.ID, at span: Range<Int>, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let primitive: Primitive.ID = big.kind == .sum ? .sum : .product
    var inner = frame
    guard let index = big.index else {
      let value = try descend(at: span) { () throws(Diagnostic) in try evaluate(body, &inner) }
      return try apply(primitive, [value], [frame.tree.span(body)], at: span)
    }
    var first = 1
    if let lower = big.lower {
      first = try integer(try evaluate(lower, &inner), at: frame.tree.span(lower), called: index, from: -1_000_000_000)
    }
    var last = first - 1
    if let upper = big.upper {
      var bounds = frame
      if case .name("n") = frame.tree[upper], frame.locals["n"] == nil, environment["n"] == nil,
        let length = indexedLength(index, body, frame)
      {
        last = length
        announce(length)
      } else {
        last = try integer(
          try evaluate(upper, &bounds), at: frame.tree.span(upper), called: index, from: -1_000_000_000,
          to: 1_000_000_000)
      }
    } else if let length = indexedLength(index, body, frame) {
      last = length
    } else {
      throw Diagnostic(
        "E214", Phrase(en: "nothing is indexed by `\(index)`, so Σ has no end", zh: "没有东西以 `\(index)` 为下标，Σ 不知道加到哪里"),
        at: [Diagnostic.Label(span)],
        help: Phrase(en: "give the bounds: Σ_{\(index)=1}^10", zh: "写出上下限：Σ_{\(index)=1}^10"))
    }
    guard last >= first else { return .number(big.kind == .sum ? 0 : 1) }
    guard last - first < Shapes.elementLimit else { throw Diagnostic.tooManyElements(at: span) }
    if isVectorizable(body, index, frame.tree) {
      // All terms at once: the index is the vector of its values.
      inner.locals[index] = .tensor(Tensor(vector: (first...last).map(Double.init)))
      let terms = try descend(at: span) { () throws(Diagnostic) in try evaluate(body, &inner) }
      if shape(of: terms)?.isEmpty ?? false {
        let count = Double(last - first + 1)
        return try apply(big.kind == .sum ? .multiply : .power, [terms, .number(count)], [span, span], at: span)
      }
      return try apply(primitive, [terms], [frame.tree.span(body)], at: span)
    }
    var total: Value = .number(big.kind == .sum ? 0 : 1)
    for i in first...last {
      inner.locals[index] = .number(Double(i))
      let term = try descend(at: span) { () throws(Diagnostic) in try evaluate(body, &inner) }
      total = try apply(big.kind == .sum ? .add : .multiply, [total, term], [span, span], at: span)
      if i & 255 == 0 { try exhausted(at: span) { () throws(Budget.Exhausted) in try budget.check() } }
    }
    return total
  }

  /// Whether evaluating a body with a vector for the index gives the vector of its terms: only operators between
  /// numbers, names and elements `x[i]`.
  private func isVectorizable(_ id: Tree.ID, _ index: String, _ tree: Tree) -> Bool {
    switch tree[id] {
    case .number, .name: return true
    case .negate(let a), .root(let a), .magnitude(let a): return isVectorizable(a, index, tree)
    case .binary(let symbol, let a, let b):
      return symbol != .matrixProduct && isVectorizable(a, index, tree) && isVectorizable(b, index, tree)
        && !isBareTensor(a, index, tree) && !isBareTensor(b, index, tree)
    case .index(let base, let subscripts):
      guard case .name = tree[base], subscripts.count == 1, case .name(index) = tree[subscripts[0]] else {
        return false
      }
      return true
    default: return false
    }
  }

  /// A name that is a tensor by itself inside an indexed sum stays whole in every term.
  private func isBareTensor(_ id: Tree.ID, _ index: String, _ tree: Tree) -> Bool {
    guard case .name(let name) = tree[id], name != index else { return false }
    guard let value = substitutions[name] ?? environment[name] else { return true }
    return !(shape(of: value)?.isEmpty ?? false)
  }

  /// The length of whatever is indexed by `index` alone.
  private func indexedLength(_ index: String, _ body: Tree.ID, _ frame: Frame) -> Int? {
    for id in frame.tree.subtree(body) {
      guard case .index(let base, let subscripts) = frame.tree[id],
        let axis = subscripts.firstIndex(where: {
          if case .name(index) = frame.tree[$0] { return true }
          return false
        }), case .name(let name) = frame.tree[base],
        let value = frame.locals[name] ?? substitutions[name] ?? environment[name], let shape = shape(of: value),
        axis < shape.count
      else { continue }
      return shape[axis]
    }
    return nil
  }

  private func announce(_ length: Int) {
    note(Phrase(en: "n = \(length), the common length of what is summed", zh: "n = \(length)，即求和各项的共同长度"))
  }

  /// What an unbound `n` means: the length of what the Σ in the same expression runs over, or else of its vectors.
  func commonLength(_ frame: Frame) throws(Diagnostic) -> Value? {
    let tree = frame.tree
    for id in tree.subtree(frame.body) {
      guard case .big(let big, let body) = tree[id] else { continue }
      if let index = big.index {
        guard let length = indexedLength(index, body, frame) else { continue }
        announce(length)
        return .number(Double(length))
      }
      var inner = frame
      inner.body = body
      let summed = try expression(evaluate(body, &inner), at: tree.span(body))
      if summed.shape.isEmpty { continue }
      let count = summed.apply(.count)
      if let number = graph.number(count.id) {
        announce(Int(number))
        return .number(number)
      }
      return .traced(count.id)
    }
    for id in tree.subtree(frame.body) {
      guard case .name(let name) = tree[id], let value = frame.locals[name] ?? substitutions[name] ?? environment[name],
        let shape = shape(of: value), shape.count == 1
      else { continue }
      announce(shape[0])
      return .number(Double(shape[0]))
    }
    return nil
  }
}

extension Tree {
  /// Every node of an expression, parents first.
  func subtree(_ root: Tree.ID) -> [Tree.ID] {
    var pending = [root]
    var found: [Tree.ID] = []
    while let id = pending.popLast() {
      found.append(id)
      switch self[id] {
      case .negate(let a), .root(let a), .not(let a), .prime(let a), .magnitude(let a), .field(let a, _),
        .lambda(_, let a), .define(_, let a), .defineFunction(_, _, let a):
        pending.append(a)
      case .binary(_, let a, let b), .pipe(let a, let b), .claim(let a, let b): pending += [b, a]
      case .call(let callee, let arguments): pending += arguments.reversed().map(\.value) + [callee]
      case .index(let base, let subscripts): pending += subscripts.reversed() + [base]
      case .record(let fields): pending += fields.reversed().map(\.value)
      case .list(let items): pending += items.reversed()
      case .rows(let rows): pending += rows.joined().reversed()
      case .range(let a, let b, let step): pending += (step.map { [$0] } ?? []) + [b, a]
      case .conditional(let c, let a, let b): pending += [b, a, c]
      case .big(let big, let body): pending += [body] + [big.lower, big.upper].compactMap { $0 }
      case .gradient(let f, _, let arguments): pending += (arguments ?? []).map(\.value) + [f]
      case .local(let body, let definitions): pending += definitions.map(\.value) + [body]
      case .repeat(let count, let lines): pending += lines.reversed() + [count]
      case .number, .name, .text, .bool, .answer, .all, .command, .help, .empty: break
      }
    }
    return found
  }
}
