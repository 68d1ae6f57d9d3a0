import Markup

// What the parser has to say.

extension Diagnostic {
  static func expected(
    _ what: Phrase, before token: Token, _ source: Source, opener: Token? = nil
  ) -> Diagnostic {
    let found = shorten(source[token.span])
    var labels = [Label(token.span)]
    if let opener { labels.append(Label(opener.span, Phrase(en: "opened here", zh: "从这里开始"))) }
    if token.kind == .end {
      return Diagnostic(
        "E107", Phrase(en: "the line stops where \(what.en) should follow", zh: "这一行没写完：后面应该是\(what.zh)"),
        at: labels
      ).unfinished()
    }
    if token.kind == .symbol(.colon), token.span.upperBound < source.scalars.count,
      source.scalars[token.span.upperBound] == "="
    {
      return Diagnostic(
        "E107", Phrase(en: "`:=` is not written here", zh: "这里不写 `:=`"), at: labels,
        help: Phrase(en: "a name gets its value by `=` alone: w = 3", zh: "给名字赋值只写 `=`：w = 3"))
    }
    return Diagnostic(
      "E107", Phrase(en: "`\(found)` stands where \(what.en) should", zh: "`\(found)` 的位置应该是\(what.zh)"), at: labels,
      help: habit(token)
        ?? Phrase(en: "put it in front of `\(found)`, or take `\(found)` out", zh: "在 `\(found)` 前补上，或去掉 `\(found)`"))
  }

  /// What a symbol in a place of no use to it was probably meant to do.
  private static func habit(_ token: Token) -> Phrase? {
    switch token.kind {
    case .symbol(.semicolon):
      Phrase(en: "one expression a line; `;` parts the rows of a matrix", zh: "一行一个表达式；`;` 用来分隔矩阵的行")
    case .symbol(.openBrace):
      Phrase(en: "a vector is [1, 2, 3]; braces belong to repeat 10 { … }", zh: "向量写 [1, 2, 3]；花括号只用于 repeat 10 { … }")
    case .symbol(.comma):
      Phrase(
        en: "a list is [a, b]; one definition a line; a thousand is 1000", zh: "列表写 [a, b]；一行一个定义；一千写 1000")
    default: nil
    }
  }

  static func expected(_ what: String, before token: Token, _ source: Source, opener: Token? = nil) -> Diagnostic {
    expected(Phrase(verbatim: what), before: token, source, opener: opener)
  }

  static func unclosed(_ opener: Token, _ source: Source) -> Diagnostic {
    let bracket = source[opener.span]
    return Diagnostic(
      "E103", Phrase(en: "`\(bracket)` is never closed", zh: "`\(bracket)` 没有配对的右括号"), at: [Label(opener.span)],
      help: Phrase(en: "close it, or delete it", zh: "补上右括号，或删掉它")
    ).unfinished()
  }

  static func unopened(_ closer: Token) -> Diagnostic {
    Diagnostic(
      "E103", Phrase(en: "this bracket was never opened", zh: "这个右括号没有对应的左括号"), at: [Label(closer.span)],
      help: Phrase(en: "delete it, or open it earlier", zh: "删掉它，或在前面补上左括号"))
  }

