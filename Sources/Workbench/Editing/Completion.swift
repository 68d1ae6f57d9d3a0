import Descent
import Interpreter
import Losses
import Markup
import Syntax

/// What the word before the cursor could become.
///
/// Candidates that could not stand there, because the line would no longer parse however it went on, are left out.
package struct Completion: Sendable, Hashable {
  package struct Candidate: Sendable, Hashable {
    package var text: String
    /// One line in the learner's language.
    package var summary: String

    package init(_ text: String, _ summary: String = "") {
      self.text = text
      self.summary = summary
    }
  }

  /// How many scalars before the cursor a candidate takes the place of.
  package var replacing = 0
  /// The most useful first.
  package var candidates: [Candidate] = []

  /// What lies outside a session.
  package struct Surroundings: Sendable {
    /// Names in a folder, with "/" behind those of folders; "" is the working folder.
    package var files: @Sendable (_ folder: String) -> [String]
    package var lessons: @Sendable () -> [(id: String, title: Phrase)]
    /// The steps of the lesson that is open.
    package var steps: @Sendable () -> [String]

    package init(
      files: @escaping @Sendable (String) -> [String] = { _ in [] },
      lessons: @escaping @Sendable () -> [(id: String, title: Phrase)] = { [] },
      steps: @escaping @Sendable () -> [String] = { [] }
    ) {
      self.files = files
      self.lessons = lessons
      self.steps = steps
    }
  }

  /// The longest line looked at: completion is for what a person types.
  private static let limit = 20_000

  package static func at(
    _ before: String, in session: Session, surroundings: Surroundings = Surroundings()
  ) -> Completion {
    guard before.utf8.count < limit else { return Completion() }
    let line = Line(before: before, session: session, surroundings: surroundings)
    guard let first = before.unicodeScalars.first(where: { $0 != " " }) else {
      return line.viable(line.names(LineContext("")))
    }
    if first == ":" || first == "：" { return line.command() }
    if first == "?" || first == "？" {
      return line.among(Topics.all(session), replacing: line.lastPart(after: ["?", "？"]))
    }
    if let sign = line.sign() { return sign }
    let context = LineContext(before)
    if let text = context.openText { return line.insideText(text, context) }
    if before.unicodeScalars.last == ".", context.path.isEmpty { return Completion() }
    if !context.path.isEmpty { return line.fields(context) }
    return line.viable(line.names(context))
  }

  /// The names a learner sees and types: without those of other libraries.
  static func visibleNames(in session: Session) -> [String] {
    Array(session.environment.variables.keys)
      + session.environment.library.names.filter { session.environment.library.canonicalName($0) == nil }
  }
}

/// One question for completion.
private struct Line {
  let before: String
  let session: Session
  let surroundings: Completion.Surroundings

  var language: Language { session.language }

  // MARK: Matching

  /// The candidates that begin with what is typed, then those that contain it.
  func among(_ all: [Completion.Candidate], replacing typed: String) -> Completion {
    let wanted = typed.lowercased()
    var starting = all.filter { $0.text.hasPrefix(typed) }
    if starting.isEmpty { starting = all.filter { $0.text.lowercased().hasPrefix(wanted) } }
    if starting.isEmpty, wanted.count > 1 { starting = all.filter { $0.text.lowercased().contains(wanted) } }
    return Completion(replacing: typed.unicodeScalars.count, candidates: starting)
  }

  func lastPart(after separators: Set<Character>) -> String {
    String(before.reversed().prefix { !separators.contains($0) }.reversed()).trimmingLeadingSpaces
  }

  /// Only what leaves a line that could still become one; a line that is broken before the word is left to the learner.
  func viable(_ completion: Completion) -> Completion {
    let kept = String(
      String.UnicodeScalarView(before.unicodeScalars.dropLast(completion.replacing)))
    guard couldBecomeALine(kept) else { return completion }
    var result = completion
    result.candidates = completion.candidates.filter { couldBecomeALine(kept + $0.text) }
    return result
  }

  // MARK: Names

  func names(_ context: LineContext) -> Completion {
    let typed = context.word
    var candidates = context.call.map { parameters(of: $0, typed) + rules(for: $0, typed) } ?? []
    candidates += Names(session).candidates(for: typed, isLoose: candidates.isEmpty)
    var seen: Set<String> = []
    candidates = candidates.filter { seen.insert($0.text).inserted }
    // A name that is complete opens its call.
    if candidates.count == 1, candidates[0].text == typed, case .function(let function) = session.environment[typed] {
      candidates = [.init(typed + "(", function.signature)]
    }
    return Completion(replacing: typed.unicodeScalars.count, candidates: candidates)
  }

