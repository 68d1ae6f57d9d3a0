import Descent
import Interpreter
import Syntax
import Tensors

/// The call of `descend` that made a trace, as text in which arguments can be changed: a line to paste.
struct DescentLine {
  private var arguments: [String]

  /// - Parameter name: what the objective is called where the line it came from is not at hand.
  init?(_ descent: Descent) {
    if descent.past == nil, let line = descent.line, let found = DescentLine.arguments(in: line, around: descent.span) {
      arguments = found
      return
    }
    // Without the line it can be written anew, as long as everything has a name or is a number.
    guard descent.data == nil, let name = descent.objective.name, case .constant(let rate) = descent.rate else {
      return nil
    }
    arguments = [name]
    for start in descent.start {
      guard start.value.rank == 0 else { return nil }
      arguments.append("\(start.name)=\(shortNumber(start.value.elements[0]))")
    }
    arguments += ["rate=\(shortNumber(rate))", "steps=\(descent.steps)", "with=\(RuleObject(descent.optimizer).call)"]
  }

  var text: String { "descend(" + arguments.joined(separator: ", ") + ")" }

  /// The line with an argument given anew, or added.
  func setting(_ name: String, _ value: String) -> DescentLine {
    var copy = self
    let argument = "\(name)=\(value)"
    if let index = arguments.firstIndex(where: { DescentLine.name(of: $0) == name }) {
      copy.arguments[index] = argument
    } else {
      copy.arguments.append(argument)
    }
    return copy
  }

  func removing(_ name: String) -> DescentLine {
    var copy = self
    copy.arguments.removeAll { DescentLine.name(of: $0) == name }
    return copy
  }

  private static func name(of argument: String) -> String? {
    guard let sign = argument.firstIndex(of: "=") else { return nil }
    let after = argument.index(after: sign)
    if after < argument.endIndex, argument[after] == "=" { return nil }
    let name = String(argument[..<sign]).filter { $0 != " " }
    return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } ? name : nil
  }

  /// The arguments of the `descend(…)` whose first argument is at `span`.
  private static func arguments(in line: Source, around span: Range<Int>) -> [String]? {
    let scalars = line.scalars
    guard span.lowerBound > 0, span.upperBound <= scalars.count else { return nil }
    var open = span.lowerBound - 1
    while open > 0, scalars[open] == " " { open -= 1 }
    guard scalars[open] == "(" || scalars[open] == "（" else { return nil }
    let word = String(String.UnicodeScalarView(scalars[..<open].suffix(7)))
    guard word == "descend" else { return nil }
    var arguments: [String] = []
    var current = String.UnicodeScalarView()
    var depth = 0
    var isText = false
    for scalar in scalars[(open + 1)...] {
      if isText {
        isText = scalar != "\""
        current.append(scalar)
        continue
      }
      switch scalar {
      case "\"": isText = true
      case "(", "[", "{", "（", "［": depth += 1
      case ")", "]", "}", "）", "］":
        depth -= 1
        if depth < 0 {
          arguments.append(trimmed(current))
          return arguments
        }
      case ",", "，":
        if depth == 0 {
          arguments.append(trimmed(current))
          current = String.UnicodeScalarView()
          continue
        }
      default: break
      }
      current.append(scalar)
    }
    return nil
  }

  private static func trimmed(_ scalars: String.UnicodeScalarView) -> String {
    var view = Substring(scalars.drop { $0 == " " || $0 == "\n" })
    while view.last == " " || view.last == "\n" { view = view.dropLast() }
    return String(view)
  }
}
