import Interpreter
import Tensors
import Workbench

/// A call in the language with the variables it mentions: what a learner would type.
struct Question {
  /// The call: `huber(arg_pred, arg_target, delta=0.5, reduce=none)`.
  var line: String
  var variables: [(name: String, value: Tensor)]
  /// What to differentiate by: the argument's name in the file, and the variable that holds it.
  var gradients: [(argument: String, variable: String)]
  /// What the value is multiplied with before it is summed for the gradient; ones if nil.
  var cotangent: String?

  /// `"value":…,"grad":{…}`
  func answer() throws(Unsupported) -> String {
    var session = Session()
    for (name, value) in variables { session.define(name, value) }
    let value = try numbers(line, session)
    let summed = "sum(" + line + (cotangent.map { " * " + $0 } ?? "") + ")"
    var parts: [String] = []
    for (argument, variable) in gradients {
      let gradient = try numbers("∂(\(summed))/∂\(variable)", session)
      parts.append(JSONText.string(argument) + ":" + JSONText.tensor(gradient))
    }
    return "\"value\":" + JSONText.tensor(value) + ",\"grad\":{" + parts.joined(separator: ",") + "}"
  }

  private func numbers(_ line: String, _ session: Session) throws(Unsupported) -> Tensor {
    var session = session
    let reply = session.submit(line)
    if let diagnostic = reply.diagnostic { throw Unsupported("\(line): \(diagnostic.message.en)") }
    guard let value = reply.value?.numbers else { throw Unsupported("\(line) is no number") }
    return value
  }

  /// A setting as it is typed.
  static func literal(_ json: JSON) -> String? {
    if let number = json.number { return number < 0 ? "(\(text(number)))" : text(number) }
    switch json {
    case .bool(let bool): return bool ? "true" : "false"
    case .text(let text): return "\"\(text.filter { $0 != "\"" && $0 != "\\" })\""
    case .list: return json.tensor.map(JSONText.tensor)
    default: return nil
    }
  }

  private static func text(_ number: Double) -> String {
    number.isFinite ? "\(number)" : number.isNaN ? "nan" : number < 0 ? "-inf" : "inf"
  }
}
