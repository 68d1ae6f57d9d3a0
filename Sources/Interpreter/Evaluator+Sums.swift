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
      if case .name(let name) = frame.tree[upper], !isBound(name, frame), let (length, _) = indexed(index, body, frame)
      {
        last = length
        if length < 0, first == 1 { return try wholeFold(primitive, body, index, &inner) }
        announce(name, length)
      } else {
        last = try integer(
          try upperBound(upper, of: index, &bounds), at: frame.tree.span(upper), called: index, from: -1_000_000_000,
          to: 1_000_000_000)
      }
    } else if let (length, _) = indexed(index, body, frame) {
      last = length
      if length < 0 { return try wholeFold(primitive, body, index, &inner) }
    } else if let total = try total(of: body, big, primitive, &inner) {
      return total
    } else {
      throw Diagnostic(
        "E214", Phrase(en: "nothing is indexed by `\(index)`, so Σ has no end", zh: "没有东西以 `\(index)` 为下标，Σ 不知道加到哪里"),
        at: [Diagnostic.Label(span)],
        help: Phrase(en: "give the bounds: Σ_{\(index)=1}^10", zh: "写出上下限：Σ_{\(index)=1}^10"))
    }
    guard last >= first else { return .number(big.kind == .sum ? 0 : 1) }
    guard last - first < Shapes.elementLimit else { throw Diagnostic.tooManyElements(at: span) }
    if isVectorizable(body, index, frame) {
      // All terms at once: the index is the vector of its values.
      let all = Interval(lower: Double(first), upper: Double(last))
      let indices = try exhausted(at: span) { () throws(Budget.Exhausted) in try all.tensor(budget) }
      inner.locals[index] = indices.map { .tensor($0) }
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

  /// A sum over all elements of vectors whose length is not known yet: the vectors stand for their terms.
  private func wholeFold(
    _ primitive: Primitive.ID, _ body: Tree.ID, _ index: String, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let span = frame.tree.span(body)
    guard isVectorizable(body, index, frame) else {
      throw Diagnostic(
        "E217", Phrase(en: "how far `\(index)` runs is not known here", zh: "这里还不知道 `\(index)` 到哪里为止"),
        at: [Diagnostic.Label(span)])
    }
    frame.wholes.insert(index)
    var inner = frame
    let terms = try descend(at: span) { () throws(Diagnostic) in try evaluate(body, &inner) }
    return try apply(primitive, [terms], [span], at: span)
  }

  private func upperBound(_ upper: Tree.ID, of index: String, _ frame: inout Frame) throws(Diagnostic) -> Value {
    guard case .name(let name) = frame.tree[upper], !isBound(name, frame) else { return try evaluate(upper, &frame) }
    throw Diagnostic(
      "E214",
      Phrase(
        en: "`\(name)` has no value, and nothing with a value is indexed by `\(index)`",
        zh: "`\(name)` 没有值，也没有已知的东西以 `\(index)` 为下标"), at: [Diagnostic.Label(frame.tree.span(upper))],
      help: Phrase(en: "give the number of terms: \(name) = 10", zh: "给出项数：\(name) = 10"))
  }

  /// `Σ_i (y_pred - y_true)^2` with nothing indexed by i: whole vectors stand for their terms, as they do after a bare Σ.
  private func total(
    of body: Tree.ID, _ big: Big, _ primitive: Primitive.ID, _ frame: inout Frame
  ) throws(Diagnostic) -> Value? {
    guard let index = big.index, big.lower == nil else { return nil }
    for id in frame.tree.subtree(body) { if case .name(index) = frame.tree[id] { return nil } }
    let span = frame.tree.span(body)
    var inner = frame
    let terms = try descend(at: span) { () throws(Diagnostic) in try evaluate(body, &inner) }
    guard let shape = shape(of: terms), shape.count == 1 else { return nil }
    note(
      Phrase(
        en: "nothing is indexed by \(index): read as the sum of all \(shape[0]) elements",
        zh: "没有东西以 \(index) 为下标：按 \(shape[0]) 个元素全部求和理解"))
    return try apply(primitive, [terms], [span], at: span)
  }

  /// Whether evaluating a body with a vector for the index gives the vector of its terms: only operators between
  /// numbers, names and elements `x[i]`.
  private func isVectorizable(_ id: Tree.ID, _ index: String, _ frame: Frame) -> Bool {
    let tree = frame.tree
    switch tree[id] {
    case .number: return true
    case .name(let name):
      guard name != index, !isBound(name, frame), let parts = Evaluator.subscripts(of: name) else { return true }
      return parts.subscripts == [index]
    case .call(let callee, let arguments):
      // Functions that work element by element take all terms at once too.
      guard case .name(let name) = tree[callee], arguments.count == 1, arguments[0].name == nil,
        frame.locals[name] == nil, environment.variables[name] == nil, Builtins.elementwiseNames.contains(name)
      else { return false }
      return isVectorizable(arguments[0].value, index, frame) && !isBareTensor(arguments[0].value, index, frame)
    case .negate(let a), .root(let a), .magnitude(let a): return isVectorizable(a, index, frame)
    case .binary(let symbol, let a, let b):
      return symbol != .matrixProduct && isVectorizable(a, index, frame) && isVectorizable(b, index, frame)
        && !isBareTensor(a, index, frame) && !isBareTensor(b, index, frame)
    case .index(let base, let subscripts):
      guard case .name = tree[base], subscripts.count == 1, case .name(index) = tree[subscripts[0]] else {
        return false
      }
      return true
    default: return false
    }
  }

  /// A name that is a tensor by itself inside an indexed sum stays whole in every term.
  private func isBareTensor(_ id: Tree.ID, _ index: String, _ frame: Frame) -> Bool {
    guard case .name(let name) = frame.tree[id], name != index else { return false }
    guard let value = bound(name, frame) else { return Evaluator.subscripts(of: name)?.subscripts != [index] }
    return !(shape(of: value)?.isEmpty ?? false)
  }

  private func isBound(_ name: String, _ frame: Frame) -> Bool { bound(name, frame) != nil }

  func bound(_ name: String, _ frame: Frame) -> Value? {
    frame.locals[name] ?? substitutions[name] ?? environment[name]
  }

  /// The length of whatever is indexed by `index` alone: `y[i]`, `X[i,:]`, or `y_i` where only `y` has a value.
  private func indexed(_ index: String, _ body: Tree.ID, _ frame: Frame) -> (length: Int, value: Value)? {
    for id in frame.tree.subtree(body) {
      var name: String
      let axis: Int
      switch frame.tree[id] {
      case .index(let base, let subscripts):
        guard case .name(let own) = frame.tree[base],
          let place = subscripts.firstIndex(where: {
            if case .name(index) = frame.tree[$0] { return true }
            return false
          })
        else { continue }
        (name, axis) = (own, place)
      case .name(let own):
        guard !isBound(own, frame), let parts = Evaluator.subscripts(of: own),
          let place = parts.subscripts.firstIndex(of: index)
        else { continue }
        (name, axis) = (parts.base, place)
      default: continue
      }
      guard let value = bound(name, frame), let shape = shape(of: value), axis < shape.count else { continue }
      return (shape[axis], value)
    }
    return nil
  }

  private func announce(_ name: String, _ length: Int) {
    note(
      Phrase(
        en: "\(name) = \(length), the common length of what is summed", zh: "\(name) = \(length)，即求和各项的共同长度"))
  }

  /// What an unbound `n` means: the length of what the Σ in the same expression runs over, or else of its vectors.
  func commonLength(_ name: String, _ frame: Frame) throws(Diagnostic) -> Value? {
    let tree = frame.tree
    for id in tree.subtree(frame.body) {
      guard case .big(let big, let body) = tree[id] else { continue }
      if let index = big.index {
        guard let (length, value) = indexed(index, body, frame) else { continue }
        if length < 0 { return .traced(try expression(value, at: tree.span(id)).apply(.count).id) }
        announce(name, length)
        return .number(Double(length))
      }
      var inner = frame
      inner.body = body
      let summed = try expression(evaluate(body, &inner), at: tree.span(body))
      if summed.shape.isEmpty { continue }
      let count = summed.apply(.count)
      if let number = graph.number(count.id) {
        announce(name, Int(number))
        return .number(number)
      }
      return .traced(count.id)
    }
    for id in tree.subtree(frame.body) {
      guard case .name(let own) = tree[id], let value = bound(own, frame), let shape = shape(of: value),
        shape.count == 1
      else { continue }
      if shape[0] < 0 { return .traced(try expression(value, at: tree.span(id)).apply(.count).id) }
      announce(name, shape[0])
      return .number(Double(shape[0]))
    }
    return nil
  }

  /// The first thing under a Σ of the expression that has no value.
  func unknownSummand(besides name: String, _ frame: Frame) -> Tree.ID? {
    for id in frame.tree.subtree(frame.body) {
      guard case .big(let big, let body) = frame.tree[id] else { continue }
      for part in frame.tree.subtree(body) {
        guard case .name(let own) = frame.tree[part], own != name, own != big.index, bound(own, frame) == nil else {
          continue
        }
        if let parts = Evaluator.subscripts(of: own), bound(parts.base, frame) != nil { continue }
        return part
      }
    }
    return nil
  }
}

extension Tree {
  /// Whether a Σ of the expression goes up to this name.
  func isUpperBound(_ name: String, in root: Tree.ID) -> Bool {
    subtree(root).contains { id in
      guard case .big(let big, _) = self[id], let upper = big.upper, case .name(name) = self[upper] else {
        return false
      }
      return true
    }
  }

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
