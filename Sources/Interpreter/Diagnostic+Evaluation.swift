import Graphs
import Markup
import Syntax
import Tensors

// What the interpreter has to say.

extension Diagnostic {
  package static func shapeText(_ shape: Shape) -> Phrase {
    switch shape.count {
    case 0: Phrase(en: "a number", zh: "数")
    case 1 where shape[0] < 0: Phrase(en: "length n", zh: "长度 n")
    case 1: Phrase(en: "length \(shape[0])", zh: "长度 \(shape[0])")
    default:
      Phrase(
        en: shape.map(String.init).joined(separator: "×"), zh: shape.map(String.init).joined(separator: "×"))
    }
  }

  init(_ error: ShapeError, _ spans: [Range<Int>], at span: Range<Int>) {
    let labels = zip(spans, error.shapes).map { Label($0, Diagnostic.shapeText($1)) }
    let texts = error.shapes.map { Shapes.describe($0) }
    let pair = texts.joined(separator: " / ")
    switch error.cause {
    case .mismatch:
      if error.shapes.count == 2, error.shapes[0].count == 1, error.shapes[1].count == 1 {
        let (a, b) = (error.shapes[0][0], error.shapes[1][0])
        self.init(
          "E203", Phrase(en: "shapes differ: \(a) elements, \(b) elements", zh: "形状不一致：\(a) 个元素，\(b) 个元素"),
          at: labels,
          help: Phrase(en: "both sides need the same length. Did a value go missing?", zh: "两边长度要相同。是不是漏了一个值？"))
      } else {
        self.init(
          "E203", Phrase(en: "shapes differ: \(pair)", zh: "形状不一致：\(pair)"), at: labels,
          help: Phrase(en: "axes must be equal or 1, counted from the last", zh: "从最后一轴数起，各轴长度须相等或为 1"))
      }
    case .bothStretch:
      self.init(
        "E204",
        Phrase(
          en: "\(texts[0]) with \(texts[1]) would stretch both into a table",
          zh: "\(texts[0]) 与 \(texts[1]) 会互相拉伸成一张表"), at: labels,
        help: Phrase(
          en: "for a vector use flatten(a); for every pair use outer(a, b)", zh: "要向量就写 flatten(a)；要所有配对就写 outer(a, b)")
      )
    case .tooLarge:
      self = Diagnostic.tooManyElements(at: span)
    case .rank:
      self.init(
        "E203", Phrase(en: "this takes vectors and matrices, not \(pair)", zh: "这里只用于向量和矩阵，不是 \(pair)"), at: labels,
        help: Phrase(
          en: "flatten(x) makes a vector, reshape(x, rows, columns) a matrix",
          zh: "flatten(x) 变成向量，reshape(x, 行, 列) 变成矩阵"))
    case .axis:
      self.init(
        "E207", Phrase(en: "there is no such axis in \(texts[0])", zh: "\(texts[0]) 没有这个轴"), at: labels,
        help: error.shapes[0].isEmpty ? Diagnostic.severalNumbers : Diagnostic.axes)
    case .join:
      self.init(
        "E203", Phrase(en: "these do not join: \(pair)", zh: "这些形状接不起来：\(pair)"), at: labels,
        help: Phrase(
          en: "all lengths but that of the joined axis must agree; axis= chooses it",
          zh: "除了相接的轴，其余各轴长度都要相同；用 axis= 指定哪个轴"))
    case .square:
      self.init(
        "E203", Phrase(en: "this takes a square matrix, not \(pair)", zh: "这里需要方阵，不是 \(pair)"), at: labels)
    case .inner:
      self.init(
        "E203",
        Phrase(
          en: "`@` needs the inner lengths to agree: \(texts[0]) @ \(texts.count > 1 ? texts[1] : "")",
          zh: "`@` 要求中间的长度相同：\(texts[0]) @ \(texts.count > 1 ? texts[1] : "")"), at: labels,
        help: Diagnostic.fittingTranspose(error.shapes))
    }
  }

