import Graphs
import Markup
import Syntax
import Tensors

extension Evaluator {
  /// The value of a node of the tree. Chains of operators to the left are walked in a loop, so their length needs no
  /// stack.
  func evaluate(_ id: Tree.ID, _ frame: inout Frame) throws(Diagnostic) -> Value {
    guard case .binary = frame.tree[id] else { return try operand(id, &frame) }
    var chain: [Tree.ID] = []
    var left = id
    while case .binary(_, let next, _) = frame.tree[left] {
      chain.append(left)
      left = next
    }
    var value = try nested(left, &frame)
    for (position, link) in chain.reversed().enumerated() {
      guard case .binary(let symbol, let first, let second) = frame.tree[link] else { continue }
      if position & 1023 == 1023 {
        try exhausted(at: frame.tree.span(id)) { () throws(Budget.Exhausted) in try budget.check() }
      }
      if symbol == .and || symbol == .or, case .bool(let decided) = value, decided == (symbol == .or) { continue }
      let right = try nested(second, &frame)
      value = try binary(symbol, value, right, spans: [frame.tree.span(first), frame.tree.span(second)], link, &frame)
    }
    return value
  }

  private func nested(_ id: Tree.ID, _ frame: inout Frame) throws(Diagnostic) -> Value {
    switch frame.tree[id] {
    case .number(let number): return .number(number)
    case .name(let name): return try value(of: name, at: id, &frame)
    default: break
    }
    let span = frame.tree.span(id)
    var inner = frame
    let result = try descend(at: span) { () throws(Diagnostic) in try evaluate(id, &inner) }
    return result
  }

  private func operand(_ id: Tree.ID, _ frame: inout Frame) throws(Diagnostic) -> Value {
    let tree = frame.tree
    let span = tree.span(id)
    switch tree[id] {
    case .number(let number): return .number(number)
    case .name(let name): return try value(of: name, at: id, &frame)
    case .text(let text): return .text(text)
    case .bool(let bool): return .bool(bool)
    case .answer:
      isRepeatable = false
      guard let answer else {
        throw Diagnostic(
          "E201", Phrase(en: "`ans` has no value yet", zh: "`ans` 还没有值"), at: [Diagnostic.Label(span)],
          help: Phrase(en: "it holds the value of the line before", zh: "它是上一行的结果"))
      }
      return answer
    case .negate(let inner): return try apply(.negate, [nested(inner, &frame)], [tree.span(inner)], at: span)
    case .root(let inner): return try apply(.sqrt, [nested(inner, &frame)], [tree.span(inner)], at: span)
    case .magnitude(let inner): return try apply(.abs, [nested(inner, &frame)], [tree.span(inner)], at: span)
    case .not(let inner):
      let value = try nested(inner, &frame)
      if case .bool(let bool) = value { return .bool(!bool) }
      return try apply(.not, [value], [tree.span(inner)], at: span)
    case .call(let callee, let arguments): return try call(callee, arguments, at: id, &frame)
    case .index(let base, let subscripts): return try index(base, subscripts, at: span, &frame)
    case .field(let base, let name):
      let owner: String? = if case .name(let table) = frame.tree[base] { table } else { nil }
      return try field(name, of: nested(base, &frame), called: owner ?? "t", at: span)
    case .prime(let base): return try prime(nested(base, &frame), at: span)
    case .record(let fields):
      var values: [(name: String, value: Value)] = []
      for field in fields { values.append((field.name ?? "", try nested(field.value, &frame))) }
      return .record(Record(values))
    case .list(let items): return try list(items, at: span, &frame)
    case .rows(let rows): return try matrix(rows, at: span, &frame)
    case .range(let lower, let upper, let step): return try range(lower, upper, step, at: span, &frame)
    case .conditional(let condition, let then, let otherwise):
      return try conditional(condition, then, otherwise, &frame)
    case .lambda(let parameters, let body):
      return .function(
        Function(
          name: nil, parameters: parameters.map { Function.Parameter($0) },
          body: .defined(tree, body, captured: frame.locals)))
    case .big(let big, let body): return try fold(big, body, at: span, &frame)
    case .gradient(let function, let with, let arguments):
      return try gradient(of: function, with, arguments, at: span, &frame)
    case .pipe(let argument, let function):
      let value = try nested(argument, &frame)
      if case .call(let callee, let arguments) = tree[function] {
        return try call(callee, arguments, first: (value, tree.span(argument)), at: function, &frame)
      }
      return try invoke(
        nested(function, &frame), [Given(name: nil, value: value, span: tree.span(argument))], at: span,
        callee: tree.span(function))
    case .local(let body, let definitions):
      var inner = frame
      for definition in definitions {
        guard let name = definition.name else { continue }
        inner.locals[name] = try nested(definition.value, &inner)
      }
      inner.body = body
      return try nested(body, &inner)
    case .empty: return .nothing
    case .all, .define, .defineFunction, .repeat, .claim, .command, .help:
      throw Diagnostic(
        "E107", Phrase(en: "this cannot stand inside an expression", zh: "这不能放在表达式里"), at: [.init(span)],
        help: Phrase(en: "put it on a line of its own", zh: "请单独写一行"))
    case .binary: preconditionFailure("chains are evaluated by the loop")
    }
  }

