import Markup

/// Text → tokens. Full-width punctuation and digits read as their ASCII twins; a comment ends the line.
package struct Lexer {
  private let source: Source
  private var position = 0
  private var tokens: [Token] = []
  private let readsLaTeX: Bool

  private init(_ source: Source, readsLaTeX: Bool) {
    self.source = source
    self.readsLaTeX = readsLaTeX
  }

  /// - Throws: `Diagnostic` for a character or text the language has no use for.
  package static func tokens(of source: Source, readsLaTeX: Bool = false) throws(Diagnostic) -> [Token] {
    guard source.scalars.count <= Source.limit else { throw Diagnostic.lineTooLong(source.scalars.count) }
    var lexer = Lexer(source, readsLaTeX: readsLaTeX)
    lexer.tokens.reserveCapacity(source.scalars.count / 2 + 1)
    while try lexer.next() {}
    return lexer.tokens
  }

  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    let index = position + ahead
    return index < source.scalars.count ? source.scalars[index].folded : nil
  }

  private mutating func append(_ kind: Token.Kind, from start: Int, spaced: Bool) {
    tokens.append(Token(kind: kind, span: start..<position, spaced: spaced))
  }

  private mutating func next() throws(Diagnostic) -> Bool {
    var spaced = false
    while let scalar = peek(), scalar.isBlank || scalar == "#" {
      // A comment ends its row; a line may have several while a bracket is open.
      if scalar == "#" { while let next = peek(1), next != "\n" { position += 1 } }
      position += 1
      spaced = true
    }
    let start = position
    guard let scalar = peek() else {
      append(.end, from: start, spaced: spaced)
      return false
    }
    if scalar.isDigit || scalar == "." && (peek(1)?.isDigit ?? false) {
      try number(from: start, spaced: spaced)
    } else if scalar == "\"" || scalar == "“" {
      try text(from: start, spaced: spaced)
    } else if scalar.superscriptDigit != nil || scalar == "⁻" {
      superscript(from: start, spaced: spaced)
    } else if readsLaTeX, scalar == "\\" || scalar == "$" || scalar == "&" || scalar == "~" {
      command(scalar, from: start, spaced: spaced)
    } else if scalar == "_", tokens.last?.takesBounds ?? false {
      position += 1
      append(.symbol(.underscore), from: start, spaced: spaced)
    } else if !spaced, let letter = Unicode.Scalar.below[scalar], tokens.last?.takesBounds ?? false {
      // Σᵢ
      append(.symbol(.underscore), from: start, spaced: false)
      position += 1
      append(.name(letter), from: start, spaced: false)
    } else if scalar.startsName {
      while let next = peek(), next.continuesName { position += 1 }
      append(.name(canonicalName(source[start..<position])), from: start, spaced: spaced)
    } else if scalar == "=", peek(1) == ">" {
      throw Diagnostic.fatArrow(at: start..<start + 2)
    } else if let (symbol, length) = symbol(scalar) {
      position += length
      append(.symbol(symbol), from: start, spaced: spaced)
    } else {
      throw Diagnostic.unexpectedCharacter(source.scalars[position], at: position)
    }
    return true
  }

  /// A backslash with a word or one sign; `$`, `&` and `~` count as commands.
  private mutating func command(_ first: Unicode.Scalar, from start: Int, spaced: Bool) {
    position += 1
    if first == "\\" {
      let name = position
      while let next = peek(), next.value < 0x80, next.properties.isAlphabetic { position += 1 }
      if position == name, position < source.scalars.count { position += 1 }
      append(.command(source[name..<position]), from: start, spaced: spaced)
    } else {
      append(.command(first == "~" ? " " : String(Character(first))), from: start, spaced: spaced)
    }
  }

  // MARK: Numbers

  private mutating func number(from start: Int, spaced: Bool) throws(Diagnostic) {
    var digits = ""
    func isSeparator(_ at: Int) -> Bool { peek(at) == "_" && (peek(at + 1)?.isDigit ?? false) }
    func takeDigits(_ lexer: inout Lexer, into digits: inout String) {
      while let next = lexer.peek() {
        if next.isDigit {
          digits.unicodeScalars.append(next)
        } else if next != "_" || !(lexer.peek(1)?.isDigit ?? false) {
          break
        }
        lexer.position += 1
      }
    }
    takeDigits(&self, into: &digits)
    if digits == "0", let base = peek(), "xXbBoO".unicodeScalars.contains(base), peek(1)?.isDigit ?? false {
      // 0x10 and 0b1 in other languages; as a product of 0 and a name nobody means them.
      while let next = peek(), next.continuesName { position += 1 }
      throw Diagnostic.notDecimal(at: start..<position)
    }
    if digits.isEmpty { digits = "0" }
    // `1.` is a number, `1..5` a range, `1.*x` an elementwise product.
    if peek() == ".", let after = Optional(peek(1)), after != ".", after != "*", after != "/", after != "^",
      !(after?.startsName ?? false)
    {
      position += 1
      digits += "."
      var fraction = ""
      takeDigits(&self, into: &fraction)
      digits += fraction.isEmpty ? "0" : fraction
    }
    if peek() == "e" || peek() == "E" {
      let sign = peek(1) == "+" || peek(1) == "-" || peek(1) == "−" ? 1 : 0
      if peek(1 + sign)?.isDigit ?? false {
        digits += sign == 1 && peek(1) != "+" ? "e-" : "e"
        position += 1 + sign
        takeDigits(&self, into: &digits)
      }
    }
    guard let value = Double(digits), value.isFinite else { throw Diagnostic.numberTooLarge(at: start..<position) }
    append(.number(value), from: start, spaced: spaced)
  }

  private mutating func superscript(from start: Int, spaced: Bool) {
    var value = 0.0
    let negative = peek() == "⁻"
    if negative { position += 1 }
    while let digit = peek()?.superscriptDigit {
      value = value * 10 + Double(digit)
      position += 1
    }
    append(.superscript(negative ? -value : value), from: start, spaced: spaced)
  }

  // MARK: Texts

  private mutating func text(from start: Int, spaced: Bool) throws(Diagnostic) {
    position += 1
    var content = String.UnicodeScalarView()
    while position < source.scalars.count {
      let scalar = source.scalars[position]
      position += 1
      switch scalar {
      case "\"", "”", "＂":
        append(.text(String(content)), from: start, spaced: spaced)
        return
      case "\\":
        guard position < source.scalars.count else { continue }
        let escaped = source.scalars[position]
        position += 1
        switch escaped {
        case "n": content.append("\n")
        case "t": content.append("\t")
        case "\"", "\\": content.append(escaped)
        default: throw Diagnostic.unknownEscape(at: position - 2..<position)
        }
      default:
        if scalar.properties.generalCategory == .control, scalar != "\t" {
          throw Diagnostic.unexpectedCharacter(scalar, at: position - 1)
        }
        content.append(scalar)
      }
    }
    throw Diagnostic.unclosedText(at: start..<start + 1)
  }

  // MARK: Symbols

  private func symbol(_ first: Unicode.Scalar) -> (Symbol, Int)? {
    let second = peek(1)
    switch (first, second) {
    case ("*", "*"): return (.power, 2)
    case (".", "*"): return (.times, 2)
    case (".", "/"): return (.divide, 2)
    case (".", "^"): return (.power, 2)
    case (".", "."): return (.range, 2)
    case ("=", "="): return (.equal, 2)
    case ("!", "="): return (.unequal, 2)
    case ("<", "="): return (.lessOrEqual, 2)
    case (">", "="): return (.greaterOrEqual, 2)
    case ("-", ">"): return (.arrow, 2)
    case ("|", ">"): return (.pipe, 2)
    default: break
    }
    switch first {
    case "+": return (.plus, 1)
    case "-", "−", "–": return (.minus, 1)
    case "*", "×", "·", "⋅", "∗": return (.times, 1)
    case "/", "÷": return (.divide, 1)
    case "@": return (.matrixProduct, 1)
    case "^": return (.power, 1)
    case "√": return (.root, 1)
    case "=": return (.equals, 1)
    case "≠": return (.unequal, 1)
    case "<": return (.less, 1)
    case "≤": return (.lessOrEqual, 1)
    case ">": return (.greater, 1)
    case "≥": return (.greaterOrEqual, 1)
    case ".": return (.dot, 1)
    case ",": return (.comma, 1)
    case ";": return (.semicolon, 1)
    case ":": return (.colon, 1)
    case "|", "∣": return (.bar, 1)
    case "→", "↦": return (.arrow, 1)
    case "'", "′", "’": return (.prime, 1)
    case "(": return (.openParenthesis, 1)
    case ")": return (.closeParenthesis, 1)
    case "[": return (.openBracket, 1)
    case "]": return (.closeBracket, 1)
    case "{": return (.openBrace, 1)
    case "}": return (.closeBrace, 1)
    case "Σ", "∑": return (.sum, 1)
    case "Π", "∏": return (.product, 1)
    case "∇": return (.nabla, 1)
    case "∂": return (.partial, 1)
    default: return nil
    }
  }
}