  package init(_ error: Budget.Exhausted, at span: Range<Int>) {
    switch error {
    case .interrupted:
      self.init(
        "E290", Phrase(en: "stopped by Ctrl-C", zh: "已被 Ctrl-C 停止"), at: [Label(span)],
        help: Phrase(en: "everything is as it was before the line", zh: "一切恢复到这一行之前"))
    case .time(let seconds):
      self.init(
        "E291", Phrase(en: "stopped after \(shortNumber(seconds)) s", zh: "运行满 \(shortNumber(seconds)) 秒，已停止"),
        at: [Label(span)],
        help: Phrase(
          en: ":set timeout 60 gives a line a minute, :set timeout none any time it needs",
          zh: ":set timeout 60 放宽到一分钟，:set timeout none 不限时间"))
    case .memory(let needed, let limit):
      guard let needed, limit != Shapes.elementLimit * 8 else {
        self = Diagnostic.tooManyElements(at: span)
        return
      }
      let (size, most) = (Diagnostic.bytes(needed), Diagnostic.bytes(limit))
      self.init(
        "E292",
        Phrase(en: "this needs \(size) of memory; the limit is \(most)", zh: "这需要 \(size) 内存，上限是 \(most)"),
        at: [Label(span)],
        help: Phrase(en: ":set memory 8G moves the limit", zh: ":set memory 8G 可以调整上限"))
    }
  }

  /// Which side of a matrix product would fit if it were transposed.
  private static func fittingTranspose(_ shapes: [Shape]) -> Phrase? {
    guard shapes.count == 2, let inner = shapes[0].last, shapes[1].count >= 1 else { return nil }
    let (a, b) = (shapes[0], shapes[1])
    let next = b.count == 1 ? b[0] : b[b.count - 2]
    if a.count == 2, a[0] == next { return Phrase(en: "a' @ b fits: ' transposes", zh: "a' @ b 就合适：' 是转置") }
    if b.count == 2, b[1] == inner { return Phrase(en: "a @ b' fits: ' transposes", zh: "a @ b' 就合适：' 是转置") }
    return nil
  }

  /// `1.5 GB`, in powers of 1024.
  private static func bytes(_ count: Int) -> String {
    let (unit, size) = count >= 1 << 30 ? ("GB", 1 << 30) : ("MB", 1 << 20)
    return shortNumber((Double(count) / Double(size) * 10).rounded(.up) / 10) + " " + unit
  }

