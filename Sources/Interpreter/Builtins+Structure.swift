import Graphs
import Markup
import Syntax
import Tensors

extension Builtins {
  private static func filled(_ name: String, _ number: Double, _ doc: Phrase) -> Builtin {
    Builtin(name, [Function.Parameter("sizes", isVariadic: true)], doc: doc, example: "\(name)(2, 3)") {
      (call) throws(Diagnostic) in
      let shape = try call.sizes()
      let count = try call.evaluator.exhausted(at: call.span) { () throws(Budget.Exhausted) in
        try Budget.allocatable(shape)
      }
      return Value(Tensor(shape: shape, elements: [Double](repeating: number, count: count)))
    }
  }

  static let structure: [Builtin] = [
    filled("zeros", 0, Phrase(en: "a tensor of zeros", zh: "全 0 张量")),
    filled("ones", 1, Phrase(en: "a tensor of ones", zh: "全 1 张量")),
    Builtin(
      "linspace", [Function.Parameter("from"), Function.Parameter("to"), Function.Parameter("count")],
      doc: Phrase(en: "evenly spaced numbers, both ends included", zh: "等间隔的数，含两端"), example: "linspace(0, 1, 5)"
    ) { (call) throws(Diagnostic) in
      let first = try call.evaluator.number(call.operand("from"), at: call.place("from"))
      let last = try call.evaluator.number(call.operand("to"), at: call.place("to"))
      let count = try call.evaluator.integer(
        call.operand("count"), at: call.place("count"), called: "count", from: 1, to: Shapes.elementLimit)
      let step = count > 1 ? (last - first) / Double(count - 1) : 0
      return .tensor(
        Tensor(vector: (0..<count).map { $0 == count - 1 && count > 1 ? last : first + Double($0) * step }))
    },
    Builtin(
      "flatten", [x], doc: Phrase(en: "all elements as one vector", zh: "把所有元素排成一个向量"), example: "flatten([1,2;3,4])"
    ) {
      (call) throws(Diagnostic) in
      let expression = try call.evaluator.expression(call.operand("x"), at: call.place("x"))
      return .traced(expression.reshaped(to: [expression.shape.reduce(1, *)]).id)
    },
    Builtin(
      "reshape", [x, Function.Parameter("sizes", isVariadic: true)],
      doc: Phrase(
        en: "the same elements in another shape; one size may be -1", zh: "同样的元素换一种形状；可以有一个长度写 -1"),
      example: "reshape(1..6, 2, 3)"
    ) { (call) throws(Diagnostic) in
      var shape = try call.sizes(from: -1)
      let count = try call.evaluator.expression(call.operand("x"), at: call.place("x")).shape.reduce(1, *)
      if let open = shape.firstIndex(of: -1) {
        let others = Shapes.count(shape.enumerated().map { $0 == open ? 1 : $1 }) ?? 0
        guard others > 0, count % others == 0, !shape[(open + 1)...].contains(-1) else {
          throw call.diagnostic(
            "E203",
            Phrase(en: "\(count) elements do not fill that shape", zh: "\(count) 个元素填不满这个形状"),
            help: Phrase(en: "one size may be -1: it is worked out from the others", zh: "可以有一个长度写 -1，由其余长度推出"))
        }
        shape[open] = count / others
      }
      if Shapes.isConcrete(shape), count >= 0, Shapes.count(shape) != count {
        let sizes = shape.map(String.init).joined(separator: "×")
        throw call.diagnostic(
          "E203", Phrase(en: "\(count) elements do not make \(sizes)", zh: "\(count) 个元素排不成 \(sizes)"), at: "x",
          help: Phrase(en: "one size may be -1: it is worked out from the others", zh: "可以有一个长度写 -1，由其余长度推出"))
      }
      return try call.evaluator.apply(
        .reshape, [call.operand("x")], [call.place("x")], attributes: shape, at: call.span)
    },
    Builtin(
      "dot", [Function.Parameter("a"), Function.Parameter("b")], doc: Phrase(en: "the same as a @ b", zh: "等同于 a @ b"),
      example: "dot([1,2], [3,4])"
    ) { (call) throws(Diagnostic) in
      try call.evaluator.apply(
        .matmul, [call.operand("a"), call.operand("b")], [call.place("a"), call.place("b")], at: call.span)
    },
    Builtin("shape", [x], doc: Phrase(en: "the lengths of the axes", zh: "各轴的长度"), example: "shape([1,2;3,4])") {
      (call) throws(Diagnostic) in
      let shape = try call.evaluator.expression(call.operand("x"), at: call.place("x")).shape
      // What is not known yet is no number that could be counted with.
      return .tensor(Tensor(vector: shape.map { $0 < 0 ? .nan : Double($0) }))
    },
    Builtin(
      "drop_missing",
      [Function.Parameter("table"), Function.Parameter("columns", isVariadic: true)],
      doc: Phrase(en: "a table without the rows that miss a value", zh: "去掉有缺失值的行"),
      example: "drop_missing(load(\"mpg.csv\"))"
    ) { (call) throws(Diagnostic) in
      guard case .table(let table) = try call.operand("table") else {
        throw Diagnostic.wrongKind(
          try call.operand("table"), Phrase(en: "drop_missing takes a table", zh: "drop_missing 需要数据表"),
          at: call.place("table"))
      }
      var names: [String] = []
      for value in call.rest {
        guard case .text(let name) = value else {
          throw Diagnostic.wrongKind(value, Phrase(en: "columns are named in quotes", zh: "列名要加引号"), at: call.span)
        }
        guard table[name] != nil else {
          throw Diagnostic.unknownField(name, among: table.columns.map(\.name), at: call.span)
        }
        names.append(name)
      }
      return .table(table.droppingMissing(in: names.isEmpty ? nil : names))
    },
  ]
}

extension Call {
  /// Sizes as numbers or as one vector, each a whole number from 0.
  func sizes(from lowest: Int = 0) throws(Diagnostic) -> Shape {
    var shape: Shape = []
    for (value, place) in zip(rest, restSpans) {
      let tensor = try evaluator.tensor(value, at: place)
      for size in tensor.elements {
        if size > 0x1p61 { throw Diagnostic.tooManyElements(at: place) }
        shape.append(try evaluator.integer(.number(size), at: place, called: "size", from: lowest, to: Int(1) << 61))
      }
    }
    guard shape.count <= 8 else {
      throw diagnostic(
        "E209", Phrase(en: "at most 8 axes", zh: "最多 8 个轴"),
        help: Phrase(en: "give fewer sizes", zh: "少写几个大小"))
    }
    return shape
  }
}
