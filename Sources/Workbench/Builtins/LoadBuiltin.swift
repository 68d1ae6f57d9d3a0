import Files
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
    var reason = WholeFile.Unreadable.missing
    for path in candidates {
      do throws(WholeFile.Unreadable) {
        return try WholeFile.text(path, limit: byteLimit, isInterrupted: call.evaluator.budget.isInterrupted)
      } catch {
        reason = error
        if error != .missing { break }
      }
    }
    throw Diagnostic(unreadable: reason, name, limit: byteLimit, at: [.init(call.place("file"))])
  }
}

extension Diagnostic {
  /// A file that `load(…)` or `:load` was given.
  init(unreadable reason: WholeFile.Unreadable, _ path: String, limit: Int, at labels: [Label]) {
    let name = Diagnostic.shorten(path)
    switch reason {
    case .missing:
      let data = Datasets.texts.keys.sorted()
      self.init(
        "E304", Phrase(en: "there is no file `\(name)` here", zh: "这里没有文件 `\(name)`"), at: labels,
        help: Phrase(
          en: "TAB lists the files here; built in: \(data.joined(separator: ", "))",
          zh: "按 TAB 可列出这里的文件；自带的数据：\(data.joined(separator: "、"))"))
    case .forbidden:
      self.init(
        "E304", Phrase(en: "`\(name)` may not be read", zh: "没有权限读取 `\(name)`"), at: labels,
        help: Phrase(en: "give yourself the right: chmod u+r", zh: "先给自己读取权限：chmod u+r"))
    case .notRegular:
      self.init(
        "E304", Phrase(en: "`\(name)` is not a regular file", zh: "`\(name)` 不是普通文件"), at: labels,
        help: Phrase(en: "files are read, folders and devices are not", zh: "只读普通文件，不读文件夹或设备"))
    case .tooLarge:
      self.init(
        "E304",
        Phrase(en: "`\(name)` is larger than \(limit >> 20) MB", zh: "`\(name)` 超过 \(limit >> 20) MB"), at: labels,
        help: Phrase(en: "take a part of it", zh: "请取其中一部分"))
    case .interrupted: self.init(.interrupted, at: labels.first?.span ?? 0..<0)
    }
  }
}
