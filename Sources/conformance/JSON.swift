import Foundation
import Tensors

/// A JSON value as the files of figures use it.
enum JSON: Decodable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    if let keyed = try? decoder.container(keyedBy: Key.self) {
      var fields: [String: JSON] = [:]
      for key in keyed.allKeys { fields[key.stringValue] = try keyed.decode(JSON.self, forKey: key) }
      self = .object(fields)
      return
    }
    if var items = try? decoder.unkeyedContainer() {
      var list: [JSON] = []
      while !items.isAtEnd { list.append(try items.decode(JSON.self)) }
      self = .list(list)
      return
    }
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try value.decode(String.self))
    }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  subscript(name: String) -> JSON? { fields?[name] }
  var fields: [String: JSON]? { if case .object(let fields) = self { fields } else { nil } }
  var list: [JSON]? { if case .list(let list) = self { list } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }

  /// A number; NaN and the infinities are written as texts.
  var number: Double? {
    switch self {
    case .number(let number): number
    case .text("nan"): .nan
    case .text("inf"): .infinity
    case .text("-inf"): -.infinity
    default: nil
    }
  }

  /// Nested lists of numbers, all rows of one length; booleans count as 0 and 1.
  var tensor: Tensor? {
    if let number { return Tensor(number) }
    if case .bool(let bool) = self { return Tensor(bool ? 1 : 0) }
    guard let list else { return nil }
    let parts = list.compactMap(\.tensor)
    guard parts.count == list.count, parts.allSatisfy({ $0.shape == parts[0].shape }) else { return nil }
    return Tensor(shape: [parts.count] + (parts.first?.shape ?? []), elements: parts.flatMap(\.elements))
  }
}
