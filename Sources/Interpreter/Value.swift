import Markup
import Tensors

/// What an expression is worth.
package enum Value: Sendable {
  case tensor(Tensor)

  /// What keeps two values from being the same within `tolerance` (absolute or relative, whichever is wider), or nil
  /// when they agree.
  package func difference(from expected: Value, tolerance: Double) -> Phrase? { nil }
}
