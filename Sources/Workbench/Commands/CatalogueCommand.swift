import Interpreter
import Losses
import Markup
import Syntax

// `:catalogue`, `:catalogue robust`

extension Command {
  static let catalogueCommand = Command(
    ["catalogue", "catalog"], "[FAMILY]",
    Phrase(en: "every loss, family by family, with small pictures", zh: "全部损失函数，按族分页，附小图")
  ) { (session, rest, source) throws(Diagnostic) in
    guard let catalogue = session.library?.catalogue else { return Reply() }
    let families = Catalogue.families(catalogue.entries)
    if rest.isEmpty { return Reply(Catalogue.overview(families, session)) }
    let wanted = canonicalName(rest)
    guard
      let position = families.firstIndex(where: { $0.family.name == wanted.lowercased() })
        ?? catalogue[wanted].flatMap({ entry in families.firstIndex { $0.family == entry.family } })
    else {
      let near = Suggestions.nearest(to: wanted, among: families.map(\.family.name)).map { ":catalogue " + $0 }
      throw Diagnostic(
        "E403",
        Phrase(
          en: "there is no family `\(Diagnostic.shorten(rest))`", zh: "没有叫 `\(Diagnostic.shorten(rest))` 的族"),
        at: [.init(source.scalars.count - rest.unicodeScalars.count..<source.scalars.count)],
        help: near.isEmpty
          ? Phrase(en: ":catalogue lists them", zh: ":catalogue 列出全部")
          : Phrase(en: "did you mean \(near.joined(separator: ", "))?", zh: "是不是 \(near.joined(separator: "、"))？"))
    }
    return Reply(Catalogue.page(families, position, session))
  }
}

extension Command {
  static let chooseCommand = Command(
    ["choose"], "[y]", Phrase(en: "which loss suits a target", zh: "哪种损失适合你的目标")
  ) { (session, rest, _) in session.submit("choose(\(rest))") }
}

/// The catalogue as something to walk through.
enum Catalogue {
  struct Group {
    let family: Family
    let entries: [Entry]
  }

  /// Families in the order of reading, each with its entries.
  static func families(_ entries: [Entry]) -> [Group] {
    var groups: [Group] = []
    for entry in entries {
      if let last = groups.last, last.family == entry.family {
        groups[groups.count - 1] = Group(family: last.family, entries: last.entries + [entry])
      } else {
        groups.append(Group(family: entry.family, entries: [entry]))
      }
    }
    return groups
  }

  static func overview(_ groups: [Group], _ session: Session) -> StyledText {
    let language = session.language
    let count = groups.reduce(0) { $0 + $1.entries.count }
    var text = StyledText()
    text.append(
      Phrase(
        en: "\(count) entries in \(groups.count) families, to be read in this order\n",
        zh: "共 \(count) 项，分 \(groups.count) 族，按此顺序阅读\n")[language], .heading)
    for group in groups {
      text.append("  :catalogue \(group.family.name)", .command)
      text.append("  \(group.family.title[language])\n", .dim)
      for line in group.entries.map(\.name).joined(separator: "  ").wrapped(width: session.settings.width - 6) {
        text.append("      " + line + "\n", .function)
      }
    }
    text.append(
      Phrase(en: "?name is the page of one; :choose helps to pick\n", zh: "?名字 查看其中一项；:choose 帮你挑选\n")[language], .dim)
    return text
  }

  /// One family: each entry with its sentence, then the pictures side by side, then where to go on.
  static func page(_ groups: [Group], _ position: Int, _ session: Session) -> StyledText {
    let language = session.language
    let width = session.settings.width
    let group = groups[position]
    var text = StyledText()
    text.append(group.family.title[language] + "\n", .heading)
    let longest = group.entries.map { $0.name.displayWidth }.max() ?? 0
    for entry in group.entries {
      let margin = String(repeating: " ", count: longest + 4)
      let sentence = entry.summary[language].wrapped(width: max(20, width - longest - 4))
      text.append("  " + entry.name, .function)
      text.append(String(repeating: " ", count: longest - entry.name.displayWidth + 2))
      text.append(sentence.joined(separator: "\n" + margin) + "\n")
    }
    text.append(pictures(group.entries, session))
    if position + 1 < groups.count {
      text.append(Phrase(en: "next: ", zh: "接着看：")[language], .dim)
      text.append(":catalogue \(groups[position + 1].family.name)\n", .command)
    }
    return text
  }

  /// Small pictures, as many beside each other as the screen has room for.
  static func pictures(_ entries: [Entry], _ session: Session) -> StyledText {
    let cell = 26
    let columns = max(1, session.settings.width / cell)
    var text = StyledText()
    var row: [(name: String, lines: [StyledText])] = []
    func flush() {
      guard !row.isEmpty else { return }
      for picture in row { text.append(padded(StyledText(" " + picture.name, .function), to: cell)) }
      text.append("\n")
      for line in 0..<(row.map(\.lines.count).max() ?? 0) {
        for picture in row {
          text.append(padded(line < picture.lines.count ? picture.lines[line] : StyledText(), to: cell))
        }
        text.append("\n")
      }
      row = []
    }
    for entry in entries {
      guard let picture = EntryPage(entry: entry, session: session).picture(width: cell - 2, height: 7, title: false)
      else { continue }
      row.append((entry.name, picture.lines.filter { !$0.isEmpty }))
      if row.count == columns { flush() }
    }
    flush()
    return text
  }

  private static func padded(_ text: StyledText, to width: Int) -> StyledText {
    let cut = text.truncated(to: width - 1)
    return cut + StyledText(String(repeating: " ", count: max(0, width - cut.displayWidth)))
  }
}
