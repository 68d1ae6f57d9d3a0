import Files
import Glibc
import Interpreter
import Markup
import Syntax

// A session as a script: `:save FILE` writes the lines that made it, `:load FILE` plays them again.

extension Command {
  static let saveCommand = Command(
    ["save"], "FILE", Phrase(en: "this session as a script that :load replays", zh: "把本次会话存成脚本，可用 :load 重放"),
    kind: .file
  ) { (session, rest, source) throws(Diagnostic) in
    let place = [Diagnostic.Label(0..<source.scalars.count)]
    let words = rest.split(separator: " ").map(String.init)
    let overwrites = words.count > 1 && words.last == "overwrite"
    let path = unquoted(overwrites ? words.dropLast().joined(separator: " ") : rest)
    guard !path.isEmpty else {
      throw Diagnostic(
        "E402", Phrase(en: ":save needs a file name", zh: ":save 需要文件名"), at: place,
        help: Phrase(verbatim: ":save my-session.loss"))
    }
    guard session.settings.mayReadFiles else {
      throw Diagnostic("E304", Phrase(en: "a lesson may not write files", zh: "课程不能写文件"), at: place)
    }
    var information = stat()
    if lstat(path, &information) == 0, !overwrites {
      let isOurs = information.st_mode & S_IFMT == S_IFREG && WholeFile.head(path).hasPrefix(Script.mark)
      guard isOurs else {
        throw Diagnostic(
          "E306",
          Phrase(
            en: "`\(Diagnostic.shorten(path))` is there already and is no saved session; nothing was written",
            zh: "`\(Diagnostic.shorten(path))` 已经存在，而且不是保存的会话，没有写入"), at: place,
          help: Phrase(
            en: "choose another name, or :save \(Diagnostic.shorten(path)) overwrite",
            zh: "换个名字，或 :save \(Diagnostic.shorten(path)) overwrite"))
      }
    }
    if let failure = WholeFile.replace(path, with: Script.text(session.lines), access: .asBefore) {
      throw Diagnostic(
        "E306",
        Phrase(
          en: "`\(Diagnostic.shorten(path))` could not be written: \(failure)",
          zh: "无法写入 `\(Diagnostic.shorten(path))`：\(failure)"), at: place)
    }
    let count = session.lines.count
    return Reply(
      StyledText(
        Phrase(
          en: "saved \(count) line\(count == 1 ? "" : "s"); :load \(path) plays them again\n",
          zh: "已保存 \(count) 行；:load \(path) 可以重放\n")[session.language], .dim))
  }

  static let loadCommand = Command(
    ["load"], "FILE", Phrase(en: "play a saved session or a script", zh: "重放保存的会话或脚本"), kind: .file
  ) { (session, rest, source) throws(Diagnostic) in
    let place = [Diagnostic.Label(0..<source.scalars.count)]
    let path = unquoted(rest)
    guard !path.isEmpty else {
      throw Diagnostic(
        "E402", Phrase(en: ":load needs a file name", zh: ":load 需要文件名"), at: place,
        help: Phrase(
          en: "a table is read with load: m = load(\"mpg.csv\")", zh: "读数据表用 load：m = load(\"mpg.csv\")"))
    }
    if path.hasSuffix(".csv") {
      throw Diagnostic(
        "E402", Phrase(en: ":load plays scripts; a table is read with load(…)", zh: ":load 用来重放脚本；读数据表用 load(…)"),
        at: place, help: Phrase(verbatim: "t = load(\"\(Diagnostic.shorten(path))\")"))
    }
    guard session.settings.mayReadFiles else {
      throw Diagnostic("E304", Phrase(en: "a lesson may not read files", zh: "课程不能读文件"), at: place)
    }
    let text: String
    do throws(WholeFile.Unreadable) {
      text = try WholeFile.text(path, limit: Script.byteLimit, isInterrupted: session.isInterrupted)
    } catch {
      throw Diagnostic(unreadable: error, path, limit: Script.byteLimit, at: place)
    }
    return try Script.play(text, named: path, in: &session, at: place)
  }

  /// A file name as typed, with or without quotes.
  private static func unquoted(_ text: String) -> String {
    guard text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    return String(text.dropFirst().dropLast())
  }
}

/// Lines of a session as a file and back.
enum Script {
  static let mark = "# LossLab"
  static let byteLimit = 16 << 20

  static func text(_ lines: [String]) -> String {
    mark + " session; `:load` or `losslab run` plays it again\n" + lines.map { $0 + "\n" }.joined()
  }

  /// Plays all lines or none: at the first that fails, the session is as it was.
  static func play(
    _ text: String, named name: String, in session: inout Session, at place: [Diagnostic.Label]
  ) throws(Diagnostic) -> Reply {
    var copy = session
    var pending = ""
    var start = 0
    var count = 0
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      if pending.isEmpty { start = number + 1 }
      pending += pending.isEmpty ? String(line) : "\n" + line
      if number + 1 < lines.count, pending.utf8.count < 100_000, Session.isUnfinished(pending) { continue }
      let whole = pending
      pending = ""
      if session.isInterrupted() { throw Diagnostic("E290", Phrase(en: "stopped", zh: "已停止"), at: place) }
      let isCommand = whole.drop { $0 == " " }.hasPrefix(":")
      if isCommand, !["set", "lang"].contains(where: { whole.drop { $0 == " " }.dropFirst().hasPrefix($0) }) {
        throw Diagnostic(
          "E402",
          Phrase(
            en: "line \(start) of `\(Diagnostic.shorten(name))` is a command; scripts may only use :set and :lang",
            zh: "`\(Diagnostic.shorten(name))` 第 \(start) 行是命令；脚本里只能用 :set 和 :lang"), at: place)
      }
      let reply = copy.submit(whole)
      if let diagnostic = reply.diagnostic {
        throw Diagnostic(
          diagnostic.code,
          Phrase(
            en: "line \(start) of `\(Diagnostic.shorten(name))`: \(diagnostic.message.en); nothing was loaded",
            zh: "`\(Diagnostic.shorten(name))` 第 \(start) 行：\(diagnostic.message.zh)；什么都没有载入"), at: place,
          help: Phrase(
            en: "the line is \(Diagnostic.shorten(whole, to: 60))", zh: "这一行是 \(Diagnostic.shorten(whole, to: 60))"))
      }
      if reply.value != nil { count += 1 }
    }
    session = copy
    let names = session.environment.variables.keys.sorted().map(printedName)
    let list = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    return Reply(
      StyledText(
        Phrase(
          en: "played \(count) line\(count == 1 ? "" : "s"); you have \(list.isEmpty ? "nothing defined" : list)\n",
          zh: "已重放 \(count) 行；现在有 \(list.isEmpty ? "（没有定义）" : list)\n")[session.language], .dim))
  }
}
