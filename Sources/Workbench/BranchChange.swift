import Descent
import Interpreter
import Markup
import Syntax
import Tensors

/// One thing changed in the middle of a descent: its rate, its optimizer or its place.
///
/// Everything else goes on as it was: what the optimizer keeps and how many steps it knows of, the schedule, the order of
/// the batches. Only an optimizer that takes over from another begins with nothing.
struct BranchChange {
  private let subject: Stepper.Question.Subject
  private let text: String

  init(_ subject: Stepper.Question.Subject, _ text: String) {
    self.subject = subject
    self.text = text
  }

  /// `rate 0.2`
  var label: String {
    switch subject {
    case .step: "step \(text)"
    case .rate: "rate \(text)"
    case .optimizer: "with \(text)"
    case .start: "start \(text)"
    }
  }

  /// The descent from there on. What may be typed, and what is said when it may not, is `descend`'s.
  func made(to trace: Trace, at step: Int, _ budget: Budget) throws(Diagnostic) -> Descent {
    guard var descent = trace.continued(from: step, steps: max(trace.descent.steps - step, 10)) else {
      throw Diagnostic("E303", Phrase(en: "there is no such step", zh: "没有这一步"), at: [])
    }
    let evaluator = Evaluator(environment: descent.environment, budget: budget)
    evaluator.surroundings = Settings()
    switch subject {
    case .step: break
    case .rate: descent.change(rate: try DescendBuiltin.rate(value(text, evaluator), evaluator, at: whole(text)))
    case .optimizer:
      descent.change(optimizer: try DescendBuiltin.optimizer(value(text, evaluator), evaluator, at: whole(text)))
    case .start: try move(&descent, evaluator)
    }
    return descent
  }

  private func whole(_ text: String) -> Range<Int> { 0..<text.unicodeScalars.count }

  private func value(_ text: String, _ evaluator: Evaluator) throws(Diagnostic) -> Value {
    try evaluator.run(Parser.parse(Source(text)))
  }

  /// `1.5`, `[1, 2]`, or `w=1, b=0` where there are several parameters.
  private func move(_ descent: inout Descent, _ evaluator: Evaluator) throws(Diagnostic) {
    let names = descent.start.map(\.name)
    for piece in pieces {
      let halves = piece.split(separator: "=", maxSplits: 1).map { half in
        String(half.drop { $0 == " " }).trimmingTrailingSpaces
      }
      guard let last = halves.last else { continue }
      let name = halves.count == 2 ? halves[0] : names.count == 1 ? names[0] : ""
      guard let index = names.firstIndex(of: name) else {
        let example = names.map { "\($0)=0" }.joined(separator: ", ")
        throw Diagnostic(
          "E302",
          Phrase(en: "say which parameter goes where: \(example)", zh: "请说明哪个参数移到哪里：\(example)"), at: [])
      }
      let moved = try evaluator.tensor(value(last, evaluator), at: whole(last))
      let shape = descent.start[index].value.shape
      guard moved.shape == shape else {
        let (wanted, given) = (Shapes.describe(shape), Shapes.describe(moved.shape))
        throw Diagnostic(
          "E203", Phrase(en: "\(name) has shape \(wanted), not \(given)", zh: "\(name) 的形状是 \(wanted)，不是 \(given)"),
          at: [])
      }
      descent.start[index] = Descent.Start(name: name, value: moved)
    }
  }

  /// Split at the commas that are outside brackets.
  private var pieces: [String] {
    var (found, depth) = ([""], 0)
    for character in text {
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth -= 1 }
      if character == "," || character == "，", depth <= 0 {
        found.append("")
      } else {
        found[found.count - 1].append(character)
      }
    }
    return found
  }

  /// What a learner cannot see: that momentum is not lost by a change of the rate, but by one of the optimizer.
  func continuity(of trace: Trace) -> Phrase? {
    var english: [String] = []
    var chinese: [String] = []
    let kept = trace.kept.filter { !$0.isOfSchedule }.map(\.name)
    let names = kept.enumerated().filter { !kept.prefix($0.offset).contains($0.element) }.map(\.element)
    if subject == .optimizer {
      english.append("the new optimizer remembers nothing of the steps before")
      chinese.append("新优化器不记得此前的步骤")
    } else if !names.isEmpty {
      let list = names.joined(separator: ", ")
      english.append("\(trace.optimizer.name) keeps its \(list) and its step count")
      chinese.append("\(trace.optimizer.name) 的 \(list) 和步数照旧")
    } else if trace.optimizer.lines.isEmpty, trace.optimizer.name == "lbfgs" {
      english.append("lbfgs keeps what it has learned of the curvature")
      chinese.append("lbfgs 记住的曲率照旧")
    }
    if trace.descent.data.map({ !$0.isWhole }) ?? false {
      english.append("the batches go on in their order")
      chinese.append("批次按原来的顺序继续")
    }
    if english.isEmpty { return nil }
    return Phrase(en: english.joined(separator: "; "), zh: chinese.joined(separator: "；"))
  }
}
