import Interpreter

/// The programs of lines typed before, for when one of them is typed again.
///
/// A line is run again as it was compiled if every name it had looked up still stands for the same value; otherwise it
/// is evaluated anew. What has been redefined is forgotten, so that its memory is free.
struct KnownLines: Sendable {
  private struct Entry {
    var program: LineProgram
    var reads: [String: UInt64?]
    /// The environment it was last found to agree with.
    var stamp: UInt64
  }

  private var entries: [String: Entry] = [:]
  /// The line that was run again last, and the environment it was found to agree with.
  private var latest: (line: String, program: LineProgram, stamp: UInt64)?
  private static let limit = 64

  mutating func program(for line: String, in environment: Environment) -> LineProgram? {
    if let latest, latest.stamp == environment.stamp, latest.line == line { return latest.program }
    guard let entry = entries[line] else { return nil }
    latest = (line, entry.program, environment.stamp)
    if entry.stamp == environment.stamp { return entry.program }
    guard environment.agrees(with: entry.reads) else {
      entries[line] = nil
      latest = nil
      return nil
    }
    entries[line]?.stamp = environment.stamp
    return entry.program
  }

  mutating func keep(_ program: LineProgram, for line: String, reads: [String: UInt64?], in environment: Environment) {
    if entries.count >= KnownLines.limit { entries.removeAll() }
    entries[line] = Entry(program: program, reads: reads, stamp: environment.stamp)
  }

  /// Drops what a change of the environment has outdated.
  mutating func forget(in environment: Environment) {
    latest = nil
    for (line, entry) in entries where !environment.agrees(with: entry.reads) { entries[line] = nil }
  }
}