  /// `delta=` of the call that is open, for parameters it has not been given.
  private func parameters(of call: LineContext.OpenCall, _ typed: String) -> [Completion.Candidate] {
    guard call.current == nil, case .function(let function) = session.environment[call.callee] else { return [] }
    var result: [Completion.Candidate] = []
    var given = call.positional - (call.isEmpty ? 0 : 1)
    for parameter in function.parameters where !parameter.isVariadic {
      if parameter.name == "…" {
        if let goal = call.firstArgument, case .function(let objective) = session.environment[goal] {
          for own in objective.parameters where !call.named.contains(own.name) && own.name.hasPrefix(typed) {
            result.append(
              .init(own.name + "=", Phrase(en: "where `\(own.name)` starts", zh: "`\(own.name)` 的起始值")[language]))
          }
        }
        continue
      }
      if call.named.contains(parameter.name) { continue }
      if given > 0 {
        given -= 1
        continue
      }
      guard parameter.name.hasPrefix(typed) else { continue }
      let shown = function.text(of: parameter)
      let summary =
        parameter.fallback == nil
        ? Phrase(en: "parameter of \(call.callee)", zh: "\(call.callee) 的参数")
        : Phrase(en: "parameter of \(call.callee): \(shown)", zh: "\(call.callee) 的参数：\(shown)")
      result.append(.init(parameter.name + "=", summary[language]))
    }
    return result
  }

  /// Optimizers after `with=`, schedules after `rate=`.
  private func rules(for call: LineContext.OpenCall, _ typed: String) -> [Completion.Candidate] {
    let sections: [RuleSection] =
      switch call.current {
      case "with": RuleBook.standard.optimizers
      case "rate": RuleBook.standard.schedules
      default: []
      }
    return sections.filter { $0.name.hasPrefix(typed) }
      .map { .init($0.name, $0.documentation.summary[language]) }
  }

  // MARK: After a dot

  func fields(_ context: LineContext) -> Completion {
    if session.environment[context.path[0]] == nil, let ours = withoutModules(context) { return ours }
    var value = session.environment[context.path[0]]
    for name in context.path.dropFirst() { value = value?.field(named: name) }
    let candidates = (value?.fieldCandidates ?? []).map { Completion.Candidate($0.name, $0.summary[language]) }
    return viable(among(candidates, replacing: context.word))
  }

  /// `nn.MSEL` → `mse`: names here have no prefixes.
  private func withoutModules(_ context: LineContext) -> Completion? {
    let written = context.path.joined(separator: ".") + "." + context.word
    guard context.path.allSatisfy(NameSuggestions.modules.contains), context.word.count > 1, before.hasSuffix(written)
    else { return nil }
    let found = Names(session).candidates(for: context.word)
    return viable(Completion(replacing: written.unicodeScalars.count, candidates: found))
  }

  // MARK: `\alpha`

  /// The sign for a name after a backslash, or for `\hat y`.
  func sign() -> Completion? {
    guard let slash = before.lastIndex(of: "\\") else { return nil }
    let rest = before[before.index(after: slash)...]
    let typed = rest.unicodeScalars.count + 1
    if rest.hasPrefix("hat"), rest.count > 3 {
      let letter = rest.dropFirst(3).filter { !" {}".contains($0) }
      guard letter.unicodeScalars.count == 1, let only = letter.first, only.isLetter else { return nil }
      return Completion(replacing: typed, candidates: [.init(SymbolNames.hatted(String(only)))])
    }
    if let mark = rest.first, mark == "_" || mark == "^" {
      guard let shifted = SymbolNames.shifted(rest.dropFirst(), up: mark == "^") else { return nil }
      return Completion(replacing: typed, candidates: [.init(shifted)])
    }
    guard rest.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
    if let sign = SymbolNames.sign(String(rest)) {
      return Completion(replacing: typed, candidates: [.init(sign, "\\" + rest)])
    }
    let near = (SymbolNames.table + [("hat ", "ŷ")]).filter { $0.name.hasPrefix(rest) }
    if near.count == 1, near[0].name != "hat " {
      return Completion(replacing: typed, candidates: [.init(near[0].sign, "\\" + near[0].name)])
    }
    return Completion(replacing: typed, candidates: near.map { .init("\\" + $0.name, $0.sign) })
  }

  // MARK: In quotes

