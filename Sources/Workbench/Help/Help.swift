import Descent
import Interpreter
import Losses
import Markup
import Syntax

/// `:help`, `?`, `?name`: read from the definitions themselves.
enum Help {
  static func reply(_ topic: String, _ session: Session) -> Reply {
    var reply = Reply(page(topic, session))
    reply.isPage = true
    return reply
  }

  private static func page(_ topic: String, _ session: Session) -> StyledText {
    if topic.isEmpty { return HelpPage.overview(session) }
    if let sign = SyntaxHelp.entry(topic) { return syntax(sign, session) }
    let name = canonicalName(topic)
    if let own = session.environment.variables[name] { return self.own(name, own, session) }
    if let page = builtIn(name, session) { return page }
    if let code = ErrorCodes[code: name] { return self.code(code, session) }
    if let topic = Topics.topic(topic) { return topic.page(session) }
    let word = topic.first == ":" || topic.first == "：" ? String(topic.dropFirst()) : topic
    if let command = Command.named(word) { return self.command(command, session) }
    if let term = Glossary.entry(topic) { return self.term(term, session) }
    return unknown(topic, session)
  }

  /// What comes with losslab under this name.
  private static func builtIn(_ name: String, _ session: Session) -> StyledText? {
    guard let library = session.library else { return nil }
    if let entry = library.catalogue[name] {
      return alias(name, of: entry.name, session) + loss(entry, session)
    }
    if let section = RuleBook.standard.section(name) {
      return alias(name, of: section.name, session) + RulePage.text(section, session)
    }
    switch library[name] {
    case .function(let function):
      guard case .builtin(let builtin) = function.body else { return nil }
      return alias(name, of: builtin.name, session) + self.builtin(builtin, session)
    case .number(let number):
      return StyledText(name, .heading) + StyledText(" = " + shortNumber(number, digits: 16) + "\n", .number)
    default: return nil
    }
  }

  private static func alias(_ name: String, of ours: String, _ session: Session) -> StyledText {
    guard name != ours else { return StyledText() }
    return StyledText(
      Phrase(en: "\(name) is called \(ours) here\n", zh: "\(name) 在这里叫 \(ours)\n")[session.language], .note)
  }

  private static func unknown(_ topic: String, _ session: Session) -> StyledText {
    let candidates = session.environment.library.names + Array(session.environment.variables.keys)
    let near = Suggestions.nearest(to: canonicalName(topic), among: candidates)
    let shown = Diagnostic.shorten(topic)
    var text = StyledText(
      Phrase(en: "nothing is called `\(shown)`", zh: "没有叫 `\(shown)` 的东西")[session.language], .warning)
    if near.isEmpty {
      let found = Search.hits(topic, session)
      text.append("\n")
      if !found.isEmpty {
        text.append(Phrase(en: "found in the descriptions:\n", zh: "说明里提到它的有：\n")[session.language], .dim)
        text.append(Search.page(topic, session))
      }
      return text
    }
    let list = near.joined(separator: session.language == .en ? ", " : "、")
    text.append(Phrase(en: "; did you mean \(list)?\n", zh: "；是不是 \(list)？\n")[session.language])
    return text
  }

  // MARK: Names

  /// The learner's own, and what it hides.
  private static func own(_ name: String, _ value: Value, _ session: Session) -> StyledText {
    var text = ValueText.render(value, in: session)
    if case .function(let function) = value, function.parameters.count == 1 {
      let gradient = Function(
        name: (function.name ?? name) + "'", parameters: function.parameters, body: .gradient(function, wrt: nil))
      if let formula = FunctionFormula.text(of: gradient, in: session) {
        text.append("  " + name + "' = " + formula + "\n", .dim)
      }
    }
    if session.environment.library[name] != nil {
      text.append(
        Phrase(
          en: "  yours; it hides the built-in \(name), which :undo brings back\n",
          zh: "  这是你定义的；它盖住了自带的 \(name)，:undo 可以恢复\n")[session.language], .note)
    }
    return text
  }

  private static func builtin(_ builtin: Builtin, _ session: Session) -> StyledText {
    var text = StyledText()
    for line in builtin.function.signature.wrapped(width: session.settings.width - 2) {
      text.append(line + "\n", .heading)
    }
    for line in builtin.doc[session.language].wrapped(width: session.settings.width - 2) {
      text.append("  " + line + "\n")
    }
    if !builtin.example.isEmpty { text.append(Run.lines([builtin.example], session)) }
    return text
  }

  // MARK: Signs, commands, codes, terms

  private static func syntax(_ entry: SyntaxHelp, _ session: Session) -> StyledText {
    var text = StyledText(entry.sign, .heading)
    if !entry.spellings.isEmpty { text.append("   " + entry.spellings.joined(separator: "  "), .dim) }
    text.append("\n")
    for line in entry.summary[session.language].wrapped(width: session.settings.width - 2) {
      text.append("  " + line + "\n")
    }
    return text + Run.lines(entry.examples, session)
  }

  private static func command(_ command: Command, _ session: Session) -> StyledText {
    var text = StyledText(":" + command.names[0], .heading)
    if !command.argument.isEmpty { text.append(" " + command.argument, .dim) }
    text.append("\n  " + command.summary[session.language] + "\n")
    if command.names.count > 1 {
      let others = command.names.dropFirst().map { ":" + $0 }.joined(separator: ", ")
      text.append(Phrase(en: "  also \(others)\n", zh: "  也可写 \(others)\n")[session.language], .dim)
    }
    return text
  }

  /// `:why E203`: what it means, a line that leads to it and one that does not, both run now.
  static func code(_ code: ErrorCode, _ session: Session) -> StyledText {
    var text = StyledText(code.code, .error)
    text.append("  " + code.title[session.language] + "\n", .strong)
    for line in code.explanation[session.language].wrapped(width: session.settings.width - 2) {
      text.append("  " + line + "\n")
    }
    let isLong = code.bad.contains { $0.utf8.count > 100 }
    if code.cause == .line, !isLong { text.append(Run.lines(code.bad, session, allowsErrors: true)) }
    if !code.good.isEmpty {
      text.append(Phrase(en: "Instead\n", zh: "应该这样\n")[session.language], .heading)
      text.append(Run.lines(code.good, session))
    }
    return text
  }

  static func term(_ entry: Glossary, _ session: Session) -> StyledText {
    let language = session.language
    let other: Language = language == .en ? .zh : .en
    var text = StyledText(entry.name[language], .heading)
    text.append("   " + ([entry.name[other]] + entry.alsoCalled).joined(separator: ", ") + "\n", .dim)
    for line in entry.meaning[language].wrapped(width: session.settings.width - 2) { text.append("  " + line + "\n") }
    text.append(Run.lines(entry.examples, session))
    if !entry.related.isEmpty {
      let names = entry.related.map { Glossary.entry($0)?.name[language] ?? "?" + $0 }
      text.append(
        "  " + Phrase(en: "see also ", zh: "另见 ")[language]
          + names.joined(separator: language == .en ? ", " : "、") + "\n", .dim)
    }
    return text
  }
}