  package static func tooManyElements(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E210",
      Phrase(
        en: "the result would have more than \(Shapes.elementLimit) numbers (1 GiB)",
        zh: "结果会超过 \(Shapes.elementLimit) 个数（1 GiB）"), at: [Label(span)],
      help: Phrase(en: "work with a smaller size", zh: "请用小一点的规模"))
  }

  static func textTooLong(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E210", Phrase(en: "the text would be longer than a million characters", zh: "文本会超过一百万个字符"),
      at: [Label(span)], help: Phrase(en: "work with a shorter text", zh: "请用短一点的文本"))
  }

  static func graphTooLarge(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E210", Phrase(en: "the computation has more than \(Graph.nodeLimit) steps", zh: "计算超过 \(Graph.nodeLimit) 步"),
      at: [Label(span)], help: Phrase(en: "repeat { … } keeps nothing between turns", zh: "用 repeat { … }，每一轮不留中间结果"))
  }

  static func recursion(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E211", Phrase(en: "calls inside calls without end", zh: "调用层层嵌套，没有尽头"),
      at: [Label(span)],
      help: Phrase(en: "a function that calls itself needs a case that does not", zh: "调用自己的函数需要一个不再调用自己的出口"))
  }

  /// Unequal lengths of two arguments in words: "3 predictions, 2 targets".
  static func unequalCounts(_ arguments: [(name: String, shape: Shape)]) -> (message: Phrase, help: Phrase)? {
    let vectors = arguments.filter { $0.shape.count == 1 }
    guard vectors.count == 2, vectors[0].shape != vectors[1].shape, let first = nouns[vectors[0].name],
      let second = nouns[vectors[1].name]
    else { return nil }
    let (a, b) = (vectors[0].shape[0], vectors[1].shape[0])
    return (
      Phrase(
        en: "shapes differ: \(a) \(first.en)\(a == 1 ? "" : "s"), \(b) \(second.en)\(b == 1 ? "" : "s")",
        zh: "形状不一致：\(a) 个\(first.zh)，\(b) 个\(second.zh)"),
      Phrase(
        en: "one \(second.en) per \(first.en). Did a value go missing?", zh: "每个\(first.zh)对应一个\(second.zh)。是不是漏了一个值？")
    )
  }

  private static let nouns: [String: Phrase] = [
    "prediction": Phrase(en: "prediction", zh: "预测"), "target": Phrase(en: "target", zh: "真实值"),
    "y_pred": Phrase(en: "prediction", zh: "预测"), "y_true": Phrase(en: "target", zh: "真实值"),
    "y_hat": Phrase(en: "prediction", zh: "预测"), "y": Phrase(en: "target", zh: "真实值"),
    "logits": Phrase(en: "score", zh: "得分"), "score": Phrase(en: "score", zh: "得分"),
  ]

  // MARK: Names

  static func unknownName(
    _ name: String, at span: Range<Int>, known locals: [String], _ environment: Environment
  ) -> Diagnostic {
    let candidates = locals + Array(environment.variables.keys) + environment.library.names
    let near = Suggestions.nearest(to: name, among: candidates)
    let shown = shorten(name)
    let help: Phrase
    if let twin = Lookalikes.twin(of: name, among: candidates),
      let alphabet = Lookalikes.alphabet(of: twin) ?? Lookalikes.alphabet(of: name)
    {
      help = Phrase(
        en: "a name that looks the same has \(alphabet.en) letters; type one of them anew",
        zh: "有一个看起来一样的名字用了\(alphabet.zh)字母；请把其中一个重新打一遍")
    } else if let foreign = ForeignNames.help(for: name) {
      help = foreign
    } else if let factors = Diagnostic.factors(of: name, among: Set(locals + environment.variables.keys)) {
      help = Phrase(
        en: "for the product write \(factors); names may have several letters", zh: "要相乘请写 \(factors)；名字可以有多个字母")
    } else if !near.isEmpty {
      let list = near.map { candidate in
        environment.library.canonicalName(candidate).map { "\(candidate) (\($0))" } ?? candidate
      }
      help = Phrase(
        en: "did you mean \(list.joined(separator: ", "))?", zh: "是不是 \(list.joined(separator: "、"))？")
    } else {
      help = Phrase(en: "give it a value first: \(shown) = 1", zh: "先给它一个值：\(shown) = 1")
    }
    return Diagnostic(
      "E201", Phrase(en: "`\(shown)` has no value", zh: "`\(shown)` 没有值"), at: [Label(span)], help: help)
  }

  /// `wx` as `w*x`, where w and x have values.
  private static func factors(of name: String, among known: Set<String>) -> String? {
    guard (2...3).contains(name.count), name.allSatisfy({ known.contains(String($0)) }) else { return nil }
    return name.map { String($0) }.joined(separator: "*")
  }

  package static func unknownField(_ name: String, among names: [String], at span: Range<Int>) -> Diagnostic {
    let near = Suggestions.nearest(to: name, among: names)
    if !near.isEmpty {
      return Diagnostic(
        "E206", Phrase(en: "there is no `\(shorten(name))` in it", zh: "里面没有 `\(shorten(name))`"), at: [Label(span)],
        help: Phrase(en: "did you mean \(near.joined(separator: ", "))?", zh: "是不是 \(near.joined(separator: "、"))？"))
    }
    let list = names.prefix(12).map { shorten($0, to: 24) }.joined(separator: ", ")
    return Diagnostic(
      "E206", Phrase(en: "there is no `\(shorten(name))` in it", zh: "里面没有 `\(shorten(name))`"), at: [Label(span)],
      help: Phrase(en: "it has \(list)", zh: "它有 \(list)"))
  }

  // MARK: Kinds

  package static func wrongKind(
    _ value: Value, _ wanted: Phrase, at span: Range<Int>, help: Phrase? = nil
  ) -> Diagnostic {
    // A range that is too long for a vector is not the wrong kind of thing.
    if case .range(let interval) = value, interval.count == nil { return tooManyElements(at: span) }
    return Diagnostic(
      "E205", Phrase(en: "\(wanted.en); this is \(value.described.en)", zh: "\(wanted.zh)，而这是\(value.described.zh)"),
      at: [Label(span)], help: help)
  }

  static func notCallable(_ value: Value, at span: Range<Int>) -> Diagnostic {
    wrongKind(
      value, Phrase(en: "only a function can be called", zh: "只有函数才能调用"), at: span,
      help: Phrase(en: "for a product write *", zh: "要相乘请写 *"))
  }

  static func ragged(_ expected: Int, _ found: Int, at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E203", Phrase(en: "rows differ in length: \(expected) and \(found)", zh: "各行长度不同：\(expected) 与 \(found)"),
      at: [Label(span, Phrase(en: "length \(found)", zh: "长度 \(found)"))],
      help: Phrase(en: "every row of a matrix has the same length", zh: "矩阵每一行的长度要相同"))
  }

  static func numericColumns(_ table: DataTable) -> Phrase {
    let names = table.columns.filter(\.isNumeric).map(\.name)
    if names.isEmpty { return Phrase(en: "none of its columns is of numbers", zh: "这张表没有数值列") }
    let some = names.prefix(6)
    let more = names.count > some.count
    return Phrase(
      en: "numbers are in \(some.joined(separator: ", "))\(more ? ", …" : "")",
      zh: "数值列有 \(some.joined(separator: "、"))\(more ? "……" : "")")
  }

  /// - Parameter name: what the learner calls the table.
  static func missingCells(
    _ column: DataTable.Column, _ table: DataTable, called name: String, at span: Range<Int>
  ) -> Diagnostic {
    let rows = column.missing.prefix(3).map { String($0 + 1) }.joined(separator: ", ")
    let more = column.missing.count > 3 ? ", …" : ""
    return Diagnostic(
      "E215",
      Phrase(
        en: "`\(column.name)` has no value in \(column.missing.count) of \(table.rowCount) rows (\(rows)\(more))",
        zh: "`\(column.name)` 的 \(table.rowCount) 行里有 \(column.missing.count) 行没有值（第 \(rows)\(more) 行）"),
      at: [Label(span)],
      help: Phrase(
        en:
          "\(name) = drop_missing(\(name)) leaves those rows out; drop_missing(\(name), \"\(column.name)\") looks at this column only",
        zh: "\(name) = drop_missing(\(name)) 去掉这些行；drop_missing(\(name), \"\(column.name)\") 只看这一列"))
  }

  // MARK: Gradients

  /// Something that cannot wait for the values of parameters, while a function is followed without them.
  static func unknownValue(at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E217", Phrase(en: "this needs a value that is not known here", zh: "这里需要一个尚未确定的值"), at: [Label(span)],
      help: Phrase(
        en: "parameters have no values while a function is written out; put a number in their place",
        zh: "展开函数时参数还没有值，请换成具体的数"))
  }

  static func noSuchVariable(_ name: String, _ function: Function, at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E212",
      Phrase(
        en: "\(function.signature) has no numeric parameter `\(name)`", zh: "\(function.signature) 没有数值参数 `\(name)`"),
      at: [Label(span)],
      help: Phrase(
        en: "make it one: f(\(name)) = …, then ∂f/∂\(name)", zh: "把它写成参数：f(\(name)) = …，再写 ∂f/∂\(name)"))
  }

  /// - Parameter name: nil for a function that has none.
  package static func gradientOfMany(_ name: String?, _ shape: Shape, at span: Range<Int>) -> Diagnostic {
    let count = shape.reduce(1, *)
    let found =
      shape.count == 1 && count >= 0
      ? Phrase(en: "a vector of \(count)", zh: "长度为 \(count) 的向量")
      : Phrase(en: "an array of shape \(Shapes.describe(shape))", zh: "形状为 \(Shapes.describe(shape)) 的数组")
    return noNumber(
      name, found, at: span, help: Phrase(en: "reduce it with mean(…) or sum(…)", zh: "先用 mean(…) 或 sum(…) 归约"))
  }

  static func gradientOfRecord(_ name: String?, at span: Range<Int>) -> Diagnostic {
    noNumber(
      name, Phrase(en: "a record", zh: "一个记录"), at: span,
      help: Phrase(en: "hessian(f) has all second derivatives", zh: "所有二阶导数见 hessian(f)"))
  }

  private static func noNumber(_ name: String?, _ found: Phrase, at span: Range<Int>, help: Phrase) -> Diagnostic {
    let whose =
      name.map { Phrase(en: "`\(shorten($0))`", zh: "`\(shorten($0))` ") } ?? Phrase(en: "this function", zh: "这个函数")
    return Diagnostic(
      "E212",
      Phrase(
        en: "a gradient needs one number; \(whose.en) gives \(found.en)",
        zh: "结果是一个数才有梯度，\(whose.zh)给出的是\(found.zh)"), at: [Label(span)], help: help)
  }

  // MARK: Indices

  package static func outOfRange(_ index: Double, length: Int?, at span: Range<Int>) -> Diagnostic {
    let shown = shortNumber(index)
    if index == 0 {
      return Diagnostic(
        "E208", Phrase(en: "indices count from 1; there is no element 0", zh: "下标从 1 数起，没有第 0 个"), at: [Label(span)],
        help: Phrase(en: "the first element is [1]", zh: "第一个元素是 [1]"))
    }
    if length == 0 {
      return Diagnostic(
        "E208", Phrase(en: "there is no element \(shown): it is empty", zh: "没有第 \(shown) 个元素：它是空的"),
        at: [Label(span)], help: Phrase(en: "count(x) says how many there are", zh: "count(x) 给出元素个数"))
    }
    let bound = length.map { ($0 == 1 ? "1" : "1…\($0)") } ?? "1…"
    if index < 0, let length {
      let last = Double(length) + index + 1
      return Diagnostic(
        "E208", Phrase(en: "indices count from 1; there is no element \(shown)", zh: "下标从 1 数起，没有第 \(shown) 个"),
        at: [Label(span)],
        help: last >= 1
          ? Phrase(
            en: "counted from the end that would be [\(shortNumber(last))]",
            zh: "想从末尾数的话，那是 [\(shortNumber(last))]")
          : Phrase(en: "indices run \(bound)", zh: "下标范围 \(bound)"))
    }
    if index != index.rounded() {
      return Diagnostic(
        "E208", Phrase(en: "an index is a whole number, not \(shown)", zh: "下标是整数，不能是 \(shown)"), at: [Label(span)],
        help: Phrase(en: "indices run \(bound)", zh: "下标范围 \(bound)"))
    }
    return Diagnostic(
      "E208", Phrase(en: "there is no element \(shown); indices run \(bound)", zh: "没有第 \(shown) 个元素，下标范围 \(bound)"),
      at: [Label(span)], help: length.map { Phrase(en: "the last one is [\($0)]", zh: "最后一个是 [\($0)]") })
  }

  static func tooManyIndices(_ count: Int, _ shape: Shape, at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E208",
      shape.count == 1
        ? Phrase(en: "a vector takes one index, not \(count)", zh: "向量只要一个下标，这里有 \(count) 个")
        : Phrase(
          en: "\(count) indices for the \(shape.count) axes of \(Shapes.describe(shape))",
          zh: "\(Shapes.describe(shape)) 有 \(shape.count) 个轴，却给了 \(count) 个下标"), at: [Label(span)],
      help: shape.count == 1
        ? Phrase(en: "several elements: y[[1, 2]] or y[1..2]", zh: "取多个元素：y[[1, 2]] 或 y[1..2]")
        : Phrase(en: "one index per axis; `:` takes all of one", zh: "每个轴一个下标；`:` 取整个轴"))
  }
}
