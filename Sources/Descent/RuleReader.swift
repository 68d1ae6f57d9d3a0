import Interpreter
import Syntax

/// One entry of `Prelude/*.loss` as text: its comments, its first line and the indented lines and variants below.
///
/// Splitting is cheap and done for all when the first name is asked for; an entry is parsed when it is used.
///
/// - Precondition: the files are part of the program and tested; what does not parse is our bug.
package struct RuleSection: Sendable {
  package let name: String
  package let documentation: Documentation
  let kind: Rule.Kind
  /// A plain definition, or nil for a block of lines.
  package let definition: String?
  /// The block as written, without its comments.
  package let text: String
  private let lines: [Substring]

  static func split(_ text: String) -> [RuleSection] {
    var sections: [RuleSection] = []
    var comments: [Substring] = []
    var block: [Substring] = []
    func close() {
      if !block.isEmpty { sections.append(RuleSection(block, comments)) }
      block = []
      comments = []
    }
    // By bytes: characters would cost a millisecond of every start.
    for line in text.utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init) {
      let continues = line.hasPrefix("  ") || line.hasPrefix("like ")
      if !continues, !block.isEmpty { close() }
      if line.hasPrefix("##") {
        comments.append(line.dropFirst(2))
      } else if !line.hasPrefix("#") {
        block.append(line)
      }
    }
    close()
    return sections
  }

  private init(_ block: [Substring], _ comments: [Substring]) {
    let header = block[0].after("optimizer ") ?? block[0].after("schedule ")
    let first = header ?? block[0]
    name = String(first.prefix { $0 != "(" && $0 != " " })
    documentation = Documentation(comments, name: name)
    kind = block[0].hasPrefix("optimizer ") ? .optimizer : .schedule
    definition = header == nil ? String(block[0]) : nil
    text = block.joined(separator: "\n")
    lines = block
  }

  // MARK: Parsing

  /// The function a plain definition defines.
  package var function: Function? {
    guard let definition else { return nil }
    let tree = RuleSection.parsed(definition)
    guard case .defineFunction(let name, let parameters, let body) = tree[tree.root] else {
      preconditionFailure("not a definition: \(definition)")
    }
    return Function(
      name: name,
      parameters: parameters.map { Function.Parameter($0.name, fallback: $0.fallback.map { .expression($0) }) },
      body: .defined(tree, body, captured: [:]))
  }

  /// The rule a block of lines is.
  package var rule: Rule? {
    guard definition == nil, let header = lines[0].after("optimizer ") ?? lines[0].after("schedule ") else {
      return nil
    }
    var rule = Rule(
      name: name, kind: kind, settings: RuleSection.header(header).settings, documentation: documentation)
    for line in lines.dropFirst() {
      if let header = line.after("like ") {
        let (name, settings) = RuleSection.header(header)
        rule.variants.append(Rule.Variant(like: name, settings: settings))
        continue
      }
      let text = line.drop { $0 == " " }
      if text == "joint" {
        rule.isJoint = true
        continue
      }
      let start = text.after("start ")
      let parsed = RuleSection.line(String(start ?? text))
      switch (rule.variants.indices.last, start != nil) {
      case (let variant?, true): rule.variants[variant].starts.append(parsed)
      case (let variant?, false): rule.variants[variant].lines.append(parsed)
      case (nil, true): rule.starts.append(parsed)
      case (nil, false): rule.lines.append(parsed)
      }
    }
    return rule
  }

  private static func parsed(_ text: String) -> Tree {
    do {
      return try Parser.parse(Source(text))
    } catch {
      preconditionFailure("the prelude does not parse: \(text): \(error.message.en)")
    }
  }

  private static func line(_ text: String) -> Rule.Line {
    let tree = parsed(text)
    guard case .define(let name, let body) = tree[tree.root] else { preconditionFailure("not a line: \(text)") }
    return Rule.Line(name: name, tree: tree, body: body)
  }

  /// `adam(beta1=0.9, eps=1e-8)`, or a bare name.
  private static func header(_ text: Substring) -> (name: String, settings: [Rule.Setting]) {
    guard text.contains("="), text.last == ")" else { return (String(text.prefix { $0 != "(" }), []) }
    let tree = parsed(text + " = 0")
    guard case .defineFunction(let name, let parameters, _) = tree[tree.root] else {
      preconditionFailure("not a header: \(text)")
    }
    return (name, parameters.map { Rule.Setting(name: $0.name, fallback: value($0.fallback, tree)) })
  }

  private static func value(_ id: Tree.ID?, _ tree: Tree) -> Value {
    guard let id else { preconditionFailure("a setting without a default: \(tree.source.text)") }
    switch tree[id] {
    case .number(let number): return .number(number)
    case .negate(let inner):
      if case .number(let number) = value(inner, tree) { return .number(-number) }
    case .bool(let bool): return .bool(bool)
    case .name("inf"): return .number(.infinity)
    default: break
    }
    preconditionFailure("a default that is no number: \(tree.text(id))")
  }
}

extension Substring {
  fileprivate func after(_ prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
