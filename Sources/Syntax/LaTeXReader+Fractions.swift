import Markup

// \frac and what it may mean: a quotient, or a derivative where ∂ stands above and below.

extension LaTeXReader {
  // MARK: \frac

  /// `\frac{a}{b}`, or `\frac{\partial L}{\partial w}` and `\frac{dL}{dw}` as derivatives.
  mutating func fraction(at span: Range<Int>) throws(Diagnostic) -> [Token] {
    if let derivative = try derivative(at: span) { return derivative }
    let above = try braced()
    let below = try braced()
    guard !above.isEmpty, !below.isEmpty else {
      throw Diagnostic.latexExpected(Phrase(en: "a part in `{ }`", zh: "`{ }` 里的内容"), peek, source)
    }
    return [symbol(.openParenthesis, at: span)] + bracketed(above, at: span) + [symbol(.divide, at: span)]
      + bracketed(below, at: span) + [symbol(.closeParenthesis, at: span)]
  }

  private mutating func derivative(at span: Range<Int>) throws(Diagnostic) -> [Token]? {
    let start = position
    let before = input
    guard accept(.openBrace), let order = differential(), var above = try? rest(), accept(.openBrace),
      isShortDifferential,
      differential() == 1, case .name(let variable)? = try? rest(power: order).first?.kind
    else {
      position = start
      input = before
      return nil
    }
    if above.isEmpty {
      // \frac{\partial}{\partial w} L
      while try skipBlank() {}
      guard isFactor(peek) else {
        throw Diagnostic.latexExpected(Phrase(en: "what to derive", zh: "要求导的对象"), peek, source)
      }
      above = try factor(after: nil)
    }
    let operand = above.count == 1 || isCall(above) ? above : bracketed(above, at: span)
    var tokens = operand
    for turn in 0..<order {
      if turn > 0 { tokens = [symbol(.openParenthesis, at: span)] + tokens + [symbol(.closeParenthesis, at: span)] }
      tokens =
        [symbol(.partial, at: span)] + tokens
        + [symbol(.divide, at: span), symbol(.partial, at: span), token(.name(variable), at: span)]
    }
    if order == 0 { return nil }
    tokens = [symbol(.openParenthesis, at: span)] + tokens + [symbol(.closeParenthesis, at: span)]
    if isTouching(.openParenthesis) {
      var arguments = try group()
      arguments[0].spaced = false
      tokens += arguments
    }
    return tokens
  }

  /// Whether what stands below the line can be a ∂w or a dw rather than a word that begins with a d.
  private var isShortDifferential: Bool {
    guard case .name(let name) = peek.kind, name != "d" else { return true }
    return name.unicodeScalars.count == 2 || name.dropFirst(2).hasPrefix("_")
  }

  /// Takes `\partial`, `\partial^2` or a `d` and returns its order. `dL` is one word to the lexer: its `d` is taken off.
  private mutating func differential() -> Int? {
    if accept(command: "mathrm"), accept(.openBrace), peek.kind == .name("d") {
      advance()
      return accept(.closeBrace) ? order() : nil
    }
    if accept(command: "partial") { return order() }
    guard case .name(let name) = peek.kind, name.hasPrefix("d") else { return nil }
    if name == "d" {
      advance()
      return order()
    }
    input[position].kind = .name(String(name.dropFirst()))
    return 1
  }

  private mutating func order() -> Int {
    guard peek.kind == .symbol(.power), case .number(let order) = peek(1).kind, (1...4).contains(order) else {
      return 1
    }
    advance()
    advance()
    return Int(order)
  }

  /// The rest of a braced group after its ∂; below the line the power of the variable is the order.
  private mutating func rest(power: Int? = nil) throws(Diagnostic) -> [Token] {
    let inner = try sequence { $0.kind == .symbol(.closeBrace) }
    guard accept(.closeBrace) else { throw Diagnostic.latexExpected(Phrase(verbatim: "`}`"), peek, source) }
    guard let power, power > 1 else {
      guard power == nil || inner.count == 1 else {
        throw Diagnostic.latexExpected(Phrase(en: "a variable", zh: "变量"), peek, source)
      }
      return inner
    }
    guard inner.count == 3, inner[1].kind == .symbol(.power), inner[2].kind == .number(Double(power)) else {
      throw Diagnostic.latexExpected(Phrase(en: "a variable", zh: "变量"), peek, source)
    }
    return [inner[0]]
  }

  func isCall(_ tokens: [Token]) -> Bool {
    guard tokens.count > 2, case .name = tokens[0].kind, tokens[1].kind == .symbol(.openParenthesis) else {
      return false
    }
    var open = 0
    for (index, token) in tokens.enumerated() {
      if token.kind == .symbol(.openParenthesis) { open += 1 }
      if token.kind == .symbol(.closeParenthesis) {
        open -= 1
        if open == 0 { return index == tokens.count - 1 }
      }
    }
    return false
  }

  // MARK: \frac12

  /// The first digit of a number alone; TeX takes one token where braces are missing.
  mutating func digit() throws(Diagnostic) -> [Token] {
    let here = peek
    let text = source[here.span]
    guard let first = text.first.flatMap({ Double(String($0)) }), let rest = Double(text.dropFirst()) else {
      advance()
      return [here]
    }
    let middle = here.span.lowerBound + 1
    input[position] = Token(kind: .number(rest), span: middle..<here.span.upperBound, spaced: true)
    return [token(.number(first), at: here.span.lowerBound..<middle)]
  }
}
