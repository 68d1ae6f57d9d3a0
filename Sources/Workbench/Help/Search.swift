import Descent
import Interpreter
import Losses
import Markup

/// `:search regression outlier`: everything that can be asked about, ranked, in whichever language it is asked.
enum Search {
  struct Hit {
    /// What to type to read on.
    let question: String
    let summary: Phrase
    fileprivate(set) var score = 0
  }

  /// A thing to be found: its names count most, then its summary, then the rest.
  private struct Document {
    let question: String
    let summary: Phrase
    let names: [String]
    let rest: String
  }

  static func hits(_ query: String, _ session: Session) -> [Hit] {
    let terms = self.terms(query)
    guard !terms.isEmpty else { return [] }
    var hits: [(hit: Hit, matched: Int)] = []
    for document in documents(session) {
      let names = document.names.map { $0.lowercased() }
      let summary = (document.summary.en + " " + document.summary.zh).lowercased()
      let rest = document.rest.lowercased()
      var hit = Hit(question: document.question, summary: document.summary)
      var matched = 0
      for term in terms {
        var score = 0
        if names.contains(term) {
          score = 12
        } else if names.contains(where: { $0.hasPrefix(term) }) {
          score = 8
        } else if names.contains(where: { $0.contains(term) }) {
          score = 6
        }
        if contains(summary, term) { score += 4 }
        if contains(rest, term) { score += 2 }
        if score > 0 { matched += 1 }
        hit.score += score
      }
      if matched > 0 { hits.append((hit, matched)) }
    }
    // What answers every word comes before what answers one of them well.
    let best = hits.map(\.matched).max() ?? 0
    return hits.filter { $0.matched == best }.map(\.hit).enumerated()
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
  }

  /// A Latin word must begin where a word begins; Chinese has no such places.
  private static func contains(_ text: String, _ term: String) -> Bool {
    guard term.utf8.allSatisfy({ $0 < 0x80 }) else { return text.contains(term) }
    var before: Character = " "
    var index = text.startIndex
    while index < text.endIndex {
      if !before.isLetter, text[index...].hasPrefix(term) { return true }
      before = text[index]
      index = text.index(after: index)
    }
    return false
  }

  /// Words without endings that change nothing; Chinese as it is, longer runs also by pairs of characters.
  static func terms(_ query: String) -> [String] {
    var terms: [String] = []
    for word in query.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
      if word.utf8.allSatisfy({ $0 < 0x80 }) {
        var stem = String(word)
        for ending in ["ing", "ies", "es", "s"] where stem.count > ending.count + 3 && stem.hasSuffix(ending) {
          stem.removeLast(ending.count)
          break
        }
        terms.append(stem)
      } else {
        let letters = Array(word)
        if letters.count <= 3 {
          terms.append(String(word))
        } else {
          for index in 0..<(letters.count - 1) { terms.append(String(letters[index...(index + 1)])) }
        }
      }
    }
    return terms
  }

  private static func documents(_ session: Session) -> [Document] {
    var documents: [Document] = []
    for entry in session.library?.catalogue.entries ?? [] {
      let sentences = [entry.use, entry.remark, entry.family.title].compactMap { $0 }.map { $0.en + " " + $0.zh }
      documents.append(
        Document(
          question: "?" + entry.name, summary: entry.summary,
          names: [entry.name] + entry.aliases + entry.twins.map(\.call),
          rest: (sentences + [entry.family.name, entry.kind.rawValue]).joined(separator: " ")))
    }
    for builtin in (session.library?.builtins.values ?? [:].values).sorted(by: { $0.name < $1.name }) {
      documents.append(
        Document(question: "?" + builtin.name, summary: builtin.doc, names: [builtin.name], rest: builtin.example))
    }
    let optimizers = RuleBook.standard.optimizers.map { ($0, "optimizer 优化器") }
    let schedules = RuleBook.standard.schedules.map { ($0, "schedule learning rate decay 学习率 计划 衰减 调度") }
    for (section, kind) in optimizers + schedules {
      let use = kind + (section.documentation.use.map { " " + $0.en + " " + $0.zh } ?? "")
      documents.append(
        Document(
          question: "?" + section.name, summary: section.documentation.summary,
          names: [section.name] + section.documentation.aliases, rest: use))
    }
    for entry in Glossary.entries {
      documents.append(
        Document(
          question: ":define " + entry.name[session.language], summary: entry.meaning,
          names: [entry.name.en, entry.name.zh] + entry.alsoCalled, rest: entry.related.joined(separator: " ")))
    }
    for command in Command.table {
      documents.append(
        Document(
          question: ":" + command.names[0] + (command.argument.isEmpty ? "" : " " + command.argument),
          summary: command.summary, names: command.names, rest: ""))
    }
    for entry in SyntaxHelp.entries {
      documents.append(
        Document(question: "?" + entry.sign, summary: entry.summary, names: [entry.sign] + entry.spellings, rest: ""))
    }
    for topic in Topics.table {
      documents.append(
        Document(
          question: ":help " + HelpPage.name(of: topic, session.language), summary: topic.summary, names: topic.names,
          rest: ""))
    }
    for code in ErrorCodes.table {
      documents.append(
        Document(
          question: "?" + code.code, summary: code.title, names: [code.code],
          rest: code.explanation.en + " " + code.explanation.zh))
    }
    return documents
  }

  /// The list of what was found.
  static func page(_ query: String, _ session: Session) -> StyledText {
    let found = hits(query, session)
    let language = session.language
    guard !found.isEmpty else {
      let phrase = Phrase(
        en: "nothing found; try another word, in English or Chinese, or :help losses\n",
        zh: "没有找到；换个词试试，中英文都可以，或看 :help 损失\n")
      return StyledText(phrase[language], .dim)
    }
    var text = StyledText()
    for hit in found.prefix(12) {
      var row = StyledText("  ")
      row.append(hit.question, .command)
      row.append(String(repeating: " ", count: max(2, 24 - hit.question.displayWidth)))
      row.append(hit.summary[language], .dim)
      text.append(row.truncated(to: session.settings.width - 1) + "\n")
    }
    if found.count > 12 {
      let more = found.count - 12
      text.append(Phrase(en: "  … and \(more) more\n", zh: "  ……还有 \(more) 个\n")[language], .dim)
    }
    return text
  }
}
