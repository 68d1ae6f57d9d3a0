import Descent
import Tensors
import Workbench

/// The rates of a schedule at every step. How a library's schedule is written here stands in the schedule's own entry:
/// `conformance: polynomial_decay = polynomial({lr}, {decay_steps}, power={power}, end={end_learning_rate})`.
struct ScheduleCase {
  private let schedule: String
  private let framework: String
  private let parameters: [String: JSON]
  private let steps: Int

  init(_ json: JSON) throws(Unsupported) {
    guard let schedule = json["schedule"]?.text else { throw Unsupported("a schedule needs its name") }
    self.schedule = schedule
    framework = json["framework"]?.text ?? ""
    parameters = json["params"]?.fields ?? [:]
    let steps = json["steps"]?.number ?? Double(json["values"]?.list?.count ?? 60)
    guard steps >= 1, steps <= 1_000_000, steps == steps.rounded() else {
      throw Unsupported("steps is no whole number")
    }
    self.steps = Int(steps)
  }

  /// The schedule as it is typed.
  func call() throws(Unsupported) -> String {
    let candidates = RuleBook.standard.schedules.flatMap(\.documentation.conformance)
      .compactMap { rule -> String? in
        let sides = rule.split(separator: "=", maxSplits: 1).map { $0.trimmed }
        return sides.count == 2 && sides[0] == schedule ? sides[1] : nil
      }
    guard !candidates.isEmpty else { throw Unsupported("no schedule is called \(schedule)") }
    // Of those whose settings the case has, the one that asks for most: a warm-up beside a plain decay.
    guard let call = candidates.compactMap(filled).max(by: { $0.settings < $1.settings })?.text else {
      throw Unsupported("\(schedule) lacks settings: \(candidates[0])")
    }
    return call
  }

  func answer() throws(Unsupported) -> String {
    let call = try call()
    var session = Session()
    let reply = session.submit("map(\(call), 0..\(steps - 1))")
    if let diagnostic = reply.diagnostic { throw Unsupported("\(call): \(diagnostic.message.en)") }
    guard let rates = reply.value?.numbers else { throw Unsupported("\(call) gave no numbers") }
    return "\"values\":" + JSONText.tensor(rates)
  }

  /// The template with the case's settings for `{name}`, `{name|otherwise}`; nil where one is missing.
  private func filled(_ template: String) -> (text: String, settings: Int)? {
    var result = ""
    var settings = 0
    var rest = template[...]
    while let open = rest.firstIndex(of: "{") {
      result += rest[..<open]
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      let parts = rest[rest.index(after: open)..<close].split(separator: "|", maxSplits: 1).map(String.init)
      guard let text = text(parts[0]) ?? (parts.count > 1 ? parts[1] : nil) else { return nil }
      result += text
      settings += parts.count == 1 ? 1 : 0
      rest = rest[rest.index(after: close)...]
    }
    return (result + rest, settings)
  }

  /// A setting; `name.keys` and `name.values` are the two sides of an object, in the order of its numbers.
  private func text(_ name: String) -> String? {
    for (suffix, side) in [(".keys", 0), (".values", 1)] where name.hasSuffix(suffix) {
      guard let fields = parameters[String(name.dropLast(suffix.count))]?.fields else { return nil }
      let pairs = fields.compactMap { key, value in
        Double(key).flatMap { key in value.number.map { (key, $0) } }
      }.sorted { $0.0 < $1.0 }
      return "[" + pairs.map { side == 0 ? "\($0.0)" : "\($0.1)" }.joined(separator: ",") + "]"
    }
    switch parameters[name] {
    case nil, .null?: return nil
    case let value?: return Question.literal(value)
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
