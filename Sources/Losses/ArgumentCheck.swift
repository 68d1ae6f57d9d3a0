import Interpreter
import Syntax

/// Looks over the arguments of a loss before it runs.
enum ArgumentCheck {
  static func check(_ entry: Entry) -> (@Sendable (Call) throws(Diagnostic) -> Void)? { nil }
}
