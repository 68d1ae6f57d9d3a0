/// A small strict JSON for the progress file: objects, arrays, strings, numbers, true, false and null, 32 levels deep.
enum JSONValue: Sendable, Hashable {
  case null, bool(Bool), number(Double), text(String), list([JSONValue]), object([String: JSONValue])

  subscript(name: String) -> JSONValue? {
    if case .object(let fields) = self { return fields[name] }
    return nil
  }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }

  /// The value of a text, nil unless all of it is JSON.
  init?(_ text: String) {
    var reader = Reader(bytes: Array(text.utf8))
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipBlanks()
    guard reader.position == reader.bytes.count else { return nil }
    self = value
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipBlanks() {
      while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func take(_ text: String) -> Bool {
      let wanted = Array(text.utf8)
      guard bytes.count - position >= wanted.count, Array(bytes[position..<(position + wanted.count)]) == wanted else {
        return false
      }
      position += wanted.count
      return true
    }

    mutating func value(depth: Int) -> JSONValue? {
      guard depth < 32 else { return nil }
      skipBlanks()
      switch next {
      case UInt8(ascii: "{"): return object(depth)
      case UInt8(ascii: "["): return list(depth)
      case UInt8(ascii: "\""): return string().map { .text($0) }
      case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
      case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
      case UInt8(ascii: "n"): return take("null") ? .null : nil
      default:
        let start = position
        while let byte = next, byte >= 0x30 && byte <= 0x39 || "+-.eE".utf8.contains(byte) { position += 1 }
        return Double(String(decoding: bytes[start..<position], as: UTF8.self)).map { .number($0) }
      }
    }

    mutating func object(_ depth: Int) -> JSONValue? {
      position += 1
      var fields: [String: JSONValue] = [:]
      skipBlanks()
      if take("}") { return .object(fields) }
      repeat {
        skipBlanks()
        guard let name = string() else { return nil }
        skipBlanks()
        guard take(":"), let value = value(depth: depth + 1) else { return nil }
        fields[name] = value
        skipBlanks()
      } while take(",")
      return take("}") ? .object(fields) : nil
    }

    mutating func list(_ depth: Int) -> JSONValue? {
      position += 1
      var items: [JSONValue] = []
      skipBlanks()
      if take("]") { return .list(items) }
      repeat {
        guard let value = value(depth: depth + 1) else { return nil }
        items.append(value)
        skipBlanks()
      } while take(",")
      return take("]") ? .list(items) : nil
    }

    /// Strings with the simple escapes; this file's writer makes no others.
    mutating func string() -> String? {
      guard take("\"") else { return nil }
      var content: [UInt8] = []
      while let byte = next {
        position += 1
        if byte == UInt8(ascii: "\"") { return String(validating: content, as: UTF8.self) }
        if byte < 0x20 { return nil }
        if byte == UInt8(ascii: "\\") {
          guard let escaped = next, escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else { return nil }
          position += 1
          content.append(escaped)
        } else {
          content.append(byte)
        }
      }
      return nil
    }
  }

  /// The text, fields in order of their names, so that the same progress is the same bytes.
  var encoded: String {
    switch self {
    case .null: return "null"
    case .bool(let bool): return bool ? "true" : "false"
    case .number(let number):
      return number == number.rounded() && number.magnitude < 1e15 ? String(Int(number)) : "\(number)"
    case .text(let text):
      return "\"" + text.filter { $0 >= " " }.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    case .list(let items): return "[" + items.map(\.encoded).joined(separator: ",") + "]"
    case .object(let fields):
      return "{"
        + fields.sorted { $0.key < $1.key }.map { JSONValue.text($0.key).encoded + ":" + $0.value.encoded }.joined(
          separator: ",") + "}"
    }
  }
}