  // MARK: Operators

  private func binary(
    _ symbol: BinaryOperator, _ left: Value, _ right: Value, spans: [Range<Int>], _ id: Tree.ID, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let span = frame.tree.span(id)
    if case .text(let a) = left, case .text(let b) = right {
      switch symbol {
      case .equal: return .bool(a == b)
      case .unequal: return .bool(a != b)
      case .add:
        guard a.utf8.count + b.utf8.count <= 1_000_000 else { throw Diagnostic.textTooLong(at: span) }
        return .text(a + b)
      default: break
      }
    }
    if symbol == .power, case .call(let callee, _) = frame.tree[frame.tree.leftOperand(id)],
      case .name("sum") = frame.tree[callee]
    {
      note(
        Phrase(
          en: "sum(…)^2 squares the sum; Σ (…)^2 sums the squares", zh: "sum(…)^2 是和的平方；Σ (…)^2 才是平方和"))
    }
    if let truth = logical(symbol, left, right) { return truth }
    if symbol == .power, frame.tree.isLaTeX, case .number(-1) = right, shape(of: left)?.count == 2,
      let inverse = environment.library["inverse"]
    {
      note(Phrase(en: "the power -1 of a matrix is its inverse", zh: "矩阵的 -1 次幂是它的逆"))
      return try invoke(inverse, [Given(name: nil, value: left, span: spans[0])], at: span)
    }
    if symbol == .power, case .number(-1) = right, let shape = shape(of: left), shape.count == 2, shape[0] == shape[1] {
      note(
        Phrase(
          en: "powers go element by element; the inverse of a matrix is inverse(A)", zh: "幂按元素计算；矩阵的逆写 inverse(A)"))
    }
    if symbol == .impliedMultiply, let product = try implied(left, right, spans, id, frame) { return product }
    let result = try apply(symbol.primitive, [left, right], spans, at: span)
    if symbol.isComparison, case .number(let number) = result { return .bool(number != 0) }
    return result
  }

  /// `X w` and `w^\top x` of LaTeX are products of matrices; two vectors side by side are multiplied element by element.
  private func implied(
    _ left: Value, _ right: Value, _ spans: [Range<Int>], _ id: Tree.ID, _ frame: Frame
  ) throws(Diagnostic) -> Value? {
    guard case .binary(_, let first, let second) = frame.tree[id], let a = shape(of: left), let b = shape(of: right),
      !a.isEmpty, !b.isEmpty
    else { return nil }
    var isTransposed = false
    if case .prime = frame.tree[first] { isTransposed = true }
    if a.count == 2 || b.count == 2 || isTransposed {
      note(
        Phrase(en: "side by side, matrices are multiplied as matrices: @", zh: "矩阵并排表示矩阵乘法 @"))
      return try apply(.matmul, [left, right], spans, at: frame.tree.span(id))
    }
    if case .name(let one) = frame.tree[first], case .name(let other) = frame.tree[second] {
      note(
        Phrase(
          en: "\(one) * \(other) goes element by element; the dot product is \(one) @ \(other)",
          zh: "\(one) * \(other) 逐元素相乘；点积写 \(one) @ \(other)"))
    }
    return nil
  }

