import Interpreter
import Markup
import Syntax

// Commands that change how the program looks and behaves.

extension Command {
  static let langCommand = Command(
    ["lang"], "zh|en", Phrase(en: "Chinese or English", zh: "中文或英文"), kind: .language, in: .program
  ) { (session, rest, source) throws(Diagnostic) in
    guard let language = Language(rawValue: rest) else {
      throw Diagnostic(
        "E402", Phrase(en: "the languages are zh and en", zh: "可用的语言是 zh 和 en"), at: [argumentLabel(rest, source)],
        help: Phrase(verbatim: ":lang zh, :lang en"))
    }
    session.language = language
    session.settings.chosen.insert("lang")
    return Reply(StyledText(Phrase(en: "English from here on\n", zh: "从现在起用中文\n")[language], .dim))
  }

  static let setCommand = Command(
    ["set"], "NAME VALUE", Phrase(en: "settings; alone it lists them", zh: "设置；单独输入则列出全部"), kind: .setting,
    in: .program
  ) { (session, rest, source) throws(Diagnostic) in
    let words = rest.split(whereSeparator: { $0 == " " || $0 == "=" }).map(String.init)
    guard let name = words.first else { return Reply(HelpPage.settings(session)) }
    guard let setting = Setting.named(name) else {
      let near = Suggestions.nearest(to: name, among: Setting.table.map(\.name))
      let shown = Diagnostic.shorten(name)
      let list = Setting.table.map(\.name).joined(separator: ", ")
      throw Diagnostic(
        "E402", Phrase(en: "there is no setting `\(shown)`", zh: "没有设置项 `\(shown)`"), at: [argumentLabel(rest, source)],
        help: near.isEmpty
          ? Phrase(en: "there are \(list)", zh: "可用的有 \(list)")
          : Phrase(en: "did you mean \(near.joined(separator: ", "))?", zh: "是不是 \(near.joined(separator: "、"))？"))
    }
    guard words.count > 1 else {
      return Reply(
        StyledText("\(setting.name) = \(setting.get(session.settings))", .strong)
          + StyledText("   \(setting.form)   \(setting.summary[session.language])\n", .dim))
    }
    guard words.count == 2, setting.set(&session.settings, words[1]) else {
      let value = Diagnostic.shorten(words.dropFirst().joined(separator: " "))
      throw Diagnostic(
        "E402", Phrase(en: "\(name) cannot be `\(value)`", zh: "\(name) 不能是 `\(value)`"),
        at: [argumentLabel(words.dropFirst().joined(separator: " "), source)],
        help: Phrase(en: "it takes \(setting.form)", zh: "可取 \(setting.form)"))
    }
    session.settings.chosen.insert(setting.name)
    if setting.name == "seed" { session.restartRandomNumbers() }
    return Reply(StyledText("\(setting.name) = \(setting.get(session.settings))\n", .dim))
  }

  static let historyCommand = Command(
    ["history"], "WORD", Phrase(en: "the lines you typed, or those with a word", zh: "输入过的行，可按词筛选")
  ) { (session, rest, _) in
    var reply = Reply()
    reply.request = .history(rest)
    return reply
  }

  static let quitCommand = Command(
    ["quit", "q", "exit"], "", Phrase(en: "leave (also Ctrl-D)", zh: "退出（也可按 Ctrl-D）"), in: .program
  ) { (_, _, _) in
    var reply = Reply()
    reply.request = .quit
    return reply
  }
}
