import Interpreter
import Losses
import Markup
import Plots
import Syntax
import Tensors

/// `choose(y)`: which losses suit a target, from what it is and what an outlier means. Which loss is recommended for
/// what stands in the loss's own entry (`choose: real noise`).
enum ChooseBuiltin {
  static let row = Builtin(
    "choose", ["y", "outliers", "target"].map { Function.Parameter($0, fallback: .absent) },
    doc: Phrase(
      en: "a short list of losses for a target, with a picture on it", zh: "根据目标给出几种合适的损失，并画在这份数据上"),
    example: "choose([1, 2, 2.5, 3, 40])"
  ) { (call) throws(Diagnostic) in
    let y = call.has("y") ? try call.evaluator.tensor(call.operand("y"), at: call.place("y")) : nil
    if let y, y.count == 0 {
      throw call.diagnostic("E209", Phrase(en: "there is nothing to look at: y is empty", zh: "y 是空的，没有可看的"), at: "y")
    }
    if let y, let at = y.elements.firstIndex(where: { !$0.isFinite }) {
      throw call.diagnostic(
        "E209", Phrase(en: "element \(at + 1) is not a number", zh: "第 \(at + 1) 个元素不是数"), at: "y",
        help: Phrase(en: "drop_missing(table) removes such rows", zh: "drop_missing(表) 可以去掉这样的行"))
    }
    let target = try word("target", Target.allCases.map(\.rawValue), call).flatMap(Target.init)
    let outliers = try word("outliers", Attitude.allCases.map(\.rawValue), call).flatMap(Attitude.init)
    guard let library = call.evaluator.environment.library as? StandardLibrary else { return .nothing }
    return .object(Choice(y: y, target: target, attitude: outliers, library.catalogue.entries, call))
  }

  private static func word(_ name: String, _ words: [String], _ call: Call) throws(Diagnostic) -> String? {
    guard let text = try call.text(name) else { return nil }
    if words.contains(text) { return text }
    let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
    throw call.diagnostic(
      "E209", Phrase(en: "\(name)= is one of \(list)", zh: "\(name)= 可以是 \(list)"), at: name)
  }

  /// What a target can be.
  enum Target: String, CaseIterable {
    case real, positive, counts, binary, sign, classes, distribution, probabilities, grades

    var phrase: Phrase {
      switch self {
      case .real: Phrase(en: "quantities that may be anything", zh: "可正可负的数量")
      case .positive: Phrase(en: "positive quantities over orders of magnitude", zh: "跨越数量级的正数")
      case .counts: Phrase(en: "counts", zh: "计数")
      case .binary: Phrase(en: "yes or no, as 0 and 1", zh: "是或否，写作 0 和 1")
      case .sign: Phrase(en: "yes or no, as -1 and 1", zh: "是或否，写作 -1 和 1")
      case .classes: Phrase(en: "classes, numbered from 1", zh: "从 1 编号的类别")
      case .distribution: Phrase(en: "rows of probabilities", zh: "每行一组概率")
      case .probabilities: Phrase(en: "probabilities", zh: "概率")
      case .grades: Phrase(en: "grades of relevance, to be ranked", zh: "用来排序的相关度等级")
      }
    }
  }

  /// What a value far from the rest means.
  enum Attitude: String, CaseIterable {
    case matter, noise, ignore, asymmetric

    var phrase: Phrase {
      switch self {
      case .matter: Phrase(en: "they are real and must count in full", zh: "它们是真的，要全部算数")
      case .noise: Phrase(en: "they are partly noise and should not dominate", zh: "其中有噪声，不该说了算")
      case .ignore: Phrase(en: "they are wrong and should have no say", zh: "它们是错的，应不起作用")
      case .asymmetric: Phrase(en: "too low is worse than too high, or the other way round", zh: "估低与估高的代价不同")
      }
    }
  }
}

/// What `choose` found.
struct Choice: Presentable {
  private let headline: Phrase
  private let groups: [(question: Phrase?, entries: [Entry])]
  private let chart: LineChart?
  private let closing: Phrase?

