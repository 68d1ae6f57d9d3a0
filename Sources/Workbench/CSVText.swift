import Interpreter
import Tensors

/// Values as CSV (RFC 4180): numbers that read back as the same bits, texts quoted where they must be.
enum CSVText {
  /// Nil for what has no rows.
  static func table(_ value: Value) -> String? {
    switch value {
    case .object(let object):
      if let trace = object as? TraceObject { return self.trace(trace) }
      guard let plot = object as? PlotObject, !plot.fields.fields.isEmpty else { return nil }
      return table(.record(plot.fields))
    case .table(let table):
      let columns = table.columns.map { column in
        (
          column.name,
          (0..<table.rowCount).map { row -> String in
            if column.missing.contains(row) { return "" }
            return column.isNumeric ? JSONNumber.text(column.numbers[row]) : column.texts[row]
          }
        )
      }
      return lines(columns)
    case .record(let record):
      let vectors = record.fields.map { ($0.name, $0.value.numbers) }
      guard let length = vectors.first?.1?.count, vectors.allSatisfy({ $0.1?.count == length }) else { return nil }
      return lines(vectors.map { ($0.0, ($0.1?.elements ?? []).map(JSONNumber.text)) })
    default:
      guard let tensor = value.numbers, tensor.rank <= 2 else { return nil }
      let width = tensor.rank == 2 ? tensor.shape[1] : 1
      guard width > 0 else { return nil }
      return lines(
        (0..<width).map { column in
          (
            width == 1 ? "value" : "c\(column + 1)",
            stride(from: column, to: tensor.count, by: width).map { JSONNumber.text(tensor.elements[$0]) }
          )
        })
    }
  }

  /// One row per step: its number, every learned number, the loss and the gradient.
  private static func trace(_ object: TraceObject) -> String {
    let trace = object.trace
    let count = trace.losses.count
    var columns = [("step", (0..<count).map(String.init))]
    func entries(_ name: String, _ size: Int, _ values: [Double]) {
      for index in 0..<size {
        let own = stride(from: index, to: values.count, by: size).map { JSONNumber.text(values[$0]) }
        columns.append((size == 1 ? name : "\(name)[\(index + 1)]", own))
      }
    }
    for parameter in trace.parameters { entries(parameter.name, parameter.size, parameter.values) }
    columns.append(("loss", trace.losses.map(JSONNumber.text)))
    for parameter in trace.parameters { entries("grad " + parameter.name, parameter.size, parameter.gradients) }
    return lines(columns)
  }

  private static func lines(_ columns: [(name: String, cells: [String])]) -> String {
    let rows = columns.map(\.cells.count).max() ?? 0
    var text = columns.map { quoted($0.name) }.joined(separator: ",") + "\n"
    for row in 0..<rows {
      text += columns.map { row < $0.cells.count ? quoted($0.cells[row]) : "" }.joined(separator: ",") + "\n"
    }
    return text
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
    return "\"" + cell.reduce(into: "") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
  }

  private enum JSONNumber {
    static func text(_ value: Double) -> String { shortNumber(value, digits: 17) }
  }
}
