import ArgumentParser
import Glibc
import Lessons
import Markup
import Terminal

/// `losslab check lessons/`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Prove lessons: outputs, answers, predictions, translations, in both languages.")

  @Flag(help: "Bring the translation hashes up to date.") var bless = false
  @Argument(help: "Lesson files, or folders of them.") var paths: [String]

  func run() throws {
    let output = Output.standard(Capabilities.detect().theme)
    var count = 0
    for path in try paths.flatMap(lessonFiles) {
      guard var text = LessonFile.read(path) else { throw ValidationError("\(path): cannot be read") }
      if bless {
        let blessed = LessonCheck.blessed(text)
        if blessed != text, !LessonFile.write(blessed, to: path) { throw ValidationError("\(path): cannot be written") }
        text = blessed
      }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      for language in Language.allCases {
        for finding in LessonCheck.findings(text, id: LessonLibrary.id(of: name), language: language) {
          count += 1
          let place = "\(path):\(finding.line):\(finding.column): [\(language.rawValue)] "
          output.write(StyledText(place, .strong) + StyledText(finding.message[language] + "\n"))
        }
      }
    }
    if count > 0 { throw ExitCode(1) }
  }

  private func lessonFiles(_ path: String) throws -> [String] {
    var information = stat()
    guard stat(path, &information) == 0 else { throw ValidationError("\(path): no such file or folder") }
    guard information.st_mode & S_IFMT == S_IFDIR else { return [path] }
    guard let folder = opendir(path) else { throw ValidationError("\(path): cannot be read") }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".md"), name.first?.isNumber ?? false { names.append(name) }
    }
    return names.sorted().map { path + (path.hasSuffix("/") ? "" : "/") + $0 }
  }
}

/// A lesson's text on disk.
enum LessonFile {
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG, information.st_size < 4 << 20
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(information.st_size))
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }

  static func write(_ text: String, to path: String) -> Bool {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
  }
}
