import Markup

/// How tightly an operator holds its operands, loosest first.
enum Precedence: Int, Comparable {
  case pipe = 1
  case or, and, not, comparison, range, sum, term, unary

  static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }
}

extension Parser {
  // MARK: Whole expressions

  mutating func expression() throws(Diagnostic) -> Tree.ID {
    try descend { (parser) throws(Diagnostic) in
      let start = parser.peek.span.lowerBound
      var body = try parser.conditional()
      while parser.accept(.pipe) {
        let function = try parser.postfix()
        body = parser.add(.pipe(body, function), from: start)
      }
      guard parser.accept(word: "where") else { return body }
      var locals: [Argument] = []
      repeat {
        let name = try parser.expectName()
        try parser.expect(.equals)
        locals.append(Argument(name: name, value: try parser.expression()))
      } while parser.accept(.comma)
      return parser.add(.local(body, locals), from: start)
    }
  }

  private mutating func conditional() throws(Diagnostic) -> Tree.ID {
    let start = peek.span.lowerBound
    if accept(word: "if") {
      return try descend { (parser) throws(Diagnostic) in
        let condition = try parser.conditional()
        try parser.expect(word: "then")
        let then = try parser.conditional()
        try parser.expect(word: "else")
        let otherwise = try parser.conditional()
        return parser.add(.conditional(condition, then: then, otherwise: otherwise), from: start)
      }
    }
    if let parameters = try lambdaParameters() {
      return try descend { (parser) throws(Diagnostic) in
        let body = try parser.conditional()
        return parser.add(.lambda(parameters, body), from: start)
      }
    }
    return try binary(minimum: .or)
  }

  private mutating func expect(word: String) throws(Diagnostic) {
    if accept(word: word) { return }
    throw Diagnostic.expected("`\(word)`", before: peek, tree.source)
  }

