import Descent
import Tensors
import Workbench

/// The steps of an optimizer on a test problem, as a descent in the language.
struct TrajectoryCase {
  private let optimizer: String
  private let framework: String
  private let problem: String
  private let start: Tensor
  private let data: [(name: String, value: Tensor)]
  private let parameters: [String: JSON]
  private let steps: Int

  init(_ json: JSON) throws(Unsupported) {
    guard let optimizer = json["optimizer"]?.text, let problem = json["problem"]?["name"]?.text,
      let start = json["problem"]?["x0"]?.tensor
    else { throw Unsupported("a trajectory needs its optimizer, problem.name and problem.x0") }
    self.optimizer = optimizer
    self.problem = problem
    self.start = start
    framework = json["framework"]?.text ?? "reference"
    parameters = json["params"]?.fields ?? [:]
    data = ["X", "y"].compactMap { name in json["problem"]?[name]?.tensor.map { (name, $0) } }
    let steps = json["steps"]?.number ?? 50
    guard steps >= 1, steps <= 1_000_000, steps == steps.rounded() else {
      throw Unsupported("steps is no whole number")
    }
    self.steps = Int(steps)
  }

  func answer() throws(Unsupported) -> String {
    var session = Session()
    session.define("start", start)
    for (name, value) in data { session.define(name, value) }
    try run(objective(), &session)
    let line = try descent()
    let reply = session.submit("(\(line)).w")
    if let diagnostic = reply.diagnostic { throw Unsupported("\(line): \(diagnostic.message.en)") }
    guard let path = reply.value?.numbers else { throw Unsupported("\(line) gave no path") }
    let rows = Tensor(shape: [steps + 1, path.count / (steps + 1)], elements: path.elements)
    return "\"trajectory\":" + JSONText.tensor(rows)
  }

  private func run(_ line: String, _ session: inout Session) throws(Unsupported) {
    if let diagnostic = session.submit(line).diagnostic { throw Unsupported("\(line): \(diagnostic.message.en)") }
  }

  /// The problem's loss, as a learner would type it.
  private func objective() throws(Unsupported) -> String {
    switch problem {
    case "quadratic": return "L(w) = sum((w - 3)^2)"
    case "rosenbrock": return "L(w) = (1 - w[1])^2 + 100 * (w[2] - w[1]^2)^2"
    case "linear_regression": return "L(w) = mse(X @ w[1..2] + w[3], y)"
    // As in print; its second derivative is what Newton's method needs at w = 0.
    case "logistic_regression": return "L(w) = mean(softplus(z) - z * y) where z = X @ w[1..2] + w[3]"
    default: throw Unsupported("no problem is called \(problem)")
    }
  }

  private func descent() throws(Unsupported) -> String {
    guard let rule = RuleBook.standard.section(optimizer)?.rule else {
      throw Unsupported("no optimizer is called \(optimizer)")
    }
    let known = Set(rule.settings.map(\.name))
    var settings: [String] = []
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) where known.contains(name) && name != "lr" {
      if let literal = Question.literal(value) { settings.append("\(name)=\(literal)") }
    }
    if framework != "reference" { settings.append("like=\"\(framework)\"") }
    var rate = ""
    if let lr = parameters["lr"].flatMap(Question.literal) {
      rate = ", rate=\(lr)"
      if let factor = parameters["decay_rate"].flatMap(Question.literal),
        let every = parameters["transition_steps"].flatMap(Question.literal)
      {
        rate = ", rate=exponential(\(lr), \(factor), steps=\(every))"
      }
    }
    return "descend(L, w=start, steps=\(steps)\(rate), with=\(optimizer)(\(settings.joined(separator: ", "))))"
  }
}