  init(
    y: Tensor?, target: ChooseBuiltin.Target?, attitude: ChooseBuiltin.Attitude?, _ entries: [Entry], _ call: Call
  ) {
    func suited(_ target: ChooseBuiltin.Target, _ attitude: String?) -> [Entry] {
      entries.filter { $0.choices.contains { $0.target == target.rawValue && $0.attitude == attitude } }
    }
    let guesses = target.map { [$0] } ?? y.map(Choice.guesses) ?? []
    guard let kind = guesses.first else {
      headline = Phrase(
        en: "What is the target? choose(y) looks at your data; or say it:", zh: "目标是什么？choose(y) 会看你的数据；也可以直接说：")
      groups = ChooseBuiltin.Target.allCases.map { kind in
        (kind.phrase.map { "choose(target=\"\(kind.rawValue)\")  \($0)" }, suited(kind, nil) + suited(kind, "matter"))
      }
      (chart, closing) = (nil, nil)
      return
    }
    var listed: [(question: Phrase?, entries: [Entry])] = []
    if kind == .real {
      let wanted = attitude.map { [$0] } ?? ChooseBuiltin.Attitude.allCases
      listed = wanted.map { attitude in
        (attitude.phrase.map { "outliers=\"\(attitude.rawValue)\"  \($0)" }, suited(.real, attitude.rawValue))
      }
    } else {
      if let y, let special = Choice.special(kind, y) { listed.append((special.phrase, suited(kind, special.name))) }
      listed.append((nil, suited(kind, nil)))
    }
    headline = Choice.headline(y, kind, asked: target != nil)
    groups = listed
    closing =
      guesses.count > 1
      ? Phrase(
        en: "or is it "
          + guesses.dropFirst().map { "\($0.phrase.en)? choose(y, target=\"\($0.rawValue)\")" }.joined(separator: "; "),
        zh: "或者它是"
          + guesses.dropFirst().map { "\($0.phrase.zh)？choose(y, target=\"\($0.rawValue)\")" }.joined(separator: "；"))
      : nil
    let drawn = kind == .real && attitude == nil ? listed.compactMap(\.entries.first) : listed.flatMap(\.entries)
    chart = y.flatMap { Choice.chart(Array(drawn.prefix(3)), $0, call) }
  }

  // MARK: Looking at the data

  private static func guesses(_ y: Tensor) -> [ChooseBuiltin.Target] {
    let values = y.elements
    let distinct = Set(values)
    if y.rank == 2, let width = y.shape.last, width > 1, values.allSatisfy({ $0 >= 0 }) {
      let sums = stride(from: 0, to: y.count, by: width).map { values[$0..<($0 + width)].reduce(0, +) }
      if sums.allSatisfy({ abs($0 - 1) < 1e-6 }) {
        return distinct.count <= 2 ? [.classes, .distribution] : [.distribution]
      }
    }
    if distinct.isSubset(of: [0, 1]) { return [.binary] }
    if distinct.isSubset(of: [-1, 1]) { return [.sign] }
    let areWhole = values.allSatisfy { $0 == $0.rounded() }
    if areWhole, values.allSatisfy({ $0 >= 1 }), distinct.count <= 20, distinct.max() ?? 0 <= 20,
      values.count > distinct.count
    {
      return [.classes, .counts, .grades, .real]
    }
    if areWhole, values.allSatisfy({ $0 >= 0 }) { return [.counts, .real] }
    if values.allSatisfy({ $0 > 0 && $0 < 1 }) { return [.probabilities, .real] }
    if let low = values.min(), let high = values.max(), low > 0, high / low >= 100 { return [.positive, .real] }
    return [.real]
  }

  /// Something about the data that calls for a loss of its own.
  private static func special(_ kind: ChooseBuiltin.Target, _ y: Tensor) -> (name: String, phrase: Phrase)? {
    let values = y.elements
    let mean = values.reduce(0, +) / Double(values.count)
    switch kind {
    case .binary where min(mean, 1 - mean) < 0.1:
      let share = shortNumber(100 * min(mean, 1 - mean), digits: 2)
      return (
        "rare", Phrase(en: "one side is rare: \(share)% of the labels", zh: "其中一类很少：只占 \(share)%")
      )
    case .counts:
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      guard variance > 1.5 * mean else { return nil }
      let (v, m) = (shortNumber(variance, digits: 3), shortNumber(mean, digits: 3))
      return (
        "overdispersed",
        Phrase(en: "the variance \(v) exceeds the mean \(m)", zh: "方差 \(v) 大于均值 \(m)")
      )
    default: return nil
    }
  }

