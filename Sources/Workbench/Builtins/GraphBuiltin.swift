import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `graph(L, w=0.5, x=2)`: the computational graph of a loss, values forward and gradients backward.
enum GraphBuiltin {
  static let row = Builtin(
    "graph",
    [
      Function.Parameter("f"), Function.Parameter("…", fallback: .absent),
      Function.Parameter("title", fallback: .absent),
    ],
    doc: Phrase(
      en: "the computational graph of f at given arguments: values forward, gradients backward",
      zh: "f 在给定参数处的计算图：数值向前，梯度向后"),
    example: "graph((w, x, b) -> sigmoid(w*x + b), w=0.5, x=2, b=-0.5)"
  ) { (call) throws(Diagnostic) in
    let function = try call.function("f")
    var arguments: [(name: String, value: Tensor)] = []
    for (name, value) in call.extra {
      guard function.parameters.contains(where: { $0.name == name }) else {
        throw call.unknownArgument(name, of: function)
      }
      arguments.append((name, try call.evaluator.tensor(value, at: call.place(name))))
    }
    let missing = function.parameters.filter { parameter in
      parameter.fallback == nil && !arguments.contains { $0.name == parameter.name }
    }
    guard missing.isEmpty else {
      let name = function.name ?? "f"
      let list = function.parameters.filter { $0.fallback == nil }.map { parameter in
        parameter.name + "="
          + (arguments.first { $0.name == parameter.name }.map { argument in
            argument.value.rank == 0 ? shortNumber(argument.value.elements[0]) : "…"
          } ?? "1")
      }
      throw call.diagnostic(
        "E202",
        Phrase(
          en: "graph needs a value for \(missing.map(\.name).joined(separator: ", "))",
          zh: "graph 需要 \(missing.map(\.name).joined(separator: "、")) 的值"),
        help: Phrase(verbatim: "graph(\(name), \(list.joined(separator: ", ")))"))
    }
    var title = try call.text("title") ?? ""
    if title.isEmpty, case .defined(let tree, let body, _) = function.body {
      title = (function.name.map { $0 + " = " } ?? "") + Diagnostic.shorten(tree.text(body), to: 60)
    }
    let reading = try GraphReading(function, at: arguments, call)
    return .object(PlotObject(try reading.picture(title)))
  }
}
