import Glibc
import Interpreter
import Markup
import Syntax

/// `load("mpg.csv")`: a table from a CSV file.
enum LoadBuiltin {
  /// The largest file read.
  static let byteLimit = 256 << 20

  static let row = Builtin(
    "load", [Function.Parameter("file")], doc: Phrase(en: "a table from a CSV file", zh: "从 CSV 文件读入数据表"),
    example: "load(\"mpg.csv\")"
  ) { (call) throws(Diagnostic) in
    guard case .text(let name) = try call.operand("file") else {
      throw Diagnostic.wrongKind(
        try call.operand("file"), Phrase(en: "load takes a file name in quotes", zh: "load 需要带引号的文件名"),
        at: call.place("file"))
    }
    let settings = call.evaluator.surroundings as? Settings ?? Settings()
    let content = try text(name, settings, call)
    do throws(CSVReader.Failure) {
      return .table(try CSVReader.table(content, source: name))
    } catch {
      throw call.diagnostic(
        "E305",
        Phrase(
          en: "\(Diagnostic.shorten(name)):\(error.line): cell \(error.column): \(error.message.en)",
          zh: "\(Diagnostic.shorten(name)) 第 \(error.line) 行第 \(error.column) 格：\(error.message.zh)"), at: "file",
        help: Phrase(en: "mend that line of the file", zh: "请修改文件里的那一行"))
    }
  }

  private static func text(_ name: String, _ settings: Settings, _ call: Call) throws(Diagnostic) -> String {
    if let embedded = Datasets.texts[name] { return embedded }
    let isPlainName = !name.contains("/") && !name.hasPrefix(".")
    let candidates =
      (isPlainName ? settings.dataFolders.map { $0 + "/" + name } : []) + (settings.mayReadFiles ? [name] : [])
    for path in candidates {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var information = stat()
      guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
        throw call.diagnostic(
          "E304",
          Phrase(en: "`\(Diagnostic.shorten(name))` is not a regular file", zh: "`\(Diagnostic.shorten(name))` 不是普通文件"),
          at: "file", help: Phrase(en: "load reads files, not folders or devices", zh: "load 只读普通文件，不读文件夹或设备"))
      }
      guard information.st_size <= byteLimit else {
        throw call.diagnostic(
          "E304", Phrase(en: "the file is larger than 256 MB", zh: "文件超过 256 MB"), at: "file",
          help: Phrase(en: "take a part of it", zh: "请取其中一部分"))
      }
      var bytes = [UInt8](repeating: 0, count: Int(information.st_size))
      var filled = 0
      while filled < bytes.count {
        let count = bytes.withUnsafeMutableBytes {
          read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
        }
        if count > 0 { filled += count } else if count == 0 || errno != EINTR { break }
        if call.evaluator.budget.isInterrupted() { break }
      }
      return String(decoding: bytes[..<filled], as: UTF8.self)
    }
    throw call.diagnostic(
      "E304",
      Phrase(en: "there is no file `\(Diagnostic.shorten(name))` here", zh: "这里没有文件 `\(Diagnostic.shorten(name))`"),
      at: "file",
      help: Phrase(
        en: "built in: \(Datasets.texts.keys.sorted().joined(separator: ", "))",
        zh: "自带的数据：\(Datasets.texts.keys.sorted().joined(separator: "、"))"))
  }
}
