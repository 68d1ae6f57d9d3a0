import Markup

// What an operand of a LaTeX formula may be: letters with accents and scripts, fractions, roots, functions, brackets.

extension LaTeXReader {
  func isFactor(_ token: Token) -> Bool {
    switch token.kind {
    case .number, .text: true
    case .name(let name): LaTeXNames.isOperand(name)
    case .symbol(let symbol):
      [.openParenthesis, .openBracket, .openBrace, .bar, .root, .sum, .product].contains(symbol)
    case .command(let name):
      LaTeXNames.letters[name] != nil || LaTeXNames.functions[name] != nil || LaTeXNames.accents[name] != nil
        || LaTeXNames.faces.contains(name)
        || [
          "frac", "dfrac", "tfrac", "sqrt", "sum", "prod", "partial", "nabla", "operatorname", "arg", "{", "|", "lVert",
          "Vert", "lvert", "begin",
        ].contains(name)
    default: false
    }
  }

  /// One operand with everything that hangs on it.
  mutating func factor(after last: Token?) throws(Diagnostic) -> [Token] {
    try descend { (reader) throws(Diagnostic) in try reader.undescendedFactor() }
  }

  private mutating func undescendedFactor() throws(Diagnostic) -> [Token] {
    let here = peek
    switch here.kind {
    case .number, .text:
      advance()
      return try postfix([here])
    case .name(let name):
      advance()
      return try named(name, at: here)
    case .symbol(.openParenthesis):
      return try postfix(try group())
    case .symbol(.openBracket): return try postfix(try square())
    case .symbol(.openBrace):
      let inner = try braced()
      if inner.count == 1, case .name(let name) = inner[0].kind { return try named(name, at: here) }
      return try postfix(bracketed(inner, at: here.span))
    case .symbol(.bar): return try postfix(try bars(until: { $0.kind == .symbol(.bar) }))
    case .symbol:
      advance()
      return [here]
    case .command(let name): return try command(name)
    default:
      advance()
      return [here]
    }
  }

  private mutating func command(_ name: String) throws(Diagnostic) -> [Token] {
    let here = peek
    if let letter = LaTeXNames.letters[name] {
      advance()
      return try named(letter, at: here)
    }
    if LaTeXNames.functions[name] != nil || name == "operatorname" || name == "arg" { return try function() }
    if LaTeXNames.accents[name] != nil || LaTeXNames.faces.contains(name) {
      guard let (word, isProse) = try letters() else { return [] }
      if isProse { return word.isEmpty ? [] : [token(.name(word), at: here.span)] }
      if let number = Double(word) { return try postfix([token(.number(number), at: here.span)]) }
      return try named(word, at: here)
    }
    switch name {
    case "frac", "dfrac", "tfrac":
      advance()
      return try postfix(try fraction(at: here.span))
    case "sqrt": return try postfix(try root())
    case "sum", "prod": return try big(name == "sum" ? .sum : .product)
    case "partial":
      advance()
      return [symbol(.partial, at: here.span)]
    case "nabla": return try nabla()
    case "|", "lVert", "Vert": return try norm()
    case "lvert": return try postfix(try bars(until: { $0.kind == .command("rvert") }))
    case "{": return try postfix(try curly())
    case "begin": return try grid()
    default:
      advance()
      throw Diagnostic.unknownCommand(name, at: here.span)
    }
  }

  // MARK: Names

  /// The word under accents and typefaces: `\hat{y}`, `\mathbf w`, `\text{MSE}`. Words of prose around a formula
  /// (`\text{if }`) are no operands; nil where the argument is missing.
  private mutating func letters() throws(Diagnostic) -> (word: String, isProse: Bool)? {
    let here = advance()
    guard let name = command(here) else { return nil }
    let suffix = LaTeXNames.accents[name] ?? ""
    if name.hasPrefix("text") {
      let words = source[try rawGroup()].split(separator: " ").joined(separator: "_")
      if ["if", "otherwise", "for", "when", "else", "where", "其他", "若", "否则", "当"].contains(words.lowercased()) {
        return ("", true)
      }
      if words == "and" || words == "or" { return (words, true) }
      let word = words.filter { $0 != "\\" }
      return (LaTeXNames.operatorNames[word] ?? word, false)
    }
    if accept(.openBrace) {
      while try skipBlank() {}
      let inner = try letter()
      if case .name(let script) = peek.kind, script.hasPrefix("_") {
        advance()
        pendingScript = String(script.dropFirst())
      }
      guard accept(.closeBrace) else {
        throw Diagnostic.latexExpected(Phrase(en: "one letter and `}`", zh: "一个字母和 `}`"), peek, source)
      }
      return (inner + suffix, false)
    }
    return (try letter() + suffix, false)
  }

