import Markup

/// The lessons in the binary.
package enum LessonLibrary {
  /// Every lesson by file name, in the order of the course.
  package static let files: [(name: String, text: String)] = EmbeddedTexts.files.filter {
    $0.name.first?.isNumber ?? false
  }

  /// `00` of `00-tour.md`.
  package static func id(of name: String) -> String { String(name.prefix { $0 != "-" && $0 != "." }) }

  /// The lesson a learner means by `0`, `00` or `tour`.
  package static func lesson(_ asked: String) -> Lesson? {
    let file = files.first { file in
      let id = id(of: file.name)
      return id == asked || Int(id) != nil && Int(id) == Int(asked)
        || file.name.dropFirst(id.count + 1).hasPrefix(asked) && asked.count > 2
    }
    return file.flatMap { file in try? LessonReader.lesson(file.text, id: id(of: file.name)) }
  }
}
