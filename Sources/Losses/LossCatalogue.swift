import Interpreter
import Markup
import Syntax

/// The losses, read from the prelude: definitions of the language with their documentation above them.
package struct LossCatalogue: Sendable {
  package struct Entry: Sendable {
    package let name: String
    package let summary: Phrase
    package let use: Phrase?
    package let aliases: [String]
    package let domain: String?
    package let textbook: String?
    package let source: String?
    package let examples: [String]
    /// The definition as written.
    package let definition: String
    /// The file it stands in, without its ending: the family.
    package let family: String
  }

  package let entries: [Entry]
  private let byName: [String: Int]
  private let functions: [Function]

  /// The catalogue in the binary.
  package static let standard = LossCatalogue(files: EmbeddedTexts.files)

  /// - Precondition: the prelude parses; it is part of the program and tested.
  package init(files: [(name: String, text: String)]) {
    var entries: [Entry] = []
    var functions: [Function] = []
    for file in files {
      var comments: [Substring] = []
      for line in file.text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("##") {
          comments.append(line.dropFirst(2))
        } else if !line.isEmpty, !line.hasPrefix("#") {
          let family = String(file.name.prefix { $0 != "." })
          if let (function, entry) = LossCatalogue.entry(String(line), comments, family) {
            functions.append(function)
            entries.append(entry)
          }
          comments = []
        }
      }
    }
    self.entries = entries
    self.functions = functions
    var byName: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      for name in [entry.name] + entry.aliases { byName[canonicalName(name)] = index }
    }
    self.byName = byName
  }

  private static func entry(_ line: String, _ comments: [Substring], _ family: String) -> (Function, Entry)? {
    guard let tree = try? Parser.parse(Source(line)),
      case .defineFunction(let name, let parameters, let body) = tree[tree.root]
    else { preconditionFailure("the prelude does not parse: \(line)") }
    var fields: [String: String] = [:]
    var examples: [String] = []
    var summary = Phrase(verbatim: name)
    for comment in comments {
      let text = comment.drop { $0 == " " }
      let key = text.prefix { $0.isLowercase && $0.isASCII }
      if !key.isEmpty, text.dropFirst(key.count).hasPrefix(": ") {
        let value = String(text.dropFirst(key.count + 2))
        if key == "example" { examples.append(value) } else { fields[String(key)] = value }
      } else {
        summary = pair(String(text))
      }
    }
    let function = Function(
      name: name,
      parameters: parameters.map { Function.Parameter($0.name, fallback: $0.fallback.map { .expression($0) }) },
      body: .defined(tree, body, captured: [:]))
    let entry = Entry(
      name: name, summary: summary, use: fields["use"].map(pair),
      aliases: (fields["aliases"] ?? "").split(separator: " ").map(String.init), domain: fields["domain"],
      textbook: fields["textbook"], source: fields["source"], examples: examples, definition: line, family: family)
    return (function, entry)
  }

  /// `zh ‖ en`
  private static func pair(_ text: String) -> Phrase {
    let halves = text.split(separator: "‖", maxSplits: 1).map { half in
      String(half.drop { $0 == " " }).trimmingTrailingSpaces
    }
    return halves.count == 2 ? Phrase(en: halves[1], zh: halves[0]) : Phrase(verbatim: text)
  }

  package subscript(name: String) -> Entry? { byName[name].map { entries[$0] } }
  package func function(_ name: String) -> Function? { byName[name].map { functions[$0] } }
  package var names: [String] { Array(byName.keys) }
}
