import Graphs
import Markup
import Syntax
import Tensors

// Putting tensors together and laying them out anew.

extension Builtins {
  private static let parts = Function.Parameter("parts", isVariadic: true)
  private static let offset = Function.Parameter("k", fallback: .value(.number(0)))

  private static func triangle(
    _ name: String, _ doc: Phrase, _ keeps: @escaping @Sendable (_ row: Int, _ column: Int, _ k: Int) -> Bool
  ) -> Builtin {
    Builtin(name, [x, offset], doc: doc, example: "\(name)([1,2;3,4])") { (call) throws(Diagnostic) in
      let expression = try call.matrix("x")
      let k = try call.evaluator.integer(
        call.operand("k"), at: call.place("k"), called: "k", from: -Shapes.elementLimit, to: Shapes.elementLimit)
      let (rows, columns) = (expression.shape[0], expression.shape[1])
      var mask = try call.allocated([rows, columns])
      for row in 0..<rows {
        for column in 0..<columns where keeps(row, column, k) { mask.elements[row * columns + column] = 1 }
      }
      let graph = call.evaluator.graph
      return .traced(expression.where_(graph.constant(mask), else: graph.constant(0)).id)
    }
  }

  static let arranging: [Builtin] = [
    Builtin(
      "concat", [parts, axis],
      doc: Phrase(
        en: "one after the other along an axis (the first, unless axis= says otherwise)",
        zh: "沿一个轴首尾相接；不写 axis= 时沿第 1 轴"),
      example: "concat([1,2], [3])"
    ) { (call) throws(Diagnostic) in
      var parts: [Value] = []
      for (value, place) in zip(call.rest, call.restSpans) {
        // A number joins as a vector of one element.
        let expression = try call.evaluator.expression(value, at: place)
        parts.append(expression.shape.isEmpty ? .traced(expression.reshaped(to: [1]).id) : value)
      }
      guard let first = parts.first else { throw call.nothingToJoin() }
      let axis = try call.axis(of: call.evaluator.expression(first, at: call.span).shape) ?? 0
      return try call.evaluator.apply(.concat, parts, call.restSpans, attributes: [axis], at: call.span)
    },
    Builtin(
      "stack", [parts, axis],
      doc: Phrase(
        en: "equal shapes along a new axis (the first, unless axis= says otherwise)",
        zh: "把形状相同的值沿新轴叠起来；不写 axis= 时新轴是第 1 轴"),
      example: "stack([1,2], [3,4], axis=2)"
    ) { (call) throws(Diagnostic) in
      guard let first = call.rest.first else { throw call.nothingToJoin() }
      let shape = try call.evaluator.expression(first, at: call.span).shape
      // One more axis than the parts have: the new one may also come last.
      let axis = try call.axis(of: shape + [1]) ?? 0
      var parts: [Value] = []
      for (value, place) in zip(call.rest, call.restSpans) {
        let expression = try call.evaluator.expression(value, at: place)
        guard expression.shape == shape else {
          throw Diagnostic(
            ShapeError(.mismatch, shapes: [shape, expression.shape]), [call.restSpans[0], place], at: call.span)
        }
        var lifted = shape
        lifted.insert(1, at: axis)
        parts.append(.traced(expression.reshaped(to: lifted).id))
      }
      return try call.evaluator.apply(.concat, parts, call.restSpans, attributes: [axis], at: call.span)
    },
    Builtin(
      "transpose", [x, Function.Parameter("axes", fallback: .absent)],
      doc: Phrase(
        en: "rows and columns swapped; axes=[3,1,2] puts the third axis first, and so on",
        zh: "行列互换；axes=[3,1,2] 把第 3 轴放到最前，依此类推"),
      example: "transpose([1,2;3,4])"
    ) { (call) throws(Diagnostic) in
      let expression = try call.evaluator.expression(call.operand("x"), at: call.place("x"))
      let rank = expression.shape.count
      guard call.has("axes") else {
        if rank < 2 { return try call.operand("x") }
        if rank == 2 { return .traced(expression.apply(.transpose).id) }
        // Like NumPy's `.T`: all axes in reverse.
        return .traced(expression.apply(.transpose, attributes: (0..<rank).reversed()).id)
      }
      let order = try call.evaluator.tensor(call.operand("axes"), at: call.place("axes")).elements
      guard order.sorted() == (1...max(rank, 1)).map(Double.init) else {
        throw call.diagnostic(
          "E207",
          Phrase(en: "axes must name each of 1…\(rank) once", zh: "axes 应把 1…\(rank) 各写一次"), at: "axes")
      }
      return .traced(expression.apply(.transpose, attributes: order.map { Int($0) - 1 }).id)
    },
    Builtin(
      "broadcast_to", [x, Function.Parameter("sizes", isVariadic: true)],
      doc: Phrase(en: "x repeated to fill a larger shape", zh: "重复 x，铺满更大的形状"), example: "broadcast_to([1,2], 3, 2)"
    ) { (call) throws(Diagnostic) in
      let expression = try call.evaluator.expression(call.operand("x"), at: call.place("x"))
      let shape = try call.sizes()
      guard case .shape(shape) = Shapes.broadcast(expression.shape, shape) else {
        throw Diagnostic(
          ShapeError(.mismatch, shapes: [expression.shape, shape]), [call.place("x")], at: call.span)
      }
      _ = try call.allocatable(shape)
      return .traced(expression.broadcast(to: shape).id)
    },
    Builtin(
      "outer", [Function.Parameter("a"), Function.Parameter("b"), Function.Parameter("f", fallback: .absent)],
      doc: Phrase(
        en: "every product of an element of a and one of b; or f of every pair", zh: "a 与 b 的元素两两相乘；给出 f 时对每一对求 f"),
      example: "outer([1,2], [3,4], (x, y) -> x - y)"
    ) { (call) throws(Diagnostic) in
      let a = try call.evaluator.expression(call.operand("a"), at: call.place("a"))
      let b = try call.evaluator.expression(call.operand("b"), at: call.place("b"))
      guard a.shape.count == 1, b.shape.count == 1 else {
        throw Diagnostic(
          "E203", Phrase(en: "outer takes two vectors", zh: "outer 需要两个向量"),
          at: [
            Diagnostic.Label(call.place("a"), Diagnostic.shapeText(a.shape)),
            Diagnostic.Label(call.place("b"), Diagnostic.shapeText(b.shape)),
          ], help: Phrase(en: "flatten(a) makes a vector of any tensor", zh: "flatten(a) 把任何张量变成向量"))
      }
      let (n, m) = (a.shape[0], b.shape[0])
      _ = try call.allocatable([n, m])
      guard let f = call.values["f"] else {
        return .traced((a.reshaped(to: [n, 1]).apply(.matmul, [b.reshaped(to: [1, m])])).id)
      }
      let pairs = [
        a.reshaped(to: [n, 1]).broadcast(to: [n, m]), b.reshaped(to: [1, m]).broadcast(to: [n, m]),
      ]
      let given = pairs.map { Given(name: nil, value: .traced($0.id), span: call.span) }
      return try call.evaluator.invoke(f, given, at: call.span)
    },
    Builtin(
      "diag", [x],
      doc: Phrase(en: "a diagonal matrix from a vector; the diagonal of a matrix", zh: "由向量造对角矩阵；取矩阵的对角线"),
      example: "diag([1,2])"
    ) { (call) throws(Diagnostic) in
      let expression = try call.evaluator.expression(call.operand("x"), at: call.place("x"))
      let graph = call.evaluator.graph
      if expression.shape.count == 1, let n = expression.shape.first {
        let identity = try call.identity(n, n)
        return .traced(expression.broadcast(to: [n, n]).where_(identity, else: graph.constant(0)).id)
      }
      return .traced(try call.matrix("x").diagonal.id)
    },
    Builtin(
      "trace", [x], doc: Phrase(en: "the sum of the diagonal of a matrix", zh: "矩阵的迹：对角线元素之和"),
      example: "trace([1,2;3,4])"
    ) { (call) throws(Diagnostic) in .traced(try call.matrix("x").diagonal.apply(.sum).id) },
    triangle(
      "tril", Phrase(en: "the lower triangle, 0 elsewhere; k moves the diagonal", zh: "下三角部分，其余为 0；k 移动对角线")
    ) { row, column, k in column - row <= k },
    triangle(
      "triu", Phrase(en: "the upper triangle, 0 elsewhere; k moves the diagonal", zh: "上三角部分，其余为 0；k 移动对角线")
    ) { row, column, k in column - row >= k },
    Builtin(
      "eye", [Function.Parameter("n"), Function.Parameter("m", fallback: .absent)],
      doc: Phrase(en: "1 on the diagonal, 0 elsewhere", zh: "单位矩阵：对角线为 1，其余为 0"), example: "eye(2)"
    ) { (call) throws(Diagnostic) in
      let n = try call.length("n")
      let m = call.has("m") ? try call.length("m") : n
      return .tensor(try call.identityMatrix(n, m))
    },
    Builtin(
      "full", [Function.Parameter("value"), Function.Parameter("sizes", isVariadic: true)],
      doc: Phrase(en: "a tensor of one number", zh: "所有元素都是同一个数的张量"), example: "full(7, 2, 3)"
    ) { (call) throws(Diagnostic) in
      let shape = try call.sizes()
      _ = try call.allocatable(shape)
      let value = try call.evaluator.expression(call.operand("value"), at: call.place("value"))
      guard value.shape.isEmpty else {
        throw Diagnostic.wrongKind(
          try call.operand("value"), Phrase(en: "full repeats one number", zh: "full 重复一个数"), at: call.place("value"),
          help: Phrase(en: "broadcast_to repeats a tensor", zh: "broadcast_to 可以重复张量"))
      }
      return .traced(value.broadcast(to: shape).id)
    },
    Builtin(
      "one_hot", [Function.Parameter("y"), Function.Parameter("classes", fallback: .absent)],
      doc: Phrase(
        en: "a 1 in the place of each class, counted from 1, and 0 elsewhere", zh: "独热编码：类别（从 1 数起）的位置为 1，其余为 0"),
      example: "one_hot([1,3], 3)"
    ) { (call) throws(Diagnostic) in
      let labels = try call.evaluator.expression(call.operand("y"), at: call.place("y"))
      let count: Int
      if call.has("classes") {
        count = try call.evaluator.integer(
          call.operand("classes"), at: call.place("classes"), called: "classes", from: 1, to: Shapes.elementLimit)
      } else {
        let largest = try call.evaluator.tensor(call.operand("y"), at: call.place("y")).elements.max() ?? 1
        count = try call.evaluator.integer(
          .number(largest), at: call.place("y"), called: "y", from: 1, to: Shapes.elementLimit)
      }
      let shape = labels.shape + [count]
      _ = try call.allocatable(shape)
      try call.checkClasses("y", count)
      let classes = call.evaluator.graph.constant(Tensor(vector: (1...count).map(Double.init)))
      return .traced(
        labels.reshaped(to: labels.shape + [1]).broadcast(to: shape).equals(classes.broadcast(to: shape)).id)
    },
    Builtin(
      "embedding", [Function.Parameter("table"), Function.Parameter("indices")],
      doc: Phrase(en: "the row of a table for each index, counted from 1", zh: "按下标（从 1 数起）取表中的行"),
      example: "embedding([1,2;3,4;5,6], [3,1])"
    ) { (call) throws(Diagnostic) in
      let table = try call.evaluator.expression(call.operand("table"), at: call.place("table"))
      guard table.shape.count >= 1 else {
        throw Diagnostic.wrongKind(
          try call.operand("table"), Phrase(en: "embedding needs a matrix of rows", zh: "embedding 需要一个矩阵"),
          at: call.place("table"))
      }
      let places = try call.places("indices", upTo: table.shape[0])
      return try call.evaluator.apply(
        .take, [call.operand("table"), places], [call.place("table"), call.place("indices")], attributes: [0],
        at: call.span)
    },
  ]
}

