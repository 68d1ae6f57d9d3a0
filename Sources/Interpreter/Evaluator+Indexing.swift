import Graphs
import Markup
import Syntax
import Tensors

extension Evaluator {
  /// `y[1]`, `y[2..4]`, `X[i,:]`, `t[3]`: from 1, like Σ from 1 to n.
  func index(
    _ base: Tree.ID, _ subscripts: [Tree.ID], at span: Range<Int>, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    var inner = frame
    var value = try descend(at: span) { () throws(Diagnostic) in try evaluate(base, &inner) }
    if case .object(let object) = value, subscripts.count == 1 {
      let place = frame.tree.span(subscripts[0])
      let at = try integer(try evaluate(subscripts[0], &inner), at: place, called: "index", from: 0)
      guard let element = object.element(at) else { throw Diagnostic.outOfRange(Double(at), length: nil, at: place) }
      return element
    }
    if subscripts.count == 1, case .text(let name) = frame.tree[subscripts[0]] {
      return try field(name, of: value, at: frame.tree.span(subscripts[0]))
    }
    if case .record(let record) = value, subscripts.count == 1 {
      let place = frame.tree.span(subscripts[0])
      let at = try evaluate(subscripts[0], &inner)
      if case .text(let name) = at { return try field(name, of: value, at: place) }
      let number = try integer(at, at: place, called: "index", from: -1_000_000_000)
      guard (1...max(1, record.fields.count)).contains(number), number <= record.fields.count else {
        throw Diagnostic.outOfRange(Double(number), length: record.fields.count, at: place)
      }
      return record.fields[number - 1].value
    }
    if case .table(let table) = value { return try row(of: table, subscripts, at: span, &inner) }
    guard let shape = shape(of: value), !shape.isEmpty else {
      throw Diagnostic.wrongKind(
        value, Phrase(en: "only vectors, matrices and traces have elements", zh: "只有向量、矩阵和轨迹才有元素"),
        at: frame.tree.span(base))
    }
    guard subscripts.count <= shape.count else { throw Diagnostic.tooManyIndices(subscripts.count, shape, at: span) }
    var axis = 0
    for subscript_ in subscripts {
      if case .all = frame.tree[subscript_] {
        axis += 1
        continue
      }
      if case .name(let name) = frame.tree[subscript_], frame.wholes.contains(name) {
        axis += 1
        continue
      }
      let place = frame.tree.span(subscript_)
      guard let length = self.shape(of: value)?[axis] else { break }
      var copy = frame
      let position = try descend(at: place) { () throws(Diagnostic) in try evaluate(subscript_, &copy) }
      if case .traced(let id) = position, dependsOnInputs(id), !frame.tree.isCondition(subscript_) {
        // Numbers of rows that change from run to run: a gather in the graph. Where they are known they are checked now;
        // later a number without a row gives NaN.
        if isKnown(id) { _ = try places(position, of: subscript_, frame.tree, length: length, at: place) }
        let zeroBased = graph.expression(id) - 1
        value = try apply(
          .take, [value, .traced(zeroBased.id)], [frame.tree.span(base), place], attributes: [axis], at: span)
        axis += zeroBased.shape.count
        continue
      }
      let zeroBased = try places(position, of: subscript_, frame.tree, length: length, at: place)
      value = try taken(zeroBased, of: value, axis: axis, at: frame.tree.span(base))
      axis += zeroBased.rank
    }
    return value
  }

  /// Elements by 0-based place along an axis.
  private func taken(_ places: Tensor, of value: Value, axis: Int, at span: Range<Int>) throws(Diagnostic) -> Value {
    if places.rank == 1, let length = shape(of: value)?[axis], places.count == length,
      places.elements.indices.allSatisfy({ places.elements[$0] == Double($0) })
    {
      return value
    }
    if case .tensor(let tensor) = value, tensor.rank == 1, places.rank == 0 {
      return .number(tensor.elements[Int(places.elements[0])])
    }
    return try apply(.take, [value, Value(places)], [span, span], attributes: [axis], at: span)
  }

  /// One element or several along an axis, by positions counted from 1.
  func element(_ index: Value, of value: Value, axis: Int, at span: Range<Int>) throws(Diagnostic) -> Value {
    guard let length = shape(of: value)?[axis] else { return value }
    let places = try places(tensor(index, at: span), length: length, at: span)
    return try taken(places, of: value, axis: axis, at: span)
  }

  /// `t[3]`: a row as a record; `t[1..5]`: a table of those rows; `t[1..5, "mpg"]`: a column of them.
  private func row(
    of table: DataTable, _ subscripts: [Tree.ID], at span: Range<Int>, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let place = frame.tree.span(subscripts[0])
    var rows = table
    var single: Record?
    if case .all = frame.tree[subscripts[0]] {
    } else {
      let subscript_ = try evaluate(subscripts[0], &frame)
      if case .text(let name) = subscript_, subscripts.count == 1 {
        return try field(name, of: .table(table), at: place)
      }
      let positions = try places(subscript_, of: subscripts[0], frame.tree, length: table.rowCount, at: place)
      rows = table.rows(positions.elements.map { Int($0) })
      if positions.rank == 0 { single = table.row(Int(positions.elements[0])) }
    }
    if subscripts.count == 1 { return single.map { .record($0) } ?? .table(rows) }
    let second = frame.tree.span(subscripts[1])
    guard subscripts.count == 2, case .text(let name) = try evaluate(subscripts[1], &frame) else {
      throw Diagnostic(
        "E208", Phrase(en: "a table is indexed by row and by column name", zh: "数据表的下标是行号和列名"),
        at: [Diagnostic.Label(span)], help: Phrase(verbatim: "t[1..5, \"\(table.columns.first?.name ?? "x")\"]"))
    }
    if let single { return try field(name, of: .record(single), at: second) }
    return try field(name, of: .table(rows), at: second)
  }

  /// Positions counted from 1 as positions counted from 0, each within the length. A condition, `y[y > 2]`, stands for
  /// the positions where it holds.
  private func places(
    _ value: Value, of id: Tree.ID, _ tree: Tree, length: Int, at place: Range<Int>
  ) throws(Diagnostic) -> Tensor {
    let positions = try tensor(value, at: place)
    if tree.isCondition(id) {
      guard positions.shape == [length] else {
        throw Diagnostic(
          "E203",
          Phrase(
            en: "a condition picks from as many elements as it has: \(positions.count) for \(length)",
            zh: "用条件取元素时长度要一致：条件有 \(positions.count) 个，元素有 \(length) 个"), at: [.init(place)])
      }
      return Tensor(vector: positions.elements.indices.filter { positions.elements[$0] != 0 }.map(Double.init))
    }
    return try places(positions, length: length, at: place)
  }

  private func places(_ positions: Tensor, length: Int, at place: Range<Int>) throws(Diagnostic) -> Tensor {
    for position in positions.elements {
      guard position == position.rounded(), position >= 1, position <= Double(length) || length < 0
      else {
        throw Diagnostic.outOfRange(position, length: length, at: place)
      }
    }
    return Tensor(shape: positions.shape, elements: positions.elements.map { $0 - 1 })
  }
}

extension Tree {
  /// Whether an expression says yes or no of every element: a comparison, or several joined by and, or, not.
  fileprivate func isCondition(_ id: Tree.ID) -> Bool {
    switch self[id] {
    case .binary(let symbol, _, _): symbol.isComparison
    case .not: true
    default: false
    }
  }
}
