import Descent
import Interpreter
import Losses
import Markup
import Syntax

/// The names that fit what is typed: the learner's own, then losses, functions, constants and words of the language;
/// those of other libraries and languages stand for ours.
struct Names {
  private let session: Session

  init(_ session: Session) { self.session = session }

  private var language: Language { session.language }
  private var library: any Library { session.environment.library }

  /// - Parameter isLoose: whether names that only contain what is typed, or come near it, are worth offering.
  func candidates(for typed: String, isLoose: Bool = true) -> [Completion.Candidate] {
    let canonical = canonicalName(typed)
    let own = session.environment.variables.keys.filter { $0.hasPrefix(canonical) }.sorted()
    var found = own.map { candidate($0) }
    if typed.isEmpty { return found + ranked(Completion.visibleNames(in: session)).map { candidate($0) } }
    let visible = library.names.filter { library.canonicalName($0) == nil }
    found += ranked(visible.filter { $0.hasPrefix(canonical) }).map { candidate($0) }
    found += words(typed)
    found += aliases { $0.hasPrefix(canonical) }
    if !found.isEmpty || !isLoose { return unique(found) }
    let lowered = canonical.lowercased()
    found = ranked(visible.filter { $0.lowercased().hasPrefix(lowered) }).map { candidate($0) }
    found += aliases { $0.lowercased().hasPrefix(lowered) }
    if !found.isEmpty { return unique(found) }
    // `crossent` finds cross_entropy, `entropy` too.
    let bare = lowered.filter { $0 != "_" }
    guard bare.count > 1 else { return [] }
    found = ranked(visible.filter { $0.lowercased().filter { $0 != "_" }.contains(bare) }).map { candidate($0) }
    found += aliases { $0.lowercased().filter { $0 != "_" }.contains(bare) }
    if !found.isEmpty { return unique(found) }
    return Suggestions.nearest(to: canonical, among: library.names + own).map { name in
      candidate(library.canonicalName(name) ?? name)
    }
  }

  /// Losses before functions before constants; within each, the alphabet.
  private func ranked(_ names: [String]) -> [String] {
    func rank(_ name: String) -> Int {
      if session.environment.variables[name] != nil { return 0 }
      if session.library?.catalogue[name] != nil { return 1 }
      if case .function = library[name] { return 2 }
      return 3
    }
    return names.map { (rank($0), $0) }.sorted { $0 < $1 }.map(\.1)
  }

  /// Our names for those of other libraries and languages, the closest alias first.
  private func aliases(where matches: (String) -> Bool) -> [Completion.Candidate] {
    let found = library.names.filter { library.canonicalName($0) != nil && matches($0) }
    return found.sorted { ($0.count, $0) < ($1.count, $1) }.compactMap { alias in
      guard let name = library.canonicalName(alias) else { return nil }
      let summary = Names.summary(name, session)
      return .init(name, summary.isEmpty ? alias : "\(alias) · \(summary)")
    }
  }

  private func words(_ typed: String) -> [Completion.Candidate] {
    SyntaxHelp.entries.filter { $0.isWord && $0.sign.hasPrefix(typed) }.map { .init($0.sign, $0.summary[language]) }
  }

  private func unique(_ candidates: [Completion.Candidate]) -> [Completion.Candidate] {
    var seen: Set<String> = []
    return candidates.filter { seen.insert($0.text).inserted }
  }

  private func candidate(_ name: String) -> Completion.Candidate { .init(name, Names.summary(name, session)) }

  /// One line about a name, from its definition.
  static func summary(_ name: String, _ session: Session) -> String {
    let language = session.language
    if let own = session.environment.variables[name] {
      if case .function(let function) = own { return function.signature }
      return own.described[language]
    }
    if let entry = session.library?.catalogue[name] { return entry.summary[language] }
    if let section = RuleBook.standard.section(name) { return section.documentation.summary[language] }
    switch session.environment.library[name] {
    case .function(let function):
      if case .builtin(let builtin) = function.body { return builtin.doc[language] }
      return function.signature
    case .number(let number): return shortNumber(number)
    case let value: return value?.described[language] ?? ""
    }
  }
}