extension Expression {
  /// The diagonal of a matrix, as a vector.
  fileprivate var diagonal: Expression {
    let (rows, columns) = (shape[0], shape[1])
    let places = (0..<min(rows, columns)).map { Double($0 * (columns + 1)) }
    return reshaped(to: [rows * columns]).apply(.take, [graph.constant(Tensor(vector: places))], attributes: [0])
  }
}

extension Call {
  /// An argument that must be a matrix.
  func matrix(_ name: String) throws(Diagnostic) -> Expression {
    let expression = try evaluator.expression(operand(name), at: place(name))
    guard expression.shape.count == 2, Shapes.isConcrete(expression.shape) else {
      throw Diagnostic(
        "E203",
        Phrase(
          en: "\(function) takes a matrix, not \(Shapes.describe(expression.shape))",
          zh: "\(function) 需要矩阵，不是 \(Shapes.describe(expression.shape))"),
        at: [Diagnostic.Label(place(name), Diagnostic.shapeText(expression.shape))])
    }
    return expression
  }

  fileprivate func length(_ name: String) throws(Diagnostic) -> Int {
    try evaluator.integer(operand(name), at: place(name), called: name, from: 0, to: Shapes.elementLimit)
  }

  func allocatable(_ shape: Shape) throws(Diagnostic) -> Int {
    try evaluator.exhausted(at: span) { () throws(Budget.Exhausted) in try Budget.allocatable(shape) }
  }

