import Markup

extension Parser {
  // MARK: Postfix

  mutating func postfix() throws(Diagnostic) -> Tree.ID {
    let start = peek.span.lowerBound
    let operand = try trailers(of: try primary(), from: start)
    guard next(is: "at"), isDerivative(operand) else { return operand }
    let arguments = try atArguments() ?? []
    return add(.call(operand, arguments), from: start)
  }

  /// What a gradient is taken of: an `at` that follows belongs to the gradient.
  mutating func function() throws(Diagnostic) -> Tree.ID {
    let start = peek.span.lowerBound
    return try trailers(of: try primary(), from: start)
  }

  /// Calls, indices, primes and fields after an operand.
  mutating func trailers(of operand: Tree.ID, from start: Int) throws(Diagnostic) -> Tree.ID {
    var operand = operand
    while !peek.spaced, case .symbol(let symbol) = peek.kind {
      switch symbol {
      case .openParenthesis:
        let arguments = try arguments()
        operand = add(.call(operand, arguments), from: start)
      case .openBracket:
        let opener = advance()
        var subscripts: [Tree.ID] = []
        repeat {
          if next(is: .colon) {
            let colon = advance()
            subscripts.append(tree.add(.all, colon.span))
          } else {
            subscripts.append(try expression())
            if next(is: .colon) { throw Diagnostic.colonSlice(peek.span) }
          }
        } while accept(.comma)
        try expect(.closeBracket, after: opener)
        operand = add(.index(operand, subscripts), from: start)
      case .prime:
        advance()
        operand = add(.prime(operand), from: start)
      case .dot:
        advance()
        let name = try expectName()
        operand = add(.field(operand, name), from: start)
      default: return operand
      }
    }
    return operand
  }

  /// What `at` may follow besides `grad f`: `f' at 2`, `hessian(f) at [1,2]`.
  private func isDerivative(_ id: Tree.ID) -> Bool {
    switch tree[id] {
    case .prime, .gradient(_, _, nil): return true
    case .call(let callee, _):
      if case .name(let name) = tree[callee] { return name == "hessian" || name == "jacobian" }
      return false
    default: return false
    }
  }

  mutating func arguments() throws(Diagnostic) -> [Argument] {
    let opener = peek
    try expect(.openParenthesis)
    var arguments: [Argument] = []
    if accept(.closeParenthesis) { return arguments }
    repeat {
      if case .name(let name) = peek.kind, peek(1).kind == .symbol(.equals) {
        let span = peek.span
        if arguments.contains(where: { $0.name == name }) { throw Diagnostic.repeatedParameter(name, span) }
        advance()
        advance()
        arguments.append(Argument(name: name, value: try expression()))
      } else {
        arguments.append(Argument(name: nil, value: try expression()))
      }
    } while accept(.comma)
    try expect(.closeParenthesis, after: opener)
    return arguments
  }

  // MARK: Primary

  mutating func primary() throws(Diagnostic) -> Tree.ID {
    let token = peek
    let start = token.span.lowerBound
    switch token.kind {
    case .number(let value):
      advance()
      return add(.number(value), from: start)
    case .text(let text):
      advance()
      return add(.text(text), from: start)
    case .name("true"), .name("false"):
      advance()
      return add(.bool(token.kind == .name("true")), from: start)
    case .name("ans"):
      advance()
      return add(.answer, from: start)
    case .name(let name) where !Parser.keywords.contains(name):
      advance()
      return add(.name(name), from: start)
    case .name("where") where peek(1).kind == .symbol(.openParenthesis) && !peek(1).spaced:
      // `where(c, a, b)` chooses; `… where a = b` can only follow an expression.
      advance()
      return add(.name("where"), from: start)
    case .symbol(.openParenthesis):
      if case .name = peek(1).kind, peek(2).kind == .symbol(.equals) {
        let fields = try arguments()
        if let bare = fields.first(where: { $0.name == nil }) { throw Diagnostic.namelessField(tree.span(bare.value)) }
        return add(.record(fields), from: start)
      }
      advance()
      let inner = try expression()
      if next(is: .comma) { throw Diagnostic.looseComma(peek.span) }
      try expect(.closeParenthesis, after: token)
      return inner
    case .symbol(.bar):
      advance()
      let inner = try expression()
      try expect(.bar, after: token)
      return add(.magnitude(inner), from: start)
    case .symbol(.openBracket):
      return try list()
    case .symbol(.sum), .symbol(.product), .symbol(.nabla), .symbol(.partial), .name("grad"):
      // Reached inside `x^Σ…` or `f |> grad g`, where only a bracketed operand can stand.
      throw Diagnostic.needsBrackets(token, tree.source)
    default:
      throw Diagnostic.expected(
        Phrase(en: "a number, a name or a bracket", zh: "数、名字或括号"), before: token, tree.source)
    }
  }

  private mutating func list() throws(Diagnostic) -> Tree.ID {
    let opener = advance()
    let start = opener.span.lowerBound
    if accept(.closeBracket) { return add(.list([]), from: start) }
    var rows: [[Tree.ID]] = [[]]
    while true {
      rows[rows.count - 1].append(try expression())
      if accept(.comma) { continue }
      if accept(.semicolon) {
        if next(is: .closeBracket) { break }
        rows.append([])
        continue
      }
      break
    }
    try expect(.closeBracket, after: opener)
    return add(rows.count == 1 ? .list(rows[0]) : .rows(rows), from: start)
  }
}
