import Graphs
import Interpreter
import Markup
import Syntax
import Tensors

/// Looks over the arguments of a loss before it runs, and says in a sentence what the numbers would say badly: labels
/// in another encoding, scores where probabilities belong, arguments swapped, rows that do not add up to 1.
///
/// What each argument may hold is the entry's `domain:`. Only what is known is looked at: an argument that depends on a
/// variable of differentiation, or of a plot, is left alone.
struct ArgumentCheck {
  private struct Argument {
    let name: String
    let domain: Domain
    let numbers: Tensor
    let place: Range<Int>
  }

  private let entry: Entry
  private let call: Call
  private var arguments: [Argument] = []

  static func check(_ entry: Entry) -> (@Sendable (Call) throws(Diagnostic) -> Void)? {
    guard entry.kind == .loss, !entry.domains.isEmpty else { return nil }
    return { (call) throws(Diagnostic) in try ArgumentCheck(entry, call).run() }
  }

  private init(_ entry: Entry, _ call: Call) throws(Diagnostic) {
    self.entry = entry
    self.call = call
    for (name, domain) in entry.domains {
      if let switch_ = domain.exception, case .bool(true)? = call.values[switch_] { continue }
      guard let value = call.values[name], let place = call.spans[name], let numbers = ArgumentCheck.known(value, call)
      else { continue }
      arguments.append(Argument(name: name, domain: domain, numbers: numbers, place: place))
    }
  }

  /// The numbers of a finished value, or of a small one made of nothing but constants.
  private static func known(_ value: Value, _ call: Call) -> Tensor? {
    if let numbers = value.numbers { return numbers }
    let graph = call.evaluator.graph
    guard case .traced(let id) = value, (Shapes.count(graph[id].shape) ?? .max) <= 4096,
      !graph.reachable(from: [id]).contains(where: { graph[$0].primitive == .input })
    else { return nil }
    return try? call.evaluator.force(id, at: call.span)
  }

  private func run() throws(Diagnostic) {
    for argument in arguments where argument.numbers.count == 0 { throw empty(argument) }
    try checkLengths()
    for argument in arguments {
      if let at = argument.numbers.elements.firstIndex(where: \.isNaN) {
        let element = name(argument, at)
        call.evaluator.note(
          Phrase(en: "\(element) is nan, and so is every sum it is part of", zh: "\(element) 是 nan，含有它的和也都是 nan"))
        continue
      }
      try check(argument)
    }
  }

  /// The shape of an argument, known without its numbers.
  private func shape(_ parameter: String) -> Shape? { call.values[parameter].flatMap(call.evaluator.shape(of:)) }

  // MARK: Shapes

  private func empty(_ argument: Argument) -> Diagnostic {
    Diagnostic(
      "E209",
      Phrase(en: "\(entry.name) of nothing: \(argument.name) is empty", zh: "\(argument.name) 是空的，\(entry.name) 没有结果"),
      at: [.init(argument.place)])
  }

  /// One element beside many would be repeated for each of them.
  private func checkLengths() throws(Diagnostic) {
    for (position, argument) in arguments.enumerated() {
      for other in arguments[..<position] where other.domain.shape == argument.domain.shape {
        let (a, b) = (other.numbers, argument.numbers)
        guard a.rank > 0, b.rank > 0, a.count != b.count, min(a.count, b.count) == 1 else { continue }
        throw Diagnostic(
          "E203",
          Phrase(
            en: "\(other.name) has \(a.count) elements, \(argument.name) has \(b.count)",
            zh: "\(other.name) 有 \(a.count) 个元素，\(argument.name) 有 \(b.count) 个"),
          at: [
            .init(other.place, .init(verbatim: "\(a.count)")), .init(argument.place, .init(verbatim: "\(b.count)")),
          ],
          help: Phrase(en: "did a value go missing? A plain number stands for all", zh: "是不是少了值？单个数（不加方括号）才代表全部"))
      }
    }
  }

  // MARK: Values

  private func check(_ argument: Argument) throws(Diagnostic) {
    let numbers = argument.numbers.elements
    func first(_ isWrong: (Double) -> Bool) -> Int? { numbers.firstIndex(where: isWrong) }
    switch argument.domain.kind {
    case .real, .direction, .box, .group, .indices, .upper: return
    case .score: noteProbabilities(argument)
    case .positive:
      if let at = first({ $0 < 0 }) { throw wrong(argument, at, Phrase(en: "values above 0", zh: "大于 0 的值")) }
    case .nonnegative:
      if let at = first({ $0 < 0 }) { throw wrong(argument, at, Phrase(en: "values from 0", zh: "不小于 0 的值")) }
    case .aboveMinusOne:
      if let at = first({ $0 < -1 }) { throw wrong(argument, at, Phrase(en: "values above -1", zh: "大于 -1 的值")) }
    case .count, .length:
      if let at = first({ $0 < 0 }) { throw wrong(argument, at, Phrase(en: "counts from 0", zh: "从 0 起的计数")) }
    case .probability: try checkProbabilities(argument)
    case .distribution:
      try checkProbabilities(argument)
      noteRows(argument)
    case .logProbability:
      if let at = first({ $0 > 0 }) {
        throw wrong(
          argument, at, Phrase(en: "logarithms of probabilities, at most 0", zh: "概率的对数，不大于 0"),
          help: Phrase(en: "log(p) of probabilities, log_softmax(z) of scores", zh: "概率用 log(p)，得分用 log_softmax(z)"))
      }
    case .binary: try checkBinary(argument)
    case .sign: try checkSigns(argument)
    case .index: try checkIndices(argument)
    case .label:
      if argument.numbers.rank < (shape(entry.domains[0].parameter)?.count ?? .max) {
        try checkIndices(argument)
      } else if let at = first({ $0 < 0 || $0 > 1 }) {
        let isLarger = argument.numbers.rank > (shape(entry.domains[0].parameter)?.count ?? .max)
        throw wrong(
          argument, at, Phrase(en: "rows of probabilities, or one class number per row", zh: "每行一组概率，或每行一个类别号"),
          help: isLarger ? swapped : nil)
      }
    }
  }

