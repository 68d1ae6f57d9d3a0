import Graphs
import Interpreter
import Tensors

/// A graph as the text of a function in another language.
///
/// The same nodes that are computed and differentiated are written out, so the code says what the value says. What a
/// library has under its own name (`np.mean`, `torch.logsumexp`) is called by it; a node used more than once becomes a
/// local variable; small helpers that a library lacks come before the function.
package struct Code {
  let graph: Graph
  let dialect: Dialect
  /// Statements before the result, in order.
  var statements: [String] = []
  var pieces: [Graph.ID: Piece] = [:]
  var helpers: [String] = []
  private var isShared: Set<Graph.ID> = []
  /// Comparisons as conditions, beside their pieces as numbers.
  private var conditions: [Graph.ID: String] = [:]
  private var settings: Set<Graph.ID> = []
  private var localCount = 0
  /// For Swift: whose length the loops run over.
  private var lengthName: String?
  /// Whether data is written by what it is, `arange(1, 8)`, rather than number by number: for code of any size.
  private var generalises = false

  /// Something the dialect has no words for.
  package struct Untranslatable: Error, Sendable {
    package let primitive: String
  }

  struct Piece {
    var text: String
    var strength: Strength

    func within(_ minimum: Strength) -> String { strength < minimum ? "(" + text + ")" : text }
  }

  /// How tightly the outermost operator holds, loosest first: Python's order and Swift's.
  enum Strength: Int, Comparable {
    case comparison, sum, product, negation, power, atom
    static func < (a: Strength, b: Strength) -> Bool { a.rawValue < b.rawValue }
  }

  package struct Parameter: Sendable {
    package var name: String
    package var input: Graph.ID
    package var fallback: Double?

    package init(name: String, input: Graph.ID, fallback: Double?) {
      self.name = name
      self.input = input
      self.fallback = fallback
    }
  }

  private init(_ graph: Graph, _ dialect: Dialect) {
    self.graph = graph
    self.dialect = dialect
  }

  /// - Parameters:
  ///   - results: the node of a number or tensor, or the named nodes of a record.
  ///   - generalises: writes data by what it is, `arange(1, 8)`, rather than number by number.
  /// - Throws: `Untranslatable` for a primitive that the language has no words for.
  package static func function(
    _ name: String, _ parameters: [Parameter], results: [(name: String, id: Graph.ID)], isRecord: Bool, _ graph: Graph,
    in dialect: Dialect, generalises: Bool = false
  ) throws(Untranslatable) -> String {
    var code = Code(graph, dialect)
    code.generalises = generalises
    let order = graph.reachable(from: results.map(\.id))
    var uses: [Graph.ID: Int] = [:]
    for id in order where graph[id].primitive != .count {
      for input in graph[id].inputs { uses[input, default: 0] += 1 }
    }
    code.isShared = Set(uses.filter { $0.value > 1 }.keys)
    code.settings = Set(parameters.filter { $0.fallback != nil }.map(\.input))
    for parameter in parameters {
      let name = dialect.identifier(parameter.name)
      let isVector = dialect.isSwift && !graph[parameter.input].shape.isEmpty
      if isVector, code.lengthName == nil { code.lengthName = name }
      code.pieces[parameter.input] = Piece(text: isVector ? name + "[$1]" : name, strength: .atom)
    }
    for id in order where code.pieces[id] == nil { try code.write(id) }
    let texts = results.map { result in
      (dialect.identifier(result.name), code.spreadResult(result.id, parameters) ?? code.text(of: result.id))
    }
    code.dropUnused(texts.map(\.1))
    let axes = order.contains { !graph[$0].attributes.isEmpty && graph[$0].primitive.row.isFoldAlongAxis }
    if dialect.isSwift {
      return try SwiftCode.assembled(
        dialect.identifier(name), parameters.map { (dialect.identifier($0.name), graph[$0.input].shape, $0.fallback) },
        length: code.lengthName, statements: code.statements, results: texts.map(\.1),
        resultShapes: results.map { graph[$0.id].shape }, helpers: code.helpers, dialect)
    }
    return dialect.assembled(
      name: dialect.identifier(name), parameters: parameters, statements: code.statements, results: texts,
      isRecord: isRecord, helpers: code.helpers,
      vectors: axes && !generalises ? parameters.filter { graph[$0.input].shape.count == 1 }.map(\.name) : [])
  }

  /// Leaves out what was named and then went into another word: a count that a mean counts by itself.
  private mutating func dropUnused(_ results: [String]) {
    var later = results.joined(separator: " ")
    var kept: [String] = []
    for statement in statements.reversed() {
      let name = (statement.hasPrefix("let ") ? statement.dropFirst(4) : statement[...]).prefix { $0 != " " }
      let words = later.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      guard words.contains(name) || lengthName == String(name) else { continue }
      kept.append(statement)
      later += " " + statement
    }
    statements = kept.reversed()
  }

  /// A result that is one number for all elements, as many times as there are elements.
  private func spreadResult(_ id: Graph.ID, _ parameters: [Parameter]) -> String? {
    guard graph[id].primitive == .broadcast, let form = dialect.spread, let piece = pieces[id] else { return nil }
    let shape = graph[id].shape
    if Shapes.isConcrete(shape) { return dialect.filled(form, [piece.text, Dialect.tuple(shape)]) }
    guard let like = parameters.first(where: { graph[$0.input].shape == shape }) else { return nil }
    return dialect.filled(form, [piece.text, dialect.identifier(like.name) + ".shape"])
  }

  /// A node as a value: in Swift a vector is the loop over its elements.
  private func text(of id: Graph.ID) -> String {
    let text = pieces[id]?.text ?? ""
    guard dialect.isSwift, !graph[id].shape.isEmpty else { return text }
    if !text.contains("$1") { return "[Double](repeating: \(text), count: n)" }
    return "(0..<n).map { " + text.replacing("$1", with: "$0") + " }"
  }

  private mutating func write(_ id: Graph.ID) throws(Untranslatable) {
    if dialect.isSwift, graph[id].shape.count > 1 { throw Untranslatable(primitive: "a matrix") }
    var piece = try self.piece(id)
    // A condition that is kept is kept as a number.
    if isShared.contains(id) { piece = numeric(piece) }
    // Python's parser stops at 100 brackets; a reader long before.
    let isDeep = !dialect.isSwift && Code.depth(piece.text) > 12
    guard isShared.contains(id) && (piece.strength != .atom || piece.text.contains("(")) || isDeep else {
      pieces[id] = piece
      return
    }
    localCount += 1
    let name = "t\(localCount)"
    pieces[id] = piece
    statements.append(dialect.binding(name, text(of: id)))
    let isVector = dialect.isSwift && !graph[id].shape.isEmpty
    pieces[id] = Piece(text: isVector ? name + "[$1]" : name, strength: .atom)
  }

  private static func depth(_ text: String) -> Int {
    var (depth, deepest) = (0, 0)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "(") { depth += 1 } else if byte == UInt8(ascii: ")") { depth -= 1 }
      deepest = max(deepest, depth)
    }
    return deepest
  }

  // MARK: Nodes

  private mutating func piece(_ id: Graph.ID) throws(Untranslatable) -> Piece {
    let node = graph[id]
    let operands = node.inputs.compactMap { pieces[$0] }
    switch node.primitive {
    case .input: return Piece(text: dialect.identifier(graph.inputNames[node.attributes[0]]), strength: .atom)
    case .constant:
      guard let tensor = graph.constant(at: id) else { throw Untranslatable(primitive: "constant") }
      return try constant(tensor)
    case .alias: return operands[0]
    case .reshape where graph[node.inputs[0]].shape.isEmpty && node.shape.allSatisfy({ $0 == 1 }):
      // A number stretches as well as a row of one.
      return operands[0]
    case .reshape where Shapes.isConcrete(node.shape) && !Shapes.isConcrete(graph[node.inputs[0]].shape):
      // The shape was worked out for one vector; code for any length cannot repeat it.
      throw Untranslatable(primitive: "reshape")
    case .broadcast:
      // Operators stretch numbers by themselves; elsewhere the shape is asked for.
      return operands[0]
    case .negate: return Piece(text: "-" + numeric(operands[0]).within(.negation), strength: .negation)
    case .add: return infix("+", operands.map(numeric), .sum)
    case .subtract: return infix("-", operands.map(numeric), .sum)
    case .multiply: return infix("*", operands, .product)
    case .divide:
      if let mean = try mean(node) { return mean }
      return infix("/", operands, .product)
    case .matmul:
      guard !dialect.isSwift else { throw Untranslatable(primitive: "@") }
      return infix("@", operands, .product)
    case .power: return try power(operands, graph.number(node.inputs[1]))
    case .less: return comparison("<", id, operands)
    case .lessOrEqual: return comparison("<=", id, operands)
    case .greater: return comparison(">", id, operands)
    case .greaterOrEqual: return comparison(">=", id, operands)
    case .equal: return comparison("==", id, operands)
    case .unequal: return comparison("!=", id, operands)
    case .and, .or, .not:
      guard let form = dialect.forms[node.primitive] else { throw Untranslatable(primitive: node.primitive.row.name) }
      let text = dialect.filled(form.text, zip(node.inputs, operands).map { condition($0, $1) })
      conditions[id] = text
      return Piece(text: dialect.filled(dialect.cast, [text]), strength: .atom)
    case .select:
      guard let form = dialect.forms[.select] else { throw Untranslatable(primitive: "select") }
      var texts = [condition(node.inputs[0], operands[0]), operands[1].text, operands[2].text]
      if isSetting(node.inputs[1]), isSetting(node.inputs[2]) {
        // Two plain numbers would take the library's default precision.
        texts[1] = dialect.filled(dialect.wrapped, [texts[1]])
      }
      if isSetting(node.inputs[0]), isNumber(node.inputs[0]), !dialect.isSwift {
        let chosen = "(\(texts[1]) if \(texts[0]) else \(texts[2]))"
        if let form = dialect.spread, Shapes.isConcrete(node.shape), !node.shape.isEmpty,
          isNumber(node.inputs[1]), isNumber(node.inputs[2])
        {
          return Piece(text: dialect.filled(form, [chosen, Dialect.tuple(node.shape)]), strength: .atom)
        }
        return Piece(text: chosen, strength: .atom)
      }
      return Piece(text: dialect.filled(form.text, texts), strength: .atom)
    case .sum, .product, .largest, .smallest:
      if dialect.isSwift { return try swiftFold(node, operands[0]) }
    case _
    where dialect.isSwift && !node.primitive.row.kernel.isElementwise && node.primitive != .count
      && node.primitive != .frozen:
      return try swiftArray(node)
    default: break
    }
    let texts = zip(node.inputs, operands).map { input, piece in
      if graph[input].shape.isEmpty {
        return isSetting(input) ? dialect.filled(dialect.wrapped, [piece.text]) : numeric(piece).text
      }
      if node.primitive == .take { return numeric(piece).within(.atom) }
      return spread(input, piece, of: node) ?? numeric(piece).text
    }
    guard let call = try dialect.call(node, texts, graph) else {
      throw Untranslatable(primitive: node.primitive.row.name)
    }
    for helper in call.helpers where !helpers.contains(helper) { helpers.append(helper) }
    return Piece(text: call.text, strength: .atom)
  }

  /// What works on an array as a whole; its elements are found under a name.
  private mutating func swiftArray(_ node: Graph.Node) throws(Untranslatable) -> Piece {
    guard node.inputs.count == 1, graph[node.inputs[0]].shape.count == 1,
      let form = dialect.forms[node.primitive]
    else { throw Untranslatable(primitive: node.primitive.row.name) }
    for helper in form.helpers where !helpers.contains(helper) { helpers.append(helper) }
    let call = dialect.filled(form.text, [text(of: node.inputs[0])])
    if node.shape.isEmpty { return Piece(text: call, strength: .atom) }
    localCount += 1
    statements.append(dialect.binding("t\(localCount)", call))
    return Piece(text: "t\(localCount)[$1]", strength: .atom)
  }

  private func swiftFold(_ node: Graph.Node, _ operand: Piece) throws(Untranslatable) -> Piece {
    guard node.attributes.isEmpty || node.attributes == [0], graph[node.inputs[0]].shape.count == 1 else {
      throw Untranslatable(primitive: node.primitive.row.name)
    }
    let text: String
    switch node.primitive {
    case .sum: text = "(0..<n).reduce(0.0) { $0 + \(operand.within(.product)) }"
    case .product: text = "(0..<n).reduce(1.0) { $0 * \(operand.within(.power)) }"
    case .largest: text = "(0..<n).reduce(-Double.infinity) { max($0, \(operand.text)) }"
    default: text = "(0..<n).reduce(Double.infinity) { min($0, \(operand.text)) }"
    }
    return Piece(text: text, strength: .atom)
  }

  /// Whether a node depends on settings alone, which are plain numbers of the language.
  private func isSetting(_ id: Graph.ID) -> Bool {
    graph.reachable(from: [id]).allSatisfy { graph[$0].primitive != .input || settings.contains($0) }
  }

  /// Whether a node is a number, be it repeated.
  private func isNumber(_ id: Graph.ID) -> Bool {
    graph[id].shape.isEmpty || graph[id].primitive == .broadcast && graph[graph[id].inputs[0]].shape.isEmpty
  }

  /// An operand as a condition.
  private func condition(_ id: Graph.ID, _ piece: Piece) -> String {
    conditions[id] ?? piece.within(.sum) + " != 0"
  }

  /// A repeated operand in its own shape, for what does not stretch its operands.
  private func spread(_ input: Graph.ID, _ piece: Piece, of node: Graph.Node) -> String? {
    let shape = graph[input].shape
    guard graph[input].primitive == .broadcast, !node.primitive.row.kernel.isElementwise, Shapes.isConcrete(shape),
      let form = dialect.spread
    else { return nil }
    return dialect.filled(form, [piece.text, Dialect.tuple(shape)])
  }

  /// A condition as 1 or 0, where the library does not take it for a number.
  private func numeric(_ piece: Piece) -> Piece {
    guard piece.strength == .comparison else { return piece }
    return Piece(text: "1.0 * " + piece.within(.power), strength: .product)
  }

  private func infix(_ sign: String, _ operands: [Piece], _ strength: Strength) -> Piece {
    let right = Strength(rawValue: strength.rawValue + 1) ?? strength
    return Piece(text: "\(operands[0].within(strength)) \(sign) \(operands[1].within(right))", strength: strength)
  }

  private mutating func comparison(_ sign: String, _ id: Graph.ID, _ operands: [Piece]) -> Piece {
    let text = "\(operands[0].within(.sum)) \(sign) \(operands[1].within(.sum))"
    conditions[id] = text
    if dialect.cast == "{0}" { return Piece(text: text, strength: .comparison) }
    // Settings are plain numbers of the language, and so is what compares them.
    if !dialect.isSwift, graph[id].shape.isEmpty, isSetting(id) {
      return Piece(text: "float(\(text))", strength: .atom)
    }
    return Piece(text: dialect.filled(dialect.cast, [text]), strength: .atom)
  }

  private func power(_ operands: [Piece], _ exponent: Double?) throws(Untranslatable) -> Piece {
    if let form = dialect.power(operands[0], operands[1], exponent) { return form }
    return Piece(text: operands[0].within(.atom) + "**" + operands[1].within(.atom), strength: .power)
  }

  /// Σx / n is a mean where n counts what is summed.
  private mutating func mean(_ node: Graph.Node) throws(Untranslatable) -> Piece? {
    let (sum, count) = (graph[node.inputs[0]], node.inputs[1])
    guard sum.primitive == .sum, !isShared.contains(node.inputs[0]), let summed = pieces[sum.inputs[0]] else {
      return nil
    }
    let shape = graph[sum.inputs[0]].shape
    let length = sum.attributes.first.map { shape[$0] } ?? shape.reduce(1, *)
    let isCount =
      graph[count].primitive == .count && graph[graph[count].inputs[0]].shape == shape && sum.attributes.isEmpty
    guard isCount || Shapes.isConcrete(shape) && graph.number(count) == Double(length),
      let text = dialect.mean(summed.text, axis: sum.attributes.first)
    else { return nil }
    return Piece(text: text, strength: .atom)
  }

  private mutating func constant(_ tensor: Tensor) throws(Untranslatable) -> Piece {
    if tensor.rank == 0 {
      let value = tensor.elements[0]
      if value > 0, let (over, under) = ExactNumber.fraction(value), Double(over) / Double(under) == value {
        return Piece(text: dialect.fraction(over, under), strength: .product)
      }
      return Piece(text: dialect.number(value), strength: value.sign == .minus ? .negation : .atom)
    }
    if generalises, let text = dialect.pattern(tensor) { return Piece(text: text, strength: .atom) }
    guard tensor.count <= 1_000 else { throw Untranslatable(primitive: "data of \(tensor.count) numbers") }
    let literal = dialect.filled(dialect.array, [Dialect.nested(tensor, dialect)])
    if dialect.isSwift {
      guard tensor.rank == 1 else { throw Untranslatable(primitive: "a matrix") }
      localCount += 1
      statements.append(dialect.binding("t\(localCount)", literal))
      if lengthName == nil { lengthName = "t\(localCount)" }
      return Piece(text: "t\(localCount)[$1]", strength: .atom)
    }
    return Piece(text: literal, strength: .atom)
  }
}

extension Primitive {
  /// Whether it goes along one axis, so that vectors and matrices are treated differently.
  fileprivate var isFoldAlongAxis: Bool {
    ["sum", "prod", "max", "min", "logsumexp", "softmax", "log_softmax", "cumsum", "sort", "argsort"].contains(name)
  }
}
