import Descent
import Graphs
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// Why a descent went as it did, with the evidence, and what would help.
struct Diagnosis {
  /// What a run can suffer from, or have done well.
  enum Cause: String, CaseIterable {
    /// The loss has no value where the descent begins.
    case noStart = "no_start"
    /// The rate is beyond 2/λmax, or the steps are too long for another reason.
    case diverged
    /// A number left the range of Double though the rate is small enough for the curvature.
    case overflow
    /// A matrix of the loss, or of the step, has no inverse where the next step leads.
    case singular
    /// There is no lowest value.
    case unbounded
    /// Steps jump over the minimum and back, and shrink only slowly or not at all.
    case overshoots
    /// Directions of very different curvature: back and forth across, hardly forward along.
    case valley
    /// The rate is far below what the curvature would bear.
    case slow
    /// Falling well; only the steps ran out.
    case descending
    /// To and fro over a point where the slope jumps.
    case kink
    /// Hardly any slope and hardly any curvature.
    case plateau
    /// A sigmoid or tanh at its flat end lets no gradient through.
    case vanishing
    /// Every relu is off: the gradient is exactly zero.
    case dead
    /// No slope, but the loss falls away to the sides.
    case saddle
    /// Batches differ more among themselves than the loss still has to fall.
    case noise
    /// An optimizer whose steps do not shrink with the gradient circles the minimum.
    case hovers
    case converged
  }

  var cause: Cause
  var headline: Phrase
  var evidence: [Phrase] = []
  /// Numbers behind the words, by name.
  var numbers: [(name: String, value: Double)] = []
  /// A line to paste that would help, and what it led to when it was tried.
  var remedy: (line: String, outcome: Phrase)?
}

extension Diagnosis {
  /// Looks at a trace; tries what it proposes before it proposes it.
  static func of(_ object: TraceObject, _ budget: Budget) -> Diagnosis {
    var examination = Examination(object, budget)
    var diagnosis = examination.diagnosis()
    diagnosis.remedy = examination.remedy(for: diagnosis.cause)
    diagnosis.numbers = examination.numbers
    return diagnosis
  }
}

/// One trace under examination: its facts, found once and shared by the questions.
struct Examination {
  let object: TraceObject
  let budget: Budget
  var numbers: [(name: String, value: Double)] = []
  /// Rates worth trying, best guess first.
  var betterRates: [Double] = []
  /// What could not be computed, of a run that ended there.
  var broken: Breakdown?

  var trace: Trace { object.trace }
  var losses: [Double] { trace.losses }
  var steps: Int { trace.stepCount }
  var name: String { object.function.name ?? "L" }
  /// The name and value of the only parameter, for sentences.
  var isSingle: Bool { trace.parameters.count == 1 && trace.parameters[0].size == 1 }

  init(_ object: TraceObject, _ budget: Budget) {
    self.object = object
    self.budget = budget
  }

  // MARK: Facts

  func curvature(at entry: Int) -> Curvature? {
    guard let values = trace.entry(entry)?.values else { return nil }
    return Curvature(trace.descent, at: values, budget: budget)
  }

  /// A setting of the optimizer that is a number.
  private func setting(_ name: String) -> Double? {
    guard let value = trace.optimizer.settings.first(where: { $0.name == name })?.value else { return nil }
    switch value {
    case .number(let number): return number
    case .bool(let bool): return bool ? 1 : 0
    default: return nil
    }
  }

  /// How much of its speed the optimizer keeps, 0 for plain descent; nil where steps are not a multiple of gradients.
  var momentum: (share: Double, isNesterov: Bool)? {
    switch trace.optimizer.name {
    case "sgd": return (setting("momentum") ?? 0, setting("nesterov") == 1)
    case "momentum": return (setting("beta") ?? 0.9, false)
    case "nesterov": return (setting("beta") ?? 0.9, true)
    default: return nil
    }
  }

  /// The largest rate at which a direction of curvature λ does not grow: 2/λ, 2(1 + β)/λ for the heavy ball (Polyak,
  /// 1964), 2(1 + β)/((1 + 2β)λ) with Nesterov's look ahead.
  func limit(_ curvature: Double) -> Double? {
    guard let momentum, curvature > 0 else { return nil }
    let beta = momentum.share
    return momentum.isNesterov ? 2 * (1 + beta) / ((1 + 2 * beta) * curvature) : 2 * (1 + beta) / curvature
  }

  /// Whether batches are parts of the data.
  var isStochastic: Bool { trace.descent.data.map { !$0.isWhole } ?? false }

  func flat(_ values: [Tensor]) -> [Double] { values.flatMap(\.elements) }

