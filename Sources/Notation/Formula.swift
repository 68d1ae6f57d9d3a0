import Graphs
import Interpreter
import Tensors

/// An expression of the graph on one line, in symbols that can be typed back.
///
/// With `values`, inputs are printed as numbers: the substituted form of the same formula.
package struct Formula {
  private let graph: Graph
  private let values: [Graph.ID: Double]
  private let digits: Int
  private let names: [Graph.ID: String]
  private let spellsOut: Bool

  /// - Parameter names: what inner nodes are called instead of being written out.
  /// - Parameter spellsOut: prints `y·log(p)` for `xlogy(y, p)`.
  package init(
    _ graph: Graph, values: [Graph.ID: Double] = [:], digits: Int = 6, names: [Graph.ID: String] = [:],
    spellsOut: Bool = false
  ) {
    self.spellsOut = spellsOut
    self.graph = graph
    self.values = values
    self.names = names
    self.digits = digits
  }

  /// How tightly the outermost operator of a piece of text holds.
  private enum Strength: Int, Comparable {
    case condition, comparison, sum, big, product, negation, power, atom
    static func < (a: Strength, b: Strength) -> Bool { a.rawValue < b.rawValue }
  }

  private struct Piece {
    var text: String
    var strength: Strength

    func within(_ minimum: Strength) -> String { strength < minimum ? "(" + text + ")" : text }
  }

  /// The formula of a node; nil if it would be longer than `limit` characters.
  package func text(_ id: Graph.ID, limit: Int = 400) -> String? {
    var pieces: [Graph.ID: Piece] = [:]
    for node in graph.reachable(from: [id]) {
      let piece = piece(node, pieces)
      guard piece.text.count <= limit else { return nil }
      pieces[node] = piece
    }
    return pieces[id]?.text
  }

  private func piece(_ id: Graph.ID, _ pieces: [Graph.ID: Piece]) -> Piece {
    if let name = names[id] { return Piece(text: printed(name), strength: .atom) }
    let node = graph[id]
    let operands = node.inputs.compactMap { pieces[$0] }
    switch node.primitive {
    case .input:
      if let value = values[id] { return number(value) }
      return Piece(text: printed(graph.inputNames[node.attributes[0]]), strength: .atom)
    case .constant:
      guard let tensor = graph.constant(at: id) else { return Piece(text: "?", strength: .atom) }
      return tensor.rank == 0 ? number(tensor.elements[0]) : Piece(text: literal(tensor), strength: .atom)
    case .alias, .broadcast, .reshape: return operands[0]
    case .count: return Piece(text: "n", strength: .atom)
    case .negate:
      let operand = operands[0].within(.big)
      return Piece(
        text: "-" + (operand.hasPrefix("-") ? "(" + operand + ")" : operand),
        strength: operands[0].strength == .big ? .big : .negation)
    case .exp where graph[node.inputs[0]].primitive == .logSoftmax:
      let scores = pieces[graph[node.inputs[0]].inputs[0]]?.text ?? "…"
      return Piece(text: "softmax(" + scores + ")", strength: .atom)
    case .add:
      if operands[1].text.hasPrefix("-"), operands[1].strength >= .product {
        return Piece(text: operands[0].within(.sum) + " - " + operands[1].text.dropFirst(), strength: .sum)
      }
      return Piece(text: operands[0].within(.sum) + " + " + operands[1].within(.big), strength: .sum)
    case .subtract:
      let right = operands[1].within(.product)
      return Piece(
        text: operands[0].within(.sum) + " - " + (right.hasPrefix("-") ? "(" + right + ")" : right), strength: .sum)
    case .multiply:
      // Σ takes the whole product that follows it, so it may stand last: 2·Σ(r·x).
      if operands[1].strength == .big, operands[1].text.hasPrefix("Σ") {
        return Piece(text: operands[0].within(.product) + "·" + operands[1].text, strength: .big)
      }
      // A minus after the dot reads as another operation: 2·(-x).
      return Piece(text: operands[0].within(.product) + "·" + operands[1].within(.power), strength: .product)
    case .divide:
      return Piece(text: operands[0].within(.product) + "/" + operands[1].within(.power), strength: .product)
    case .xlogy where spellsOut:
      return Piece(text: operands[0].within(.product) + "·log(" + operands[1].text + ")", strength: .product)
    case .power: return power(operands[0], operands[1], graph.number(node.inputs[1]))
    case .matmul:
      return Piece(text: operands[0].within(.product) + " @ " + operands[1].within(.negation), strength: .product)
    case .sum, .sumTo: return Piece(text: "Σ" + spaced(operands[0]), strength: .big)
    case .product: return Piece(text: "Π" + spaced(operands[0]), strength: .big)
    case .abs: return Piece(text: "|" + operands[0].text + "|", strength: .atom)
    case .sqrt: return Piece(text: "√" + operands[0].within(.atom), strength: .negation)
    case .transpose where node.attributes.isEmpty: return Piece(text: operands[0].within(.atom) + "'", strength: .atom)
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .unequal:
      return Piece(
        text: operands[0].within(.sum) + " " + node.primitive.row.name + " " + operands[1].within(.sum),
        strength: .comparison)
    case .stack:
      return Piece(text: "[" + operands.map(\.text).joined(separator: ", ") + "]", strength: .atom)
    case .take:
      guard let place = graph.number(node.inputs[1]) else { return call(node, operands) }
      let axes = String(repeating: ":,", count: node.attributes.first ?? 0)
      return Piece(text: operands[0].within(.atom) + "[" + axes + shortNumber(place + 1) + "]", strength: .atom)
    case .select:
      return Piece(
        text: "if " + operands[0].text + " then " + operands[1].text + " else " + operands[2].text, strength: .condition
      )
    default: return call(node, operands)
    }
  }

  private func call(_ node: Graph.Node, _ operands: [Piece]) -> Piece {
    Piece(text: node.primitive.row.name + "(" + operands.map(\.text).joined(separator: ", ") + ")", strength: .atom)
  }

  private func spaced(_ piece: Piece) -> String { piece.strength >= .power ? " " + piece.text : "(" + piece.text + ")" }

  private func power(_ base: Piece, _ exponent: Piece, _ number: Double?) -> Piece {
    let superscripts: [Double: String] = [2: "²", 3: "³", 4: "⁴", -1: "⁻¹", -2: "⁻²"]
    if let number, let mark = superscripts[number] { return Piece(text: base.within(.atom) + mark, strength: .power) }
    return Piece(text: base.within(.atom) + "^" + exponent.within(.atom), strength: .power)
  }

  /// A fraction where a decimal would not be the number: `1/3·Σ …`, which can be typed back.
  private func number(_ value: Double) -> Piece {
    if let (numerator, denominator) = ExactNumber.fraction(value, digits: digits) {
      return Piece(text: "\(numerator)/\(denominator)", strength: .product)
    }
    return Piece(text: shortNumber(value, digits: digits), strength: value.sign == .minus ? .negation : .atom)
  }

  private func literal(_ tensor: Tensor) -> String {
    if tensor.rank == 2, tensor.shape[0] == tensor.shape[1], tensor.shape[0] <= 64,
      tensor.elements.indices.allSatisfy({ tensor.elements[$0] == ($0 % (tensor.shape[0] + 1) == 0 ? 1 : 0) })
    {
      return "eye(\(tensor.shape[0]))"
    }
    guard 1...2 ~= tensor.rank, tensor.count <= Formula.literalLimit else {
      return "[" + tensor.shape.map(String.init).joined(separator: "×") + "]"
    }
    let elements = tensor.elements.map { number($0).text }
    if tensor.rank == 1 { return "[" + elements.joined(separator: ",") + "]" }
    let columns = tensor.shape[1]
    let rows = (0..<tensor.shape[0]).map {
      "[" + elements[$0 * columns..<($0 + 1) * columns].joined(separator: ",") + "]"
    }
    return "[" + rows.joined(separator: ", ") + "]"
  }

  /// Larger data is named or told by its shape.
  static let literalLimit = 6

  private func printed(_ name: String) -> String { name == "y_hat" ? "ŷ" : name }
}
