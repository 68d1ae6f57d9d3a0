import Interpreter
import Markup
import Syntax

/// What a line led to.
package struct Reply: Sendable {
  /// What the learner sees: notes, the value or the error.
  package var output = StyledText()
  package var value: Value?
  package var diagnostic: Diagnostic?
  package var request: Request?

  package init() {}
  package init(_ output: StyledText) { self.output = output }
}

/// What only the program around a session can do.
package enum Request: Sendable, Hashable {
  case quit
  /// A command about lessons: its word and the rest of the line.
  case lesson(String, String)
  case theme(String)
}
