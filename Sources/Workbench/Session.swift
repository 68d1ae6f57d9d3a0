import Interpreter
import Markup
import Syntax
import Tensors

/// One learner's session: a value, so that a copy is an undo, a what-if or a marked answer.
package struct Session: Sendable {
  package var language: Language

  package init(language: Language = .en) { self.language = language }

  /// Evaluates one line; on an error the session stays as it was.
  package mutating func submit(_ line: String) -> Reply { Reply() }

  /// Binds a variable.
  package mutating func define(_ name: String, _ tensor: Tensor) {}
}

/// What a line led to.
package struct Reply: Sendable {
  /// What the learner sees: notes, the value or the error.
  package var output = StyledText()
  package var value: Value?
  package var diagnostic: Diagnostic?
  package var request: Request?

  package init() {}
}

/// What only the program around a session can do.
package enum Request: Sendable {
  case quit
}