extension Token {
  /// Whether an underscore after it begins the bounds of a sum.
  fileprivate var takesBounds: Bool {
    switch kind {
    case .symbol(let symbol): symbol == .sum || symbol == .product
    case .command(let name): ["sum", "prod", "limits", "nolimits"].contains(name)
    default: false
    }
  }
}

// MARK: - Messages

extension Diagnostic {
  fileprivate static func unexpectedCharacter(_ scalar: Unicode.Scalar, at position: Int) -> Diagnostic {
    let code = "U+" + String(scalar.value, radix: 16, uppercase: true)
    let label = [Label(position..<position + 1)]
    if scalar == "\\" {
      return Diagnostic(
        "E101", Phrase(en: "`\\` starts nothing here", zh: "`\\` 在这里没有意义"), at: label,
        help: Phrase(en: "write Σ, α or ŷ as they are, or sum, alpha, y_hat", zh: "直接写 Σ、α、ŷ，或写 sum、alpha、y_hat"))
    }
    if scalar.value == 0xFFFD {
      return Diagnostic(
        "E102", Phrase(en: "these bytes are not UTF-8 text", zh: "这几个字节不是 UTF-8 文本"), at: label,
        help: Phrase(en: "save or paste the text as UTF-8", zh: "请以 UTF-8 保存或粘贴"))
    }
    let shown = OutputGate.visible(scalar)
    if shown != nil || scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
      return Diagnostic(
        "E102", Phrase(en: "an invisible character, \(code)", zh: "有一个看不见的字符 \(code)"), at: label,
        help: Phrase(en: "delete it; it probably came with a paste", zh: "把它删掉，多半是粘贴时带来的"))
    }
    if scalar.properties.numericType != nil {
      return Diagnostic(
        "E101",
        Phrase(en: "`\(scalar)` (\(code)) is not a digit used here", zh: "这里不用 `\(scalar)`（\(code)）这个数字"),
        at: label, help: Phrase(en: "write numbers with 0-9, fractions as 1/2", zh: "数字请写 0-9，分数写成 1/2"))
    }
    if let instead = elsewhere[scalar.folded] {
      return Diagnostic(
        "E101", Phrase(en: "`\(scalar)` has no meaning here", zh: "`\(scalar)` 在这里没有意义"), at: label, help: instead)
    }
    return Diagnostic(
      "E101", Phrase(en: "`\(scalar)` has no meaning here", zh: "`\(scalar)` 在这里没有意义"), at: label,
      help: Phrase(en: "delete it, or put text between quotes", zh: "删掉它；若是文字，请加引号"))
  }

  /// What other languages write with these, and how it is written here.
  private static let elsewhere: [Unicode.Scalar: Phrase] = [
    "%": Phrase(en: "a remainder is mod(a, b); 50 % is 50/100", zh: "求余写 mod(a, b)；50 % 写 50/100"),
    "&": Phrase(en: "both is written `and`", zh: "“且”写作 and"),
    "!": Phrase(
      en: "the opposite is `not`, unequal is !=, and 5 factorial is prod(1..5)",
      zh: "“非”写作 not，不等写作 !=，5 的阶乘写作 prod(1..5)"),
    "~": Phrase(en: "the opposite is written `not`", zh: "“非”写作 not"),
    "¬": Phrase(en: "the opposite is written `not`", zh: "“非”写作 not"),
    "?": Phrase(en: "a choice is written if c then a else b", zh: "选择写作 if c then a else b"),
    "‖": Phrase(en: "a length is norm(x)", zh: "长度（范数）写作 norm(x)"),
    "⌊": Phrase(en: "rounding down is floor(x)", zh: "向下取整写作 floor(x)"),
    "⌈": Phrase(en: "rounding up is ceil(x)", zh: "向上取整写作 ceil(x)"),
    "≈": Phrase(en: "nearly equal is abs(a - b) < 1e-9", zh: "近似相等写作 abs(a - b) < 1e-9"),
    "±": Phrase(en: "write both: [a - b, a + b]", zh: "两个都写出来：[a - b, a + b]"),
    "∫": Phrase(
      en: "a sum over a fine range stands for an integral: Σ(f(0..1 step 0.01))*0.01",
      zh: "积分可用细分求和代替：Σ(f(0..1 step 0.01))*0.01"),
  ]

  fileprivate static func numberTooLarge(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E105",
      Phrase(en: "this number is beyond Float64, whose largest is 1.8e308", zh: "这个数超出了 Float64，最大约 1.8e308"),
      at: [Label(span)], help: Phrase(en: "write `inf` for infinity", zh: "无穷大请写 `inf`"))
  }

  fileprivate static func notDecimal(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E105", Phrase(en: "numbers are decimal", zh: "数只用十进制"), at: [Label(span)],
      help: Phrase(en: "for a product with a name write 0*x", zh: "若是和名字相乘，请写 0*x"))
  }

  fileprivate static func fatArrow(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E101", Phrase(en: "`=>` has no meaning here", zh: "`=>` 在这里没有意义"), at: [Label(span)],
      help: Phrase(en: "a function is written x -> x^2; at least is >=", zh: "函数写作 x -> x^2；大于等于写作 >="))
  }

  fileprivate static func unclosedText(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E104", Phrase(en: "this quote is never closed", zh: "这个引号没有配对"), at: [Label(span)],
      help: Phrase(en: "add \" at the end of the text", zh: "在文字末尾加上 \"")
    ).unfinished()
  }

  fileprivate static func unknownEscape(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E104", Phrase(en: "unknown escape in a text", zh: "文本里有不认识的转义"), at: [Label(span)],
      help: Phrase(en: #"only \n, \t, \" and \\ are escapes"#, zh: #"只有 \n、\t、\" 和 \\ 是转义"#))
  }

  fileprivate static func lineTooLong(_ count: Int) -> Diagnostic {
    Diagnostic(
      "E106",
      Phrase(
        en: "the line has \(count) characters; the limit is \(Source.limit)",
        zh: "这一行有 \(count) 个字符，上限是 \(Source.limit)"), at: [],
      help: Phrase(en: "put data in a CSV file and load it", zh: "数据请放进 CSV 文件再 load"))
  }
}
