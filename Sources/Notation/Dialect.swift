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
  /// A value `{0}` repeated to the shape `{1}`; nil where there are no arrays to repeat to.
  var spread: String?
  /// The row with whole numbers from `{0}` up to, not including, `{1}`, as floats.
  var range: String?
  /// The identity matrix with `{0}` rows.
  var identity: String?
  /// The axes of `{0}` in the order `{1}`.
  var permute: String?
  /// How an operand becomes whole numbers to pick by.
  var places = "{0}"
  /// How a condition becomes 0 or 1 in arithmetic, where it does not do so by itself.
  var cast = "{0}"
  /// How an operand that is a plain number is written where only a tensor will do.
  var wrapped = "{0}"
  var isSwift = false

  /// How a primitive is written.
  ///
  /// `{axis}`, `{place}`, `{axes}`, `{shape}` and `{before}` stand for the axis (the last one is -1), for its number, for
  /// it in brackets, for the shape of the result and for the `:, ` of the axes before it; `{parts}` for all operands.
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

  package var hasMatrices: Bool { !isSwift }

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
    if node.primitive == .take, let text = taken(node, operands, graph) { return CallText(text: text, helpers: []) }
    if node.primitive == .transpose, !node.attributes.isEmpty {
      return permute.map { CallText(text: filled($0, [operands[0], Dialect.tuple(node.attributes)]), helpers: []) }
    }
    guard let form = forms[node.primitive] else { return nil }
    if node.primitive == .conv2d || node.primitive == .maxpool2d { return image(form, node, operands) }
    if ["{axis}", "{axes}", "{place}", "{parts}", "{shape}"].contains(where: form.text.contains) {
      return placed(form, node, operands, graph)
    }
    if node.primitive == .reshape {
      return CallText(text: filled(form.text, [operands[0], Dialect.tuple(node.attributes)]), helpers: [])
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

  /// A form with a place for the axis.
  private func placed(_ form: Form, _ node: Graph.Node, _ operands: [String], _ graph: Graph) -> CallText {
    let rank = graph[node.inputs[0]].shape.count
    var text = node.attributes.isEmpty ? form.whole ?? form.text : form.text
    if let axis = node.attributes.first {
      let last = axis == rank - 1 && node.primitive != .putAlong && node.primitive != .scatterAdd ? -1 : axis
      text = text.replacing("{axis}", with: String(last)).replacing("{axes}", with: "(\(last),)")
        .replacing("{place}", with: String(axis))
        .replacing("{before}", with: String(repeating: ":, ", count: axis))
    }
    text = text.replacing("{shape}", with: Dialect.tuple(node.shape))
      .replacing("{parts}", with: "[" + operands.joined(separator: ", ") + "]")
    return CallText(text: filled(text, operands), helpers: form.helpers)
  }

  /// Attributes are the stride and the margin of a convolution, the size and the stride of a pooling.
  private func image(_ form: Form, _ node: Graph.Node, _ operands: [String]) -> CallText {
    var text = operands.count > 2 ? form.whole ?? form.text : form.text
    text = text.replacing("{first}", with: String(node.attributes[0]))
      .replacing("{second}", with: String(node.attributes[1]))
    return CallText(text: filled(text, operands), helpers: form.helpers)
  }

  /// `x[:, 2]`, `x[0:3]`, `x[places]`.
  private func taken(_ node: Graph.Node, _ operands: [String], _ graph: Graph) -> String? {
    let before = String(repeating: ":, ", count: node.attributes.first ?? 0)
    if let place = graph.number(node.inputs[1]) { return isSwift ? nil : "\(operands[0])[\(before)\(Int(place))]" }
    guard !isSwift else { return nil }
    if let places = graph.constant(at: node.inputs[1]), let slice = Dialect.slice(places) {
      return "\(operands[0])[\(before)\(slice)]"
    }
    guard forms[.take] == nil else { return nil }
    return "\(operands[0])[\(before)\(filled(places, [operands[1]]))]"
  }

  /// `0:3`, `0:9:4`: places at equal distances.
  private static func slice(_ places: Tensor) -> String? {
    guard places.rank == 1, let first = places.elements.first, let last = places.elements.last else { return nil }
    let step = places.count > 1 ? places.elements[1] - first : 1
    guard step >= 1, first >= 0, last < 1e9, first == first.rounded(), step == step.rounded(),
      places.elements.indices.allSatisfy({ places.elements[$0] == first + step * Double($0) })
    else {
      return nil
    }
    return "\(Int(first)):\(Int(last) + 1)" + (step == 1 ? "" : ":\(Int(step))")
  }

  static func tuple(_ shape: Shape) -> String {
    "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
  }

  /// Data by what it is: counting, one number repeated, an identity matrix.
  func pattern(_ tensor: Tensor) -> String? {
    guard let first = tensor.elements.first, !isSwift else { return nil }
    if tensor.elements.allSatisfy({ $0 == first }), let spread {
      return filled(spread, [number(first), Dialect.tuple(tensor.shape)])
    }
    if tensor.rank == 1, let start = Int(exactly: first), abs(start) < 1 << 30, let range,
      tensor.elements.indices.allSatisfy({ tensor.elements[$0] == first + Double($0) })
    {
      return filled(range, [String(start), String(start + tensor.count)])
    }
    if tensor.rank == 2, tensor.shape[0] == tensor.shape[1],
      tensor.elements.indices.allSatisfy({ tensor.elements[$0] == ($0 % (tensor.shape[0] + 1) == 0 ? 1 : 0) })
    {
      return identity.map { filled($0, [String(tensor.shape[0])]) }
    }
    return nil
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
