import Markup

// Commands with arguments: fractions and derivatives, roots, sums, functions, norms, cases and matrices.

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

  private func isCall(_ tokens: [Token]) -> Bool {
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

  // MARK: cases and matrices

  func environmentName() -> String? {
    guard peek(1).kind == .symbol(.openBrace), case .name(let name) = peek(2).kind else { return nil }
    return name
  }

  mutating func grid() throws(Diagnostic) -> [Token] {
    let opener = peek
    let kind = environmentName() ?? ""
    advance()
    _ = try rawGroup()
    var rows: [[[Token]]] = [[]]
    let ends: (Token) -> Bool = { $0.isCommand(among: ["&", "\\", "end"]) }
    while true {
      // Cells end at marks that are blanks elsewhere.
      let cell = try descend { (reader) throws(Diagnostic) in try reader.sequence(until: ends) }
      if !cell.isEmpty { rows[rows.count - 1].append(cell) }
      if accept(command: "&") { continue }
      if accept(command: "\\") {
        if !rows[rows.count - 1].isEmpty { rows.append([]) }
        continue
      }
      guard accept(command: "end") else { throw Diagnostic.unclosed(opener, source) }
      _ = try rawGroup()
      break
    }
    if rows.last?.isEmpty ?? false { rows.removeLast() }
    guard let first = rows.first, !first.isEmpty else {
      throw Diagnostic.latexExpected(Phrase(en: "a row", zh: "一行"), peek, source)
    }
    return kind == "cases" ? cases(rows, at: opener.span) : matrix(rows, at: opener.span)
  }

  private func cases(_ rows: [[[Token]]], at span: Range<Int>) -> [Token] {
    var tokens: [Token] = []
    for (number, row) in rows.enumerated() {
      if number + 1 < rows.count, row.count > 1 {
        var condition = row[1]
        if case .symbol(.comma)? = condition.last?.kind { condition.removeLast() }
        tokens += [symbol(.openParenthesis, at: span), token(.name("if"), at: span)] + condition
        tokens += [token(.name("then"), at: span)] + ended(row[0]) + [token(.name("else"), at: span)]
      } else {
        tokens += ended(row[0])
        return tokens + rows.prefix(number).map { _ in symbol(.closeParenthesis, at: span) }
      }
    }
    return tokens
  }

  /// A cell without the comma that print puts before its condition.
  private func ended(_ cell: [Token]) -> [Token] {
    if case .symbol(.comma)? = cell.last?.kind { return Array(cell.dropLast()) }
    return cell
  }

  private func matrix(_ rows: [[[Token]]], at span: Range<Int>) -> [Token] {
    var tokens = [symbol(.openBracket, at: span)]
    for (number, row) in rows.enumerated() {
      if number > 0 { tokens.append(symbol(.semicolon, at: span)) }
      for (column, cell) in row.enumerated() {
        if column > 0 { tokens.append(symbol(.comma, at: span)) }
        tokens += cell
      }
    }
    return tokens + [symbol(.closeBracket, at: span)]
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
