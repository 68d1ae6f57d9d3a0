/// The syntax of one line, as an index-based arena.
///
/// Children come before their parents, so a tree is freed as one array: a chain of 100,000 additions that would
/// overflow the stack when a linked tree is released costs nothing here.
package struct Tree: Sendable {
  package typealias ID = Int32

  package let source: Source
  package private(set) var nodes: [Node] = []
  package private(set) var spans: [Range<Int32>] = []
  package internal(set) var root: ID = 0
  /// Whether the line was LaTeX, so that its text is not the language's own.
  package internal(set) var isLaTeX = false

  /// The most nodes a line may have.
  package static let limit = 4_000_000

  init(_ source: Source) { self.source = source }

  package subscript(id: ID) -> Node { nodes[Int(id)] }
  package func span(_ id: ID) -> Range<Int> { Int(spans[Int(id)].lowerBound)..<Int(spans[Int(id)].upperBound) }
  package func text(_ id: ID) -> String { source[span(id)] }

  mutating func add(_ node: Node, _ span: Range<Int>) -> ID {
    nodes.append(node)
    spans.append(Int32(span.lowerBound)..<Int32(span.upperBound))
    return ID(nodes.count - 1)
  }
}

/// One construct of the language.
package enum Node: Sendable {
  case number(Double)
  case name(String)
  case text(String)
  case bool(Bool)
  case answer
  case negate(Tree.ID)
  case root(Tree.ID)
  case not(Tree.ID)
  case binary(BinaryOperator, Tree.ID, Tree.ID)
  case call(Tree.ID, [Argument])
  case index(Tree.ID, [Tree.ID])
  /// `:` between the brackets of an index: everything along that axis.
  case all
  case field(Tree.ID, String)
  case prime(Tree.ID)
  case magnitude(Tree.ID)
  case list([Tree.ID])
  /// `(w = 1, b = 2)`
  case record([Argument])
  case rows([[Tree.ID]])
  case range(Tree.ID, Tree.ID, step: Tree.ID?)
  case conditional(Tree.ID, then: Tree.ID, otherwise: Tree.ID)
  case lambda([String], Tree.ID)
  case big(Big, Tree.ID)
  case gradient(of: Tree.ID, with: String?, at: [Argument]?)
  case pipe(Tree.ID, Tree.ID)
  case local(Tree.ID, [Argument])
  case define(String, Tree.ID)
  case defineFunction(String, [Parameter], Tree.ID)
  case `repeat`(Tree.ID, [Tree.ID])
  /// `∂L/∂w = …`: a derivative as printed, taken at its word and compared with the real one.
  case claim(Tree.ID, Tree.ID)
  case command(String, String)
  /// `?name`
  case help(String)
  case empty
}

package struct Argument: Sendable {
  package var name: String?
  package var value: Tree.ID
}

extension Tree {
  /// Where the name of an argument stands: before the `=` before its value. Nodes hold no places, so that the trees of
  /// two spellings can be compared.
  package func nameSpan(of argument: Argument) -> Range<Int>? {
    guard argument.name != nil else { return nil }
    var end = span(argument.value).lowerBound
    while end > 0, source.scalars[end - 1].isBlank || source.scalars[end - 1].folded == "=" { end -= 1 }
    var start = end
    while start > 0, source.scalars[start - 1].continuesName { start -= 1 }
    return start < end ? start..<end : nil
  }
}

package struct Parameter: Sendable {
  package var name: String
  package var fallback: Tree.ID?
}

/// `Σ_{i=1}^n`, `Σ_i`, or a bare `Σ`.
package struct Big: Sendable {
  package enum Kind: Sendable, Hashable { case sum, product }
  package var kind: Kind
  package var index: String?
  package var lower: Tree.ID?
  package var upper: Tree.ID?
}

package enum BinaryOperator: String, Sendable, Hashable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  /// The product of LaTeX: of matrices where a matrix takes part, else element by element.
  case impliedMultiply = "·"
  case divide = "/"
  case matrixProduct = "@"
  case power = "^"
  case equal = "=="
  case unequal = "≠"
  case less = "<"
  case lessOrEqual = "≤"
  case greater = ">"
  case greaterOrEqual = "≥"
  case and = "and"
  case or = "or"
}
