import Interpreter
import Markup
import Syntax
import Tensors

/// Values as JSON: numbers as the shortest text that reads back, NaN and ±∞ as strings, tensors as nested arrays.
package enum JSONText {
  package static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F || OutputGate.visible(scalar) != nil, scalar.value <= 0xFFFF {
          let hex = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  package static func number(_ value: Double) -> String {
    value.isFinite ? shortNumber(value, digits: 17) : string(shortNumber(value))
  }

  package static func tensor(_ tensor: Tensor) -> String {
    if tensor.rank == 0 { return number(tensor.elements[0]) }
    func nested(_ axis: Int, _ offset: Int) -> String {
      let stride = tensor.shape[(axis + 1)...].reduce(1, *)
      let items = (0..<tensor.shape[axis]).map { index in
        axis + 1 == tensor.rank ? number(tensor.elements[offset + index]) : nested(axis + 1, offset + index * stride)
      }
      return "[" + items.joined(separator: ",") + "]"
    }
    return nested(0, 0)
  }

  package static func value(_ value: Value) -> String {
    switch value {
    case .nothing: return "null"
    case .number(let number): return self.number(number)
    case .bool(let bool): return bool ? "true" : "false"
    case .tensor(let tensor): return self.tensor(tensor)
    case .range: return value.numbers.map(tensor) ?? "null"
    case .text(let text): return string(text)
    case .function(let function): return string(self.function(function))
    case .record(let record):
      return "{" + record.fields.map { string($0.name) + ":" + self.value($0.value) }.joined(separator: ",") + "}"
    case .table(let table):
      let columns = table.columns.map { column -> String in
        let cells = (0..<table.rowCount).map { row -> String in
          if column.missing.contains(row) { return "null" }
          return column.isNumeric ? number(column.numbers[row]) : string(column.texts[row])
        }
        return string(column.name) + ":[" + cells.joined(separator: ",") + "]"
      }
      return "{" + columns.joined(separator: ",") + "}"
    case .object(let object): return (object as? any Presentable)?.json ?? "null"
    case .traced: return "null"
    }
  }

  /// A function as it was defined; of one that was not typed, how it is called.
  private static func function(_ function: Function) -> String {
    guard case .defined(let tree, let body, _) = function.body else { return function.signature }
    if function.name != nil { return function.signature + " = " + tree.shown(body) }
    let names = function.parameters.map { printedName($0.name) }.joined(separator: ", ")
    return (function.parameters.count == 1 ? names : "(\(names))") + " -> " + tree.shownBody(body)
  }

  /// One line of `losslab eval --json`.
  package static func line(_ input: String, _ reply: Reply, _ language: Language) -> String {
    var parts = ["\"input\":" + string(input)]
    if let diagnostic = reply.diagnostic {
      var error = ["\"code\":" + string(diagnostic.code), "\"message\":" + string(diagnostic.message[language])]
      let span = diagnostic.labels.first?.span ?? 0..<0
      error.append("\"span\":[\(span.lowerBound),\(span.upperBound)]")
      error.append("\"help\":" + (diagnostic.help.map { string($0[language]) } ?? "null"))
      parts.append("\"error\":{" + error.joined(separator: ",") + "}")
    } else {
      let value = reply.value ?? .nothing
      parts.append("\"kind\":" + string(value.kind))
      let shape = value.numbers?.shape ?? []
      parts.append("\"shape\":[" + shape.map(String.init).joined(separator: ",") + "]")
      parts.append("\"value\":" + self.value(value))
    }
    return "{" + parts.joined(separator: ",") + "}"
  }
}