  /// Takes `x ->` or `(x, y) ->` if that is what comes next.
  private mutating func lambdaParameters() throws(Diagnostic) -> [String]? {
    if case .name(let name) = peek.kind, peek(1).kind == .symbol(.arrow), !Parser.keywords.contains(name) {
      advance()
      advance()
      return [name]
    }
    guard next(is: .openParenthesis) else { return nil }
    var names: [String] = []
    var ahead = 1
    while case .name(let name) = peek(ahead).kind {
      names.append(name)
      ahead += 1
      guard peek(ahead).kind == .symbol(.comma) else { break }
      ahead += 1
    }
    guard peek(ahead).kind == .symbol(.closeParenthesis), peek(ahead + 1).kind == .symbol(.arrow) else { return nil }
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw Diagnostic.repeatedParameter(twice, peek.span)
    }
    for _ in 0..<(ahead + 2) { advance() }
    return names
  }

  // MARK: Operators between operands

  private func infix(_ token: Token) -> (BinaryOperator, Precedence)? {
    switch token.kind {
    case .name("or"): (.or, .or)
    case .name("and"): (.and, .and)
    case .symbol(.equal): (.equal, .comparison)
    case .symbol(.unequal): (.unequal, .comparison)
    case .symbol(.less): (.less, .comparison)
    case .symbol(.lessOrEqual): (.lessOrEqual, .comparison)
    case .symbol(.greater): (.greater, .comparison)
    case .symbol(.greaterOrEqual): (.greaterOrEqual, .comparison)
    case .symbol(.plus): (.add, .sum)
    case .symbol(.minus): (.subtract, .sum)
    case .symbol(.times): (.multiply, .term)
    case .symbol(.impliedTimes): (.impliedMultiply, .term)
    case .symbol(.divide): (.divide, .term)
    case .symbol(.matrixProduct): (.matrixProduct, .term)
    default: nil
    }
  }

  /// Operands joined by operators that hold at least as tightly as `minimum`; chains to the left are a loop, so
  /// a sum of 100,000 terms needs no stack.
  mutating func binary(minimum: Precedence) throws(Diagnostic) -> Tree.ID {
    let start = peek.span.lowerBound
    var left: Tree.ID
    if minimum <= .not, next(is: "not") {
      advance()
      let operand = try descend { (parser) throws(Diagnostic) in try parser.binary(minimum: .comparison) }
      left = add(.not(operand), from: start)
    } else {
      left = try unary()
    }
    var compared = false
    while true {
      if minimum <= .range, next(is: .range) {
        advance()
        let upper = try binary(minimum: .sum)
        let step = accept(word: "step") ? try binary(minimum: .sum) : nil
        left = add(.range(left, upper, step: step), from: start)
        continue
      }
      guard let (symbol, precedence) = infix(peek), precedence >= minimum else { return left }
      if precedence == .comparison {
        if compared { throw Diagnostic.chainedComparison(peek.span) }
        compared = true
      }
      let token = advance()
      let next = Precedence(rawValue: precedence.rawValue + 1) ?? .unary
      let beginsWithNumber = peek.isNumber
      let right = next == .unary ? try unary() : try binary(minimum: next)
      if symbol == .divide, beginsWithNumber, case .binary(.multiply, let number, let factor) = tree[right] {
        throw Diagnostic.coefficientAfter(
          token, whole: start..<max(start, previousEnd), number: tree.text(number), factor: tree.text(factor),
          tree.source,
          left: tree.text(left))
      }
      left = add(.binary(symbol, left, right), from: start)
    }
  }

  private mutating func unary() throws(Diagnostic) -> Tree.ID {
    let start = peek.span.lowerBound
    switch peek.kind {
    case .symbol(.minus):
      return try descend { (parser) throws(Diagnostic) in
        parser.advance()
        let operand = try parser.unary()
        return parser.add(.negate(operand), from: start)
      }
    case .symbol(.plus):
      return try descend { (parser) throws(Diagnostic) in
        parser.advance()
        return try parser.unary()
      }
    case .symbol(.root):
      return try descend { (parser) throws(Diagnostic) in
        parser.advance()
        let operand = try parser.unary()
        return parser.add(.root(operand), from: start)
      }
    case .symbol(.sum): return try descend { (parser) throws(Diagnostic) in try parser.big(.sum) }
    case .symbol(.product): return try descend { (parser) throws(Diagnostic) in try parser.big(.product) }
    case .symbol(.partial), .symbol(.nabla), .name("grad"):
      return try descend { (parser) throws(Diagnostic) in try parser.gradient() }
    default: return try power()
    }
  }

  mutating func power() throws(Diagnostic) -> Tree.ID {
    let start = peek.span.lowerBound
    if case .number(let value) = peek.kind {
      let touching = peek(1)
      if !touching.spaced, touching.span.lowerBound == peek.span.upperBound, startsCoefficient(touching) {
        advance()
        let number = add(.number(value), from: start)
        let factor = try descend { (parser) throws(Diagnostic) in try parser.power() }
        return add(.binary(.multiply, number, factor), from: start)
      }
    }
    let base = try postfix()
    return try raised(base, from: start)
  }

  private mutating func raised(_ base: Tree.ID, from start: Int) throws(Diagnostic) -> Tree.ID {
    if accept(.power) {
      if next(is: .openBrace) {
        // e^{-x}, pasted without a command that would tell LaTeX.
        let opener = advance()
        let exponent = try expression()
        try expect(.closeBrace, after: opener)
        return add(.binary(.power, base, exponent), from: start)
      }
      let beginsWithNumber = peek.isNumber
      let exponent = try descend { (parser) throws(Diagnostic) in try parser.unary() }
      if beginsWithNumber, case .binary(.multiply, let number, let factor) = tree[exponent] {
        throw Diagnostic.coefficientAfterPower(
          tree.span(exponent), base: tree.text(base), number: tree.text(number), factor: tree.text(factor))
      }
      return add(.binary(.power, base, exponent), from: start)
    }
    if case .superscript(let value) = peek.kind {
      let token = advance()
      let exponent = tree.add(.number(value), token.span)
      return add(.binary(.power, base, exponent), from: start)
    }
    return base
  }

  private func startsCoefficient(_ token: Token) -> Bool {
    switch token.kind {
    case .name(let name): !Parser.keywords.contains(name)
    case .symbol(.openParenthesis): true
    default: false
    }
  }

  // MARK: Σ, ∇, ∂

  private mutating func big(_ kind: Big.Kind) throws(Diagnostic) -> Tree.ID {
    let start = advance().span.lowerBound
    var big = Big(kind: kind)
    if accept(.underscore) {
      if next(is: .openBrace) {
        let opener = advance()
        big.index = try expectName()
        if accept(.equals) { big.lower = try expression() }
        try expect(.closeBrace, after: opener)
      } else {
        big.index = try expectName()
      }
    }
    if accept(.power) {
      if next(is: .openBrace) {
        let opener = advance()
        big.upper = try expression()
        try expect(.closeBrace, after: opener)
      } else {
        big.upper = try primary()
      }
    }
    let body = try binary(minimum: .term)
    return add(.big(big, body), from: start)
  }

  private mutating func gradient() throws(Diagnostic) -> Tree.ID {
    let opener = advance()
    let start = opener.span.lowerBound
    if opener.kind == .symbol(.partial) {
      let function = try function()
      try expect(.divide)
      try expect(.partial)
      let name = try expectName()
      let arguments = next(is: .openParenthesis) && !peek.spaced ? try arguments() : try atArguments()
      return try raised(add(.gradient(of: function, with: name, at: arguments), from: start), from: start)
    }
    // `grad(f)(2)` calls the gradient; so does `∇f(2)`, whose bracket the evaluation takes from the call.
    if opener.kind == .name("grad"), next(is: .openParenthesis), !peek.spaced {
      let bracket = advance()
      let function = try expression()
      var with: String?
      if accept(.comma) {
        if next(is: "wrt"), peek(1).kind == .symbol(.equals) {
          advance()
          advance()
        }
        with = try expectName()
      }
      try expect(.closeParenthesis, after: bracket)
      if accept(word: "wrt") { with = try expectName() }
      let arguments = try atArguments()
      let node = add(.gradient(of: function, with: with, at: arguments), from: start)
      return try raised(try trailers(of: node, from: start), from: start)
    }
    let function = try function()
    let with = accept(word: "wrt") ? try expectName() : nil
    let arguments = try atArguments()
    return add(.gradient(of: function, with: with, at: arguments), from: start)
  }

  mutating func atArguments() throws(Diagnostic) -> [Argument]? {
    guard accept(word: "at") else { return nil }
    if next(is: .openParenthesis) { return try arguments() }
    return [Argument(name: nil, value: try binary(minimum: .sum))]
  }
}
