import Graphs
import Markup
import Syntax
import Tensors

// map, fold and scan: a function over the elements of a vector, the rows of a matrix, the numbers of a range.
//
// The elements of something that is being differentiated or traced are nodes of the graph, so these loops are unrolled
// into it and have gradients like everything else.

extension Builtins {
  private static let f = Function.Parameter("f")

  static let sequences: [Builtin] = [
    Builtin(
      "map", [f, Function.Parameter("xs"), Function.Parameter("more", isVariadic: true)],
      doc: Phrase(
        en: "f of every element (of a matrix: of every row); map(f, xs, ys) takes them in pairs",
        zh: "对每个元素（矩阵则是每一行）求 f；map(f, xs, ys) 成对取"),
      example: "map(x -> x^2, 1..4)"
    ) { (call) throws(Diagnostic) in
      try call.putInOrder()
      let first = try call.elements(of: call.operand("xs"), at: call.place("xs"))
      let sequences = try [first] + call.moreElements(first.count)
      var results = try call.room(for: first.count)
      for index in 0..<first.count {
        var arguments: [Value] = []
        for sequence in sequences { arguments.append(try sequence.element(index)) }
        results.append(try call.apply(arguments))
      }
      return try call.collected(results)
    },
    Builtin(
      "fold", [f, Function.Parameter("xs"), Function.Parameter("start", fallback: .absent)],
      doc: Phrase(
        en: "f(f(start, x1), x2) … to the last element; without a start the first element is it",
        zh: "从 start 起，依次用 f 合并每个元素；不给 start 就从第一个元素开始"),
      example: "fold((total, x) -> total + x, 1..4, 0)"
    ) { (call) throws(Diagnostic) in
      try call.putInOrder()
      return try call.accumulate { _ in }
    },
    Builtin(
      "scan", [f, Function.Parameter("xs"), Function.Parameter("start", fallback: .absent)],
      doc: Phrase(
        en: "what fold passes through on its way: one value per element",
        zh: "fold 途经的每个值：每个元素对应一个"),
      example: "scan((total, x) -> total + x, 1..4, 0)"
    ) { (call) throws(Diagnostic) in
      try call.putInOrder()
      var states = try call.room(for: call.elements(of: call.operand("xs"), at: call.place("xs")).count)
      _ = try call.accumulate { states.append($0) }
      return try call.collected(states)
    },
  ]
}

/// What a loop goes through, made one at a time: a range of a hundred million numbers takes no memory of its own.
private struct Elements {
  let count: Int
  let element: (Int) throws(Diagnostic) -> Value
}

extension Call {
  /// `xs |> map(f)` gives the sequence first, and other languages the start before the sequence: what is a function and
  /// what can be gone through leaves no doubt.
  fileprivate mutating func putInOrder() throws(Diagnostic) {
    if case .function? = values["f"] {
    } else if case .function? = values["xs"] {
      exchange("f", "xs")
    } else {
      throw Diagnostic.wrongKind(
        try operand("f"), Phrase(en: "\(function) takes a function first", zh: "\(function) 的第一个参数是函数"),
        at: place("f"), help: Phrase(verbatim: "\(function)(f, 1..3)"))
    }
    if let xs = values["xs"], let start = values["start"], evaluator.shape(of: xs)?.isEmpty ?? true,
      let shape = evaluator.shape(of: start), !shape.isEmpty
    {
      exchange("xs", "start")
      evaluator.note(
        Phrase(
          en: "read as \(function)(f, xs, start): the sequence comes before the start",
          zh: "按 \(function)(f, xs, start) 理解：序列在前，起始值在后"))
    }
  }

  private mutating func exchange(_ one: String, _ other: String) {
    (values[one], values[other]) = (values[other], values[one])
    (spans[one], spans[other]) = (spans[other], spans[one])
  }

