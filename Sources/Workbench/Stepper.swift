import Descent
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// One descent, walked through step by step: keys in, screen out, nothing else.
///
/// The formula, the numbers and the picture show the same step. At any step the rate, the optimizer or the place may be
/// changed: the descent goes on from there a second way, and both are compared.
package struct Stepper: Sendable {
  package enum Key: Sendable, Hashable {
    case left, right, up, down, home, end, enter, escape, backspace
    case character(Character)
  }

  /// The second way a descent took.
  struct Branch: Sendable {
    let trace: TraceObject
    /// The step it leaves the first way at.
    let at: Int
    /// `rate 0.2`
    let change: String
    /// What goes on as it was, and what begins anew.
    let continuity: Phrase?
  }

  /// What is being typed.
  struct Question: Sendable, Hashable {
    enum Subject: Sendable, Hashable { case step, rate, optimizer, start }
    var subject: Subject
    var text: String
  }

  enum View: Sendable, Hashable { case loss, landscape }

  /// What the numbers have taken so far of a screen that is the same otherwise.
  struct Layout: Sendable {
    struct Occasion: Sendable, Hashable {
      var width = 0
      var height = 0
      var hasBranch = false
      var view = View.loss
    }
    var occasion = Occasion()
    var detail = StepObject.Detail.full
    var rows = 0
  }

  let original: TraceObject
  private(set) var branch: Branch?
  private(set) var step = 0
  /// Whether the second way is looked at.
  private(set) var isOnBranch = false
  private(set) var question: Question?
  private(set) var message: Phrase?
  private(set) var diagnosis: DiagnosisObject?
  private(set) var view: View
  /// Whether the numbers have the screen to themselves.
  private(set) var showsAllNumbers = false
  var layout = Layout()
  /// The lines of them that have gone off the top.
  private(set) var scrolled = 0
  let landscape: Landscape?
  private let budget: Budget

  init(_ trace: TraceObject, in evaluator: Evaluator, at span: Range<Int>) {
    original = trace
    budget = evaluator.budget
    landscape = Landscape(trace, in: evaluator, at: span)
    view = landscape == nil ? .loss : .landscape
  }

  // MARK: Where it stands

  /// The last step there is on the way looked at.
  var last: Int {
    if isOnBranch, let branch { return branch.at + branch.trace.trace.stepCount }
    return original.trace.stepCount
  }

  /// The trace a step belongs to, and its number there.
  var focus: (trace: TraceObject, step: Int) {
    if isOnBranch, let branch, step >= branch.at { return (branch.trace, step - branch.at) }
    return (original, step)
  }

  // MARK: Keys

  /// - Returns: false when the learner leaves.
  package mutating func press(_ key: Key) -> Bool {
    message = nil
    if question != nil {
      answer(key)
      return true
    }
    let wasDiagnosed = diagnosis != nil
    diagnosis = nil
    switch key {
    case .up where showsAllNumbers: scrolled = max(0, scrolled - 1)
    case .down where showsAllNumbers: scrolled = min(999, scrolled + 1)
    case .left, .up, .backspace: move(to: step - 1)
    case .right, .down, .enter: move(to: step + 1)
    case .home: move(to: 0)
    case .end: move(to: last)
    case .escape: return wasDiagnosed
    case .character(let character):
      switch character {
      case "q", "Q": return false
      case " ", "l", "n": move(to: step + 1)
      case "h", "p": move(to: step - 1)
      case "0"..."9": question = Question(subject: .step, text: String(character))
      case "r": question = Question(subject: .rate, text: "")
      case "o": question = Question(subject: .optimizer, text: "")
      case "s": question = Question(subject: .start, text: "")
      case "v": if landscape != nil { view = view == .loss ? .landscape : .loss }
      case "f":
        showsAllNumbers.toggle()
        scrolled = 0
      case "b": if branch != nil { look(atBranch: !isOnBranch) }
      case "x":
        branch = nil
        look(atBranch: false)
      case "?", "？": if !wasDiagnosed { diagnosis = DiagnosisObject(diagnosis: Diagnosis.of(focus.trace, budget)) }
      default: break
      }
    }
    return true
  }

  /// A line typed on a terminal that cannot be redrawn: a number, `r 0.2`, `o adam`, `s 1`, or the letter of a key.
  /// - Returns: false when the learner leaves.
  package mutating func command(_ line: String) -> Bool {
    message = nil
    diagnosis = nil
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    guard let word = words.first else { return press(.right) }
    let subjects: [String: Question.Subject] = ["r": .rate, "o": .optimizer, "s": .start]
    if let subject = subjects[word], words.count == 2 {
      change(subject, words[1])
      return true
    }
    if Int(word) != nil {
      change(.step, word)
      return true
    }
    return press(.character(word.first ?? "n"))
  }

  private mutating func move(to wanted: Int) {
    let target = min(max(wanted, 0), last)
    if target == step, wanted != step {
      message =
        wanted < 0
        ? Phrase(en: "this is the start", zh: "这里是起点") : Phrase(en: "this is the last step", zh: "这里是最后一步")
    }
    step = target
  }

  private mutating func look(atBranch: Bool) {
    isOnBranch = atBranch
    step = min(step, last)
  }

  private mutating func answer(_ key: Key) {
    guard var asked = question else { return }
    switch key {
    case .escape: question = nil
    case .backspace:
      if asked.text.isEmpty {
        question = nil
      } else {
        asked.text.removeLast()
        question = asked
      }
    case .enter:
      question = nil
      change(asked.subject, asked.text)
    case .character(let character):
      guard asked.text.count < 60 else { return }
      asked.text.append(character)
      question = asked
    default: break
    }
  }

  // MARK: Changing something

  private mutating func change(_ subject: Question.Subject, _ text: String) {
    let text = String(text.drop { $0 == " " })
    if text.isEmpty { return }
    if subject == .step {
      guard let wanted = Int(text), wanted >= 0 else {
        message = Phrase(en: "a step is a whole number, not `\(text)`", zh: "步数应为整数，不能是 `\(text)`")
        return
      }
      if wanted > last {
        message = Phrase(en: "there are \(last) steps", zh: "一共 \(last) 步")
      }
      step = min(wanted, last)
      return
    }
    let (from, local) = focus
    do {
      let change = BranchChange(subject, text)
      let descent = try change.made(to: from.trace, at: local, budget)
      branch = Branch(
        trace: TraceObject(try descent.run(budget)), at: step, change: change.label,
        continuity: change.continuity(of: from.trace))
      look(atBranch: true)
      view = .loss
    } catch {
      message = error.message
    }
  }
}
