import Markup

/// What the editor asks its owner while a line is typed. Positions count Unicode scalars from the start of the line.
package struct EditorHooks {
  /// The same characters with styles.
  package var highlight: (_ text: String) -> StyledText = { StyledText($0) }
  /// What to show dimly behind the line; nil for nothing.
  package var hint: (_ text: String, _ cursor: Int) -> Hint? = { _, _ in nil }
  /// What could stand at the cursor.
  package var complete: (_ text: String, _ cursor: Int) -> Completion = { _, _ in Completion() }
  /// Whether Enter should begin another row of the same line.
  package var isUnfinished: (_ text: String) -> Bool = { _ in false }

  package init() {}
}

/// Dim text behind the line.
package struct Hint: Sendable, Hashable {
  /// How the line could go on: shown at the cursor, and typed by → at the end of the line. May be empty.
  package var continuation: String
  /// Shown after it and never typed: the signature of the call under the cursor, say.
  package var note: StyledText

  package init(continuation: String = "", note: StyledText = StyledText()) {
    self.continuation = continuation
    self.note = note
  }
}

/// What fits at the cursor.
package struct Completion: Sendable, Hashable {
  /// The scalars that a candidate stands in for.
  package var replaced: Range<Int>
  package var candidates: [Candidate]

  package init(replacing replaced: Range<Int> = 0..<0, candidates: [Candidate] = []) {
    self.replaced = replaced
    self.candidates = candidates
  }
}

/// A candidate for what is being typed, with a word about it.
package struct Candidate: Sendable, Hashable {
  package var text: String
  package var description: String

  package init(text: String, description: String) {
    self.text = text
    self.description = description
  }
}