  func insideText(_ text: String, _ context: LineContext) -> Completion {
    switch context.call?.callee {
    case "drop_missing":
      if let name = context.call?.firstArgument, case .table(let table) = session.environment[name] {
        return among(table.columns.map { .init($0.name + "\"") }, replacing: text)
      }
      return Completion()
    case "load": return files(text, closing: "\"", withData: true)
    case "save", "open": return files(text, closing: "\"", withData: false)
    default: return Completion()
    }
  }

  func files(_ typed: String, closing: String, withData: Bool) -> Completion {
    let cut = typed.lastIndex(of: "/").map { typed.index(after: $0) } ?? typed.startIndex
    let folder = String(typed[..<cut])
    var candidates: [Completion.Candidate] = []
    if withData, folder.isEmpty {
      candidates += Datasets.texts.keys.sorted().map {
        .init($0 + closing, Phrase(en: "comes with losslab", zh: "随程序自带")[language])
      }
    }
    let hidden = typed[cut...].hasPrefix(".")
    for name in surroundings.files(folder).sorted() where hidden || !name.hasPrefix(".") {
      // A name that quotes could not hold as it is is not offered.
      if name.unicodeScalars.contains(where: { $0 == "\"" || $0 == "\\" || $0.properties.generalCategory == .control })
      {
        continue
      }
      candidates.append(.init(folder + name + (name.hasSuffix("/") ? "" : closing)))
    }
    var seen: Set<String> = []
    return among(candidates.filter { seen.insert($0.text).inserted }, replacing: typed)
  }

  // MARK: Commands

  func command() -> Completion {
    let typed = before.trimmingLeadingSpaces.dropFirst()
    let word = String(typed.prefix { $0 != " " })
    if word.count == typed.count {
      let all = Command.table.map { Completion.Candidate($0.names[0], $0.summary[language]) }
      var found = among(all, replacing: word)
      if found.candidates.count == 1, !(Command.named(found.candidates[0].text)?.argument.isEmpty ?? true) {
        found.candidates[0].text += " "
      }
      return found
    }
    guard let command = Command.named(word) else { return Completion() }
    let rest = String(typed.dropFirst(word.count)).trimmingLeadingSpaces
    switch command.kind {
    case .none: return Completion()
    case .lesson: return among(surroundings.lessons().map { .init($0.id, $0.title[language]) }, replacing: rest)
    case .step: return among(surroundings.steps().map { .init($0) }, replacing: rest)
    case .language: return among([.init("zh", "中文"), .init("en", "English")], replacing: rest)
    case .code:
      return among(
        ErrorCodes.table.map { .init($0.code, $0.title[language]) }, replacing: rest)
    case .topic: return among(Topics.all(session), replacing: rest)
    case .term:
      return among(Glossary.entries.map { .init($0.name[language], $0.meaning[language]) }, replacing: rest)
    case .file: return files(rest, closing: "", withData: false)
    case .setting: return setting(rest)
    case .expression:
      let inner = Line(before: rest, session: session, surroundings: surroundings)
      let context = LineContext(rest)
      if let text = context.openText { return inner.insideText(text, context) }
      return context.path.isEmpty ? inner.viable(inner.names(context)) : inner.fields(context)
    }
  }

  private func setting(_ rest: String) -> Completion {
    let words = rest.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.count > 1, let setting = Setting.named(words[0]) else {
      return among(Setting.table.map { .init($0.name + " ", $0.summary[language]) }, replacing: rest)
    }
    return among(setting.choices.map { .init($0) }, replacing: words[1...].joined(separator: " "))
  }
}

extension String {
  var trimmingLeadingSpaces: String { String(drop { $0 == " " || $0 == "\u{3000}" }) }
}

extension Value {
  func field(named name: String) -> Value? {
    switch self {
    case .record(let record): record[name]
    case .object(let object): object.field(name)
    default: nil
    }
  }

  /// What may follow a dot, with a word about each.
  var fieldCandidates: [(name: String, summary: Phrase)] {
    switch self {
    case .record(let record): record.fields.map { ($0.name, $0.value.described) }
    case .object(let object):
      object.fieldNames.map { ($0, object.field($0)?.described ?? Phrase(verbatim: "")) }
    case .table(let table):
      table.columns.map { column in
        let gaps = column.missing.count
        let kind = column.isNumeric ? Phrase(en: "numbers", zh: "数") : Phrase(en: "texts", zh: "文本")
        return (
          column.name,
          gaps == 0 ? kind : Phrase(en: "\(kind.en), \(gaps) missing", zh: "\(kind.zh)，缺 \(gaps) 个")
        )
      }
    default: []
    }
  }
}
