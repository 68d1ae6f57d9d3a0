import Graphs
import Interpreter
import Markup
import Syntax
import Tensors

/// `check(f, at=2)`: the gradient by reverse mode beside the central difference, entry by entry.
enum CheckBuiltin {
  static let row = Builtin(
    "check", [Function.Parameter("f"), Function.Parameter("at")],
    doc: Phrase(en: "the gradient of f beside its numerical estimate", zh: "把 f 的梯度与数值估计放在一起核对"),
    example: "check(x -> x^3, at=2)"
  ) { (call) throws(Diagnostic) in
    guard case .function(let function) = try call.operand("f") else {
      throw Diagnostic.wrongKind(
        try call.operand("f"), Phrase(en: "check takes a function", zh: "check 需要一个函数"), at: call.place("f"))
    }
    var places: [(name: String, value: Tensor)] = []
    if case .record(let record) = try call.operand("at") {
      for field in record.fields {
        places.append((field.name, try call.evaluator.tensor(field.value, at: call.place("at"))))
      }
    } else {
      guard function.requiredCount <= 1, let first = function.parameters.first else {
        throw call.diagnostic(
          "E202",
          Phrase(en: "\(function.signature) has several parameters", zh: "\(function.signature) 有多个参数"), at: "at",
          help: Phrase(
            en: "fix the others: check(w -> \(function.name ?? "f")(w, y), at=…)",
            zh: "把其他参数固定：check(w -> \(function.name ?? "f")(w, y), at=…)"))
      }
      places = [(first.name, try call.evaluator.tensor(call.operand("at"), at: call.place("at")))]
    }
    let traced = TracedFunction(
      function, places.map { .init(name: $0.name, isVariable: true) }, in: call.evaluator, at: call.place("f"))
    let (_, gradients) = try traced(places.map(\.value))
    var fields: [(name: String, value: Value)] = []
    var worst = 0.0
    for (index, place) in places.enumerated() {
      let numeric = try centralDifference(traced, places.map(\.value), index)
      for (a, b) in zip(gradients[index].elements, numeric.elements) {
        worst = max(worst, (a - b).magnitude / max(1, max(a.magnitude, b.magnitude)))
      }
      let suffix = places.count > 1 ? " ∂\(place.name)" : ""
      fields.append(("reverse_mode" + suffix, Value(gradients[index])))
      fields.append(("central_difference" + suffix, Value(numeric)))
    }
    fields.append(("largest_difference", .number(rounded(worst, toSignificant: 2))))
    fields.append(("agrees", .bool(worst < 1e-6)))
    if worst >= 1e-6 {
      call.evaluator.note(
        Phrase(
          en: "a difference this large means a kink, a jump or a value too close to one",
          zh: "差这么多，说明这里是拐点、跳跃，或离它们太近"))
    }
    return .record(Record(fields))
  }

  /// (f(x + h) − f(x − h)) / 2h, improved by one step of Richardson extrapolation.
  private static func centralDifference(
    _ function: TracedFunction, _ places: [Tensor], _ index: Int
  ) throws(Diagnostic) -> Tensor {
    var estimate = places[index]
    for element in places[index].elements.indices {
      func slope(_ h: Double) throws(Diagnostic) -> Double {
        var (above, below) = (places, places)
        above[index].elements[element] += h
        below[index].elements[element] -= h
        let width = above[index].elements[element] - below[index].elements[element]
        return (try function(above).value.elements[0] - function(below).value.elements[0]) / width
      }
      let h = 1e-3 * max(1, places[index].elements[element].magnitude)
      estimate.elements[element] = (4 * (try slope(h / 2)) - (try slope(h))) / 3
    }
    return estimate
  }
}