  /// One name or letter, as the argument of an accent. What stands below it, `\hat{y_i}`, waits in `pendingScript`.
  private mutating func letter() throws(Diagnostic) -> String {
    let here = peek
    switch here.kind {
    case .name(let name):
      advance()
      guard let bar = name.firstIndex(of: "_"), bar != name.startIndex else { return name }
      pendingScript = String(name[name.index(after: bar)...])
      return String(name[..<bar])
    case .number(let value):
      advance()
      return value == value.rounded() && value.magnitude < 1e9 ? String(Int(value)) : "x"
    case .command(let name):
      if let letter = LaTeXNames.letters[name] {
        advance()
        return letter
      }
      if LaTeXNames.accents[name] != nil || LaTeXNames.faces.contains(name) {
        return try descend { (reader) throws(Diagnostic) in try reader.letters()?.word ?? "" }
      }
    default: break
    }
    throw Diagnostic.latexExpected(Phrase(en: "a letter", zh: "一个字母"), here, source)
  }

  /// A name with its scripts: `y_i`, `y_{\text{pred}}`, `x^{(i)}`, `w^2`, `W^\top`.
  private mutating func named(_ word: String, at here: Token) throws(Diagnostic) -> [Token] {
    var base = word
    var scripts = Scripts()
    var below = pendingScript
    pendingScript = nil
    if below == nil, let bar = word.lastIndex(of: "_"), bar != word.startIndex, !word.hasSuffix("_hat") {
      base = String(word[..<bar])
      below = String(word[word.index(after: bar)...])
    }
    if let below, below.isEmpty {
      try subscripts(into: &scripts)
    } else if let below {
      addScript(below, to: &scripts, at: here.span)
    }
    try self.scripts(into: &scripts)
    let name = scripts.labels.reduce(base) { $0 + "_" + $1 }
    var tokens = [token(.name(canonicalName(name)), at: here.span, spaced: here.spaced)]
    tokens += index(scripts, at: here.span)
    if scripts.power == nil, scripts.indices.isEmpty {
      let isCalled = name == "σ" || !peekPastSizes.spaced
      if isCalled, peekPastSizes.kind == .symbol(.openParenthesis) {
        skipSizes()
        var arguments = try group()
        arguments[0].spaced = false
        tokens += arguments
        return try postfix(tokens)
      }
    }
    tokens += power(scripts, at: here.span)
    return scripts.power == nil ? try postfix(tokens) : tokens
  }

  // MARK: After an operand

  /// Indices, primes, calls and scripts behind an operand.
  func isTouching(_ symbol: Symbol) -> Bool { peek.kind == .symbol(symbol) && !peek.spaced }

  mutating func postfix(_ operand: [Token]) throws(Diagnostic) -> [Token] {
    var tokens = operand
    while true {
      if isTouching(.prime) {
        tokens.append(advance())
        if isTouching(.openParenthesis) {
          var arguments = try group()
          arguments[0].spaced = false
          tokens += arguments
        }
      } else if isTouching(.openBracket), tokens.last?.endsOperand ?? false, case .name? = tokens.last?.kind {
        var opener = advance()
        opener.spaced = false
        let inner = try sequence { $0.kind == .symbol(.closeBracket) }
        tokens += [opener] + inner + [try close(.closeBracket, opener)]
      } else if isTouching(.dot), case .name = peek(1).kind, !peek(1).spaced {
        tokens += [advance(), advance()]
      } else {
        var scripts = Scripts()
        try self.scripts(into: &scripts)
        if scripts.isEmpty { return tokens }
        let at = tokens.last?.span ?? peek.span
        if let label = scripts.labels.first {
          // A number or a bracket has no name to extend: its script is an index.
          addIndex([token(Double(label).map { .number($0) } ?? .name(canonicalName(label)), at: at)], to: &scripts)
        }
        tokens += index(scripts, at: at) + power(scripts, at: at)
        if scripts.power != nil { return tokens }
      }
    }
  }

  func index(_ scripts: Scripts, at span: Range<Int>) -> [Token] {
    guard !scripts.indices.isEmpty else { return [] }
    var tokens = [token(.symbol(.openBracket), at: span, spaced: false)]
    for (number, index) in scripts.indices.enumerated() {
      if number > 0 { tokens.append(symbol(.comma, at: span)) }
      tokens += index
    }
    return tokens + [symbol(.closeBracket, at: span)]
  }

  func power(_ scripts: Scripts, at span: Range<Int>) -> [Token] {
    var tokens: [Token] = []
    if scripts.isTransposed { tokens.append(token(.symbol(.prime), at: span, spaced: false)) }
    if let power = scripts.power { tokens += [symbol(.power, at: span)] + bracketed(power, at: span) }
    return tokens
  }

