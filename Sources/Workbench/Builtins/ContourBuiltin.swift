import Descent
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `contour(f, x=-2..2, y=-1..3)`, and with the path of a descent: `contour(f, t)`, or `contour(t)` over what it minimised.
enum ContourBuiltin {
  static let row = Builtin(
    "contour",
    [
      Function.Parameter("f"), Function.Parameter("t", fallback: .absent), Function.Parameter("…", fallback: .absent),
      Function.Parameter("title", fallback: .absent),
    ],
    doc: Phrase(en: "lines of equal loss over two parameters, with a path across them", zh: "两个参数上的等高线，可叠加下降路径"),
    example: "contour((x, y) -> x^2 + 4*y^2, x=-2..2, y=-1..1)"
  ) { (call) throws(Diagnostic) in
    var trace: TraceObject?
    let function: Function
    if case .object(let object) = try call.operand("f"), let given = object as? TraceObject {
      (function, trace) = (given.function, given)
    } else {
      function = try call.function("f")
    }
    if call.has("t") {
      guard case .object(let object) = try call.operand("t"), let given = object as? TraceObject else {
        throw Diagnostic.wrongKind(
          try call.operand("t"), Phrase(en: "the second argument is a trace", zh: "第二个参数应为下降轨迹"), at: call.place("t"),
          help: Phrase(verbatim: "contour(f, descend(f, x=-1, y=2))"))
      }
      trace = given
    }
    let axes = try axes(function, trace, call)
    let path = trace.flatMap { Contours.path(of: $0, axes.map(\.name)) }
    let field = try Contours.field(
      function, axes.map(\.name), axes.map(\.range), others: trace.map { Contours.others($0, axes.map(\.name)) } ?? [],
      in: call.evaluator, at: call.place("f"))
    var picture = ContourChart(
      title: try call.text("title") ?? function.name ?? "", xLabel: axes[0].name, yLabel: axes[1].name, field: field,
      path: path)
    if let trace, let note = Contours.firstStep(trace, axes.map(\.name)) { picture.notes = note }
    return .object(
      PlotObject(
        picture,
        [
          (axes[0].name, .tensor(Tensor(vector: field.x))), (axes[1].name, .tensor(Tensor(vector: field.y))),
          ("values", .tensor(Tensor(shape: [field.y.count, field.x.count], elements: field.values))),
        ]))
  }

  /// Which two parameters, over what: as given, or around the path.
  private static func axes(
    _ function: Function, _ trace: TraceObject?, _ call: Call
  ) throws(Diagnostic) -> [(name: String, range: Interval)] {
    var axes: [(name: String, range: Interval)] = []
    for (name, value) in call.extra {
      guard function.parameters.contains(where: { $0.name == name }) else {
        throw call.unknownArgument(name, of: function)
      }
      axes.append((name, try call.range(value, called: name)))
    }
    if let trace, axes.isEmpty {
      let names = Array(Contours.scalars(trace).prefix(2))
      axes = Array(zip(names, Contours.ranges(of: names, in: trace))).map { (name: $0.0, range: $0.1) }
    }
    let scalars = trace.map(Contours.scalars) ?? function.parameters.filter { $0.fallback == nil }.map(\.name)
    for name in scalars where axes.count < 2 && !axes.contains(where: { $0.name == name }) {
      axes.append((name, trace.map { Contours.range(of: name, in: $0) } ?? Interval(lower: -3, upper: 3)))
    }
    // The order of the parameters, whatever the order of the ranges.
    let order = function.parameters.map(\.name)
    axes.sort { (order.firstIndex(of: $0.name) ?? 0) < (order.firstIndex(of: $1.name) ?? 0) }
    guard axes.count == 2, call.extra.count <= 2 else {
      throw call.diagnostic(
        "E202",
        Phrase(
          en: "contour needs two parameters that are numbers; \(function.signature) gives \(axes.count)",
          zh: "contour 需要两个数值参数，\(function.signature) 只有 \(axes.count) 个"),
        at: "f",
        help: Phrase(
          en: "name two ranges: contour(f, x=-2..2, y=-1..3)", zh: "写出两个范围：contour(f, x=-2..2, y=-1..3)"))
    }
    return axes
  }
}
