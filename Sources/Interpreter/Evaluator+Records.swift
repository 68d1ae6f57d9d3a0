import Graphs
import Markup
import Syntax

// Arithmetic on records goes field by field, so that `p - 0.1 * grad L at p` moves every parameter at once.

extension Evaluator {
  /// The result of an elementwise operation in which a record takes part; nil if none does.
  func fieldwise(
    _ primitive: Primitive.ID, _ operands: [Value], _ spans: [Range<Int>], _ attributes: [Int], at span: Range<Int>
  ) throws(Diagnostic) -> Value? {
    var names: [String]?
    for (operand, place) in zip(operands, spans) {
      guard case .record(let record) = operand else { continue }
      let own = record.fields.map(\.name)
      if let names, Set(names) != Set(own) {
        throw Diagnostic(
          "E203",
          Phrase(
            en: "the records differ: \(names.joined(separator: ", ")) and \(own.joined(separator: ", "))",
            zh: "两个记录的字段不同：\(names.joined(separator: "、")) 与 \(own.joined(separator: "、"))"),
          at: [Diagnostic.Label(place)])
      }
      names = names ?? own
    }
    guard let names, primitive.row.kernel.isElementwise else { return nil }
    var fields: [(name: String, value: Value)] = []
    for name in names {
      let parts = operands.map { operand in
        if case .record(let record) = operand { return record[name] ?? operand }
        return operand
      }
      fields.append((name, try apply(primitive, parts, spans, attributes: attributes, at: span)))
    }
    return .record(Record(fields))
  }
}