  private static func headline(_ y: Tensor?, _ kind: ChooseBuiltin.Target, asked: Bool) -> Phrase {
    guard let y, let low = y.elements.min(), let high = y.elements.max() else { return kind.phrase }
    let range = "\(shortNumber(low, digits: 4)) … \(shortNumber(high, digits: 4))"
    let far = kind == .real ? outliers(y.elements) : 0
    let tail =
      far == 0
      ? (en: "", zh: "") : (en: "; \(far) far from the rest", zh: "；其中 \(far) 个远离其余")
    return Phrase(
      en: "\(y.count) values, \(range): \(asked ? "" : "they look like ")\(kind.phrase.en)\(tail.en)",
      zh: "\(y.count) 个值，\(range)：\(asked ? "" : "像是")\(kind.phrase.zh)\(tail.zh)")
  }

  /// How many lie more than 3.5 robust deviations from the median.
  private static func outliers(_ values: [Double]) -> Int {
    func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
    let center = median(values)
    let deviation = 1.4826 * median(values.map { abs($0 - center) })
    return deviation == 0 ? 0 : values.count { abs($0 - center) > 3.5 * deviation }
  }

  // MARK: The picture

  /// What each loss makes of every constant prediction, from its least to its most: the lowest point is the constant
  /// it would choose.
  private static func chart(_ entries: [Entry], _ y: Tensor, _ call: Call) -> LineChart? {
    guard y.rank == 1, y.count <= 100_000, let low = y.elements.min(), let high = y.elements.max() else { return nil }
    var series: [LineChart.Series] = []
    for entry in entries {
      guard case .function(let function)? = call.evaluator.environment.library[entry.name],
        function.requiredCount == 2, let first = function.parameters.first?.name
      else { continue }
      let bounds: (Double, Double)
      switch entry.domain(of: first)?.kind {
      case .probability?: bounds = (0.01, 0.99)
      case .score?: bounds = (-4, 4)
      case .positive?: bounds = (max(low, high / 1000, 1e-6), high)
      case .real?: bounds = entry.choices.contains { $0.target == "counts" } ? (-2, 4) : (low, high)
      default: continue
      }
      guard bounds.0 < bounds.1, series.isEmpty || series[0].x.first == bounds.0 && series[0].x.last == bounds.1 else {
        continue
      }
      let traced = TracedFunction(
        function, function.parameters.prefix(2).map { .init(name: $0.name, isVariable: false) }, in: call.evaluator,
        at: call.span)
      let x = (0...60).map { $0 == 60 ? bounds.1 : bounds.0 + (bounds.1 - bounds.0) * Double($0) / 60 }
      let values = x.compactMap { try? traced([Tensor($0), y]).value.elements[0] }
      guard values.count == x.count, let least = values.min(), let most = values.max(), most > least, most.isFinite
      else {
        continue
      }
      series.append(.init(label: entry.name, x: x, y: values.map { ($0 - least) / (most - least) }))
    }
    return series.isEmpty ? nil : LineChart(title: "", xLabel: "constant", series: series, scale: .linear)
  }

  // MARK: Showing

  var kind: String { "record" }
  var fieldNames: [String] { ["losses"] }
  private var names: [String] { groups.flatMap { $0.entries.map(\.name) } }
  func field(_ name: String) -> Value? { name == "losses" ? .text(names.joined(separator: ", ")) : nil }
  func element(_ index: Int) -> Value? { nil }
  var json: String { "{\"losses\":[" + names.map(JSONText.string).joined(separator: ",") + "]}" }
  func description(_ language: Language) -> String { headline[language] + ": " + names.joined(separator: ", ") }

  func text(_ settings: Settings) -> StyledText {
    let language = settings.language
    var text = StyledText()
    for line in headline[language].wrapped(width: settings.width) { text.append(line + "\n", .heading) }
    let longest = groups.flatMap(\.entries).map(\.name.displayWidth).max() ?? 0
    for group in groups {
      if let question = group.question {
        for line in question[language].wrapped(width: settings.width - 2) { text.append("  " + line + "\n", .command) }
      }
      for entry in group.entries {
        let margin = String(repeating: " ", count: longest + 6)
        let sentence = (entry.use ?? entry.summary)[language].wrapped(width: max(20, settings.width - longest - 6))
        text.append("    " + entry.name, .function)
        text.append(String(repeating: " ", count: longest - entry.name.displayWidth + 2))
        text.append(sentence.joined(separator: "\n" + margin) + "\n", .dim)
      }
    }
    if let closing {
      for line in closing[language].wrapped(width: settings.width) { text.append(line + "\n") }
    }
    if var chart {
      chart.title =
        Phrase(
          en: "each loss of one constant for all, from its least to its most", zh: "所有预测取同一常数时的损失，各自从最低到最高")[language]
      text.append(chart.render(settings.picture))
    }
    return text
  }
}
