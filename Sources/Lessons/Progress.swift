import Files
import Glibc

/// What a learner has done in one lesson.
package struct LessonRecord: Sendable, Hashable {
  /// Where to go on; nil at the beginning or after the end.
  package var step: String?
  package var done: Set<String> = []
  package var skipped: Set<String> = []
  package var attempts: [String: Int] = [:]
  package var hints: [String: Int] = [:]
  package var isFinished = false

  package init() {}

  init(_ json: JSONValue) {
    step = json["step"]?.text
    done = Set((json["done"]?.list ?? []).compactMap(\.text))
    skipped = Set((json["skipped"]?.list ?? []).compactMap(\.text))
    attempts = LessonRecord.counts(json["attempts"])
    hints = LessonRecord.counts(json["hints"])
    isFinished = json["finished"] == .bool(true)
  }

  private static func counts(_ json: JSONValue?) -> [String: Int] {
    guard case .object(let fields)? = json else { return [:] }
    return fields.compactMapValues { value in value.number.flatMap { $0 >= 0 && $0 < 1e9 ? Int($0) : nil } }
  }

  var json: JSONValue {
    var fields: [String: JSONValue] = [
      "done": .list(done.sorted().map { .text($0) }), "skipped": .list(skipped.sorted().map { .text($0) }),
      "attempts": .object(attempts.mapValues { .number(Double($0)) }),
      "hints": .object(hints.mapValues { .number(Double($0)) }),
      "finished": .bool(isFinished),
    ]
    if let step { fields["step"] = .text(step) }
    return .object(fields)
  }

  /// What two sessions did together: the later place, everything done in either.
  func merged(with other: LessonRecord) -> LessonRecord {
    var result = self
    result.done.formUnion(other.done)
    result.skipped.formUnion(other.skipped)
    result.attempts.merge(other.attempts, uniquingKeysWith: max)
    result.hints.merge(other.hints, uniquingKeysWith: max)
    result.isFinished = isFinished || other.isFinished
    return result
  }
}

/// Progress in the course, in one file that is at every moment either the old or the new one, whole.
package struct Progress: Sendable {
  package private(set) var lessons: [String: LessonRecord] = [:]
  private let path: String?
  /// A file of a later version is left alone.
  package private(set) var isReadOnly = false
  /// A file that could not be read was kept under this name.
  package private(set) var damagedCopy: String?
  static let version = 1.0

  /// - Parameter path: where it is kept; nil keeps nothing.
  package init(path: String?) {
    self.path = path
    guard let path else { return }
    guard let text = Progress.read(path) else { return }
    guard let json = JSONValue(text), let version = json["version"]?.number else {
      let copy = path + ".bad"
      if rename(path, copy) == 0 { damagedCopy = copy }
      return
    }
    isReadOnly = version > Progress.version
    lessons = Progress.lessons(json)
  }

  private static func read(_ path: String) -> String? {
    try? WholeFile.text(path, limit: 16 << 20, followsLinks: false)
  }

  private static func lessons(_ json: JSONValue) -> [String: LessonRecord] {
    guard case .object(let fields)? = json["lessons"] else { return [:] }
    return fields.mapValues(LessonRecord.init)
  }

  package subscript(id: String) -> LessonRecord { lessons[id] ?? LessonRecord() }

  /// Keeps a record: merged with what other sessions have written since, under a lock, by temporary file and rename.
  /// - Returns: false if it could not be written; nothing is lost then but this step.
  @discardableResult package mutating func save(_ id: String, _ record: LessonRecord) -> Bool {
    lessons[id] = record
    guard let path, !isReadOnly else { return path == nil }
    let lock = open(path + ".lock", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if lock >= 0 { flock(lock, LOCK_EX) }
    defer { if lock >= 0 { close(lock) } }
    if let text = Progress.read(path), let json = JSONValue(text) {
      for (other, theirs) in Progress.lessons(json) {
        lessons[other] = lessons[other].map { $0.merged(with: theirs) } ?? theirs
      }
    }
    let json = JSONValue.object([
      "version": .number(Progress.version), "lessons": .object(lessons.mapValues(\.json)),
    ])
    return WholeFile.replace(path, with: json.encoded + "\n", access: .owner) == nil
  }
}
