import Tensors

/// A node of a graph as something to calculate with: derivatives are written with these operators, as in a textbook.
///
/// The operators are for expressions whose shapes are known to fit; a mismatch here is our bug, not the learner's.
package struct Expression {
  package let graph: Graph
  package let id: Graph.ID

  package var node: Graph.Node { graph[id] }
  package var shape: Shape { graph[id].shape }

  package func apply(_ primitive: Primitive.ID, _ others: [Expression] = [], attributes: [Int] = []) -> Expression {
    do {
      return try graph.apply(primitive, [self] + others, attributes: attributes)
    } catch {
      preconditionFailure("\(primitive) does not fit \(([self] + others).map(\.shape))")
    }
  }

  package func constant(_ number: Double) -> Expression { graph.constant(number) }

  package static func + (a: Expression, b: Expression) -> Expression { a.apply(.add, [b]) }
  package static func - (a: Expression, b: Expression) -> Expression { a.apply(.subtract, [b]) }
  package static func * (a: Expression, b: Expression) -> Expression { a.apply(.multiply, [b]) }
  package static func / (a: Expression, b: Expression) -> Expression { a.apply(.divide, [b]) }
  package static prefix func - (a: Expression) -> Expression { a.apply(.negate) }
  package static func + (a: Expression, b: Double) -> Expression { a + a.constant(b) }
  package static func - (a: Expression, b: Double) -> Expression { a - a.constant(b) }
  package static func * (a: Expression, b: Double) -> Expression { a * a.constant(b) }
  package static func / (a: Expression, b: Double) -> Expression { a / a.constant(b) }
  package static func + (a: Double, b: Expression) -> Expression { b.constant(a) + b }
  package static func - (a: Double, b: Expression) -> Expression { b.constant(a) - b }
  package static func * (a: Double, b: Expression) -> Expression { b.constant(a) * b }
  package static func / (a: Double, b: Expression) -> Expression { b.constant(a) / b }

  package func power(_ exponent: Expression) -> Expression { apply(.power, [exponent]) }
  package func power(_ exponent: Double) -> Expression { power(constant(exponent)) }
  /// `self` where the condition holds, `other` elsewhere.
  package func where_(_ condition: Expression, else other: Expression) -> Expression {
    condition.apply(.select, [self, other])
  }
  package func equals(_ other: Expression) -> Expression { apply(.equal, [other]) }

  /// The sum over everything that broadcasting had added to reach this shape from `shape`.
  package func summed(to shape: Shape) -> Expression {
    if shape == self.shape { return self }
    if shape.isEmpty { return apply(.sum) }
    return apply(.sumTo, attributes: shape)
  }

  package func broadcast(to shape: Shape) -> Expression {
    shape == self.shape ? self : apply(.broadcast, attributes: shape)
  }

  package func reshaped(to shape: Shape) -> Expression {
    shape == self.shape ? self : apply(.reshape, attributes: shape)
  }
}
