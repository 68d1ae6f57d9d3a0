import Markup

/// LaTeX → tokens of the language, so that a formula copied from a paper or a web page is read as mathematics.
///
/// The lexer hands over commands as tokens of their own; what is made of them here carries the spans of the text as
/// pasted, so errors point there. Side by side is a product, as in print: `\lambda w_i x_i` becomes `λ * w[i] * x[i]`.
/// A subscript is an index where a Σ binds it and part of the name where it does not. The result is only a reading; the
/// session repeats it in plain notation, so that a wrong one is seen.
struct LaTeXReader {
  let source: Source
  var input: [Token]
  var position = 0
  /// The indices of the sums around the place at hand.
  var indices: Set<String> = []
  /// The index of `\max_i x_i`, which goes over everything and is not written.
  var elided: Set<String> = []
  /// The script of a letter under an accent, `\hat{y_i}`, until the letter is made.
  var pendingScript: String?
  private var depth = 0
  private let stack = StackGuard()

  private init(_ source: Source, _ input: [Token]) {
    self.source = source
    self.input = input
  }

  /// Whether a line contains LaTeX: a backslash before a letter or bracket, dollar signs, or the exponent `^{-1}` of an
  /// inverse, outside of texts.
  static func reads(_ source: Source) -> Bool {
    var isText = false
    for (index, scalar) in source.scalars.enumerated() {
      if scalar == "\"" { isText.toggle() }
      if isText { continue }
      if scalar == "#" { return false }
      if scalar == "$", source.scalars[(index + 1)...].contains("$") { return true }
      if scalar == "{", index > 1, source.scalars[index - 1] == "_", source.scalars[index - 2].continuesName {
        return true
      }
      if scalar == "^", source.scalars[index...].starts(with: "^{-1}".unicodeScalars) { return true }
      guard scalar == "\\", index + 1 < source.scalars.count else { continue }
      let next = source.scalars[index + 1]
      if next.value < 0x80, next.properties.isAlphabetic || "|{}[](),;!".unicodeScalars.contains(next) { return true }
    }
    return false
  }

  static func tokens(of source: Source) throws(Diagnostic) -> [Token] {
    var reader = LaTeXReader(source, try Lexer.tokens(of: source, readsLaTeX: true))
    var tokens = try reader.sequence { _ in false }
    // A formula in running text ends with its full stop.
    while case .symbol(let symbol)? = tokens.last?.kind, [.dot, .comma, .semicolon].contains(symbol) {
      tokens.removeLast()
    }
    let end = source.scalars.count
    tokens.append(Token(kind: .end, span: end..<end, spaced: true))
    return tokens
  }

  // MARK: Input

  var peek: Token { input[position] }
  func peek(_ ahead: Int) -> Token { input[min(position + ahead, input.count - 1)] }

  @discardableResult
  mutating func advance() -> Token {
    let token = input[position]
    if position + 1 < input.count { position += 1 }
    return token
  }

  func command(_ token: Token) -> String? {
    if case .command(let name) = token.kind { return name }
    return nil
  }

  mutating func accept(command name: String) -> Bool {
    guard command(peek) == name else { return false }
    advance()
    return true
  }

