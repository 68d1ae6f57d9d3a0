import Glibc
import Lessons
import Markup
import Terminal
import Workbench

/// What the editor may ask about the line being typed, answered by the session as it now stands.
enum Assistance {
  static func hooks(_ session: Session, lesson steps: [String]) -> EditorHooks {
    var hooks = EditorHooks()
    hooks.highlight = Highlighting.styled
    hooks.isUnfinished = Session.isUnfinished
    let surroundings = Workbench.Completion.Surroundings(
      files: names(in:),
      lessons: {
        LessonLibrary.files.map { file in
          let id = LessonLibrary.id(of: file.name)
          return (id, LessonLibrary.lesson(id)?.title ?? Phrase(verbatim: file.name))
        }
      }, steps: { steps })
    hooks.complete = { text, cursor in
      let before = String(String.UnicodeScalarView(text.unicodeScalars.prefix(cursor)))
      let found = Workbench.Completion.at(before, in: session, surroundings: surroundings)
      return Terminal.Completion(
        replacing: (cursor - found.replacing)..<cursor,
        candidates: found.candidates.map { Terminal.Candidate(text: $0.text, description: $0.summary) })
    }
    if session.settings.hints {
      hooks.hint = { text, cursor in
        guard cursor == text.unicodeScalars.count, let hint = Workbench.Hint.at(text, in: session) else { return nil }
        return Terminal.Hint(continuation: hint.continuation, note: StyledText(hint.note, .hint))
      }
    }
    return hooks
  }

  /// The names in a folder, "/" behind those of folders; at most a few hundred.
  @Sendable private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < 500, let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      var information = stat()
      let isFolder = stat(folder + name, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
      names.append(isFolder ? name + "/" : name)
    }
    return names
  }
}
