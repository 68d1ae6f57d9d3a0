import Markup

/// What went wrong with a line: one sentence, the guilty places with what they hold, and one way out.
package struct Diagnostic: Error, Sendable, Hashable {
  /// A place in the typed text and what to say about it.
  package struct Label: Sendable, Hashable {
    /// Offsets of Unicode scalars in the line as typed.
    package var span: Range<Int>
    package var text: Phrase?

    package init(_ span: Range<Int>, _ text: Phrase? = nil) {
      self.span = span
      self.text = text
    }
  }

  /// Stable for ever: `E203`. Learners look it up with `:why E203`.
  package var code: String
  package var message: Phrase
  /// The first label is the culprit.
  package var labels: [Label]
  /// One fix or one question that leads to it.
  package var help: Phrase?
  /// The part of a function from another line in which it happened: `mse: prediction - target`.
  package var inside: String?
  /// The line stops too early: more text could still make it right.
  package var isUnfinished = false

  package init(_ code: String, _ message: Phrase, at labels: [Label] = [], help: Phrase? = nil) {
    self.code = code
    self.message = message
    self.labels = labels
    self.help = help
  }

  /// The same, for a line that stops too early.
  package func unfinished() -> Diagnostic {
    var copy = self
    copy.isUnfinished = true
    return copy
  }
}
