import Losses
import Markup

/// The catalogue as a book in Markdown: a page per entry with its examples run, and a page of contents.
package struct CatalogueBook {
  package struct Page: Sendable {
    /// Below the book's folder: `robust/cauchy.md`.
    package let path: String
    package let text: String
  }

  private let session: Session

  package init() {
    var session = Session()
    session.settings.width = 80
    self.session = session
  }

  package var pages: [Page] {
    let entries = session.library?.catalogue.entries ?? []
    return [contents(entries)] + entries.map(page)
  }

  private func contents(_ entries: [Entry]) -> Page {
    var text = "# The catalogue · 损失函数目录\n\n"
    text += "Written by `losslab catalogue --markdown --output docs/catalogue`; do not edit by hand.\n\n"
    for group in Catalogue.families(entries) {
      text += "## \(group.family.title.en)\n\n\(group.family.title.zh)\n\n"
      for entry in group.entries {
        text += "- [`\(entry.name)`](\(group.family.name)/\(entry.name).md) \(escaped(entry.summary.en))\n"
        text += "  \(escaped(entry.summary.zh))\n"
      }
      text += "\n"
    }
    return Page(path: "README.md", text: text)
  }

  private func page(_ entry: Entry) -> Page {
    let page = EntryPage(entry: entry, session: session)
    var text = "# \(entry.name)\n\n\(escaped(entry.summary.en))\n\n\(escaped(entry.summary.zh))\n\n"
    text += "```\n\(page.signature)\n```\n\n"
    if let standard = page.standard {
      text += "Also takes `\(standard)`. 还可以写 `\(standard)`。\n\n"
    }
    for section in page.sections {
      let label =
        section.label.en == section.label.zh ? section.label.en : "\(section.label.en) · \(section.label.zh)"
      text += "**\(escaped(label))**\n\n"
      if section.isCode {
        text += "```\n" + section.lines.map(\.en).joined(separator: "\n") + "\n```\n\n"
      } else {
        for line in section.lines {
          text += escaped(line.en) + "\n\n"
          if line.zh != line.en { text += escaped(line.zh) + "\n\n" }
        }
      }
    }
    if let picture = page.picture(width: 64, height: 12) {
      text += "```\n" + picture.plain.trimmingTrailingBlanks + "\n```\n\n"
    }
    for example in page.examples {
      text += "```\n> \(example.line)\n" + example.output.plain.trimmingTrailingBlanks + "\n```\n\n"
    }
    return Page(path: "\(entry.family.name)/\(entry.name).md", text: text)
  }

  /// Text in which Markdown sees no markup.
  private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "\\`*_<>|[]".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }
}

extension String {
  /// Without spaces at the ends of lines and blank lines at the end.
  fileprivate var trimmingTrailingBlanks: String {
    var lines = split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmedAtEnd }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}

extension Substring {
  fileprivate var trimmedAtEnd: Substring {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
