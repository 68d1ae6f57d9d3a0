import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// `confusion_matrix(prediction, target)`: how often each class was taken for each.
enum ConfusionMatrixBuiltin {
  /// More classes than this are no table anyone reads.
  private static let limit = 30

  static let row = Builtin(
    "confusion_matrix",
    [
      Function.Parameter("prediction"), Function.Parameter("target"),
      Function.Parameter("threshold", fallback: .value(.number(0.5))), Function.Parameter("title", fallback: .absent),
    ],
    doc: Phrase(
      en:
        "actual against predicted classes; scores of two classes are cut at the threshold, rows of scores at their largest",
      zh: "真实类别与预测类别的对照表；二分类得分按阈值划分，多列得分取最大的一列"),
    example: "confusion_matrix([0.9, 0.2, 0.6, 0.4], [1, 0, 0, 1])"
  ) { (call) throws(Diagnostic) in
    let target = try call.vector("target")
    let predicted = try ClassLabels.predicted(call, "prediction", among: target)
    guard predicted.count == target.count else {
      throw Diagnostic(
        "E203",
        Phrase(
          en: "\(predicted.count) predictions, \(target.count) targets",
          zh: "\(predicted.count) 个预测，\(target.count) 个真值"),
        at: [
          .init(call.place("prediction"), Diagnostic.shapeText([predicted.count])),
          .init(call.place("target"), Diagnostic.shapeText([target.count])),
        ])
    }
    guard (predicted + target).allSatisfy(\.isFinite) else {
      throw call.diagnostic("E209", Phrase(en: "a class cannot be NaN or infinite", zh: "类别不能是 NaN 或无穷"))
    }
    let classes = Set(predicted + target).sorted()
    guard !classes.isEmpty, classes.count <= limit else {
      throw call.diagnostic(
        "E209",
        Phrase(
          en: "\(classes.count) different values are not classes", zh: "有 \(classes.count) 个不同的值，不像是类别"), at: "target",
        help: Phrase(en: "give class numbers, such as 0 and 1", zh: "请给出类别编号，例如 0 和 1"))
    }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
    for (guess, truth) in zip(predicted, target) {
      guard let column = classes.firstIndex(of: guess), let row = classes.firstIndex(of: truth) else { continue }
      counts[row][column] += 1
    }
    let picture = ConfusionMatrix(
      title: try call.text("title") ?? "", classes: classes.map { shortNumber($0) }, counts: counts)
    func each(_ score: (Int) -> Double) -> Value { .tensor(Tensor(vector: classes.indices.map(score))) }
    return .object(
      PlotObject(
        picture,
        [
          (
            "counts",
            .tensor(
              Tensor(shape: [classes.count, classes.count], elements: counts.flatMap { $0.map(Double.init) }))
          ),
          ("classes", .tensor(Tensor(vector: classes))), ("accuracy", .number(picture.accuracy)),
          ("precision", each(picture.precision)), ("recall", each(picture.recall)), ("f1", each(picture.f1)),
        ]))
  }
}

/// Classes out of what a classifier gives.
enum ClassLabels {
  /// Class numbers as they are; scores of two classes cut at `threshold=`; of a matrix the column of the largest score.
  static func predicted(_ call: Call, _ name: String, among target: [Double]) throws(Diagnostic) -> [Double] {
    let tensor = try call.evaluator.tensor(call.operand(name), at: call.place(name))
    let classes = Set(target)
    if tensor.rank == 2, tensor.shape[1] > 1 {
      // Columns count from 1, as classes do; targets that count from 0 shift them.
      let first: Double = classes.contains(0) ? 0 : 1
      return (0..<tensor.shape[0]).map { row in
        let scores = tensor.elements[(row * tensor.shape[1])..<((row + 1) * tensor.shape[1])]
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? scores.startIndex
        return first + Double(best - scores.startIndex)
      }
    }
    let values = try call.vector(name)
    if values.allSatisfy({ $0 == $0.rounded() }) { return values }
    let threshold = try call.evaluator.number(call.operand("threshold"), at: call.place("threshold"))
    let (low, high) = classes.isSubset(of: [-1, 1]) ? (-1.0, 1.0) : (0, 1)
    return values.map { $0.isNaN ? $0 : $0 > threshold ? high : low }
  }
}
