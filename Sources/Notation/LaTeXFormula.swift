import Graphs
import Interpreter
import Syntax
import Tensors

/// An expression of the graph as LaTeX, as a paper would set it. Pasted back, it is read as the same expression.
package struct LaTeXFormula {
  private let graph: Graph
  private var indexCount = 0

  package init(_ graph: Graph) { self.graph = graph }

  /// How tightly the outermost operator holds.
  private enum Strength: Int, Comparable {
    case comparison, sum, big, product, negation, power, atom
    static func < (a: Strength, b: Strength) -> Bool { a.rawValue < b.rawValue }
  }

  private struct Piece {
    var text: String
    var strength: Strength
    /// Whether a vector in it has no place for an index, such as a literal.
    var isWhole = false

    func within(_ minimum: Strength) -> String { strength < minimum ? "\\left(\(text)\\right)" : text }
  }

  /// Where a vector takes the index of the sum around it: after its name, or after the label below it.
  private static let bare = "\u{E000}"
  private static let labelled = "\u{E001}"

  /// nil if it would be longer than `limit` characters.
  package mutating func text(_ id: Graph.ID, limit: Int = 4_000) -> String? {
    var pieces: [Graph.ID: Piece] = [:]
    for node in graph.reachable(from: [id]) {
      let piece = piece(node, pieces)
      guard piece.text.utf8.count <= limit else { return nil }
      pieces[node] = piece
    }
    return pieces[id].map { LaTeXFormula.indexed($0.text, by: nil) }
  }

  private static func indexed(_ text: String, by index: String?) -> String {
    text.replacing(bare, with: index.map { "_{\($0)}" } ?? "").replacing(labelled, with: index.map { ",\($0)" } ?? "")
  }

  // MARK: Nodes

  private mutating func piece(_ id: Graph.ID, _ pieces: [Graph.ID: Piece]) -> Piece {
    let node = graph[id]
    let operands = node.inputs.compactMap { pieces[$0] }
    var piece = self.piece(node, id, operands)
    if !node.shape.isEmpty, operands.contains(where: \.isWhole) { piece.isWhole = true }
    return piece
  }

  private mutating func piece(_ node: Graph.Node, _ id: Graph.ID, _ operands: [Piece]) -> Piece {
    func atom(_ text: String) -> Piece { Piece(text: text, strength: .atom) }
    func function(_ name: String) -> Piece {
      atom(name + "\\left(" + operands.map(\.text).joined(separator: ", ") + "\\right)")
    }
    switch node.primitive {
    case .input:
      return atom(LaTeXFormula.name(graph.inputNames[node.attributes[0]], isVector: node.shape.count == 1))
    case .constant:
      guard let tensor = graph.constant(at: id) else { return atom("?") }
      if tensor.rank == 0 { return number(tensor.elements[0]) }
      return Piece(text: matrix(tensor), strength: .atom, isWhole: true)
    case .alias, .broadcast, .reshape: return operands[0]
    case .count: return atom("n")
    case .negate: return Piece(text: "-" + operands[0].within(.product), strength: .negation)
    case .add:
      if operands[1].text.hasPrefix("-"), operands[1].strength >= .product {
        return Piece(text: operands[0].within(.sum) + " - " + operands[1].text.dropFirst(), strength: .sum)
      }
      return Piece(text: operands[0].within(.sum) + " + " + operands[1].within(.big), strength: .sum)
    case .subtract: return Piece(text: operands[0].within(.sum) + " - " + operands[1].within(.product), strength: .sum)
    case .multiply:
      return Piece(
        text: operands[0].within(.product) + " \\cdot " + operands[1].within(.power), strength: .product)
    case .divide:
      if operands[0].strength == .big {
        return Piece(text: "\\frac{1}{\(operands[1].text)} " + operands[0].text, strength: .big)
      }
      return Piece(text: "\\frac{\(operands[0].text)}{\(operands[1].text)}", strength: .product)
    case .power: return Piece(text: operands[0].within(.atom) + "^{\(operands[1].text)}", strength: .power)
    case .matmul:
      return Piece(
        text: operands[0].within(.product) + " \\, " + operands[1].within(.power), strength: .product)
    case .transpose: return Piece(text: operands[0].within(.atom) + "^\\top", strength: .power)
    case .sum: return big("\\sum", node, operands[0])
    case .product: return big("\\prod", node, operands[0])
    case .logsumexp where node.attributes.isEmpty:
      let body = Piece(text: "e^{\(operands[0].text)}", strength: .power, isWhole: operands[0].isWhole)
      return atom("\\log\\left(" + big("\\sum", node, body).text + "\\right)")
    case .largest where node.attributes.isEmpty: return function("\\max")
    case .smallest where node.attributes.isEmpty: return function("\\min")
    case .abs: return atom("\\left|" + operands[0].text + "\\right|")
    case .sqrt: return atom("\\sqrt{" + operands[0].text + "}")
    case .exp: return Piece(text: "e^{" + operands[0].text + "}", strength: .power)
    case .expm1: return Piece(text: "e^{" + operands[0].text + "} - 1", strength: .sum)
    case .log, .sin, .cos, .tan, .sinh, .cosh, .tanh: return function("\\" + node.primitive.row.name)
    case .asin: return function("\\arcsin")
    case .acos: return function("\\arccos")
    case .atan: return function("\\arctan")
    case .log2: return function("\\log_2")
    case .log10: return function("\\log_{10}")
    case .log1p: return atom("\\log\\left(1 + " + operands[0].within(.product) + "\\right)")
    case .softplus: return atom("\\log\\left(1 + e^{" + operands[0].text + "}\\right)")
    case .sigmoid: return function("\\sigma")
    case .relu: return atom("\\max\\left(0, " + operands[0].text + "\\right)")
    case .maximum: return function("\\max")
    case .minimum: return function("\\min")
    case .xlogy:
      return Piece(
        text: operands[0].within(.product) + " \\log\\left(" + operands[1].text + "\\right)", strength: .product)
    case .take:
      guard let place = graph.number(node.inputs[1]), node.attributes == [0] else { break }
      let index = String(Int(place) + 1)
      return atom(
        operands[0].isWhole ? operands[0].text + "_{\(index)}" : LaTeXFormula.indexed(operands[0].text, by: index))
    case .less: return comparison("<", operands)
    case .lessOrEqual: return comparison("\\le", operands)
    case .greater: return comparison(">", operands)
    case .greaterOrEqual: return comparison("\\ge", operands)
    case .equal: return comparison("==", operands)
    case .unequal: return comparison("\\ne", operands)
    case .select:
      return atom(
        "\\begin{cases} \(operands[1].text) & \(operands[0].text) \\\\ \(operands[2].text) & \\text{otherwise} \\end{cases}"
      )
    default: break
    }
    return function("\\operatorname{" + node.primitive.row.name.replacing("_", with: "\\_") + "}")
  }

  private func comparison(_ sign: String, _ operands: [Piece]) -> Piece {
    Piece(text: operands[0].within(.sum) + " \(sign) " + operands[1].within(.sum), strength: .comparison)
  }

  // MARK: Sums

  private mutating func big(_ sign: String, _ node: Graph.Node, _ body: Piece) -> Piece {
    let shape = graph[node.inputs[0]].shape
    guard shape.count == 1, !body.isWhole,
      body.text.contains(LaTeXFormula.bare) || body.text.contains(LaTeXFormula.labelled)
    else { return Piece(text: sign + " " + body.within(.power), strength: .big) }
    let index = ["i", "j", "k", "l", "m"][min(indexCount, 4)]
    indexCount += 1
    let last = shape[0] < 0 ? "n" : String(shape[0])
    let term = LaTeXFormula.indexed(body.within(.product), by: index)
    return Piece(text: "\(sign)_{\(index)=1}^{\(last)} \(term)", strength: .big)
  }

  // MARK: Words

  private static let commands = Dictionary(
    LaTeXNames.letters.filter { $0.value.count == 1 }.map { ($0.value, "\\" + $0.key) }, uniquingKeysWith: min)

  /// `\hat{y}`, `\lambda`, `\mathrm{target}`, `y_{\mathrm{pred}}`, with a place for an index.
  private static func name(_ name: String, isVector: Bool) -> String {
    var parts = name.split(separator: "_", omittingEmptySubsequences: true).map(String.init)
    guard let first = parts.first else { return name }
    parts.removeFirst()
    var base = commands[first] ?? (first.unicodeScalars.count == 1 ? first : "\\mathrm{\(first)}")
    for mark in ["hat", "bar", "tilde"] where parts.first == mark {
      base = "\\\(mark){\(base)}"
      parts.removeFirst()
    }
    if parts.isEmpty { return base + (isVector ? bare : "") }
    let label = parts.map { $0.allSatisfy(\.isNumber) ? $0 : "\\mathrm{\($0)}" }.joined(separator: "\\_")
    return base + "_{" + label + (isVector ? labelled : "") + "}"
  }

  private func number(_ value: Double) -> Piece {
    if value.isInfinite {
      return Piece(text: value < 0 ? "-\\infty" : "\\infty", strength: value < 0 ? .negation : .atom)
    }
    if let (over, under) = ExactNumber.fraction(value) {
      let text = "\\frac{\(abs(over))}{\(under)}"
      return Piece(text: value < 0 ? "-" + text : text, strength: value < 0 ? .negation : .product)
    }
    let text = shortNumber(value, digits: 17)
    let strength: Strength = value.sign == .minus ? .negation : .atom
    guard let mark = text.firstIndex(of: "e") else { return Piece(text: text, strength: strength) }
    return Piece(text: text[..<mark] + " \\cdot 10^{" + text[text.index(after: mark)...] + "}", strength: .product)
  }

  private func matrix(_ tensor: Tensor) -> String {
    let columns = tensor.rank == 2 ? tensor.shape[1] : 1
    guard tensor.rank <= 2, tensor.count <= 100, columns > 0 else { return "\\ldots" }
    let cells = tensor.elements.map { shortNumber($0, digits: 17) }
    if tensor.rank == 1 { return "[" + cells.joined(separator: ", ") + "]" }
    let rows = stride(from: 0, to: cells.count, by: columns).map { start in
      cells[start..<(start + columns)].joined(separator: " & ")
    }
    return "\\begin{bmatrix} " + rows.joined(separator: " \\\\ ") + " \\end{bmatrix}"
  }
}