  private func checkProbabilities(_ argument: Argument) throws(Diagnostic) {
    // A hair of tolerance: 1.0000000000000002 is how a sum of probabilities rounds.
    guard let at = argument.numbers.elements.firstIndex(where: { $0 < -1e-12 || $0 > 1 + 1e-12 }) else {
      noteSwapped(argument)
      return
    }
    let squash = argument.domain.kind == .distribution ? "softmax(z)" : "sigmoid(z)"
    let help =
      entry.counterpart.map {
        Phrase(en: "for raw scores: \($0), or \(squash) first", zh: "得分请用 \($0)，或先用 \(squash)")
      } ?? Phrase(en: "\(squash) turns scores into probabilities", zh: "\(squash) 把得分变成概率")
    throw wrong(argument, at, Phrase(en: "probabilities from 0 to 1", zh: "0 到 1 之间的概率"), help: help)
  }

  private func checkBinary(_ argument: Argument) throws(Diagnostic) {
    let numbers = argument.numbers.elements
    guard let at = numbers.firstIndex(where: { $0 < 0 || $0 > 1 }) else { return }
    var help: Phrase?
    if isSwapped({ $0 == 0 || $0 == 1 }) {
      help = swapped
    } else if numbers.allSatisfy({ $0 == 1 || $0 == -1 }) {
      help = Phrase(en: "from -1 and 1: (\(text(argument)) + 1) / 2", zh: "把 -1 和 1 换过来：(\(text(argument)) + 1) / 2")
    } else if numbers.allSatisfy({ $0 == 1 || $0 == 2 }) {
      help = Phrase(en: "from 1 and 2: \(text(argument)) - 1", zh: "把 1 和 2 换过来：\(text(argument)) - 1")
    }
    throw wrong(argument, at, Phrase(en: "labels 0 and 1", zh: "标签 0 和 1"), help: help)
  }

  private func checkSigns(_ argument: Argument) throws(Diagnostic) {
    let numbers = argument.numbers.elements
    guard let at = numbers.firstIndex(where: { $0 != 1 && $0 != -1 }) else { return }
    var help: Phrase?
    if isSwapped({ $0 == 1 || $0 == -1 }) {
      help = swapped
    } else if numbers.allSatisfy({ $0 == 0 || $0 == 1 }) {
      help = Phrase(en: "from 0 and 1: 2 * \(text(argument)) - 1", zh: "把 0 和 1 换过来：2 * \(text(argument)) - 1")
    }
    throw wrong(argument, at, Phrase(en: "labels -1 and 1", zh: "标签 -1 和 1"), help: help)
  }

  private func checkIndices(_ argument: Argument) throws(Diagnostic) {
    let numbers = argument.numbers.elements
    // One row of scores per label says how many classes there are; two say nothing.
    let rows = entry.domains.filter { $0.domain.shape.count == argument.domain.shape.count + 1 }
    let scores = rows.count == 1 ? shape(rows[0].parameter) : nil
    if let scores, argument.domain.kind == .index, argument.numbers.rank > 0, argument.numbers.rank >= scores.count,
      numbers.allSatisfy({ $0 == 0 || $0 == 1 })
    {
      let classes = "argmax(\(text(argument)), axis=\(argument.numbers.rank))"
      throw wrong(
        argument, nil, Phrase(en: "one class number per row", zh: "每行一个类别号"),
        help: Phrase(en: "from one-hot rows: \(classes)", zh: "由独热行：\(classes)"))
    }
    if let scores, argument.numbers.rank > scores.count {
      throw wrong(argument, nil, Phrase(en: "one class number per row", zh: "每行一个类别号"), help: swapped)
    }
    let ignored = call.values["ignore_index"]?.numbers?.elements.first ?? -100
    let classes = scores?.last
    for (at, label) in numbers.enumerated() where label != ignored && argument.name != "ignore_index" {
      if label == label.rounded(), label >= 1, label <= Double(classes ?? .max) { continue }
      let isFromZero = numbers.contains(0) && numbers.allSatisfy { $0 == ignored || $0 >= 0 && $0 == $0.rounded() }
      throw wrong(
        argument, at,
        classes.map { Phrase(en: "class numbers from 1 to \($0)", zh: "从 1 到 \($0) 的类别号") }
          ?? Phrase(en: "class numbers from 1", zh: "从 1 数起的类别号"),
        help: isFromZero
          ? Phrase(en: "counted from 0? \(text(argument)) + 1", zh: "是从 0 数起的？\(text(argument)) + 1") : nil)
    }
  }

