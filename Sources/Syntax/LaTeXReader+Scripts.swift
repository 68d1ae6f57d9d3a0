import Markup

// What stands below and above a letter: an index, part of its name, or an exponent.

extension LaTeXReader {
  struct Scripts {
    /// Parts of the name: `y_{\text{pred}}`, `w^{(1)}`, `w^*`.
    var labels: [String] = []
    /// Positions: `y_i`, `x^{(i)}`, `x_{t-1}`.
    var indices: [[Token]] = []
    var power: [Token]?
    var isTransposed = false

    var isEmpty: Bool { labels.isEmpty && indices.isEmpty && power == nil && !isTransposed }
  }

  mutating func scripts(into scripts: inout Scripts) throws(Diagnostic) {
    while true {
      if case .name(let name) = peek.kind, name.hasPrefix("_"), !peek.spaced {
        let here = advance()
        if name == "_" {
          try subscripts(into: &scripts)
        } else {
          addScript(String(name.dropFirst()), to: &scripts, at: here.span)
        }
      } else if peek.kind == .symbol(.underscore) {
        advance()
        try subscripts(into: &scripts)
      } else if peek.kind == .symbol(.power), scripts.power == nil {
        try superscript(into: &scripts)
      } else {
        return
      }
    }
  }

  /// What follows a `_`: `{i,j}`, `{\text{pred}}`, `{t-1}`, `\theta`.
  mutating func subscripts(into scripts: inout Scripts) throws(Diagnostic) {
    guard peek.kind == .symbol(.openBrace) else {
      let here = peek
      if let name = command(here), LaTeXNames.faces.contains(name) {
        let part = try braced(face: here)
        addScript(part, to: &scripts, at: here.span)
        return
      }
      let tokens = try braced()
      try add(tokens, to: &scripts, at: here.span)
      return
    }
    let opener = advance()
    while true {
      let start = peek
      var word: String?
      if let name = command(start), LaTeXNames.faces.contains(name) { word = try braced(face: start) }
      let tokens = try descend { (reader) throws(Diagnostic) in
        try reader.sequence { $0.kind == .symbol(.closeBrace) || $0.kind == .symbol(.comma) }
      }
      if let word {
        addScript(word, to: &scripts, at: start.span)
      } else {
        try add(tokens, to: &scripts, at: start.span)
      }
      if accept(.comma) { continue }
      _ = try close(.closeBrace, opener)
      return
    }
  }

  /// The text of `\text{pred}` as part of a name.
  private mutating func braced(face: Token) throws(Diagnostic) -> String {
    advance()
    if peek.kind == .symbol(.openBrace) {
      let text = source[try rawGroup()]
      return text.filter { $0 != "\\" }.split(separator: " ").joined(separator: "_")
    }
    let word = try braced()
    if case .name(let name)? = word.first?.kind { return name }
    return ""
  }

  /// A script given as tokens: one word may be a label, anything else is a position.
  private mutating func add(_ tokens: [Token], to scripts: inout Scripts, at span: Range<Int>) throws(Diagnostic) {
    if tokens.isEmpty { throw Diagnostic.latexExpected(Phrase(en: "a subscript", zh: "下标"), peek, source) }
    if tokens.count == 1 {
      if case .name(let name) = tokens[0].kind, !name.contains("_") || indices.contains(name) {
        addScript(name, to: &scripts, at: span)
        return
      }
      if case .number(let value) = tokens[0].kind, value == value.rounded(), value >= 0, value < 1e9 {
        addScript(String(Int(value)), to: &scripts, at: span)
        return
      }
    }
    // `x_{ij}` in one group came as the product i·j.
    let names = tokens.compactMap { token -> String? in
      if case .name(let name) = token.kind { return name }
      return nil
    }
    let joins = tokens.filter { $0.kind == .symbol(.impliedTimes) }
    if names.count + joins.count == tokens.count, names.allSatisfy(indices.contains) {
      for name in names { addScript(name, to: &scripts, at: span) }
      return
    }
    addIndex(tokens, to: &scripts)
  }

  func addIndex(_ tokens: [Token], to scripts: inout Scripts) { scripts.indices.append(tokens) }

  /// A word below a letter: an index if a Σ binds it (`y_i`, `x_ij`), nothing if it only says what a maximum is taken
  /// over, else part of the name.
  func addScript(_ word: String, to scripts: inout Scripts, at span: Range<Int>) {
    if elided.contains(word) { return }
    let letters = word.map(String.init)
    if indices.contains(word) {
      addIndex([token(.name(word), at: span)], to: &scripts)
    } else if letters.count > 1, letters.allSatisfy(indices.contains) {
      for letter in letters { addIndex([token(.name(letter), at: span)], to: &scripts) }
    } else if !scripts.indices.isEmpty, let number = Double(word) {
      addIndex([token(.number(number), at: span)], to: &scripts)
    } else if let bar = word.firstIndex(of: "_"), indices.contains(String(word[word.index(after: bar)...])) {
      // `y_pred_i`
      scripts.labels.append(String(word[..<bar]))
      addIndex([token(.name(String(word[word.index(after: bar)...])), at: span)], to: &scripts)
    } else {
      scripts.labels.append(word)
    }
  }

  /// What follows a `^`: a power, a transpose, a star, or a sample number in brackets.
  private mutating func superscript(into scripts: inout Scripts) throws(Diagnostic) {
    let caret = advance()
    if peek.kind == .symbol(.times) {
      advance()
      scripts.labels.append("star")
      return
    }
    if let name = command(peek), ["top", "intercal", "prime", "star", "ast"].contains(name) {
      advance()
      mark(name, &scripts)
      return
    }
    if peek.kind == .symbol(.minus) || peek.kind == .symbol(.openParenthesis) {
      // Not TeX but typed: x^-1, x^(2k).
      let sign = accept(.minus) ? [symbol(.minus, at: caret.span)] : []
      scripts.power = sign + (try factor(after: nil))
      return
    }
    let isBraced = peek.kind == .symbol(.openBrace)
    if isBraced, let name = command(peek(1)), ["top", "intercal", "prime", "star", "ast"].contains(name),
      peek(2).kind == .symbol(.closeBrace)
    {
      for _ in 0..<3 { advance() }
      mark(name, &scripts)
      return
    }
    let inner = try braced()
    if inner.count == 1, inner[0].kind == .name("T") {
      scripts.isTransposed = true
    } else if isBraced, inner.count == 3,
      inner[0].kind == .symbol(.openParenthesis) || inner[0].kind == .symbol(.openBracket),
      inner[2].kind == .symbol(.closeParenthesis) || inner[2].kind == .symbol(.closeBracket)
    {
      switch inner[1].kind {
      case .name(let name): addScript(name, to: &scripts, at: inner[1].span)
      case .number(let value) where value == value.rounded() && value >= 0 && value < 1e9:
        addScript(String(Int(value)), to: &scripts, at: inner[1].span)
      default: scripts.power = inner
      }
    } else if inner.isEmpty {
      throw Diagnostic.latexExpected(Phrase(en: "an exponent", zh: "指数"), peek, source)
    } else {
      scripts.power = inner
    }
  }

  private func mark(_ name: String, _ scripts: inout Scripts) {
    switch name {
    case "top", "intercal", "prime": scripts.isTransposed = true
    default: scripts.labels.append("star")
    }
  }
}
