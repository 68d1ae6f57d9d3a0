import Descent
import Interpreter
import Markup

/// `?adam`, `?cosine`: the page of an optimizer or a schedule, from its entry in the prelude.
enum RulePage {
  static func text(_ section: RuleSection, _ session: Session) -> StyledText {
    let language = session.language
    let width = session.settings.width
    let documentation = section.documentation
    var text = StyledText()
    for line in (section.function?.signature ?? signature(section)).wrapped(width: width) {
      text.append(line + "\n", .heading)
    }
    for line in documentation.summary[language].wrapped(width: width - 2) { text.append("  " + line + "\n") }
    if let use = documentation.use {
      let label = Phrase(en: "use when ", zh: "适用：")[language]
      for line in (label + use[language]).wrapped(width: width - 2) { text.append("  " + line + "\n", .dim) }
    }
    func row(_ label: Phrase, _ content: String) {
      let name = label[language]
      let indent = String(repeating: " ", count: 14)
      for (index, line) in content.wrapped(width: width - 14).enumerated() {
        let margin = "  " + name + String(repeating: " ", count: max(1, 12 - name.displayWidth))
        text.append(index == 0 ? margin : indent, .dim)
        text.append(line + "\n")
      }
    }
    if let rule = section.rule {
      for (index, line) in ChosenRule(rule).symbolicLines().enumerated() {
        row(index == 0 ? Phrase(en: "each step", zh: "每一步") : Phrase(verbatim: ""), line)
      }
      if rule.kind == .optimizer { row(Phrase(en: "usual rate", zh: "常用学习率"), shortNumber(rule.defaultRate)) }
      let forms = rule.variants.map { "like=\"\($0.like)\"" }.joined(separator: ", ")
      if !forms.isEmpty { row(Phrase(en: "as in", zh: "各框架"), forms) }
    }
    if let definition = section.definition { row(Phrase(en: "definition", zh: "定义"), definition) }
    if !documentation.aliases.isEmpty {
      row(Phrase(en: "also called", zh: "别名"), documentation.aliases.joined(separator: ", "))
    }
    if let source = documentation.source { row(Phrase(en: "source", zh: "出处"), source) }
    return text + Run.lines(examples(section), session)
  }

  private static func signature(_ section: RuleSection) -> String {
    guard case .function(let function)? = RuleBook.standard[section.name] else { return section.name }
    return function.signature
  }

  private static func examples(_ section: RuleSection) -> [String] {
    guard section.rule?.kind == .optimizer else {
      let curve = section.documentation.examples.first.map { call in
        // cosine(0.1, 200)(100): the schedule itself, over as many steps again.
        String(call.prefix { $0 != ")" }) + ")"
      }
      guard section.definition != nil, let curve else { return section.documentation.examples }
      return section.documentation.examples + ["plot(\(curve), x=0..60)"]
    }
    return ["descend(w -> (w - 3)^2, w=0, steps=4, with=\(section.name))"]
  }
}
