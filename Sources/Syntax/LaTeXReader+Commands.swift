import Markup

// Commands that take what follows them: roots and norms, ∇, Σ and Π, and functions with or without brackets.

extension LaTeXReader {
  // MARK: Roots, norms, ∇

  mutating func root() throws(Diagnostic) -> [Token] {
    let here = advance()
    var degree: [Token]?
    if peek.kind == .symbol(.openBracket) {
      let opener = advance()
      degree = try sequence { $0.kind == .symbol(.closeBracket) }
      _ = try close(.closeBracket, opener)
    }
    let inner = try braced()
    guard let degree, !degree.isEmpty else { return call("sqrt", inner, at: here.span) }
    return [symbol(.openParenthesis, at: here.span)] + bracketed(inner, at: here.span)
      + [symbol(.power, at: here.span), symbol(.openParenthesis, at: here.span), token(.number(1), at: here.span)]
      + [symbol(.divide, at: here.span)] + bracketed(degree, at: here.span)
      + [symbol(.closeParenthesis, at: here.span), symbol(.closeParenthesis, at: here.span)]
  }

  /// `\|x\|`, `\|x\|_1`, `\|x\|_2^2`, `\|x\|_\infty`
  mutating func norm() throws(Diagnostic) -> [Token] {
    let opener = advance()
    let ends: (Token) -> Bool = { $0.isCommand(among: ["|", "rVert", "Vert"]) }
    var inner: [Token] = []
    while peek.kind != .end {
      if ends(peek), inner.last?.endsOperand ?? false { break }
      let before = position
      inner += try sequence(until: ends)
      // A bar after something that is no operand closes nothing: without this there would be no end.
      if position == before { break }
    }
    guard ends(peek), !inner.isEmpty else { throw Diagnostic.unclosed(opener, source) }
    let span = opener.span.lowerBound..<advance().span.upperBound
    var scripts = Scripts()
    let outer = indices
    indices = []
    try self.scripts(into: &scripts)
    indices = outer
    switch scripts.labels.first {
    case "1": return call("sum", call("abs", inner, at: span), at: span) + power(scripts, at: span)
    case "inf": return call("max", call("abs", inner, at: span), at: span) + power(scripts, at: span)
    case nil, "2", "F":
      guard let power = scripts.power, power.count == 1, power[0].kind == .number(2) else {
        return call("norm", inner, at: span) + self.power(scripts, at: span)
      }
      let square = bracketed(inner, at: span) + [symbol(.power, at: span), token(.number(2), at: span)]
      return call("sum", square, at: span)
    default:
      throw Diagnostic(
        "E112", Phrase(en: "only the norms 1, 2, F and ∞ are known", zh: "只认识 1、2、F、∞ 范数"), at: [.init(span)])
    }
  }

  /// `\nabla L`, `\nabla_w L(w)`
  mutating func nabla() throws(Diagnostic) -> [Token] {
    let here = advance()
    var scripts = Scripts()
    try self.scripts(into: &scripts)
    guard let variable = scripts.labels.first else { return [symbol(.nabla, at: here.span)] }
    while try skipBlank() {}
    guard isFactor(peek) else {
      throw Diagnostic.latexExpected(Phrase(en: "what to derive", zh: "要求导的对象"), peek, source)
    }
    let operand = try factor(after: nil)
    return [symbol(.partial, at: here.span)] + (isCall(operand) ? operand : bracketed(operand, at: here.span))
      + [
        symbol(.divide, at: here.span), symbol(.partial, at: here.span),
        token(.name(canonicalName(variable)), at: here.span),
      ]
  }

  // MARK: Σ and Π

  /// `\sum_{i=1}^{n}`; the term that follows is read by the parser, as after Σ.
  mutating func big(_ kind: Big.Kind) throws(Diagnostic) -> [Token] {
    let here = advance()
    let sign = symbol(kind == .sum ? .sum : .product, at: here.span)
    while accept(command: "limits") || accept(command: "nolimits") {}
    var bound: [(name: String, lower: [Token])] = []
    var upper: [Token] = []
    while true {
      if accept(.underscore) {
        bound = try bounds()
      } else if peek.kind == .symbol(.power) {
        advance()
        upper = try braced()
      } else {
        break
      }
    }
    if bound.isEmpty, upper.isEmpty, let name = writtenIndex() { bound = [(name, [])] }
    indices.formUnion(bound.map(\.name))
    if bound.isEmpty { return [sign] }
    return bound.flatMap { index -> [Token] in
      var tokens = [sign, symbol(.underscore, at: here.span), symbol(.openBrace, at: here.span)]
      tokens.append(token(.name(index.name), at: here.span))
      if !index.lower.isEmpty { tokens += [symbol(.equals, at: here.span)] + index.lower }
      tokens.append(symbol(.closeBrace, at: here.span))
      if !upper.isEmpty {
        tokens += [symbol(.power, at: here.span), symbol(.openBrace, at: here.span)] + upper
        tokens.append(symbol(.closeBrace, at: here.span))
      }
      return tokens
    }
  }

