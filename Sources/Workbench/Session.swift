import Descent
import Interpreter
import Losses
import Markup
import Syntax
import Tensors

/// One learner's session: a value, so that a copy is an undo, a what-if or a marked answer.
package struct Session: Sendable {
  package var settings = Settings()
  package private(set) var environment: Environment
  /// The value of the line before.
  package private(set) var answer: Value?
  /// The program of the line before, if it was a line typed again.
  private var answered: LineProgram?
  /// What was said once and is not said again.
  private var said: Set<Phrase> = []
  /// The environments before the last definitions, latest last.
  private var past: [Environment] = []
  private var known = KnownLines()
  /// The lines that were evaluated, in order: what `:save` writes.
  package private(set) var lines: [String] = []
  /// How many lines there were before each of the last definitions.
  private var linesBefore: [Int] = []
  /// The last line that failed, until one succeeds.
  private(set) var failure: (source: Source, diagnostic: Diagnostic)?
  /// Whether the learner asked to stop. Polled by every loop.
  package var isInterrupted: @Sendable () -> Bool = { false }
  /// Told how far a long descent has come.
  package var report: (@Sendable (Progress) -> Void)?

  package init(language: Language = .en) { self.init(language: language, library: Session.library) }

  /// - Parameter catalogue: losses other than the program's own.
  package init(language: Language = .en, catalogue: LossCatalogue) {
    self.init(language: language, library: Session.library(catalogue))
  }

  private init(language: Language, library: StandardLibrary) {
    settings.language = language
    environment = Environment(library: library)
  }

  /// What every session knows from the start, made once.
  private static let library = library(.standard)

  private static func library(_ catalogue: LossCatalogue) -> StandardLibrary {
    StandardLibrary(catalogue: catalogue, extra: WorkbenchBuiltins.table, beside: StandardRules())
  }

  private init(settings: Settings, library: any Library) {
    self.settings = settings
    environment = Environment(library: library)
  }

  package var language: Language {
    get { settings.language }
    set { settings.language = newValue }
  }

  package var library: StandardLibrary? { environment.library as? StandardLibrary }

  /// Evaluates one line; on an error the session stays as it was.
  package mutating func submit(_ line: String) -> Reply {
    let source = Source(line)
    do {
      if let (value, notes) = try repeated(line) {
        failure = nil
        return reply(value, notes)
      }
      let tree = try Parser.parse(source)
      switch tree[tree.root] {
      case .empty: return Reply()
      case .command(let word, let rest): return try command(word, rest, source)
      case .help(let topic): return Help.reply(topic, self)
      default:
        let (value, notes) = try evaluate(tree, line)
        failure = nil
        return reply(value, notes)
      }
    } catch let raised {
      let error = Refinement.refined(raised, source, self)
      // What explains and mends errors leaves the one it is about in place.
      let keeps = line.drop { $0 == " " }.hasPrefix(":fix") || line.drop { $0 == " " }.hasPrefix(":why")
      if !keeps { failure = (source, error) }
      let canMend = !keeps && !Repair.lines(for: error, source, self).isEmpty
      var reply = Reply(DiagnosticText.render(error, source, settings, canMend: canMend))
      reply.diagnostic = error
      return reply
    }
  }

  /// The same settings and nothing defined: where examples run.
  func withoutNames() -> Session {
    var fresh = Session(settings: settings, library: environment.library)
    fresh.isInterrupted = isInterrupted
    return fresh
  }

  /// What `submit` does with an expression or a definition, short of showing the value.
  @discardableResult
  package mutating func evaluate(_ line: String) throws(Diagnostic) -> Value {
    if let (value, _) = try repeated(line) { return value }
    return try evaluate(Parser.parse(Source(line)), line).value
  }

  private var budget: Budget {
    var budget = Budget(
      seconds: settings.timeLimit, memoryLimit: settings.memoryLimit, threads: settings.threads,
      isInterrupted: isInterrupted)
    budget.report = report
    return budget
  }

  /// The value of a line whose program is known and still holds.
  private mutating func repeated(_ line: String) throws(Diagnostic) -> (value: Value, notes: [Phrase])? {
    guard let (program, notes) = known.program(for: line, in: environment) else { return nil }
    do {
      guard try program.runAgain(budget, replacing: &answer, isItsOwn: answered === program), let value = answer else {
        return nil
      }
      answered = program
      return (value, notes)
    } catch {
      throw Diagnostic(error, at: 0..<line.unicodeScalars.count)
    }
  }

  private mutating func evaluate(
    _ tree: Tree, _ line: String
  ) throws(Diagnostic) -> (value: Value, notes: [Phrase]) {
    var start = environment
    let reads = ReadLog()
    start.reads = reads
    let evaluator = Evaluator(environment: start, answer: answer, budget: budget)
    evaluator.surroundings = settings
    let value = try evaluator.run(tree)
    var notes = evaluator.notes
    let said = notes
    for remark in evaluator.remarks where self.said.insert(remark).inserted { notes.append(remark) }
    if let shadowed = shadowedName(tree) { notes.append(shadowed) }
    if definesName(tree) {
      past.append(environment)
      linesBefore.append(lines.count)
      if past.count > 100 {
        past.removeFirst()
        linesBefore.removeFirst()
      }
    }
    if lines.count < 100_000 { lines.append(line) }
    let before = environment.stamp
    environment = evaluator.environment
    environment.reads = nil
    if environment.stamp != before {
      known.forget(in: environment)
    } else if evaluator.isRepeatable, let program = evaluator.program {
      known.keep((program, said), for: line, reads: reads.stamps, in: environment)
    }
    if case .nothing = value {
    } else {
      answer = value
      answered = nil
    }
    return (value, notes)
  }

  private func reply(_ value: Value, _ notes: [Phrase]) -> Reply {
    var reply = Reply()
    reply.value = value
    for note in notes { reply.notes.append((language == .en ? "note: " : "注意：") + note[language] + "\n", .note) }
    reply.body = ValueText.render(value, in: self)
    return reply
  }

  private func definesName(_ tree: Tree) -> Bool {
    switch tree[tree.root] {
    case .define, .defineFunction, .repeat: true
    default: false
    }
  }

  /// A constant or catalogue name that a definition hides; said once per name.
  private func shadowedName(_ tree: Tree) -> Phrase? {
    let name: String
    switch tree[tree.root] {
    case .define(let defined, _), .defineFunction(let defined, _, _): name = defined
    default: return nil
    }
    guard environment.variables[name] == nil, environment.library[name] != nil else { return nil }
    return Phrase(
      en: "`\(name)` now means yours; :undo brings the built-in one back", zh: "`\(name)` 现在是你定义的；:undo 可以恢复原来的")
  }

  // MARK: For the program around it

  /// Binds a variable.
  package mutating func define(_ name: String, _ tensor: Tensor) { environment[canonicalName(name)] = Value(tensor) }

  /// Starts the stream of random numbers anew: `:set seed`.
  mutating func restartRandomNumbers() { environment.seed(settings.seed) }

  /// The line that failed in a copy of this session is what `:fix` and `:why` are about.
  package mutating func takeFailure(from copy: Session) { failure = copy.failure }

  /// Takes the last definition back; false if there is none.
  package mutating func undo() -> Bool {
    guard let before = past.popLast() else { return false }
    environment = before
    if let count = linesBefore.popLast() { lines.removeSubrange(count...) }
    return true
  }
}
