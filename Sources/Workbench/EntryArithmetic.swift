import Graphs
import Interpreter
import Notation
import Tensors

/// One entry of a node as arithmetic on numbers that closes in print: the operands get as many digits as it takes for a
/// reader's calculator to arrive at the printed result.
struct EntryArithmetic {
  /// Sums of no more terms are written out.
  private static let longestSum = 4

  struct Written {
    /// The right side with numbers in; nil where it is no arithmetic but one number.
    var text: String?
    var value: Double
    /// What entered as a number though it was made of a whole tensor.
    var taken: [(text: String, value: Tensor)] = []
  }

  private let graph: Graph
  private let known: [Graph.ID: Tensor]

  /// - Parameter known: the values of inputs.
  init(_ graph: Graph, _ known: [Graph.ID: Tensor]) {
    self.graph = graph
    self.known = known
  }

  /// What a node is worth; nil where an input is not known.
  func value(_ node: Expression) -> Tensor? {
    let inputs = graph.reachable(from: [node.id]).filter { graph[$0].primitive == .input }
    guard inputs.allSatisfy({ known[$0]?.shape == graph[$0].shape }),
      let program = try? Program(graph, outputs: [node.id])
    else { return nil }
    var arguments = [Tensor](repeating: Tensor(0), count: graph.inputNames.count)
    for id in inputs { arguments[graph[id].attributes[0]] = known[id] ?? Tensor(0) }
    return (try? program.run(arguments))?.first
  }

  /// An entry written out; nil where an input is not known.
  func written(_ node: Expression, at element: Int, limit: Int) -> Written? {
    guard let whole = value(node), whole.elements.indices.contains(element) else { return nil }
    let exact = whole.elements[element]
    var short: Written?
    for expandsSums in [true, false] {
      var scribe = Scribe(arithmetic: self, expandsSums: expandsSums)
      guard let result = scribe.number(node.id, element) else { continue }
      short = Written(text: nil, value: exact, taken: scribe.taken)
      guard result.node.primitive != .input, result.node.primitive != .constant else { continue }
      if let text = scribe.closing(result, exact, limit: limit) {
        return Written(text: text, value: exact, taken: scribe.taken)
      }
    }
    return short
  }

  /// Writes an entry as an expression of single numbers, in a graph of its own: what has a number there is an input.
  private struct Scribe {
    let arithmetic: EntryArithmetic
    let expandsSums: Bool
    private let numbers = Graph()
    private var operands: [Double] = []
    private var made: [Key: Expression] = [:]
    private(set) var taken: [(text: String, value: Tensor)] = []

    private struct Key: Hashable {
      let id: Graph.ID
      let element: Int
    }

    init(arithmetic: EntryArithmetic, expandsSums: Bool) {
      self.arithmetic = arithmetic
      self.expandsSums = expandsSums
    }

    /// The arithmetic in print, with as many digits as its result needs; nil where it is longer than the limit.
    func closing(_ result: Expression, _ exact: Double, limit: Int) -> String? {
      guard let program = try? Program(numbers, outputs: [result.id]) else { return nil }
      let digits =
        (8...17).first { digits in
          let arguments = operands.map { Tensor(ExactNumber.printed($0, digits: digits)) }
          guard let value = (try? program.run(arguments))?.first?.elements.first else { return false }
          return shortNumber(value) == shortNumber(exact)
        } ?? 17
      var values: [Graph.ID: Double] = [:]
      for id in numbers.reachable(from: [result.id]) where numbers[id].primitive == .input {
        values[id] = operands[numbers[id].attributes[0]]
      }
      return Formula(numbers, values: values, digits: digits).text(result.id, limit: limit)
    }

    private mutating func atom(_ value: Double) -> Expression {
      operands.append(value)
      return numbers.input("x\(operands.count)", shape: [])
    }

    /// One entry of a node as an expression of numbers.
    mutating func number(_ id: Graph.ID, _ element: Int) -> Expression? {
      let key = Key(id: id, element: element)
      if let found = made[key] { return found }
      let graph = arithmetic.graph
      let node = graph[id]
      let result: Expression?
      switch node.primitive {
      case .constant: result = graph.constant(at: id).map { numbers.constant($0.elements[element]) }
      case .input:
        guard let tensor = arithmetic.known[id], tensor.elements.indices.contains(element) else { return nil }
        result = atom(tensor.elements[element])
      case .alias, .reshape: result = number(node.inputs[0], element)
      case .broadcast:
        result = number(
          node.inputs[0], Scribe.source(of: element, in: node.shape, from: graph[node.inputs[0]].shape))
      case _ where node.primitive.row.kernel.isElementwise:
        var parts: [Expression] = []
        for input in node.inputs {
          guard let part = number(input, Scribe.source(of: element, in: node.shape, from: graph[input].shape)) else {
            return nil
          }
          parts.append(part)
        }
        result = try? numbers.apply(node.primitive, parts)
      default: result = sum(node, element) ?? whole(id, element)
      }
      made[key] = result
      return result
    }

    /// A short sum or product of matrices, term by term.
    private mutating func sum(_ node: Graph.Node, _ element: Int) -> Expression? {
      guard expandsSums else { return nil }
      let shapes = node.inputs.map { arithmetic.graph[$0].shape }
      var terms: [Expression] = []
      switch node.primitive {
      case .sum where node.shape.isEmpty:
        let count = shapes[0].reduce(1, *)
        guard count <= EntryArithmetic.longestSum else { return nil }
        for place in 0..<count {
          guard let term = number(node.inputs[0], place) else { return nil }
          terms.append(term)
        }
      case .matmul where shapes.allSatisfy({ (1...2).contains($0.count) }):
        let inner = shapes[0].last ?? 0
        guard inner <= EntryArithmetic.longestSum else { return nil }
        let columns = shapes[1].count == 2 ? shapes[1][1] : 1
        let (row, column) = element.quotientAndRemainder(dividingBy: max(1, columns))
        for place in 0..<inner {
          guard let left = number(node.inputs[0], row * inner + place),
            let right = number(node.inputs[1], place * columns + column)
          else { return nil }
          terms.append(left * right)
        }
      default: return nil
      }
      guard let first = terms.first else { return nil }
      return terms.dropFirst().reduce(first, +)
    }

    /// What is made of a whole tensor, as the number it is.
    private mutating func whole(_ id: Graph.ID, _ element: Int) -> Expression? {
      let node = arithmetic.graph.expression(id)
      guard let value = arithmetic.value(node), value.elements.indices.contains(element) else { return nil }
      if let text = Formula(arithmetic.graph).text(id, limit: 60) { taken.append((text, value)) }
      return atom(value.elements[element])
    }

    /// The entry that broadcasting repeats there.
    private static func source(of element: Int, in shape: Shape, from other: Shape) -> Int {
      if other == shape { return element }
      if other.isEmpty { return 0 }
      let ownStrides = Shapes.strides(other)
      let skipped = shape.count - other.count
      var rest = element
      var found = 0
      for (axis, stride) in Shapes.strides(shape).enumerated() {
        let (index, left) = rest.quotientAndRemainder(dividingBy: max(1, stride))
        rest = left
        if axis >= skipped, other[axis - skipped] > 1 { found += index * ownStrides[axis - skipped] }
      }
      return found
    }
  }
}
