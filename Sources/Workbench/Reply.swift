import Interpreter
import Markup
import Syntax

/// What a line led to.
package struct Reply: Sendable {
  /// What was worth saying on the way: how something was read, where a NaN arose.
  package var notes = StyledText()
  /// The value, the error or the page asked for.
  package var body = StyledText()
  package var value: Value?
  package var diagnostic: Diagnostic?
  package var request: Request?
  /// Something to read, which a pager may show if it is longer than the screen.
  package var isPage = false
  /// The line that was run in place of the command: it belongs into the history.
  package var ran: String?

  package init() {}
  package init(_ output: StyledText) { body = output }

  /// All that the learner sees, notes first.
  package var output: StyledText {
    get { notes + body }
    set {
      notes = StyledText()
      body = newValue
    }
  }
}

/// What only the program around a session can do.
package enum Request: Sendable, Hashable {
  case quit
  /// A command about lessons: its word and the rest of the line.
  case lesson(String, String)
  /// The lines typed, those with this word if it is not empty.
  case history(String)
}
