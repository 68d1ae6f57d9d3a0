import Graphs
import Interpreter
import Syntax
import Tensors

/// A language to write code in: its names for what the graph has.
package struct Dialect: Sendable {
  /// `torch`, as in `code(f, "torch")`.
  package let name: String
  let imports: [String]
  /// What comes before the name of a function: `np.`.
  let prefix: String
  /// Forms of primitives, with `{0}`, `{1}` for operands; a form without them is called with the operands.
  let forms: [Primitive.ID: Form]
  let axisWord: String
  let meanName: String
  /// A literal, with `{0}` for its nested list.
  let array: String
  /// How a condition becomes 0 or 1 in arithmetic, where it does not do so by itself.
  var cast = "{0}"
  /// How an operand that is a plain number is written where only a tensor will do.
  var wrapped = "{0}"
  var isSwift = false

  /// How a primitive is written.
  struct Form: Sendable {
    var text: String
    /// Reductions along an axis, where the library takes one by name.
    var takesAxis = false
    /// The form over all elements, where it is another than along an axis.
    var whole: String?
    /// Definitions that the form needs.
    var helpers: [String] = []
  }

  package static let all: [Dialect] = [.numpy, .torch, .jax, .tensorflow, .swift]

  package static func named(_ name: String) -> Dialect? {
    let aliases = [
      "np": "numpy", "pytorch": "torch", "tf": "tensorflow", "keras": "tensorflow", "jnp": "jax", "python": "numpy",
    ]
    let wanted = name.lowercased()
    return all.first { $0.name == aliases[wanted] ?? wanted }
  }

  // MARK: Pieces

  struct CallText {
    var text: String
    var helpers: [String]
  }

  func filled(_ form: String, _ operands: [String]) -> String {
    var text = form
    for (index, operand) in operands.enumerated() { text = text.replacing("{\(index)}", with: operand) }
    return text
  }

  func call(_ node: Graph.Node, _ operands: [String], _ graph: Graph) throws(Code.Untranslatable) -> CallText? {
    let name = node.primitive.row.name
    if node.primitive == .take {
      guard !isSwift, let place = graph.number(node.inputs[1]) else { return nil }
      let axes = String(repeating: ":, ", count: node.attributes.first ?? 0)
      return CallText(text: "\(operands[0])[\(axes)\(Int(place))]", helpers: [])
    }
    guard let form = forms[node.primitive] else { return nil }
    if node.primitive == .stack {
      return CallText(text: filled(form.text, ["[" + operands.joined(separator: ", ") + "]"]), helpers: [])
    }
    if node.primitive == .reshape {
      let sizes = node.attributes.map(String.init).joined(separator: ", ")
      let shape = "(" + sizes + (node.attributes.count == 1 ? ",)" : ")")
      return CallText(text: filled(form.text, [operands[0], shape]), helpers: [])
    }
    let isFold = !node.primitive.row.kernel.isElementwise && node.primitive != .transpose && node.primitive != .count
    let chosen = node.attributes.isEmpty ? form.whole ?? form.text : form.text
    var text =
      chosen.contains("{") || chosen.contains("(")
      ? filled(chosen, operands) : prefix + chosen + "(" + operands.joined(separator: ", ") + ")"
    if isFold, let axis = node.attributes.first {
      guard form.takesAxis, node.attributes.count == 1, text.hasSuffix(")") else {
        throw Code.Untranslatable(primitive: name)
      }
      text.removeLast()
      // The last axis stays the last for inputs with more axes.
      text += ", \(axisWord)=\(axis == graph[node.inputs[0]].shape.count - 1 ? -1 : axis))"
    }
    return CallText(text: text, helpers: form.helpers)
  }

  func power(_ base: Code.Piece, _ exponent: Code.Piece, _ number: Double?) -> Code.Piece? {
    guard isSwift else { return nil }
    if number == 2, base.text.allSatisfy({ $0.isLetter || $0.isNumber || "_[]$".contains($0) }) {
      return Code.Piece(text: base.text + " * " + base.text, strength: .product)
    }
    return Code.Piece(text: "pow(\(base.text), \(exponent.text))", strength: .atom)
  }

  func mean(_ operand: String, axis: Int?) -> String? {
    if isSwift { return nil }
    return prefix + meanName + "(" + operand + (axis.map { ", \(axisWord)=\($0)" } ?? "") + ")"
  }

  func number(_ value: Double) -> String {
    if value.isNaN { return isSwift ? "Double.nan" : "float(\"nan\")" }
    if value.isInfinite { return (value < 0 ? "-" : "") + (isSwift ? "Double.infinity" : "float(\"inf\")") }
    let text = shortNumber(value, digits: 17)
    // Whole numbers stay whole in exponents and counts and become floats by themselves.
    return text.contains("e") || text.contains(".") || value.magnitude < 1e15 ? text : text + ".0"
  }

  func fraction(_ over: Int, _ under: Int) -> String { isSwift ? "\(over).0 / \(under)" : "\(over) / \(under)" }

  static func nested(_ tensor: Tensor, _ dialect: Dialect) -> String {
    func level(_ axis: Int, _ offset: Int) -> String {
      let stride = tensor.shape[(axis + 1)...].reduce(1, *)
      let items = (0..<tensor.shape[axis]).map { index -> String in
        if axis + 1 < tensor.rank { return level(axis + 1, offset + index * stride) }
        let text = dialect.number(tensor.elements[offset + index])
        return text.contains(".") || text.contains("e") || text.contains("\"") ? text : text + ".0"
      }
      return "[" + items.joined(separator: ", ") + "]"
    }
    return level(0, 0)
  }

  func binding(_ name: String, _ text: String) -> String { (isSwift ? "let " : "") + name + " = " + text }

  /// A name that the language takes: subscripts are written on the line, words of the language get a tail.
  package func identifier(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      if let below = Unicode.Scalar.below[scalar] {
        result += "_" + below
      } else if scalar.properties.isXIDContinue {
        result.unicodeScalars.append(scalar)
      } else {
        result += "_"
      }
    }
    if result.isEmpty || result.first?.isNumber ?? false { result = "f" + result }
    return Dialect.reserved.contains(result) ? result + "_" : result
  }

  private static let reserved: Set<String> = [
    "lambda", "def", "class", "return", "if", "else", "for", "while", "in", "is", "not", "and", "or", "from", "import",
    "as", "with", "pass", "None", "True", "False", "del", "global", "try", "let", "var", "func", "switch", "case",
    "where", "guard", "self", "np", "jnp", "torch", "tf",
  ]

  // MARK: The whole

  func assembled(
    name: String, parameters: [Code.Parameter], statements: [String], results: [(String, String)], isRecord: Bool,
    helpers: [String], vectors: [String] = []
  ) -> String {
    var lines = imports
    for helper in helpers {
      // Single lines from a library are imports and join the others.
      if helper.hasPrefix("from ") || helper.hasPrefix("import ") { lines.append(helper) }
    }
    for helper in helpers where !helper.hasPrefix("from ") && !helper.hasPrefix("import ") {
      lines += ["", "", helper]
    }
    lines += ["", ""]
    let list = parameters.map { parameter in
      let name = identifier(parameter.name)
      return name + (parameter.fallback.map { "=" + number($0) } ?? "")
    }
    lines.append("def \(name)(\(list.joined(separator: ", "))):")
    if !vectors.isEmpty { lines.append("    # for vectors: " + vectors.map(identifier).joined(separator: ", ")) }
    lines += statements.map { "    " + $0 }
    if isRecord {
      lines.append("    return {" + results.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}")
    } else {
      lines.append("    return " + (results.first?.1 ?? "None"))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