  private func logical(_ symbol: BinaryOperator, _ left: Value, _ right: Value) -> Value? {
    if case .function(let a) = left, case .function(let b) = right, symbol == .equal || symbol == .unequal {
      return a.isNamesake(of: b).map { .bool($0 == (symbol == .equal)) }
    }
    guard case .bool(let a) = left, case .bool(let b) = right else { return nil }
    switch symbol {
    case .and: return .bool(a && b)
    case .or: return .bool(a || b)
    case .equal: return .bool(a == b)
    case .unequal: return .bool(a != b)
    default: return nil
    }
  }

  private func conditional(
    _ condition: Tree.ID, _ then: Tree.ID, _ otherwise: Tree.ID, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let span = frame.tree.span(condition)
    let decision = try nested(condition, &frame)
    if let decided = try decide(decision, at: span) { return try nested(decided ? then : otherwise, &frame) }
    // Elementwise, or without numbers: both branches, chosen element by element.
    let branches = [decision, try nested(then, &frame), try nested(otherwise, &frame)]
    return try apply(.select, branches, [span, frame.tree.span(then), frame.tree.span(otherwise)], at: span)
  }

  /// A condition as true or false, or nil where it is one per element or not known.
  private func decide(_ value: Value, at span: Range<Int>) throws(Diagnostic) -> Bool? {
    switch value {
    case .bool(let bool): return bool
    case .number(let number): return number != 0
    case .tensor: return nil
    case .traced(let id):
      // What is the same for all inputs needs no guard.
      if let constant = graph.number(id) { return constant != 0 }
      guard graph[id].shape.isEmpty, isKnown(id) else { return nil }
      let decided = try force(id, at: span).elements[0] != 0
      guards.append((id, decided))
      return decided
    default:
      throw Diagnostic.wrongKind(
        value, Phrase(en: "a condition is true or false", zh: "条件只能是真或假"), at: span)
    }
  }

  // MARK: Lists, ranges, fields

  private func list(_ items: [Tree.ID], at span: Range<Int>, _ frame: inout Frame) throws(Diagnostic) -> Value {
    var values: [Value] = []
    values.reserveCapacity(items.count)
    for item in items { values.append(try nested(item, &frame)) }
    let spans = items.map(frame.tree.span)
    if case .record? = values.first { return .table(try table(values, spans)) }
    return try stack(values, spans, at: span)
  }

  /// Records with the same fields are the rows of a table.
  private func table(_ values: [Value], _ spans: [Range<Int>]) throws(Diagnostic) -> DataTable {
    var rows: [Record] = []
    for (value, span) in zip(values, spans) {
      guard case .record(let record) = value else {
        throw Diagnostic.wrongKind(
          value, Phrase(en: "the other rows are records", zh: "其他各行都是记录"), at: span,
          help: Phrase(verbatim: "[(x = 1, y = 2), (x = 3, y = 4)]"))
      }
      if let first = rows.first, first.fields.map(\.name) != record.fields.map(\.name) {
        let names = first.fields.map { printedName($0.name) }.joined(separator: ", ")
        throw Diagnostic(
          "E203", Phrase(en: "every row has the fields of the first: \(names)", zh: "每一行的字段要和第一行相同：\(names)"),
          at: [.init(span)])
      }
      rows.append(record)
    }
    var columns: [DataTable.Column] = []
    for (place, field) in rows[0].fields.enumerated() {
      let cells = rows.map { $0.fields[place].value }
      var numbers: [Double] = []
      var texts: [String] = []
      for (cell, span) in zip(cells, spans) {
        if case .text(let text) = cell {
          texts.append(text)
        } else {
          numbers.append(try number(cell, at: span))
        }
      }
      guard numbers.isEmpty || texts.isEmpty else {
        throw Diagnostic(
          "E205",
          Phrase(
            en: "`\(printedName(field.name))` is a number in one row and text in another",
            zh: "`\(printedName(field.name))` 在有的行是数，在有的行是文本"), at: spans.map { .init($0) })
      }
      let missing = numbers.indices.filter { numbers[$0].isNaN }
      columns.append(.init(name: field.name, numbers: numbers, texts: texts, missing: missing))
    }
    return DataTable(source: "", columns: columns, rowCount: rows.count)
  }

