import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `decision_boundary(f, X, y)`: the plane as a classifier divides it, with the data.
enum DecisionBoundaryBuiltin {
  static let row = Builtin(
    "decision_boundary",
    [
      Function.Parameter("f"), Function.Parameter("X"), Function.Parameter("y"),
      Function.Parameter("threshold", fallback: .value(.number(0.5))), Function.Parameter("title", fallback: .absent),
    ],
    doc: Phrase(
      en: "which class f gives to every place of the plane, with the points of X and their classes y",
      zh: "f 把平面上每一点归入哪一类，并画出数据 X 及其类别 y"),
    example: "decision_boundary((a, b) -> sigmoid(a - b), [0,1; 1,0; 2,1; 1,2], [0, 1, 1, 0])"
  ) { (call) throws(Diagnostic) in
    let function = try call.function("f")
    let data = try call.evaluator.tensor(call.operand("X"), at: call.place("X"))
    guard data.rank == 2, data.shape[1] == 2, data.shape[0] > 0 else {
      throw Diagnostic.wrongKind(
        try call.operand("X"), Phrase(en: "X needs two columns", zh: "X 需要两列"), at: call.place("X"))
    }
    let target = try call.vector("y")
    guard target.count == data.shape[0] else {
      throw Diagnostic(
        "E203",
        Phrase(en: "\(data.shape[0]) points, \(target.count) classes", zh: "\(data.shape[0]) 个点，\(target.count) 个类别"),
        at: [
          .init(call.place("X"), Diagnostic.shapeText(data.shape)),
          .init(call.place("y"), Diagnostic.shapeText([target.count])),
        ])
    }
    guard data.elements.allSatisfy(\.isFinite), target.allSatisfy(\.isFinite) else {
      throw call.diagnostic("E209", Phrase(en: "a point or class is NaN or infinite", zh: "有的点或类别是 NaN 或无穷"))
    }
    let points = (0..<data.shape[0]).map { (x: data.elements[$0 * 2], y: data.elements[$0 * 2 + 1]) }
    let (gridX, gridY) = (around(points.map(\.x)), around(points.map(\.y)))
    let scores = try Classifier(function, call).scores(gridX, gridY)
    let threshold = try call.evaluator.number(call.operand("threshold"), at: call.place("threshold"))
    let known = Set(target).sorted()
    var classes = known
    let values: [Double]
    var score: (field: Field, level: Double)?
    if scores.count == 1 {
      if classes.count < 2 { classes = [0, 1] }
      guard classes.count == 2 else {
        throw call.diagnostic(
          "E209",
          Phrase(
            en: "one score tells two classes apart; y has \(classes.count)", zh: "一个得分只能区分两类，y 里有 \(classes.count) 类"),
          at: "y", help: Phrase(en: "let f give one score per class", zh: "让 f 给出每一类的得分"))
      }
      values = scores[0].map { $0.isNaN ? $0 : $0 > threshold ? 1 : 0 }
      score = (Field(x: gridX, y: gridY, values: scores[0]), threshold)
    } else {
      // Columns count from 1, as classes do; targets that count from 0 shift them.
      let first: Double = known.contains(0) ? 0 : 1
      classes = scores.indices.map { first + Double($0) }
      values = scores[0].indices.map { place in
        let own = scores.map { $0[place] }
        guard own.allSatisfy({ !$0.isNaN }), let best = own.indices.max(by: { own[$0] < own[$1] }) else { return .nan }
        return Double(best)
      }
    }
    let labels = try labels(target, classes, call)
    return .object(
      PlotObject(
        BoundaryChart(
          title: try call.text("title") ?? function.name ?? "", xLabel: "x₁", yLabel: "x₂",
          field: Field(x: gridX, y: gridY, values: values), classes: classes.map { shortNumber($0) },
          x: points.map(\.x), y: points.map(\.y), labels: labels, score: score),
        [
          ("classes", .tensor(Tensor(vector: classes))),
          ("values", .tensor(Tensor(shape: [gridY.count, gridX.count], elements: values))),
        ]))
  }

  private static func labels(_ target: [Double], _ classes: [Double], _ call: Call) throws(Diagnostic) -> [Int] {
    var labels: [Int] = []
    for value in target {
      guard let label = classes.firstIndex(of: value) else {
        throw call.diagnostic(
          "E209",
          Phrase(
            en: "class \(shortNumber(value)) is none of those f gives scores for (\(classes.count))",
            zh: "类别 \(shortNumber(value)) 不在 f 给出得分的 \(classes.count) 类之中"), at: "y")
      }
      labels.append(label)
    }
    return labels
  }

  /// The places of a grid over the data, with a margin of a tenth.
  private static func around(_ values: [Double]) -> [Double] {
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let margin = high > low ? (high - low) / 10 : max(1, low.magnitude / 10)
    return FunctionSampler.places(low - margin, high + margin, 81)
  }
}

/// A classifier in any of the forms a learner writes one: of two numbers, of a row, of a whole matrix of rows.
private struct Classifier {
  private let function: Function
  private let call: Call

  init(_ function: Function, _ call: Call) {
    self.function = function
    self.call = call
  }

  /// For each score the values at all places, row after row.
  func scores(_ x: [Double], _ y: [Double]) throws(Diagnostic) -> [[Double]] {
    let places = y.flatMap { b in x.map { a in (a, b) } }
    if function.requiredCount == 2 {
      let names = function.parameters.prefix(2).map(\.name)
      let sampler = FunctionSampler(function, names, in: call.evaluator, at: call.place("f"))
      return [try sampler.values([places.map(\.0), places.map(\.1)])]
    }
    guard function.requiredCount == 1, let parameter = function.parameters.first else {
      throw call.diagnostic(
        "E202",
        Phrase(
          en: "f takes two numbers, a row of two, or a matrix of rows", zh: "f 应接受两个数、一行两个数，或由行组成的矩阵"), at: "f")
    }
    let matrix = Tensor(shape: [places.count, 2], elements: places.flatMap { [$0.0, $0.1] })
    let whole = TracedFunction(
      function, [.init(name: parameter.name, isVariable: false)], in: call.evaluator, at: call.place("f"))
    if let value = try? whole([matrix]).value, value.shape.first == places.count {
      return columns(value.elements, places.count)
    }
    let single = TracedFunction(
      function, [.init(name: parameter.name, isVariable: false)], in: call.evaluator, at: call.place("f"))
    var rows: [Double] = []
    for place in places { rows += try single([Tensor(vector: [place.0, place.1])]).value.elements }
    guard rows.count % places.count == 0 else { return [] }
    return columns(rows, places.count)
  }

  private func columns(_ elements: [Double], _ count: Int) -> [[Double]] {
    let width = elements.count / count
    return (0..<width).map { column in (0..<count).map { elements[$0 * width + column] } }
  }
}