  mutating func accept(_ symbol: Symbol) -> Bool {
    guard peek.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  /// Runs one level of recursion, or refuses it.
  mutating func descend<Result>(
    _ level: (inout LaTeXReader) throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    guard depth < Parser.depthLimit, stack.allowsDescent else { throw Diagnostic.tooDeep(at: peek.span) }
    depth += 1
    defer { depth -= 1 }
    return try level(&self)
  }

  // MARK: Output

  func token(_ kind: Token.Kind, at span: Range<Int>, spaced: Bool = true) -> Token {
    Token(kind: kind, span: span, spaced: spaced)
  }

  func symbol(_ symbol: Symbol, at span: Range<Int>) -> Token { token(.symbol(symbol), at: span) }

  /// Tokens in brackets, unless there is only one.
  func bracketed(_ tokens: [Token], at span: Range<Int>) -> [Token] {
    if tokens.count == 1 { return tokens }
    return [symbol(.openParenthesis, at: span)] + tokens + [symbol(.closeParenthesis, at: span)]
  }

  /// `name(tokens)`
  func call(_ name: String, _ tokens: [Token], at span: Range<Int>) -> [Token] {
    [token(.name(name), at: span), token(.symbol(.openParenthesis), at: span, spaced: false)] + tokens
      + [symbol(.closeParenthesis, at: span)]
  }

  /// Appends an operand; two operands in a row are a product.
  func append(_ operand: [Token], to tokens: inout [Token]) {
    guard let first = operand.first else { return }
    if let last = tokens.last, last.endsOperand {
      // `2x` stays a coefficient, with its refusal after a slash.
      let isCoefficient = last.isNumber && !first.spaced && last.span.upperBound == first.span.lowerBound
      if !isCoefficient || !first.startsName {
        tokens.append(symbol(.impliedTimes, at: first.span.lowerBound..<first.span.lowerBound))
      }
    }
    tokens += operand
  }

  // MARK: Sequences

  /// Everything up to a token that ends it, which stays.
  mutating func sequence(until ends: (Token) -> Bool) throws(Diagnostic) -> [Token] {
    let outer = indices
    defer { indices = outer }
    var tokens: [Token] = []
    while peek.kind != .end {
      if ends(peek), peek.kind != .symbol(.bar) || tokens.last?.endsOperand ?? false { break }
      if try skipBlank() { continue }
      if isFactor(peek) {
        append(try factor(after: tokens.last), to: &tokens)
      } else {
        try appendOperator(to: &tokens)
      }
    }
    return tokens
  }

  /// Spacing, sizes and marks that mean nothing to a value.
  mutating func skipBlank() throws(Diagnostic) -> Bool {
    guard let name = command(peek) else { return false }
    if LaTeXNames.blanks.contains(name) {
      advance()
      return true
    }
    if name == "tag" || name == "label" {
      advance()
      _ = try rawGroup()
      return true
    }
    if name == "begin" || name == "end", let environment = environmentName(), !LaTeXNames.grids.contains(environment) {
      advance()
      _ = try rawGroup()
      return true
    }
    return false
  }

  private mutating func appendOperator(to tokens: inout [Token]) throws(Diagnostic) {
    let here = advance()
    switch here.kind {
    case .command(let name):
      guard let known = LaTeXNames.operators[name] else { throw Diagnostic.unknownCommand(name, at: here.span) }
      tokens.append(symbol(known, at: here.span))
    case .symbol(.colon) where peek.kind == .symbol(.equals): break
    default: tokens.append(here)
    }
  }
}

extension Token {
  fileprivate var startsName: Bool {
    if case .name = kind { return true }
    return false
  }

  func isCommand(among names: Set<String>) -> Bool {
    if case .command(let name) = kind { return names.contains(name) }
    return false
  }

  /// Whether an operand is complete with this token, so that another one next to it multiplies.
  var endsOperand: Bool {
    switch kind {
    case .number, .text, .superscript: true
    case .name(let name): LaTeXNames.isOperand(name)
    case .symbol(let symbol): [.closeParenthesis, .closeBracket, .prime].contains(symbol) || symbol == .bar && !spaced
    default: false
    }
  }
}

// MARK: - Messages

extension Diagnostic {
  static func unknownCommand(_ name: String, at span: Range<Int>) -> Diagnostic {
    if ["ldots", "cdots", "dots", "vdots"].contains(name) {
      return Diagnostic(
        "E112", Phrase(en: "`\\\(name)` leaves out what is to be computed", zh: "`\\\(name)` 省略了要计算的东西"),
        at: [Label(span)], help: Phrase(en: "write it as a Σ: \\sum_{i=1}^{n}", zh: "请写成 Σ：\\sum_{i=1}^{n}"))
    }
    let near = Suggestions.nearest(to: name, among: LaTeXNames.all).map { "\\" + $0 }
    return Diagnostic(
      "E112", Phrase(en: "`\\\(shorten(name))` is no LaTeX known here", zh: "这里不认识 LaTeX 命令 `\\\(shorten(name))`"),
      at: [Label(span)],
      help: near.isEmpty
        ? Phrase(en: "write Σ, α or ŷ as they are, or sum, alpha, y_hat", zh: "直接写 Σ、α、ŷ，或写 sum、alpha、y_hat")
        : Phrase(en: "did you mean \(near.joined(separator: ", "))?", zh: "是不是 \(near.joined(separator: "、"))？"))
  }

  static func latexExpected(_ what: Phrase, _ token: Token, _ source: Source) -> Diagnostic {
    expected(what, before: token, source)
  }
}