  private func matrix(_ rows: [[Tree.ID]], at span: Range<Int>, _ frame: inout Frame) throws(Diagnostic) -> Value {
    var lines: [Value] = []
    for row in rows { lines.append(try list(row, at: frame.tree.span(row[0]), &frame)) }
    if let ragged = rows.first(where: { $0.count != rows[0].count }) {
      throw Diagnostic.ragged(
        rows[0].count, ragged.count,
        at: frame.tree.span(ragged[0]).lowerBound..<frame.tree.span(ragged[ragged.count - 1]).upperBound)
    }
    return try stack(lines, rows.map { frame.tree.span($0[0]) }, at: span)
  }

  /// Values of one shape along a new first axis.
  package func stack(_ values: [Value], _ spans: [Range<Int>], at span: Range<Int>) throws(Diagnostic) -> Value {
    if values.isEmpty { return .tensor(Tensor(vector: [])) }
    var numbers: [Double] = []
    for value in values {
      if case .number(let number) = value {
        numbers.append(number)
      } else if case .bool(let bool) = value {
        numbers.append(bool ? 1 : 0)
      } else {
        break
      }
    }
    if numbers.count == values.count { return .tensor(Tensor(vector: numbers)) }
    var parts: [Expression] = []
    for (value, span) in zip(values, spans) { parts.append(try expression(value, at: span)) }
    if let odd = parts.indices.first(where: { parts[$0].shape != parts[0].shape }) {
      throw Diagnostic.ragged(parts[0].shape.first ?? 1, parts[odd].shape.first ?? 1, at: spans[odd])
    }
    do {
      return .traced(try graph.apply(.stack, parts).id)
    } catch {
      throw Diagnostic(error, spans, at: span)
    }
  }

  private func range(
    _ lower: Tree.ID, _ upper: Tree.ID, _ step: Tree.ID?, at span: Range<Int>, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let first = try number(nested(lower, &frame), at: frame.tree.span(lower))
    let last = try number(nested(upper, &frame), at: frame.tree.span(upper))
    var interval = Interval(lower: first, upper: last)
    if let step {
      interval.step = try number(nested(step, &frame), at: frame.tree.span(step))
      guard interval.step != 0, !(interval.step?.isNaN ?? true) else {
        throw Diagnostic(
          "E208", Phrase(en: "a range with step 0 never ends", zh: "步长为 0 的范围没有尽头"),
          at: [Diagnostic.Label(frame.tree.span(step))], help: Phrase(en: "use a step above 0", zh: "步长请大于 0"))
      }
    }
    // As an interval of a picture it may be of any size; whoever wants its numbers asks how many there are.
    return .range(interval)
  }

  /// - Parameter owner: what the learner calls the value.
  package func field(
    _ name: String, of value: Value, called owner: String = "t", at span: Range<Int>
  ) throws(Diagnostic) -> Value {
    switch value {
    case .record(let record):
      if let field = record[name] { return field }
      throw Diagnostic.unknownField(name, among: record.fields.map(\.name), at: span)
    case .table(let table):
      guard let column = table[name] else {
        throw Diagnostic.unknownField(name, among: table.columns.map(\.name), at: span)
      }
      guard column.isNumeric else {
        throw Diagnostic(
          "E216", Phrase(en: "`\(name)` is a column of texts", zh: "`\(name)` 是一列文本"), at: [Diagnostic.Label(span)],
          help: Diagnostic.numericColumns(table))
      }
      if !column.missing.isEmpty { throw Diagnostic.missingCells(column, table, called: owner, at: span) }
      return .tensor(Tensor(vector: column.numbers))
    case .object(let object):
      if let field = object.field(name) { return field }
      throw Diagnostic.unknownField(name, among: object.fieldNames, at: span)
    default:
      throw Diagnostic.wrongKind(
        value, Phrase(en: "only records, tables and traces have fields", zh: "只有记录、数据表和轨迹才有字段"), at: span)
    }
  }
}

extension Tree {
  /// The left operand of a binary node.
  func leftOperand(_ id: Tree.ID) -> Tree.ID {
    if case .binary(_, let left, _) = self[id] { return left }
    return id
  }
}

extension BinaryOperator {
  var primitive: Primitive.ID {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply, .impliedMultiply: .multiply
    case .divide: .divide
    case .matrixProduct: .matmul
    case .power: .power
    case .equal: .equal
    case .unequal: .unequal
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .and: .and
    case .or: .or
    }
  }

  var isComparison: Bool {
    switch self {
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or: true
    default: false
    }
  }
}