  /// The last moves of all parameters, oldest first.
  func moves(_ count: Int) -> [[Double]] {
    let first = max(0, losses.count - 1 - count)
    let points = (first..<losses.count).compactMap { trace.entry($0).map { flat($0.values) } }
    return zip(points, points.dropFirst()).map { a, b in zip(a, b).map { $1 - $0 } }
  }

  /// The share of moves that go against the one before: 1 for a pendulum.
  var reversals: Double {
    let moves = moves(12)
    let pairs = zip(moves, moves.dropFirst()).map { a, b -> Bool in
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } < 0
    }
    return pairs.isEmpty ? 0 : Double(pairs.count { $0 }) / Double(pairs.count)
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
  static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

  func mean(_ part: Range<Int>) -> Double {
    part.isEmpty ? .nan : losses[part].reduce(0) { $0 + $1 / Double(part.count) }
  }

  /// What the learned numbers are at an entry: `w = 0.5`.
  func place(_ entry: Int) -> String {
    guard let values = trace.entry(entry)?.values else { return "" }
    let parts = zip(trace.parameters, values).map { parameter, value in
      parameter.size == 1
        ? "\(parameter.name) = \(text(value.elements[0]))"
        : "‖\(parameter.name)‖ = \(text(Examination.norm(value.elements)))"
    }
    return parts.prefix(3).joined(separator: ", ")
  }

  func text(_ value: Double) -> String { PictureNumber.text(value) }

  /// Names of the primitives whose flat part holds a value at the end: what keeps gradients from flowing.
  func stuck() -> (name: String, isExactlyFlat: Bool)? {
    guard let values = trace.entry(losses.count - 1)?.values else { return nil }
    let evaluator = Evaluator(environment: object.environment, budget: budget)
    var given = zip(trace.descent.start, values).map { start, value in
      Given(name: start.name, value: .traced(evaluator.input(start.name, value).id), span: 0..<0)
    }
    for (name, column) in zip(trace.descent.dataNames, trace.descent.data?.columns ?? []) {
      given.append(Given(name: name, value: .traced(evaluator.input(name, column).id), span: 0..<0))
    }
    guard let value = try? evaluator.invoke(.function(object.function), given, at: 0..<0),
      let loss = try? evaluator.expression(value, at: 0..<0)
    else { return nil }
    for id in evaluator.graph.reachable(from: [loss.id]) {
      let node = evaluator.graph[id]
      guard [.sigmoid, .tanh, .relu].contains(node.primitive),
        let results = try? evaluator.force(id, at: 0..<0).elements, !results.isEmpty
      else { continue }
      switch node.primitive {
      case .relu: if results.allSatisfy({ $0 == 0 }) { return ("relu", true) }
      case .sigmoid: if results.allSatisfy({ $0 * (1 - $0) < 0.02 }) { return ("sigmoid", false) }
      default: if results.allSatisfy({ 1 - $0 * $0 < 0.05 }) { return ("tanh", false) }
      }
    }
    return nil
  }
}

// MARK: - As a value

/// What `why(t)` gives: it shows itself, and the facts are its fields.
struct DiagnosisObject: Presentable {
  let diagnosis: Diagnosis

  var kind: String { "record" }
  var fieldNames: [String] { ["cause", "line"] + diagnosis.numbers.map(\.name) }

  func field(_ name: String) -> Value? {
    switch name {
    case "cause": .text(diagnosis.cause.rawValue)
    case "line": diagnosis.remedy.map { .text($0.line) } ?? .nothing
    default: diagnosis.numbers.first { $0.name == name }.map { .number($0.value) }
    }
  }

  func element(_ index: Int) -> Value? { nil }

  var json: String {
    let fields = fieldNames.compactMap { name in field(name).map { (name: name, value: $0) } }
    return JSONText.value(.record(Record(fields)))
  }

  func text(_ settings: Settings) -> StyledText {
    let language = settings.language
    var text = StyledText()
    func wrapped(_ sentence: String, indent: Int, _ style: Style) {
      for line in sentence.wrapped(width: max(16, settings.width - indent - 1)) {
        text.append(String(repeating: " ", count: indent) + line + "\n", style)
      }
    }
    let isGood = diagnosis.cause == .converged || diagnosis.cause == .descending
    wrapped(diagnosis.headline[language], indent: 1, isGood ? .success : .warning)
    for sentence in diagnosis.evidence { wrapped(sentence[language], indent: 3, .plain) }
    if let remedy = diagnosis.remedy {
      text.append("   " + Phrase(en: "try", zh: "试试")[language] + "  ", .dim)
      text.append(remedy.line + "\n", .function)
      wrapped(remedy.outcome[language], indent: 3, .dim)
    }
    return text
  }

  func description(_ language: Language) -> String {
    ([diagnosis.headline] + diagnosis.evidence).map { $0[language] }.joined(separator: language == .en ? "; " : "；")
  }
}