  static func tooDeep(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E106",
      Phrase(
        en: "nested too deeply (limit \(Parser.depthLimit)) at column \(span.lowerBound + 1)",
        zh: "嵌套太深（上限 \(Parser.depthLimit) 层），在第 \(span.lowerBound + 1) 列"), at: [Label(span)],
      help: Phrase(en: "name the inner part first: a = …", zh: "先给里面的部分起个名字：a = …"))
  }

  /// `w x`: product or call?
  static func twoReadings(_ left: Token, _ right: Token, _ source: Source) -> Diagnostic {
    let first = shorten(source[left.span])
    let second = shorten(source[right.span])
    let span = left.span.lowerBound..<right.span.upperBound
    if ["let", "var", "const", "def", "set"].contains(first) {
      return Diagnostic(
        "E108", Phrase(en: "`\(first)` is not needed here", zh: "这里不需要 `\(first)`"), at: [Label(left.span)],
        help: Phrase(en: "write \(second) = …", zh: "直接写 \(second) = …"))
    }
    if case .text = right.kind {
      return Diagnostic(
        "E108", Phrase(en: "nothing joins `\(first)` and the text", zh: "`\(first)` 和文本之间缺了运算符"), at: [Label(span)],
        help: Phrase(en: "put an operator or a comma between them", zh: "在中间加上运算符或逗号"))
    }
    if right.kind == .symbol(.sum) || right.kind == .symbol(.root) {
      return Diagnostic(
        "E108", Phrase(en: "nothing joins `\(first)` and `\(second)`", zh: "`\(first)` 和 `\(second)` 之间缺了运算符"),
        at: [Label(span)],
        help: Phrase(
          en: "a product is \(first) * \(second)…; below a fraction line it is (\(first) * \(second)…)",
          zh: "相乘写 \(first) * \(second)…；若都在分母，写 (\(first) * \(second)…)"))
    }
    if second == "mod" || second == "rem" {
      return Diagnostic(
        "E108", Phrase(en: "nothing joins `\(first)` and `\(second)`", zh: "`\(first)` 和 `\(second)` 之间缺了运算符"),
        at: [Label(span)], help: Phrase(en: "the remainder is mod(\(first), …)", zh: "余数写作 mod(\(first), …)"))
    }
    if case .number = left.kind {
      return Diagnostic(
        "E108", Phrase(en: "nothing joins `\(first)` and `\(second)`", zh: "`\(first)` 和 `\(second)` 之间缺了运算符"),
        at: [Label(span)],
        help: Phrase(
          en: "a product is \(first)*\(second); a list is [\(first), \(second)]",
          zh: "相乘写 \(first)*\(second)；列表写 [\(first), \(second)]"))
    }
    let bracket = right.kind == .symbol(.openParenthesis)
    let call = bracket ? "\(first)(…)" : "\(first)(\(second))"
    let product = bracket ? "\(first)*(…)" : "\(first)*\(second)"
    if right.kind == .symbol(.openBracket) {
      return Diagnostic(
        "E108", Phrase(en: "`\(first) [` has two readings", zh: "`\(first) [` 有两种读法"), at: [Label(span)],
        help: Phrase(
          en: "an element is \(first)[1]; a product is \(first)*[…]", zh: "取元素写 \(first)[1]；相乘写 \(first)*[…]"))
    }
    return Diagnostic(
      "E108", Phrase(en: "`\(first) \(second)` has two readings", zh: "`\(first) \(second)` 有两种读法"), at: [Label(span)],
      help: Phrase(en: "a product is \(product); a call is \(call)", zh: "相乘写 \(product)；调用写 \(call)"))
  }

  /// `X^T w`
  static func transposeByName(_ name: Token, _ source: Source) -> Diagnostic {
    Diagnostic(
      "E108", Phrase(en: "`^T` is a power, not a transpose", zh: "`^T` 是乘方，不是转置"), at: [Label(name.span)],
      help: Phrase(en: "the transpose is X'; a product of matrices is X' @ w", zh: "转置写 X'；矩阵乘法写 X' @ w"))
  }

  /// `1/2x`: (1/2)·x or 1/(2x)?
  static func coefficientAfter(
    _ slash: Token, whole: Range<Int>, number: String, factor: String, _ source: Source, left: String
  ) -> Diagnostic {
    let first = shorten(left)
    let rest = shorten(factor)
    return Diagnostic(
      "E109", Phrase(en: "`\(first)/\(number)\(rest)` has two readings", zh: "`\(first)/\(number)\(rest)` 有两种读法"),
      at: [Label(whole)],
      help: Phrase(
        en: "write \(first)/\(number)*\(rest) or \(first)/(\(number)*\(rest))",
        zh: "请写 \(first)/\(number)*\(rest) 或 \(first)/(\(number)*\(rest))"))
  }

  static func coefficientAfterPower(_ span: Range<Int>, base: String, number: String, factor: String) -> Diagnostic {
    let (first, rest) = (shorten(base), shorten(factor))
    return Diagnostic(
      "E109", Phrase(en: "`\(first)^\(number)\(rest)` has two readings", zh: "`\(first)^\(number)\(rest)` 有两种读法"),
      at: [Label(span)],
      help: Phrase(
        en: "write \(first)^\(number)*\(rest) or \(first)^(\(number)*\(rest))",
        zh: "请写 \(first)^\(number)*\(rest) 或 \(first)^(\(number)*\(rest))"))
  }

  static func chainedComparison(_ span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E107", Phrase(en: "comparisons do not chain", zh: "比较不能连写"), at: [Label(span)],
      help: Phrase(en: "write a < b and b < c", zh: "请写 a < b and b < c"))
  }

  static func notAssignable(_ span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E110", Phrase(en: "only a name or f(x) can stand left of `=`", zh: "`=` 左边只能是名字或 f(x)"), at: [Label(span)],
      help: Phrase(
        en: "name the right side (g = …), or compare two values with ==", zh: "给右边起个名字（g = …），比较两个值用 =="))
  }

  static func repeatedParameter(_ name: String, _ span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E111", Phrase(en: "`\(name)` is given twice", zh: "`\(name)` 出现了两次"), at: [Label(span)],
      help: Phrase(en: "keep one of them", zh: "只留一个"))
  }

  static func looseComma(_ span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E107", Phrase(en: "a comma inside plain brackets joins nothing", zh: "圆括号里的逗号没有意义"), at: [Label(span)],
      help: Phrase(en: "a vector is [a, b]; a function is (a, b) -> …", zh: "向量写 [a, b]；函数写 (a, b) -> …"))
  }

  static func namelessField(_ span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E107", Phrase(en: "every field of a record has a name", zh: "记录的每个字段都要有名字"), at: [Label(span)],
      help: Phrase(en: "a record is (w = 1, b = 2)", zh: "记录写作 (w = 1, b = 2)"))
  }

  /// `y[1:3]`
  static func colonSlice(_ span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E107", Phrase(en: "a slice is written with two dots", zh: "切片用两个点"), at: [Label(span)],
      help: Phrase(en: "y[2..4] has both ends; y[1..9 step 2] skips", zh: "y[2..4] 含两端；y[1..9 step 2] 隔着取"))
  }

  static func needsBrackets(_ token: Token, _ source: Source) -> Diagnostic {
    let text = source[token.span]
    return Diagnostic(
      "E107", Phrase(en: "`\(text)` needs brackets here", zh: "这里的 `\(text)` 要加括号"), at: [Label(token.span)],
      help: Phrase(en: "write (\(text) …)", zh: "请写 (\(text) …)"))
  }

  /// A piece of the line, short enough to repeat in a message.
  package static func shorten(_ text: String, to limit: Int = 40) -> String {
    let flat = String(text.map { $0 == "\n" ? " " : $0 })
    return flat.unicodeScalars.count <= limit
      ? flat : String(String.UnicodeScalarView(flat.unicodeScalars.prefix(limit))) + "…"
  }
}
