import Interpreter
import Markup
import Syntax

/// Reads one entry of a `.loss` file: its documentation, its definition and how other libraries differ.
///
/// ```
/// ## zh ‖ en                                what it is
/// ## use: zh ‖ en                           and avoid:, remark:
/// ## torch: nn.MSELoss; same                or `; zh ‖ en`, what is different there
/// ## domain: prediction real, target real   and traits:, per:, aliases:, textbook:, source:, example:, picture:,
/// ## choose: real noise                     counterpart:, conformance:
/// mse(prediction, target) = (prediction - target)^2
///   a definition goes on where lines are indented
/// like keras: mse(prediction, target) = row_mean((prediction - target)^2)
/// ```
struct EntryReader {
  let entry: Entry
  /// The lines of the language: the definition, then each variant's.
  let definition: String
  let variants: [(name: String, definition: String)]

  private static let frameworks = [
    "torch", "keras", "tensorflow", "jax", "optax", "rax", "sklearn", "scipy", "xgboost", "lightgbm", "statsmodels",
  ]

  init(_ text: Substring, family: Family, kind: Entry.Kind) {
    var fields: [(key: String, text: String)] = []
    var definition = ""
    var variants: [(name: String, definition: String)] = []
    for line in text.utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init) {
      if line.hasPrefix("##") {
        EntryReader.add(line.dropFirst(2), to: &fields)
      } else if line.hasPrefix("like "), let colon = line.firstIndex(of: ":") {
        let name = line[line.index(line.startIndex, offsetBy: 5)..<colon]
        variants.append((String(name), String(line[line.index(after: colon)...].drop { $0 == " " })))
      } else if variants.isEmpty {
        definition += (definition.isEmpty ? "" : "\n") + line
      } else {
        variants[variants.count - 1].definition += "\n" + line
      }
    }
    self.definition = definition
    self.variants = variants
    func all(_ key: String) -> [String] { fields.filter { $0.key == key }.map(\.text) }
    func phrase(_ key: String) -> Phrase? { all(key).first.map(EntryReader.pair) }
    let name = String(definition.prefix { $0 != "(" && $0 != " " && $0 != "=" })
    entry = Entry(
      name: name, kind: kind, family: family, summary: phrase("") ?? Phrase(verbatim: name), use: phrase("use"),
      avoid: phrase("avoid"), remark: phrase("remark"),
      aliases: all("aliases").flatMap { $0.split(separator: " ").map(String.init) },
      twins: EntryReader.frameworks.flatMap { framework in all(framework).map { EntryReader.twin(framework, $0) } },
      granularity: all("per").first.flatMap(Entry.Granularity.init)
        ?? (kind == .loss && !fields.isEmpty ? .element : .batch),
      domains: all("domain").flatMap { $0.split(separator: ",") }.compactMap { item in
        let words = item.split(separator: " ").map(String.init)
        guard words.count >= 2, let domain = Domain(words.dropFirst()) else { return nil }
        return (words[0], domain)
      },
      traits: all("traits").flatMap { $0.split(separator: " ") }.compactMap { Trait(String($0)) },
      textbook: all("textbook").first, source: all("source").first, examples: all("example"),
      picture: all("picture").first, counterpart: all("counterpart").first,
      choices: all("choose").map { line in
        let words = line.split(separator: " ").map(String.init)
        return (words[0], words.count > 1 ? words[1] : nil)
      }, conformance: all("conformance").map(ConformanceRule.init), definition: definition,
      variants: variants.map { Entry.Variant(name: $0.name, definition: $0.definition) })
  }

  /// `key: text`, the sentence without a key, or the rest of the field above (indented).
  private static func add(_ comment: Substring, to fields: inout [(key: String, text: String)]) {
    let text = comment.drop { $0 == " " }
    let key = text.prefix { $0.isLowercase && $0.isASCII }
    if comment.hasPrefix("   "), !fields.isEmpty {
      fields[fields.count - 1].text += " " + text
    } else if !key.isEmpty, text.dropFirst(key.count).hasPrefix(": ") {
      fields.append((String(key), String(text.dropFirst(key.count + 2))))
    } else {
      fields.append(("", String(text)))
    }
  }

  /// `zh ‖ en`
  static func pair(_ text: String) -> Phrase {
    let halves = text.split(separator: "‖", maxSplits: 1).map { half in
      String(half.drop { $0 == " " }).trimmingTrailingSpaces
    }
    return halves.count == 2 ? Phrase(en: halves[1], zh: halves[0]) : Phrase(verbatim: text)
  }

  private static func twin(_ framework: String, _ text: String) -> Entry.Twin {
    let parts = text.split(separator: ";", maxSplits: 1).map { String($0).trimmingTrailingSpaces }
    let difference = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "same"
    return Entry.Twin(
      framework: framework, call: parts.first ?? "", difference: difference == "same" ? nil : pair(difference))
  }

  // MARK: Into the language

  /// The function, with what every loss takes: `reduce=`, `weight=`, `divide=`, `like=`. nil where the definition is
  /// the word `builtin`: the name is a function written in Swift and the entry only documents it.
  func function(check: (@Sendable (Call) throws(Diagnostic) -> Void)?) -> Function? {
    guard var function = EntryReader.function(definition, entry) else { return nil }
    function.check = check
    let same = Set(entry.twins.filter { $0.difference == nil }.map(\.framework))
    if variants.isEmpty, same.isEmpty { return function }
    var different: [String: Function] = [:]
    for (name, definition) in variants {
      different[name] = EntryReader.function(definition, entry)
    }
    function.variants = Function.Variants(different: different, same: same)
    if !function.parameters.contains(where: { $0.name == "like" }) {
      function.parameters.append(Function.Parameter("like", fallback: .absent))
    }
    for index in function.parameters.indices
    where ["weight", "divide", "like"].contains(function.parameters[index].name) {
      function.parameters[index].isMinor = function.parameters[index].fallback != nil
    }
    return function
  }

  /// - Precondition: the prelude parses; it is part of the program and tested.
  private static func function(_ definition: String, _ entry: Entry) -> Function? {
    let line = reduced(definition, entry)
    let source = Source(line, isLibrary: true)
    do {
      let tree = try Parser.parse(source)
      guard case .defineFunction(let name, let parameters, let body) = tree[tree.root] else {
        preconditionFailure("the prelude has no definition in: \(definition)")
      }
      if case .name("builtin") = tree[body] { return nil }
      return Function(
        name: name,
        parameters: parameters.map { Function.Parameter($0.name, fallback: $0.fallback.map { .expression($0) }) },
        body: .defined(tree, body, captured: [:]))
    } catch {
      preconditionFailure("the prelude does not parse: \(error.message.en) in: \(definition)")
    }
  }

  /// Hands what a definition gives per element or row to `reduced`, the one place where weights and `reduce=` apply.
  private static func reduced(_ definition: String, _ entry: Entry) -> String {
    guard entry.kind == .loss, entry.granularity != .batch, let (name, parameters, body) = parts(definition),
      !has("reduce", parameters)
    else { return definition }
    var list = parameters
    for standard in ["reduce=mean", "weight=1", "divide=\"n\""]
    where !has(String(standard.prefix { $0 != "=" }), parameters) {
      list += ", " + standard
    }
    return "\(name)(\(list)) = reduced((\(body)), reduce, weight, divide)"
  }

  private static func has(_ name: String, _ parameters: String) -> Bool {
    parameters.split(separator: ",").contains {
      $0.drop(while: \.isWhitespace).prefix { $0 != "=" && $0 != " " } == name
    }
  }

  /// `name(parameters) = body`, apart.
  private static func parts(_ definition: String) -> (name: String, parameters: String, body: String)? {
    guard let open = definition.firstIndex(of: "(") else { return nil }
    var depth = 0
    for index in definition[open...].indices {
      switch definition[index] {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      default: continue
      }
      guard depth == 0 else { continue }
      guard let equals = definition[index...].firstIndex(of: "=") else { return nil }
      return (
        String(definition[..<open]), String(definition[definition.index(after: open)..<index]),
        String(definition[definition.index(after: equals)...])
      )
    }
    return nil
  }
}