  // MARK: Notes

  /// Probabilities given to a loss of scores: the result would be a number, and wrong.
  private func noteProbabilities(_ argument: Argument) {
    guard let counterpart = entry.counterpart, argument.name == arguments.first?.name else { return }
    let numbers = argument.numbers
    guard numbers.count >= 2, numbers.elements.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { return }
    if argument.domain.shape.count > 1 {
      guard let sums = rowSums(numbers), sums.allSatisfy({ abs($0 - 1) < 1e-6 }) else { return }
    } else if numbers.elements.allSatisfy({ $0 == 0 || $0 == 1 }) {
      return
    }
    call.evaluator.note(
      Phrase(
        en:
          "\(argument.name) looks like probabilities; \(entry.name) takes raw scores, \(counterpart) takes probabilities",
        zh: "\(argument.name) 看起来是概率；\(entry.name) 要的是得分，概率请用 \(counterpart)"))
  }

  private func noteRows(_ argument: Argument) {
    guard let sums = rowSums(argument.numbers), let row = sums.firstIndex(where: { abs($0 - 1) > 1e-6 }) else { return }
    let total = shortNumber(sums[row])
    let which = sums.count > 1 ? (en: "row \(row + 1) of ", zh: " 的第 \(row + 1) 行") : (en: "", zh: " 的和")
    call.evaluator.note(
      Phrase(
        en: "\(which.en)\(argument.name) adds up to \(total), not 1; p / column(row_sum(p)) makes it 1",
        zh: "\(argument.name)\(which.zh)是 \(total)，不是 1；p / column(row_sum(p)) 可使每行和为 1"))
  }

  /// Labels first and probabilities second run, and give another number.
  private func noteSwapped(_ argument: Argument) {
    guard argument.name == arguments.first?.name, arguments.count == 2, arguments[1].domain.kind == .binary,
      argument.numbers.elements.allSatisfy({ $0 == 0 || $0 == 1 }),
      arguments[1].numbers.elements.contains(where: { $0 != 0 && $0 != 1 })
    else { return }
    call.evaluator.note(
      Phrase(
        en: "the first argument holds only 0 and 1 and the second does not: is it swapped? \(order)",
        zh: "第一个参数全是 0 和 1，第二个却不是：顺序是不是反了？\(order)"))
  }

  // MARK: Sentences

  private var order: String { "\(entry.name)(\(entry.domains.prefix(2).map(\.parameter).joined(separator: ", ")))" }

  private var swapped: Phrase {
    Phrase(en: "the two look swapped: it is \(order)", zh: "两个参数像是反了：应为 \(order)")
  }

  private func isSwapped(_ isLabel: (Double) -> Bool) -> Bool {
    guard let first = arguments.first, first.numbers.count >= 2 else { return false }
    return first.numbers.elements.allSatisfy(isLabel)
  }

  private func rowSums(_ numbers: Tensor) -> [Double]? {
    guard let width = numbers.shape.last, width > 0 else { return nil }
    return stride(from: 0, to: numbers.count, by: width).map { numbers.elements[$0..<($0 + width)].reduce(0, +) }
  }

  /// The argument as typed, if it is short, so that the conversion can be pasted.
  private func text(_ argument: Argument) -> String { call.evaluator.name(at: argument.place) ?? argument.name }

  /// `target[2]`, `target[2,1]`, or the name of a plain number.
  private func name(_ argument: Argument, _ offset: Int) -> String {
    let shape = argument.numbers.shape
    if shape.isEmpty { return argument.name }
    var rest = offset
    let places = Shapes.strides(shape).map { stride in
      defer { rest %= max(stride, 1) }
      return String(rest / max(stride, 1) + 1)
    }
    return "\(argument.name)[\(places.joined(separator: ","))]"
  }

  private func wrong(_ argument: Argument, _ at: Int?, _ wanted: Phrase, help: Phrase? = nil) -> Diagnostic {
    let element = at.map { (name(argument, $0), shortNumber(argument.numbers.elements[$0])) }
    let is_ = element.map { (en: "; \($0.0) is \($0.1)", zh: "；\($0.0) 是 \($0.1)") } ?? (en: "", zh: "")
    return Diagnostic(
      "E230",
      Phrase(
        en: "\(entry.name) takes \(wanted.en) as \(argument.name)\(is_.en)",
        zh: "\(entry.name) 的 \(argument.name) 应是\(wanted.zh)\(is_.zh)"), at: [.init(argument.place)], help: help)
  }
}
