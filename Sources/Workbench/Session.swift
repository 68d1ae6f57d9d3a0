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
  /// What was said once and is not said again.
  private var said: Set<Phrase> = []
  /// The environments before the last definitions, latest last.
  private var past: [Environment] = []
  /// Whether the learner asked to stop. Polled by every loop.
  package var isInterrupted: @Sendable () -> Bool = { false }

  package init(language: Language = .en) {
    settings.language = language
    environment = Environment(library: StandardLibrary(extra: WorkbenchBuiltins.table, beside: RuleBook.standard))
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
      let tree = try Parser.parse(source)
      switch tree[tree.root] {
      case .empty: return Reply()
      case .command(let word, let rest): return try command(word, rest, source)
      case .help(let topic): return Help.reply(topic, self)
      default: return try evaluate(tree)
      }
    } catch {
      var reply = Reply(DiagnosticText.render(error, source, language))
      reply.diagnostic = error
      return reply
    }
  }

  private mutating func evaluate(_ tree: Tree) throws(Diagnostic) -> Reply {
    let budget = Budget(seconds: settings.timeLimit, isInterrupted: isInterrupted)
    let evaluator = Evaluator(environment: environment, answer: answer, budget: budget)
    evaluator.surroundings = settings
    let value = try evaluator.run(tree)
    var reply = Reply()
    reply.value = value
    var notes = evaluator.notes
    for remark in evaluator.remarks where said.insert(remark).inserted { notes.append(remark) }
    if let shadowed = shadowedName(tree) { notes.append(shadowed) }
    if definesName(tree) {
      past.append(environment)
      if past.count > 100 { past.removeFirst() }
    }
    environment = evaluator.environment
    if case .nothing = value {} else { answer = value }
    for note in notes { reply.output.append((language == .en ? "note: " : "注意：") + note[language] + "\n", .note) }
    reply.output.append(ValueText.render(value, in: self))
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

  /// Takes the last definition back; false if there is none.
  package mutating func undo() -> Bool {
    guard let before = past.popLast() else { return false }
    environment = before
    return true
  }
}