  // MARK: Brackets

  /// `\left`, `\bigl` and the like before a bracket.
  var peekPastSizes: Token {
    var ahead = 0
    while let name = command(peek(ahead)), LaTeXNames.blanks.contains(name), name.first?.isLetter ?? false,
      !name.hasSuffix("quad")
    { ahead += 1 }
    var found = peek(ahead)
    if ahead > 0 { found.spaced = peek.spaced }
    return found
  }

  mutating func skipSizes() {
    while let name = command(peek), LaTeXNames.blanks.contains(name), name.first?.isLetter ?? false { advance() }
  }

  mutating func close(_ symbol: Symbol, _ opener: Token) throws(Diagnostic) -> Token {
    guard peek.kind == .symbol(symbol) else {
      if peek.kind == .end { throw Diagnostic.unclosed(opener, source) }
      throw Diagnostic.latexExpected(Phrase(verbatim: "`\(symbol.rawValue)`"), peek, source)
    }
    return advance()
  }

  /// `( … )`
  mutating func group() throws(Diagnostic) -> [Token] {
    let opener = advance()
    let inner = try sequence { $0.kind == .symbol(.closeParenthesis) }
    return [opener] + inner + [try close(.closeParenthesis, opener)]
  }

  /// `[ … ]` groups like `( … )` in print; with commas or semicolons inside it is a list.
  private mutating func square() throws(Diagnostic) -> [Token] {
    var opener = advance()
    let inner = try sequence { $0.kind == .symbol(.closeBracket) }
    var closer = try close(.closeBracket, opener)
    var open = 0
    let isList =
      inner.isEmpty || inner.count == 1 && inner[0].isNumber
      || inner.contains { token in
        switch token.kind {
        case .symbol(.openParenthesis), .symbol(.openBracket): open += 1
        case .symbol(.closeParenthesis), .symbol(.closeBracket): open -= 1
        case .symbol(.comma), .symbol(.semicolon): return open == 0
        default: break
        }
        return false
      }
    if !isList {
      opener.kind = .symbol(.openParenthesis)
      closer.kind = .symbol(.closeParenthesis)
    }
    opener.spaced = true
    return [opener] + inner + [closer]
  }

  /// `\{ … \}` as brackets.
  mutating func curly() throws(Diagnostic) -> [Token] {
    let opener = advance()
    let inner = try sequence { $0.kind == .command("}") }
    guard accept(command: "}") else { throw Diagnostic.unclosed(opener, source) }
    return [symbol(.openParenthesis, at: opener.span)] + inner + [symbol(.closeParenthesis, at: opener.span)]
  }

  /// `{ … }`, or the one token that stands for it: `\frac12`.
  mutating func braced() throws(Diagnostic) -> [Token] {
    while try skipBlank() {}
    let opener = peek
    guard accept(.openBrace) else {
      if case .number(let value) = peek.kind, value == value.rounded(), value >= 10 { return try digit() }
      guard isFactor(peek) else {
        throw Diagnostic.latexExpected(Phrase(en: "a part in `{ }`", zh: "`{ }` 里的内容"), peek, source)
      }
      advance()
      if case .command(let name) = opener.kind, let letter = LaTeXNames.letters[name] {
        return [token(.name(letter), at: opener.span)]
      }
      return [opener]
    }
    let inner = try descend { (reader) throws(Diagnostic) in
      try reader.sequence { $0.kind == .symbol(.closeBrace) }
    }
    _ = try close(.closeBrace, opener)
    return inner
  }

  private mutating func bars(until ends: (Token) -> Bool) throws(Diagnostic) -> [Token] {
    let opener = advance()
    let inner = try sequence(until: ends)
    skipSizes()
    guard ends(peek) else { throw Diagnostic.unclosed(opener, source) }
    let closer = advance()
    return call("abs", inner, at: opener.span.lowerBound..<closer.span.upperBound)
  }

  /// The text between braces as it stands.
  mutating func rawGroup() throws(Diagnostic) -> Range<Int> {
    let opener = peek
    guard accept(.openBrace) else {
      throw Diagnostic.latexExpected(Phrase(verbatim: "`{`"), peek, source)
    }
    var open = 1
    let start = opener.span.upperBound
    while peek.kind != .end {
      let here = advance()
      if here.kind == .symbol(.openBrace) { open += 1 }
      if here.kind == .symbol(.closeBrace) { open -= 1 }
      if open == 0 { return start..<here.span.lowerBound }
    }
    throw Diagnostic.unclosed(opener, source)
  }
}
