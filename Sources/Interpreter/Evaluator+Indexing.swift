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
    if case .record(let record) = value, subscripts.count == 1 {
      let place = frame.tree.span(subscripts[0])
      let at = try integer(try evaluate(subscripts[0], &inner), at: place, called: "index", from: 1)
      guard at <= record.fields.count else {
        throw Diagnostic.outOfRange(Double(at), length: record.fields.count, at: place)
      }
      return record.fields[at - 1].value
    }
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
      let place = frame.tree.span(subscript_)
      guard let length = self.shape(of: value)?[axis] else { break }
      var copy = frame
      let positions = try tensor(
        descend(at: place) { () throws(Diagnostic) in try evaluate(subscript_, &copy) }, at: place)
      for position in positions.elements {
        guard position == position.rounded(), position >= 1, position <= Double(length) else {
          throw Diagnostic.outOfRange(position, length: length, at: place)
        }
      }
      let zeroBased = Tensor(shape: positions.shape, elements: positions.elements.map { $0 - 1 })
      if case .tensor(let tensor) = value, tensor.rank == 1, zeroBased.rank == 0 {
        return .number(tensor.elements[Int(zeroBased.elements[0])])
      }
      value = try apply(
        .take, [value, Value(zeroBased)], [frame.tree.span(base), place], attributes: [axis], at: span)
      axis += positions.rank
    }
    return value
  }
}
