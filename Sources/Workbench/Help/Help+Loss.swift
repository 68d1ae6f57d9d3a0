import Losses
import Markup

extension Help {
  /// The page of a catalogue entry: what `EntryPage` knows of it, its picture, lines that are run, what is like it.
  static func loss(_ entry: Entry, _ session: Session) -> StyledText {
    let language = session.language
    let width = session.settings.width
    let page = EntryPage(entry: entry, session: session.withoutNames())
    let labelled = HelpPage.Labelled(session)
    var text = StyledText()
    for line in page.signature.wrapped(width: width) { text.append(line + "\n", .heading) }
    for line in entry.summary[language].wrapped(width: width - 2) { text.append("  " + line + "\n") }
    for section in page.sections {
      for (index, line) in section.lines.enumerated() {
        text.append(labelled.row(index == 0 ? section.label : Phrase(verbatim: ""), line[language]))
      }
    }
    if let standard = page.standard { text.append(labelled.row(Phrase(en: "also takes", zh: "还可以写"), standard)) }
    let related = related(entry, session).joined(separator: ", ")
    if !related.isEmpty { text.append(labelled.row(Phrase(en: "see also", zh: "另见"), related)) }
    if let picture = page.picture(width: min(width, 64), height: 10) {
      for line in picture.lines where !line.isEmpty { text.append(line.truncated(to: width) + "\n") }
    }
    return text + Run.lines(entry.examples, session)
  }

  /// Others that answer the same question.
  private static func related(_ entry: Entry, _ session: Session) -> [String] {
    let family = (session.library?.catalogue.entries ?? []).filter { $0.family == entry.family }.map(\.name)
    guard let place = family.firstIndex(of: entry.name) else { return [] }
    return family.indices.filter { $0 != place }.sorted { abs($0 - place) < abs($1 - place) }.prefix(4).map {
      family[$0]
    }
  }
}
