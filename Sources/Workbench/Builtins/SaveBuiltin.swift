import Files
import Glibc
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `save(p, "file.svg")`: a picture as SVG or text, numbers and traces as CSV; the ending of the name says which.
enum SaveBuiltin {
  static let row = Builtin(
    "save",
    [
      Function.Parameter("what"), Function.Parameter("file"),
      Function.Parameter("overwrite", fallback: .value(.bool(false))),
    ],
    doc: Phrase(
      en: "writes a picture (.svg, .txt), a trace, table or vector (.csv), or anything as text (.txt) to a file",
      zh: "保存到文件：图（.svg、.txt），轨迹、数据表或向量（.csv），任何值的文本（.txt）"),
    example: "save(plot(x -> x^2), \"/tmp/parabola.svg\")"
  ) { (call) throws(Diagnostic) in
    guard let path = try call.text("file"), !path.isEmpty else {
      throw call.diagnostic("E202", Phrase(en: "save needs a file name", zh: "save 需要文件名"), at: "file")
    }
    let settings = call.settings
    guard settings.mayReadFiles else {
      throw call.diagnostic("E304", Phrase(en: "a lesson may not write files", zh: "课程不能写文件"), at: "file")
    }
    let content = try content(call, path, settings)
    let overwrites = try call.evaluator.number(call.operand("overwrite"), at: call.place("overwrite")) != 0
    if !overwrites, let refusal = refusal(path, call) { throw refusal }
    if let failure = WholeFile.replace(path, with: content, access: .asBefore) {
      let name = Diagnostic.shorten(path)
      throw call.diagnostic(
        "E306", Phrase(en: "`\(name)` could not be written: \(failure)", zh: "无法写入 `\(name)`：\(failure)"), at: "file")
    }
    let count = content.utf8.count
    call.evaluator.note(Phrase(en: "wrote \(path), \(count) bytes", zh: "已写入 \(path)，\(count) 字节"))
    return .nothing
  }

  private static func content(_ call: Call, _ path: String, _ settings: Settings) throws(Diagnostic) -> String {
    let value = try call.operand("what")
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    switch (ending, value) {
    case ("svg", .object(let object)):
      if let plot = object as? PlotObject { return plot.picture.svg(settings.language) }
      if let trace = object as? TraceObject { return trace.lossChart.svg(settings.language) }
    case ("csv", _):
      if let table = CSVText.table(value) { return table }
    case ("json", _): return JSONText.value(value) + "\n"
    case ("txt", .object(let object)):
      if let presentable = object as? any Presentable { return presentable.text(settings).plain }
    case ("txt", _):
      if case .text(let text) = value { return text + "\n" }
      return JSONText.value(value) + "\n"
    default: break
    }
    let known = ["svg", "csv", "json", "txt"].contains(ending)
    throw call.diagnostic(
      "E306",
      known
        ? Phrase(en: "this cannot be saved as .\(ending)", zh: "这个值不能保存为 .\(ending)")
        : Phrase(en: "the ending of the name says what to write", zh: "文件名的后缀决定保存的格式"), at: "file",
      help: Phrase(
        en: "pictures: .svg or .txt; traces, tables, vectors: .csv; any value: .txt or .json",
        zh: "图：.svg 或 .txt；轨迹、数据表、向量：.csv；任何值：.txt 或 .json"))
  }

  /// A file that is there is not replaced unless it is a picture of ours or the learner says so.
  private static func refusal(_ path: String, _ call: Call) -> Diagnostic? {
    var information = stat()
    guard lstat(path, &information) == 0 else { return nil }
    let name = Diagnostic.shorten(path)
    guard information.st_mode & S_IFMT == S_IFREG else {
      return call.diagnostic(
        "E306", Phrase(en: "`\(name)` is there and is no regular file", zh: "`\(name)` 已存在，而且不是普通文件"), at: "file")
    }
    if SavedPicture.isOurs(WholeFile.head(path)) { return nil }
    return call.diagnostic(
      "E306", Phrase(en: "`\(name)` is there already; nothing was written", zh: "`\(name)` 已经存在，没有写入"), at: "file",
      help: Phrase(
        en: "choose another name, or add overwrite=true", zh: "换个名字，或加上 overwrite=true"))
  }
}