  /// The index of `\sum w_i^2`, whose bounds are left out: the first single letter that stands below another.
  private func writtenIndex() -> String? {
    for ahead in 0..<40 {
      switch peek(ahead).kind {
      case .end, .symbol(.plus), .symbol(.equals), .symbol(.closeBrace): return nil
      case .name(let name):
        guard let bar = name.lastIndex(of: "_") else { continue }
        var letter = String(name[name.index(after: bar)...])
        if letter.isEmpty {
          guard peek(ahead + 1).kind == .symbol(.openBrace), peek(ahead + 3).kind == .symbol(.closeBrace),
            case .name(let inner) = peek(ahead + 2).kind
          else { continue }
          letter = inner
        }
        if letter.count == 1, letter.first?.isLetter ?? false, !indices.contains(letter) { return letter }
      default: continue
      }
    }
    return nil
  }

  /// `{i=1}`, `i`, `{i,j}`, `{i \in D}`
  private mutating func bounds() throws(Diagnostic) -> [(name: String, lower: [Token])] {
    guard peek.kind == .symbol(.openBrace) else {
      guard case .name(let name) = peek.kind else {
        throw Diagnostic.latexExpected(Phrase(en: "an index", zh: "下标"), peek, source)
      }
      advance()
      return [(name, [])]
    }
    let opener = advance()
    var bound: [(name: String, lower: [Token])] = []
    repeat {
      while try skipBlank() {}
      guard case .name(let name) = peek.kind else {
        throw Diagnostic.latexExpected(Phrase(en: "an index", zh: "下标"), peek, source)
      }
      advance()
      var lower: [Token] = []
      if accept(.equals) {
        lower = try sequence { $0.kind == .symbol(.closeBrace) || $0.kind == .symbol(.comma) }
      } else if accept(command: "in") {
        // What it runs over is known by what it indexes.
        while peek.kind != .end, peek.kind != .symbol(.closeBrace) { advance() }
      }
      bound.append((name, lower))
    } while accept(.comma)
    _ = try close(.closeBrace, opener)
    return bound
  }

  // MARK: \log, \max, \operatorname{…}

  mutating func function() throws(Diagnostic) -> [Token] {
    let here = advance()
    var name = command(here).flatMap { LaTeXNames.functions[$0] } ?? ""
    if command(here) == "operatorname" {
      if accept(.times) {}
      let word = source[try rawGroup()].filter { $0.isLetter || $0 == "_" || $0.isNumber }
      name = LaTeXNames.operatorNames[word] ?? word
    } else if command(here) == "arg" {
      while try skipBlank() {}
      name = accept(command: "min") ? "argmin" : "argmax"
      if name == "argmax" { _ = accept(command: "max") }
    }
    while accept(command: "limits") {}
    var scripts = Scripts()
    let (outerIndices, outerElided) = (indices, elided)
    indices = []
    try self.scripts(into: &scripts)
    indices = outerIndices
    defer { elided = outerElided }
    var base: String?
    if let label = scripts.labels.first {
      if name == "log" { base = label } else { elided.formUnion(scripts.labels) }
    }
    let argument = try self.argument()
    var tokens: [Token]
    switch base {
    case nil: tokens = call(name, argument, at: here.span)
    case "2", "10": tokens = call("log" + (base ?? ""), argument, at: here.span)
    case "e": tokens = call("log", argument, at: here.span)
    case let other?:
      let below = Double(other).map { Token.Kind.number($0) } ?? .name(canonicalName(other))
      tokens =
        [symbol(.openParenthesis, at: here.span)] + call("log", argument, at: here.span)
        + [symbol(.divide, at: here.span)] + call("log", [token(below, at: here.span)], at: here.span)
        + [symbol(.closeParenthesis, at: here.span)]
    }
    return tokens + power(scripts, at: here.span)
  }

  /// What a function is taken of: a bracket, or the letters and fractions that follow up to the next operator.
  private mutating func argument() throws(Diagnostic) -> [Token] {
    while try skipBlank() {}
    var tokens: [Token] = []
    switch peek.kind {
    case .symbol(.openParenthesis), .symbol(.openBracket):
      let opener = advance()
      let closing: Symbol = opener.kind == .symbol(.openBracket) ? .closeBracket : .closeParenthesis
      tokens = try descend { (reader) throws(Diagnostic) in try reader.sequence { $0.kind == .symbol(closing) } }
      _ = try close(closing, opener)
    case .command("{"): tokens = Array(try curly().dropFirst().dropLast())
    default:
      if peek.kind == .symbol(.minus) { tokens.append(advance()) }
      while peek.kind != .end {
        if try skipBlank() { continue }
        guard isFactor(peek), !standsAlone(peek) || tokens.isEmpty else { break }
        if peek.kind == .symbol(.bar), tokens.last?.endsOperand ?? false { break }
        append(try factor(after: tokens.last), to: &tokens)
      }
    }
    guard !tokens.isEmpty else {
      throw Diagnostic.latexExpected(Phrase(en: "what the function is taken of", zh: "函数的自变量"), peek, source)
    }
    return tokens
  }

  /// Operands that begin something new rather than continue the argument of `\log`.
  private func standsAlone(_ token: Token) -> Bool {
    switch token.kind {
    case .symbol: true
    case .command(let name):
      LaTeXNames.functions[name] != nil
        || ["sum", "prod", "operatorname", "{", "|", "begin", "nabla", "partial"].contains(name)
    default: false
    }
  }
}
