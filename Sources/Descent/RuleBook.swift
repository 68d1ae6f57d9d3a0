import Interpreter
import Markup
import Syntax

/// The optimizers and schedules by name, from `Prelude/*.loss`: part of what a session knows from the start.
package struct RuleBook: Library {
  package static let standard = RuleBook(EmbeddedTexts.files)

  package let optimizers: [RuleSection]
  package let schedules: [RuleSection]
  private let byName: [String: RuleSection]

  package init(_ files: [(name: String, text: String)]) {
    let sections = files.flatMap { RuleSection.split($0.text) }
    optimizers = sections.filter { $0.kind == .optimizer }
    schedules = sections.filter { $0.kind == .schedule }
    var byName: [String: RuleSection] = [:]
    for section in sections {
      for alias in section.documentation.aliases { byName[Syntax.canonicalName(alias)] = section }
    }
    for section in sections { byName[section.name] = section }
    self.byName = byName
  }

  package func section(_ name: String) -> RuleSection? { byName[name] }

  package subscript(name: String) -> Value? {
    guard let section = byName[name] else { return nil }
    if let function = section.function { return .function(function) }
    guard let rule = section.rule else { return nil }
    return .function(RuleBook.builtin(rule).function)
  }

  package var names: [String] { Array(byName.keys) }

  package func canonicalName(_ alias: String) -> String? {
    guard let section = byName[alias], section.name != alias else { return nil }
    return section.name
  }

  /// `adam(beta1=0.8, like="keras")`: the rule with its settings, as a value.
  private static func builtin(_ rule: Rule) -> Builtin {
    var parameters = rule.settings.map { Function.Parameter($0.name, fallback: .value($0.fallback)) }
    if !rule.variants.isEmpty { parameters.append(Function.Parameter("like", fallback: .absent)) }
    return Builtin(rule.name, parameters, doc: rule.documentation.summary) { (call) throws(Diagnostic) in
      .object(RuleObject(try ChosenRule(rule, call)))
    }
  }
}

/// The standard book, read when one of its names is first asked for: the first prompt does not wait for it.
package struct StandardRules: Library {
  package init() {}
  package subscript(name: String) -> Value? { RuleBook.standard[name] }
  package var names: [String] { RuleBook.standard.names }
  package func canonicalName(_ alias: String) -> String? { RuleBook.standard.canonicalName(alias) }
}

/// A rule with its settings as a value: what `with=` takes, and `rate=` where it is a schedule that remembers.
package struct RuleObject: Object {
  package let chosen: ChosenRule

  package init(_ chosen: ChosenRule) { self.chosen = chosen }

  package var kind: String { "record" }
  package var fieldNames: [String] { ["name"] + chosen.settings.map(\.name) }
  package func field(_ name: String) -> Value? {
    name == "name" ? .text(chosen.rule.name) : chosen.settings.first { $0.name == name }?.value
  }
  package func element(_ index: Int) -> Value? { nil }
}

/// A rule, the library whose form of it is taken, and the settings.
package struct ChosenRule: Sendable {
  package let rule: Rule
  package var name: String { rule.name }
  package let like: String?
  package let settings: [(name: String, value: Value)]
  package let starts: [Rule.Line]
  package let lines: [Rule.Line]

  /// The rule with its defaults.
  package init(_ rule: Rule) {
    self.rule = rule
    like = nil
    settings = rule.settings.map { ($0.name, $0.fallback) }
    starts = rule.starts
    lines = rule.lines
  }

  init(_ rule: Rule, _ call: Call) throws(Diagnostic) {
    var variant: Rule.Variant?
    if let value = call.values["like"] {
      guard case .text(let name) = value, let found = rule.variants.first(where: { $0.like == name }) else {
        let names = rule.variants.map { "\"\($0.like)\"" }.joined(separator: ", ")
        throw call.diagnostic(
          "E301", Phrase(en: "\(rule.name) has no such form", zh: "\(rule.name) 没有这种形式"), at: "like",
          help: Phrase(en: "like= takes \(names)", zh: "like= 可取 \(names)"))
      }
      variant = found
    }
    var settings: [(name: String, value: Value)] = []
    for setting in rule.settings {
      // What was typed, else the default of the library asked for, else our own.
      var value = setting.fallback
      if call.spans[setting.name] != nil {
        let given = try call.operand(setting.name)
        if case .bool = given {
          value = given
        } else {
          let number = try call.evaluator.number(given, at: call.place(setting.name))
          guard !number.isNaN else {
            throw call.diagnostic(
              "E301", Phrase(en: "\(setting.name) must be a number", zh: "\(setting.name) 应为数"), at: setting.name)
          }
          value = .number(number)
        }
      } else if let other = variant?.settings.first(where: { $0.name == setting.name }) {
        value = other.fallback
      }
      settings.append((setting.name, value))
    }
    if let decay = settings.first(where: {
      ["beta", "beta1", "beta2", "beta3", "rho", "momentum"].contains($0.name) && !ChosenRule.isShare($0.value)
    }) {
      throw call.diagnostic(
        "E301",
        Phrase(en: "\(decay.name) must be from 0 to below 1", zh: "\(decay.name) 应在 0 与 1 之间（不含 1）"),
        at: decay.name)
    }
    self.rule = rule
    self.settings = settings
    like = variant?.like
    let own = variant.map { !$0.lines.isEmpty } ?? false
    lines = own ? variant?.lines ?? [] : rule.lines
    let ownStarts = variant.map { !$0.starts.isEmpty } ?? false
    starts = ownStarts ? variant?.starts ?? [] : rule.starts
  }

  private static func isShare(_ value: Value) -> Bool {
    guard case .number(let number) = value else { return true }
    return number >= 0 && number < 1
  }
}
