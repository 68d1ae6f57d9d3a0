import Descent
import Markup

extension Help {
  /// The page of an optimizer or a schedule: the lines it computes, as written, and a descent that is run.
  static func rule(_ section: RuleSection, _ session: Session) -> StyledText {
    let language = session.language
    let page = HelpPage.Labelled(session)
    var text = StyledText()
    var lines = section.text.split(separator: "\n").map(String.init)
    let variants = lines.filter { $0.hasPrefix("like ") }.map { String($0.dropFirst(5).prefix { $0 != "(" }) }
    if let variant = lines.firstIndex(where: { $0.hasPrefix("like ") }) { lines.removeSubrange(variant...) }
    let head = lines.removeFirst()
    let isSchedule = RuleBook.standard.schedules.contains { $0.name == section.name }
    var signature = head
    for word in ["optimizer ", "schedule "] where head.hasPrefix(word) {
      signature = String(head.dropFirst(word.count))
    }
    if section.definition != nil { signature = String(signature.prefix { $0 != ")" }) + ")" }
    for line in signature.wrapped(width: session.settings.width - 2) { text.append(line + "\n", .heading) }
    for line in section.documentation.summary[language].wrapped(width: session.settings.width - 2) {
      text.append("  " + line + "\n")
    }
    if let use = section.documentation.use { text.append(page.row(Phrase(en: "use when", zh: "适用"), use[language])) }
    if let definition = section.definition, let body = definition.firstRange(of: ") = ") {
      text.append(page.row(Phrase(en: "formula", zh: "公式"), String(definition[body.upperBound...])))
    }
    for (index, line) in lines.enumerated() {
      let label = index == 0 ? Phrase(en: "each step", zh: "每一步") : Phrase(verbatim: "")
      text.append(page.row(label, String(line.drop { $0 == " " })))
    }
    if !variants.isEmpty {
      text.append(page.row(Phrase(verbatim: "like="), variants.map { "\"\($0)\"" }.joined(separator: ", ")))
    }
    if !section.documentation.aliases.isEmpty {
      text.append(
        page.row(
          Phrase(en: "also called", zh: "别名"), section.documentation.aliases.joined(separator: ", ")))
    }
    if let source = section.documentation.source { text.append(page.row(Phrase(en: "source", zh: "出处"), source)) }
    var examples = section.documentation.examples
    if examples.isEmpty, !isSchedule {
      examples = ["descend(w -> (w - 3)^2, w=0, steps=3, with=\(section.name))"]
    }
    text.append(Run.lines(examples, session))
    return text
  }
}
