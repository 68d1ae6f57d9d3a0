import Graphs
import Markup
import Syntax
import Tensors

/// Evaluates one line.
///
/// Numbers are computed at once. Whatever touches a tensor, or a variable a gradient is wanted for, becomes a node of
/// the line's graph and runs as one fused program when its value is needed. An evaluator lives for one line; what it
/// changed is in `environment`.
package final class Evaluator {
  package var environment: Environment
  package let budget: Budget
  package internal(set) var notes: [Phrase] = []
  /// Notes that a session makes only once.
  package internal(set) var remarks: [Phrase] = []
  /// The line being evaluated; errors inside functions of other lines are shown at the call on this one.
  package var line: Source?
  /// The value of the line before.
  let answer: Value?
  /// What builtins of higher layers want to know of where they run.
  package var surroundings: (any Sendable)?

  package let graph = Graph()
  /// What the inputs of the graph are worth at present; an input without a value can only be printed.
  var bindings: [Tensor?] = []
  /// For a run of a program over this graph; what has no value reads as 0.
  package var presentValues: [Tensor] { bindings.map { $0 ?? Tensor(0) } }
  /// Conditions that decided which branch was traced, with what they were.
  package internal(set) var guards: [(condition: Graph.ID, value: Bool)] = []
  /// Whether what depends on inputs may be computed while it is traced: to follow one branch of an `if`, to refuse a
  /// singular matrix. Otherwise both branches are traced, for a program that runs with other values.
  package var usesPresentValues = true
  /// While the step of a descent is traced: the number that seeds the random draws of one run, so that each step drops
  /// other elements. Nil where numbers are drawn once.
  package var randomKey: Expression?
  /// How many draws a run has made from its key.
  var draws = 0
  /// Names that stand for something else for the time being: the variable of `∂(…)/∂w`.
  var substitutions: [String: Value] = [:]

  /// Values of nodes met on the way to values asked for earlier: a loop that decides something in every turn computes
  /// each turn once.
  var found: [Graph.ID: Tensor] = [:]
  var forceCount = 0
  /// The program that the value of the line was computed by.
  package internal(set) var program: LineProgram?
  /// Whether the same line gives the same while what it read is the same: false once something outside was consulted,
  /// as a file, a random source, or the value of the line before.
  package var isRepeatable = true
  /// How many functions of the library are inside each other: what they do among themselves is not worth a note.
  package internal(set) var libraryDepth = 0

  private let stack = StackGuard()
  private var depth = 0
  /// Counts entries, so that the budget is asked now and then.
  private var levels: UInt = 0
  /// How many calls may be inside each other.
  package static let depthLimit = 2_000

  package init(environment: Environment, answer: Value? = nil, budget: Budget = .unlimited) {
    self.environment = environment
    self.answer = answer
    self.budget = budget
  }

  /// What a piece of tree sees: its own text and the names bound around it.
  struct Frame {
    var tree: Tree
    /// The expression that an unbound `n` looks through for a Σ.
    var body: Tree.ID
    var locals: [String: Value] = [:]
    /// Indices of sums over vectors whose length is not known yet: `y[i]` is all of y then.
    var wholes: Set<String> = []
  }

  /// The name (`v`, `m.weight`) that stands at a place of the line, if one does: what a curve is labelled with.
  package func name(at span: Range<Int>) -> String? {
    guard let line, span.upperBound <= line.scalars.count else { return nil }
    let text = line[span]
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isPath = parts.dropFirst().allSatisfy {
      !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
    return isPath && environment[String(parts[0])] != nil ? text : nil
  }

  package func note(_ phrase: Phrase) {
    if !notes.contains(phrase), notes.count < 20 { notes.append(phrase) }
  }

  /// Evaluates a line's tree; definitions change `environment`.
  package func run(_ tree: Tree) throws(Diagnostic) -> Value {
    line = tree.source
    if tree.isLaTeX { note(Phrase(en: "read as \(tree.printed())", zh: "读作 \(tree.printed())")) }
    var frame = Frame(tree: tree, body: tree.root)
    return try statement(tree.root, &frame)
  }

  private func statement(_ id: Tree.ID, _ frame: inout Frame) throws(Diagnostic) -> Value {
    switch frame.tree[id] {
    case .define(let name, let value):
      frame.body = value
      var result = try finished(evaluate(value, &frame), at: frame.tree.span(value))
      if case .function(var function) = result, function.name == nil {
        function.name = name
        result = .function(function)
      }
      environment[name] = result
      return result
    case .defineFunction(let name, let parameters, let body):
      let function = Function(
        name: name,
        parameters: parameters.map { Function.Parameter($0.name, fallback: $0.fallback.map { .expression($0) }) },
        body: .defined(frame.tree, body, captured: frame.locals))
      environment[name] = .function(function)
      return .function(function)
    case .repeat(let count, let lines):
      let times = try integer(try evaluate(count, &frame), at: frame.tree.span(count), called: "repeat", from: 0)
      var last = Value.nothing
      for _ in 0..<times {
        for line in lines {
          // Each turn starts a graph of its own, so a long loop keeps nothing but its variables.
          let turn = Evaluator(environment: environment, answer: answer, budget: budget)
          turn.line = self.line
          turn.surroundings = surroundings
          var turnFrame = Frame(tree: frame.tree, body: line)
          last = try turn.statement(line, &turnFrame)
          environment = turn.environment
          for phrase in turn.notes { note(phrase) }
        }
        try exhausted(at: frame.tree.span(id)) { () throws(Budget.Exhausted) in try budget.check() }
      }
      return last
    case .claim(let derivative, let written): return try claim(derivative, written, &frame)
    default:
      frame.body = id
      return try finished(evaluate(id, &frame), at: frame.tree.span(id))
    }
  }

  // MARK: Limits

  func descend<Result>(
    at span: Range<Int>, _ body: () throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    guard depth < Evaluator.depthLimit, stack.allowsDescent else { throw Diagnostic.recursion(at: span) }
    depth += 1
    defer { depth -= 1 }
    levels &+= 1
    if levels & 255 == 0 { try exhausted(at: span) { () throws(Budget.Exhausted) in try budget.check() } }
    return try body()
  }

  /// Runs something that may exhaust the budget and says so in the learner's terms.
  package func exhausted<Result>(
    at span: Range<Int>, _ body: () throws(Budget.Exhausted) -> Result
  ) throws(Diagnostic) -> Result {
    do {
      return try body()
    } catch {
      throw Diagnostic(error, at: span)
    }
  }

  // MARK: Names

  func value(of name: String, at id: Tree.ID, _ frame: inout Frame) throws(Diagnostic) -> Value {
    if let local = frame.locals[name] { return local }
    if frame.wholes.contains(name) {
      throw Diagnostic(
        "E217",
        Phrase(en: "how far `\(name)` runs is not known here", zh: "这里还不知道 `\(name)` 到哪里为止"),
        at: [Diagnostic.Label(frame.tree.span(id))])
    }
    if frame.tree.source.isLibrary, let own = environment.library[name] { return own }
    if let substitution = substitutions[name] { return substitution }
    if let global = environment[name] { return global }
    if let element = try subscripted(name, frame, at: frame.tree.span(id)) { return element }
    if name == "n" || frame.tree.isUpperBound(name, in: frame.body) {
      if let length = try commonLength(name, frame) { return length }
      // Where what is summed is not known either, that is what a learner has to give a value to.
      if let summand = unknownSummand(besides: name, frame), case .name(let missing) = frame.tree[summand] {
        throw Diagnostic.unknownName(
          missing, at: frame.tree.span(summand), known: Array(frame.locals.keys), environment)
      }
    }
    throw Diagnostic.unknownName(name, at: frame.tree.span(id), known: Array(frame.locals.keys), environment)
  }
}

extension Evaluator {
  /// Something worth saying once in a session.
  package func remark(_ phrase: Phrase) {
    if libraryDepth <= 1, !remarks.contains(phrase) { remarks.append(phrase) }
  }
}
