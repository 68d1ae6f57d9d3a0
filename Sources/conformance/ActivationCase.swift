import Interpreter
import Losses
import Tensors
import Workbench

/// An activation at given points.
struct ActivationCase {
  private let name: String
  private let framework: String
  private let arguments: [String: JSON]
  private let parameters: [String: JSON]

  init(_ json: JSON) throws(Unsupported) {
    guard let name = json["activation"]?.text, let arguments = json["args"]?.fields, arguments["x"] != nil else {
      throw Unsupported("an activation needs its name and args.x")
    }
    self.name = name
    framework = json["framework"]?.text ?? ""
    self.arguments = arguments
    parameters = json["params"]?.fields ?? [:]
  }

  func answer() throws(Unsupported) -> String {
    let catalogue = LossCatalogue.standard
    guard let entry = catalogue[name], let own = Session().library?[entry.name], case .function(let function) = own
    else { throw Unsupported("no activation is called \(name)") }
    let rule = entry.conformance.first { $0.loss == name }
    let variant = function.variants?.different[framework]
    let known = (variant ?? function).parameters.map(\.name)
    var line = entry.name + "(arg_x"
    for (key, value) in parameters.sorted(by: { $0.key < $1.key }) {
      let parameter = rule?.settings.first { $0.name == key }?.value ?? key
      guard known.contains(parameter) else {
        if case .null = value { continue }
        throw Unsupported("\(entry.name) has no parameter \(parameter)")
      }
      guard let literal = Question.literal(value) else { continue }
      line += ", \(parameter)=\(literal)"
    }
    if variant != nil { line += ", like=\"\(framework)\"" }
    var variables: [(name: String, value: Tensor)] = []
    for (key, value) in arguments {
      guard let tensor = value.tensor else { throw Unsupported("args.\(key) is no array of numbers") }
      variables.append(("arg_" + key, tensor))
    }
    return try Question(
      line: line + ")", variables: variables, gradients: [("x", "arg_x")],
      cotangent: arguments["cotangent"] == nil ? nil : "arg_cotangent"
    ).answer()
  }
}
