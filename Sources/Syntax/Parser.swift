import Markup

// The grammar, as EBNF. `2x^2` is 2·(x^2), as in print.
//
// line       = [ ":" word { arg } | "?" text | repeat | definition | claim | expr ] [ "#" text ] ;
// claim      = gradient "=" expr ;
// repeat     = "repeat" sum "{" line { ";" line } "}" ;
// definition = ident "=" expr | ident "(" [ param { "," param } ] ")" "=" expr ;
// param      = ident [ "=" expr ] ;
// expr       = pipe [ "where" ident "=" expr { "," ident "=" expr } ] ;
// pipe       = cond { "|>" postfix } ;
// cond       = "if" cond "then" cond "else" cond | lambda ;
// lambda     = ( ident | "(" ident { "," ident } ")" ) ( "->" | "↦" ) cond | or ;
// or         = and { "or" and } ;  and = not { "and" not } ;  not = [ "not" ] comparison ;
// comparison = range [ ( "==" | "!=" | "≠" | "<" | "<=" | "≤" | ">" | ">=" | "≥" ) range ] ;
// range      = sum [ ".." sum [ "step" sum ] ] ;
// sum        = term { ( "+" | "-" ) term } ;
// term       = unary { ( "*" | "/" | "@" ) unary } ;
// unary      = ( "-" | "+" | "√" ) unary | big | gradient | power ;
// big        = ( "Σ" | "Π" ) [ "_" index ] [ "^" primary ] term ;
// index      = ident | "{" ident "=" expr "}" ;
// gradient   = ( "grad" | "∇" ) postfix [ "wrt" ident ] [ "at" args ] | "∂" postfix "/" "∂" ident [ "at" args ] ;
// args       = sum | "(" [ arg { "," arg } ] ")" ;  arg = [ ident "=" ] expr ;
// power      = postfix [ ( "^" | "**" ) unary | superscript ] ;
// postfix    = primary { "(" [ arg { "," arg } ] ")" | "[" expr { "," expr } "]" | "'" | "." ident } [ "at" args ] ;
//              (* `at` after a derivative: f' at 2, hessian(f) at [1,2] *)
// primary    = number [ power ] | ident | string | "true" | "false" | "ans" | "(" expr ")" | "|" expr "|"
//            | "(" ident "=" expr { "," ident "=" expr } ")" | "[" [ row { ";" row } ] "]" ;

