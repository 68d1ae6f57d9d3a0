import Interpreter
import Markup

/// The programs of lines typed before, for when one of them is typed again.
///
/// A line is run again as it was compiled if every name it had looked up still stands for the same value; otherwise it
/// is evaluated anew. What has been redefined is forgotten, so that its memory is free.
struct KnownLines: Sendable {
  private struct Entry {
    var program: LineProgram
    /// What was said with its value.
    var notes: [Phrase]
    var reads: [String: UInt64?]
    /// The environment it was last found to agree with.
    var stamp: UInt64
  }

  private var entries: [String: Entry] = [:]
  /// The line that was run again last, and the environment it was found to agree with.
  private var latest: (line: String, known: Known, stamp: UInt64)?
  typealias Known = (program: LineProgram, notes: [Phrase])
  private static let limit = 64

  mutating func program(for line: String, in environment: Environment) -> Known? {
    if let latest, latest.stamp == environment.stamp, latest.line == line { return latest.known }
    guard let entry = entries[line] else { return nil }
    let known = (entry.program, entry.notes)
    latest = (line, known, environment.stamp)
    if entry.stamp == environment.stamp { return known }
    guard environment.agrees(with: entry.reads) else {
      entries[line] = nil
      latest = nil
      return nil
    }
    entries[line]?.stamp = environment.stamp
    return known
  }

  mutating func keep(
    _ known: Known, for line: String, reads: [String: UInt64?], in environment: Environment
  ) {
    if entries.count >= KnownLines.limit { entries.removeAll() }
    entries[line] = Entry(program: known.program, notes: known.notes, reads: reads, stamp: environment.stamp)
  }

  /// Drops what a change of the environment has outdated.
  mutating func forget(in environment: Environment) {
    latest = nil
    for (line, entry) in entries where !environment.agrees(with: entry.reads) { entries[line] = nil }
  }
}
