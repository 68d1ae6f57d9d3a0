import Graphs
import Tensors

/// A function in Swift: numbers are Double, vectors are [Double] and run element by element.
enum SwiftCode {
  static func assembled(
    _ name: String, _ parameters: [(name: String, shape: Shape, fallback: Double?)], length: String?,
    statements: [String], results: [String], resultShapes: [Shape], helpers: [String], _ dialect: Dialect
  ) throws(Code.Untranslatable) -> String {
    func type(_ shape: Shape) -> String { shape.isEmpty ? "Double" : "[Double]" }
    guard results.count == 1, let shape = resultShapes.first else { throw Code.Untranslatable(primitive: "a record") }
    var lines = dialect.imports
    for helper in helpers { lines += ["", helper] }
    let list = parameters.map { parameter in
      "_ \(parameter.name): \(type(parameter.shape))"
        + (parameter.fallback.map { " = " + dialect.number($0) } ?? "")
    }
    lines += ["", "func \(name)(\(list.joined(separator: ", "))) -> \(type(shape)) {"]
    var body = statements
    if let length {
      // The length comes first, or right after the literal it is the length of.
      let place = body.firstIndex { $0.hasPrefix("let \(length) = ") }.map { $0 + 1 } ?? 0
      body.insert("let n = \(length).count", at: place)
    }
    lines += body.map { "  " + $0 } + ["  return " + results[0], "}"]
    return lines.joined(separator: "\n") + "\n"
  }
}
