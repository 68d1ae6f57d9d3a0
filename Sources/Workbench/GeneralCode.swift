import Graphs
import Interpreter
import Losses
import Markup
import Notation
import Syntax
import Tensors

/// Code for a loss of the catalogue that takes arrays of any size.
///
/// The loss is traced twice, with two sets of lengths for its axes, and written out twice. Where the two texts differ in
/// a number, and that number is the same function of the lengths in both (`n`, `k + 1`, `n·k` …), the function stands
/// there instead; where they differ in anything else, the code would depend on the lengths, and there is none.
struct GeneralCode {
  private let function: Function
  private let entry: Entry
  private let dialect: Dialect
  private let axes: [String]
  /// Whether an argument has rows. Losses of vectors are first traced with an unknown length.
  let isOfMatrices: Bool

  /// nil where an argument is not described, or the language has no arrays of arrays.
  init?(_ function: Function, _ entry: Entry, _ dialect: Dialect) {
    self.function = function
    self.entry = entry
    self.dialect = dialect
    var axes: [String] = []
    var isMatrix = false
    for parameter in function.parameters where parameter.fallback == nil {
      guard let shape = entry.domain(of: parameter.name)?.shape else { return nil }
      isMatrix = isMatrix || shape.count > 1
      for axis in shape where GeneralCode.fixed(axis) == nil && !axes.contains(axis) { axes.append(axis) }
    }
    guard dialect.hasMatrices, axes.count <= GeneralCode.lengths[0].count else { return nil }
    self.axes = axes
    isOfMatrices = isMatrix
  }

  /// Odd and even lengths whose reciprocals, and those of their neighbours and products, are no short decimals.
  private static let lengths: [[Int]] = [[7, 13, 19, 31], [12, 22, 30, 42]]

  /// A length that is no name.
  private static func fixed(_ axis: String) -> Int? { axis == "four" ? 4 : Int(axis) }

  // MARK: The text

  func text(_ name: String, _ evaluator: Evaluator, at span: Range<Int>) throws(Diagnostic) -> String? {
    var texts: [[Substring]] = []
    for lengths in GeneralCode.lengths {
      let traced = try FunctionGraph(function, in: evaluator, examples: examples(lengths), at: span)
      do throws(Code.Untranslatable) {
        let text = try Code.function(
          name, traced.parameters, results: traced.results, isRecord: traced.isRecord, traced.graph, in: dialect,
          generalises: true)
        texts.append(GeneralCode.tokens(text))
      } catch {
        throw CodeBuiltin.untranslatable(error, dialect, at: span)
      }
    }
    guard texts[0].count == texts[1].count else { return nil }
    var used: Set<String> = []
    var result = ""
    for (first, second) in zip(texts[0], texts[1]) {
      if first == second {
        result += first
      } else if let a = Double(first), let b = Double(second), let found = length(a, b) {
        used.formUnion(found.axes)
        result += found.text
      } else {
        return nil
      }
    }
    return withHeader(result, used)
  }

  private func examples(_ lengths: [Int]) -> [Value] {
    function.parameters.filter { $0.fallback == nil }.map { parameter in
      let shape = (entry.domain(of: parameter.name)?.shape ?? []).filter { $0 != "-" }
      let known = shape.map { axis in GeneralCode.fixed(axis) ?? axes.firstIndex(of: axis).map { lengths[$0] } ?? 1 }
      return Value(Tensor(shape: known, elements: [Double](repeating: 1, count: known.reduce(1, *))))
    }
  }

  /// Numbers, and what is between them. Digits of a name are no number.
  private static func tokens(_ text: String) -> [Substring] {
    var result: [Substring] = []
    var start = text.startIndex
    var place = start
    func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
    while place < text.endIndex {
      let before = place > text.startIndex ? text[text.index(before: place)] : " "
      guard isDigit(text[place]), !before.isLetter, !isDigit(before), before != "_", before != "." else {
        place = text.index(after: place)
        continue
      }
      result.append(text[start..<place])
      start = place
      while place < text.endIndex, isDigit(text[place]) || text[place] == "." { place = text.index(after: place) }
      result.append(text[start..<place])
      start = place
    }
    result.append(text[start...])
    return result
  }

  private struct Length {
    var text: String
    var axes: Set<String>
    /// With the first lengths and with the second.
    var values: [Double]
  }

  /// What is `a` with the first lengths and `b` with the second.
  private func length(_ a: Double, _ b: Double) -> (text: String, axes: Set<String>)? {
    for (place, axis) in axes.enumerated() {
      let found = ofOne(axis, GeneralCode.lengths.map { Double($0[place]) }).first { $0.values == [a, b] }
      if let found { return (found.text, found.axes) }
    }
    for (place, axis) in axes.enumerated() {
      for (other, second) in axes.enumerated() where other > place {
        let pairs = GeneralCode.lengths.map { (Double($0[place]), Double($0[other])) }
        if pairs.map({ $0 * $1 }) == [a, b] { return ("(\(axis) * \(second))", [axis, second]) }
        if pairs.map({ $0 * ($1 - 1) }) == [a, b] { return ("(\(axis) * (\(second) - 1))", [axis, second]) }
      }
    }
    return nil
  }

  private func ofOne(_ axis: String, _ n: [Double]) -> [Length] {
    func length(_ text: String, _ value: (Double) -> Double) -> Length {
      Length(text: text, axes: [axis], values: n.map(value))
    }
    return [
      length(axis) { $0 }, length("(\(axis) + 1)") { $0 + 1 }, length("(\(axis) - 1)") { $0 - 1 },
      length("(\(axis) * (\(axis) - 1))") { $0 * ($0 - 1) }, length("(\(axis) * \(axis))") { $0 * $0 },
      length("(2 * \(axis))") { 2 * $0 }, length("(2 * \(axis) - 1)") { 2 * $0 - 1 },
      length("\(axis)**0.5") { $0.squareRoot() },
    ]
  }

  // MARK: The head

  /// Says what the arrays hold, and finds the lengths that are used.
  private func withHeader(_ text: String, _ used: Set<String>) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard let place = lines.lastIndex(where: { $0.hasPrefix("def ") }) else { return text }
    var notes: [String] = []
    var bindings: [String] = []
    var bound: Set<String> = []
    for parameter in function.parameters where parameter.fallback == nil {
      guard let domain = entry.domain(of: parameter.name) else { continue }
      let name = dialect.identifier(parameter.name)
      let shape = domain.shape.filter { $0 != "-" }
      if !shape.isEmpty {
        let labels = [.label, .index].contains(domain.kind) ? " class numbers from 1" : ""
        notes.append("\(name): " + shape.map { $0 == "four" ? "4" : $0 }.joined(separator: " × ") + labels)
      }
      let wanted = shape.filter { used.contains($0) && !bound.contains($0) }
      if shape.count > 1, Set(shape).count == shape.count, wanted.count == shape.count {
        bindings.append(shape.joined(separator: ", ") + " = \(name).shape")
      } else {
        for axis in wanted {
          bindings.append("\(axis) = \(name).shape[\(shape.firstIndex(of: axis) ?? 0)]")
        }
      }
      bound.formUnion(wanted)
    }
    lines.insert(contentsOf: (["# " + notes.joined(separator: ", ")] + bindings).map { "    " + $0 }, at: place + 1)
    return lines.joined(separator: "\n")
  }
}