  /// The elements of a vector, the rows of a matrix, the rows of a table; along the first axis in general.
  fileprivate func elements(of value: Value, at span: Range<Int>) throws(Diagnostic) -> Elements {
    if case .table(let table) = value { return Elements(count: table.rowCount) { .record(table.row($0)) } }
    if case .range(let interval) = value, let count = interval.count {
      return Elements(count: count) { .number(interval.element($0)) }
    }
    var value = value
    if case .traced(let id) = value, !evaluator.dependsOnInput(id) { value = Value(try evaluator.force(id, at: span)) }
    guard let shape = evaluator.shape(of: value), !shape.isEmpty else {
      throw Diagnostic.wrongKind(
        value, Phrase(en: "\(function) goes through a vector, a range or rows", zh: "\(function) 需要向量、范围或矩阵的各行"),
        at: span, help: Phrase(verbatim: "\(function)(f, 1..3)"))
    }
    guard shape[0] >= 0 else {
      throw Diagnostic(
        "E217", Phrase(en: "how many elements there are is not known here", zh: "这里还不知道有多少个元素"), at: [.init(span)])
    }
    guard let tensor = value.numbers else {
      let (evaluator, whole) = (evaluator, value)
      return Elements(count: shape[0]) { (index) throws(Diagnostic) in
        try evaluator.apply(.take, [whole, .number(Double(index))], [span, span], attributes: [0], at: span)
      }
    }
    if tensor.rank == 1 { return Elements(count: shape[0]) { .number(tensor.elements[$0]) } }
    let row = Shape(shape.dropFirst())
    let stride = row.reduce(1, *)
    return Elements(count: shape[0]) { index in
      .tensor(Tensor(shape: row, elements: Array(tensor.elements[(index * stride)..<((index + 1) * stride)])))
    }
  }

  /// An empty list with room for what a loop gives, if there is as much memory.
  fileprivate func room(for count: Int) throws(Diagnostic) -> [Value] {
    try evaluator.exhausted(at: span) { () throws(Budget.Exhausted) in
      try evaluator.budget.admit(scratch: count * (MemoryLayout<Value>.stride / 8))
    }
    return []
  }

  /// The further sequences of `map(f, xs, ys)`, each with as many elements as the first.
  fileprivate func moreElements(_ count: Int) throws(Diagnostic) -> [Elements] {
    var sequences: [Elements] = []
    for value in rest {
      let sequence = try elements(of: value, at: span)
      guard sequence.count == count else {
        throw diagnostic(
          "E203",
          Phrase(
            en: "\(function) takes its sequences in step: \(count) elements, \(sequence.count) elements",
            zh: "\(function) 要成对取：一边 \(count) 个元素，一边 \(sequence.count) 个"))
      }
      sequences.append(sequence)
    }
    return sequences
  }

  fileprivate func apply(_ arguments: [Value]) throws(Diagnostic) -> Value {
    try poll()
    let place = place("xs")
    return try evaluator.invoke(
      operand("f"), arguments.map { Given(name: nil, value: $0, span: place) }, at: span, callee: spans["f"])
  }

  fileprivate func poll() throws(Diagnostic) {
    try evaluator.exhausted(at: span) { () throws(Budget.Exhausted) in try evaluator.budget.check() }
  }

  /// Runs the fold, reports the state after every element and returns the last one.
  fileprivate func accumulate(_ report: (Value) -> Void) throws(Diagnostic) -> Value {
    let elements = try elements(of: operand("xs"), at: place("xs"))
    var next = 0
    var state: Value
    if let given = values["start"] {
      state = given
    } else if elements.count > 0 {
      state = try elements.element(0)
      next = 1
      report(state)
    } else {
      throw diagnostic(
        "E209", Phrase(en: "\(function) of nothing needs a start", zh: "没有元素时，\(function) 需要一个起始值"), at: "xs",
        help: Phrase(verbatim: "\(function)(f, xs, 0)"))
    }
    while next < elements.count {
      state = try apply([state, elements.element(next)])
      report(state)
      next += 1
    }
    return state
  }

  /// Results of one kind as one value: numbers as a vector, vectors as the rows of a matrix, records field by field.
  fileprivate func collected(_ results: [Value]) throws(Diagnostic) -> Value {
    guard case .record(let first)? = results.first else {
      return try evaluator.stack(results, results.map { _ in span }, at: span)
    }
    var fields: [(name: String, value: Value)] = []
    for (name, _) in first.fields {
      var column: [Value] = []
      for case .record(let record) in results {
        if let value = record[name] { column.append(value) }
      }
      guard column.count == results.count else {
        throw diagnostic(
          "E203", Phrase(en: "the records differ: not all have `\(name)`", zh: "各记录的字段不同：有的没有 `\(name)`"))
      }
      fields.append((name, try collected(column)))
    }
    return .record(Record(fields))
  }
}
