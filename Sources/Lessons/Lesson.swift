import Markup

/// One lesson: a title and steps, both languages side by side.
package struct Lesson: Sendable {
  /// `00`, `02`: the number in the file's name.
  package var id: String
  package var title: Phrase
  package var steps: [Step]
}

/// What a learner meets one at a time.
package struct Step: Sendable {
  package enum Content: Sendable {
    case heading(Phrase)
    case prose(Phrase)
    case cell(Cell)
    case ask(Ask)
    case trace(TraceBlock)
  }

  package var id: String
  /// Where it begins in the file, from 1.
  package var line: Int
  package var content: Content
}

/// Lines to run, each with the output it should have.
package struct Cell: Sendable {
  package struct Line: Sendable {
    package var input: String
    package var output: [String]
    package var line: Int
  }
  package var lines: [Line]
  package var tolerance: Double
}

/// A question.
package struct Ask: Sendable {
  package enum Kind: Sendable, Equatable {
    /// The answer's value is compared with the model's.
    case value
    /// Both are evaluated for drawn vectors; equal everywhere means the same.
    case property(variables: [String], lengths: ClosedRange<Int>, range: ClosedRange<Double>, seed: UInt64)
    case choice
  }

  package struct Wrong: Sendable {
    package var answer: String
    package var message: Phrase
    package var line: Int
  }

  package struct Option: Sendable {
    package var text: Phrase
    package var isRight: Bool
    package var message: Phrase?
  }

  package var kind: Kind
  package var tolerance: Double
  package var question: Phrase
  /// The model answer first, then others that must pass; with their lines.
  package var answers: [(text: String, line: Int)]
  package var wrong: [Wrong]
  package var options: [Option]
  package var hints: [Phrase]
}

/// A descent with a prediction before it runs.
package struct TraceBlock: Sendable {
  package struct Prediction: Sendable {
    package var question: Phrase
    package var outcomes: [String]
    package var truth: Int
    package var line: Int
  }

  package var lines: [Cell.Line]
  package var prediction: Prediction?
  /// Names and values the trace must end with.
  package var expected: [(name: String, value: Double)]
  package var tolerance: Double
  package var expectLine: Int
  package var notes: [Phrase]
  package var pause: Double?
}

/// Something wrong with a lesson, at a place.
package struct Finding: Error, Sendable, Hashable {
  package var line: Int
  package var column: Int
  package var message: Phrase

  package init(_ line: Int, _ column: Int = 1, _ message: Phrase) {
    self.line = line
    self.column = column
    self.message = message
  }
}
