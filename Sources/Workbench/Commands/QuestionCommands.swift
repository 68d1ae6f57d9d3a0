import Interpreter
import Markup
import Syntax

// Commands that explain: names, terms, errors.

extension Command {
  static let helpCommand = Command(
    ["help", "h"], "TOPIC", Phrase(en: "what to type; ?name explains a name", zh: "可以输入什么；?名字 查看说明"), kind: .topic,
    in: .question
  ) { (session, rest, _) in
    Help.reply(rest, session)
  }

  static let searchCommand = Command(
    ["search"], "WORDS", Phrase(en: "find losses, functions and terms by meaning", zh: "按意思查找损失、函数和术语"),
    in: .question
  ) { (session, rest, source) throws(Diagnostic) in
    guard !rest.isEmpty else { throw missingArgument(source, Phrase(verbatim: ":search outlier, :search 离群点")) }
    return page(Search.page(rest, session))
  }

  static let defineCommand = Command(
    ["define"], "TERM", Phrase(en: "what a term of the course means", zh: "术语的含义"), kind: .term, in: .question
  ) { (session, rest, source) throws(Diagnostic) in
    guard !rest.isEmpty else { throw missingArgument(source, Phrase(verbatim: ":define learning rate, :define 学习率")) }
    if let entry = Glossary.entry(rest) { return page(Help.term(entry, session)) }
    let names = Glossary.entries.flatMap { [$0.name.en, $0.name.zh] + $0.alsoCalled }
    let near = Suggestions.nearest(to: rest, among: names)
    // A loss or a function is explained by its own definition.
    if near.isEmpty, session.environment[canonicalName(rest)] != nil { return Help.reply(rest, session) }
    let shown = Diagnostic.shorten(rest)
    throw Diagnostic(
      "E402", Phrase(en: "`\(shown)` is not in the glossary", zh: "术语表里没有 `\(shown)`"),
      at: [argumentLabel(rest, source)],
      help: near.isEmpty
        ? Phrase(en: ":glossary lists the terms, :search looks everywhere", zh: ":glossary 列出术语，:search 到处找")
        : Phrase(en: "did you mean \(near.joined(separator: ", "))?", zh: "是不是 \(near.joined(separator: "、"))？"))
  }

  static let glossaryCommand = Command(
    ["glossary"], "", Phrase(en: "the terms of the course", zh: "课程的术语表"), in: .question
  ) { (session, _, _) in
    let rows = Glossary.entries.map { ($0.name[session.language], $0.meaning[session.language]) }
    return page(HelpPage.paragraphs(rows, .function, width: session.settings.width))
  }

  static let whyCommand = Command(
    ["why"], "CODE", Phrase(en: "what an error means, with an example", zh: "错误的含义，附例子"), kind: .code, in: .question
  ) { (session, rest, source) throws(Diagnostic) in
    let asked = rest.isEmpty ? session.failure?.diagnostic.code ?? "" : rest
    guard let code = ErrorCodes[code: asked] else {
      let shown = Diagnostic.shorten(rest)
      throw Diagnostic(
        "E402",
        rest.isEmpty
          ? Phrase(en: "there was no error to explain", zh: "还没有可以解释的错误")
          : Phrase(en: "there is no error code `\(shown)`", zh: "没有错误代码 `\(shown)`"),
        at: [argumentLabel(rest, source)],
        help: Phrase(en: "for example :why E203; :help errors lists all", zh: "例如 :why E203；:help 错误 列出全部"))
    }
    return page(Help.code(code, session))
  }

  static let fixCommand = Command(
    ["fix"], "", Phrase(en: "mend the last line that failed and run it", zh: "修好上一条出错的行并运行"), in: .question
  ) { (session, rest, source) throws(Diagnostic) in
    guard let failure = session.failure else {
      throw Diagnostic(
        "E402", Phrase(en: "no line has failed", zh: "没有出错的行"), at: [.init(0..<source.scalars.count)],
        help: Phrase(en: ":fix mends the last line that did", zh: ":fix 用来修上一条出错的行"))
    }
    let lines = Repair.lines(for: failure.diagnostic, failure.source, session)
    guard !lines.isEmpty else {
      throw Diagnostic(
        "E402", Phrase(en: "this one only you can mend", zh: "这一处只有你自己能改"),
        at: [.init(0..<source.scalars.count)],
        help: Phrase(
          en: ":why \(failure.diagnostic.code) explains; ↑ brings the line back",
          zh: ":why \(failure.diagnostic.code) 有说明；按 ↑ 找回那一行"))
    }
    if lines.count > 1, rest.isEmpty {
      var text = StyledText(Phrase(en: "more than one way:\n", zh: "不止一种改法：\n")[session.language], .dim)
      for (index, line) in lines.enumerated() {
        text.append("  :fix \(index + 1)", .command)
        text.append("   ")
        text.append(Highlighting.styled(line) + "\n")
      }
      return Reply(text)
    }
    let number = rest.isEmpty ? 1 : Int(rest) ?? 0
    guard lines.indices.contains(number - 1) else {
      throw Diagnostic(
        "E402", Phrase(en: "there are \(lines.count) ways", zh: "共有 \(lines.count) 种改法"),
        at: [argumentLabel(rest, source)], help: Phrase(verbatim: ":fix 1"))
    }
    let line = lines[number - 1]
    var reply = session.submit(line)
    reply.output = StyledText("> ", .prompt) + Highlighting.styled(line) + "\n" + reply.output
    reply.ran = line
    return reply
  }

  // MARK: Shared

  private static func page(_ text: StyledText) -> Reply {
    var reply = Reply(text)
    reply.isPage = true
    return reply
  }

  /// The argument of a command, or all of it where there is none.
  static func argumentLabel(_ argument: String, _ source: Source) -> Diagnostic.Label {
    let count = argument.unicodeScalars.count
    guard count > 0 else { return .init(0..<source.scalars.count) }
    var end = source.scalars.count
    while end > 0, source.scalars[end - 1] == " " { end -= 1 }
    return .init(max(0, end - count)..<end)
  }

  static func missingArgument(_ source: Source, _ example: Phrase) -> Diagnostic {
    Diagnostic(
      "E402", Phrase(en: "something is missing behind the command", zh: "命令后面缺了内容"),
      at: [.init(0..<source.scalars.count)], help: Phrase(en: "for example \(example.en)", zh: "例如 \(example.zh)"))
  }
}