/// Tokens → tree, by recursive descent for what begins an expression and binding powers for what joins two.
package struct Parser {
  let tokens: [Token]
  var position = 0
  var tree: Tree
  private var depth = 0
  private let stack = StackGuard(reserve: 96 * 1024)

  /// How many constructs may stand inside each other.
  package static let depthLimit = 200

  static let keywords: Set<String> = [
    "if", "then", "else", "and", "or", "not", "where", "repeat", "grad", "true", "false",
  ]

  package static func isKeyword(_ word: String) -> Bool { keywords.contains(word) }

  private init(_ source: Source, _ tokens: [Token]) {
    self.tokens = tokens
    tree = Tree(source)
  }

  /// The tree of one line.
  package static func parse(_ source: Source) throws(Diagnostic) -> Tree {
    if let tree = outsideLanguage(source) { return tree }
    let isLaTeX = LaTeXReader.reads(source)
    var parser = Parser(source, isLaTeX ? try LaTeXReader.tokens(of: source) : try Lexer.tokens(of: source))
    parser.tree.isLaTeX = isLaTeX
    if parser.peek.kind == .end {
      parser.tree.root = parser.tree.add(.empty, 0..<0)
    } else {
      parser.tree.root = try parser.line()
      try parser.expectEnd()
    }
    return parser.tree
  }

  /// Commands and questions, whose rest is not an expression.
  private static func outsideLanguage(_ source: Source) -> Tree? {
    let scalars = source.scalars
    guard let start = scalars.firstIndex(where: { !$0.isBlank }) else { return nil }
    let first = scalars[start].folded
    guard first == ":" || first == "?" else { return nil }
    var tree = Tree(source)
    var rest = start + 1
    var word = ""
    if first == ":" {
      while rest < scalars.count, !scalars[rest].isBlank {
        word.unicodeScalars.append(scalars[rest])
        rest += 1
      }
    }
    while rest < scalars.count, scalars[rest].isBlank { rest += 1 }
    var end = scalars.count
    while end > rest, scalars[end - 1].isBlank { end -= 1 }
    let argument = source[rest..<end]
    let span = start..<scalars.count
    tree.root = tree.add(first == ":" ? .command(word, argument) : .help(argument), span)
    return tree
  }

  // MARK: Tokens

  var peek: Token { tokens[position] }
  func peek(_ ahead: Int) -> Token { tokens[min(position + ahead, tokens.count - 1)] }
  func next(is symbol: Symbol) -> Bool { peek.kind == .symbol(symbol) }
  func next(is word: String) -> Bool { peek.kind == .name(word) }

  @discardableResult
  mutating func advance() -> Token {
    let token = tokens[position]
    if position + 1 < tokens.count { position += 1 }
    return token
  }

  mutating func accept(_ symbol: Symbol) -> Bool {
    if next(is: symbol) {
      advance()
      return true
    }
    return false
  }

  mutating func accept(word: String) -> Bool {
    if next(is: word) {
      advance()
      return true
    }
    return false
  }

  mutating func expect(_ symbol: Symbol, after opener: Token? = nil) throws(Diagnostic) {
    if accept(symbol) { return }
    if let opener, peek.kind == .end { throw Diagnostic.unclosed(opener, tree.source) }
    try refuseJuxtaposition(after: nil)
    throw Diagnostic.expected("`\(symbol.rawValue)`", before: peek, tree.source, opener: opener)
  }

  mutating func expectName() throws(Diagnostic) -> String {
    if case .name(let name) = peek.kind, !Parser.keywords.contains(name) {
      advance()
      return name
    }
    throw Diagnostic.expected(Phrase(en: "a name", zh: "一个名字"), before: peek, tree.source)
  }

  func start(_ id: Tree.ID) -> Int { tree.span(id).lowerBound }
  var previousEnd: Int { position > 0 ? tokens[position - 1].span.upperBound : 0 }

  mutating func add(_ node: Node, from start: Int) -> Tree.ID { tree.add(node, start..<max(start, previousEnd)) }

  /// Runs one level of recursion, or refuses it.
  mutating func descend(_ level: (inout Parser) throws(Diagnostic) -> Tree.ID) throws(Diagnostic) -> Tree.ID {
    guard depth < Parser.depthLimit, stack.allowsDescent else { throw Diagnostic.tooDeep(at: peek.span) }
    depth += 1
    let id = try level(&self)
    depth -= 1
    return id
  }

  private mutating func expectEnd() throws(Diagnostic) {
    if peek.kind == .end { return }
    if next(is: .equals) { throw Diagnostic.notAssignable(peek.span) }
    if case .symbol(let symbol) = peek.kind, [.closeParenthesis, .closeBracket, .closeBrace].contains(symbol) {
      throw Diagnostic.unopened(peek)
    }
    try refuseJuxtaposition(after: tree.root)
    throw Diagnostic.expected(Phrase(en: "an operator or the end", zh: "运算符或行尾"), before: peek, tree.source)
  }

  /// `w x` and `f (x)` have two readings; both are printed and neither is taken.
  func refuseJuxtaposition(after id: Tree.ID?) throws(Diagnostic) {
    guard position > 0 else { return }
    let left = tokens[position - 1]
    switch left.kind {
    case .number, .name, .text, .superscript, .symbol(.closeParenthesis), .symbol(.closeBracket), .symbol(.prime): break
    default: return
    }
    switch peek.kind {
    case .name(let name) where Parser.keywords.contains(name): return
    case .number, .name, .text, .symbol(.openParenthesis), .symbol(.openBracket), .symbol(.sum), .symbol(.root): break
    default: return
    }
    if position > 1, left.kind == .name("T"), tokens[position - 2].kind == .symbol(.power) {
      throw Diagnostic.transposeByName(left, tree.source)
    }
    throw Diagnostic.twoReadings(left, peek, tree.source)
  }

  // MARK: Lines

  private mutating func line() throws(Diagnostic) -> Tree.ID {
    try descend { (parser) throws(Diagnostic) in
      if parser.next(is: "repeat"), !(parser.peek(1).kind == .symbol(.equals)) { return try parser.repetition() }
      if let definition = try parser.definition() { return definition }
      let start = parser.peek.span.lowerBound
      let expression = try parser.expression()
      guard case .gradient = parser.tree[expression], parser.accept(.equals) else { return expression }
      return parser.add(.claim(expression, try parser.expression()), from: start)
    }
  }

  private mutating func repetition() throws(Diagnostic) -> Tree.ID {
    let start = advance().span.lowerBound
    let count = try binary(minimum: .sum)
    let opener = peek
    try expect(.openBrace)
    var lines: [Tree.ID] = []
    repeat {
      if next(is: .closeBrace) { break }
      lines.append(try line())
    } while accept(.semicolon)
    try expect(.closeBrace, after: opener)
    return add(.repeat(count, lines), from: start)
  }

  private mutating func definition() throws(Diagnostic) -> Tree.ID? {
    guard case .name(let name) = peek.kind, !Parser.keywords.contains(name) else { return nil }
    let start = peek.span.lowerBound
    if peek(1).kind == .symbol(.equals) {
      advance()
      advance()
      return add(.define(name, try expression()), from: start)
    }
    guard peek(1).kind == .symbol(.openParenthesis), !peek(1).spaced, definesFunction() else { return nil }
    advance()
    let opener = advance()
    var parameters: [Parameter] = []
    if !next(is: .closeParenthesis) {
      repeat {
        let span = peek.span
        let parameter = try expectName()
        if parameters.contains(where: { $0.name == parameter }) { throw Diagnostic.repeatedParameter(parameter, span) }
        let fallback = accept(.equals) ? try expression() : nil
        parameters.append(Parameter(name: parameter, fallback: fallback))
      } while accept(.comma)
    }
    try expect(.closeParenthesis, after: opener)
    try expect(.equals)
    return add(.defineFunction(name, parameters, try expression()), from: start)
  }

  /// Whether the bracket after the first name closes right before a `=`.
  private func definesFunction() -> Bool {
    var open = 0
    for index in (position + 1)..<tokens.count {
      switch tokens[index].kind {
      case .symbol(.openParenthesis), .symbol(.openBracket): open += 1
      case .symbol(.closeParenthesis), .symbol(.closeBracket):
        open -= 1
        if open == 0 { return index + 1 < tokens.count && tokens[index + 1].kind == .symbol(.equals) }
      default: break
      }
    }
    return false
  }
}

/// Whether a line ends inside a bracket or before the right side of a definition, so that a prompt should ask for more.
package func isUnfinished(_ line: String) -> Bool {
  let source = Source(line)
  let first = source.scalars.first { !$0.isBlank }?.folded
  if first == ":" || first == "?" { return false }
  guard let tokens = try? Lexer.tokens(of: source) else { return false }
  var closing: [Symbol] = []
  for token in tokens {
    guard case .symbol(let symbol) = token.kind else { continue }
    switch symbol {
    case .openParenthesis: closing.append(.closeParenthesis)
    case .openBracket: closing.append(.closeBracket)
    case .openBrace: closing.append(.closeBrace)
    case .closeParenthesis, .closeBracket, .closeBrace:
      if closing.popLast() != symbol { return false }
    default: break
    }
  }
  let last = tokens.dropLast().last?.kind
  return !closing.isEmpty || last == .symbol(.equals) || last == .symbol(.arrow)
}

/// Whether a line is one, or could become one by typing on: what completion may leave behind.
package func couldBecomeALine(_ text: String) -> Bool {
  do {
    _ = try Parser.parse(Source(text))
    return true
  } catch {
    return error.isUnfinished
  }
}