  fileprivate func allocated(_ shape: Shape) throws(Diagnostic) -> Tensor {
    Tensor(shape: shape, elements: [Double](repeating: 0, count: try allocatable(shape)))
  }

  func identityMatrix(_ n: Int, _ m: Int) throws(Diagnostic) -> Tensor {
    var result = try allocated([n, m])
    for k in 0..<min(n, m) { result.elements[k * (m + 1)] = 1 }
    return result
  }

  fileprivate func identity(_ n: Int, _ m: Int) throws(Diagnostic) -> Expression {
    evaluator.graph.constant(try identityMatrix(n, m))
  }

  /// Class labels count from 1; data from elsewhere often counts from 0.
  fileprivate func checkClasses(_ name: String, _ count: Int) throws(Diagnostic) {
    let value = try operand(name)
    guard evaluator.isKnown(try evaluator.expression(value, at: place(name)).id) else { return }
    for label in try evaluator.tensor(value, at: place(name)).elements {
      guard label == label.rounded(), label >= 1, label <= Double(count) else {
        throw diagnostic(
          "E208",
          Phrase(
            en: "classes are 1…\(count); there is no class \(shortNumber(label))",
            zh: "类别是 1…\(count)，没有类别 \(shortNumber(label))"), at: name,
          help: label == 0
            ? Phrase(en: "labels that count from 0: write \(name) + 1", zh: "标签从 0 数起时，写 \(name) + 1") : nil)
      }
    }
  }

  fileprivate func nothingToJoin() -> Diagnostic {
    diagnostic("E202", Phrase(en: "\(function) needs something to join", zh: "\(function) 需要可以合并的值"))
  }
}
