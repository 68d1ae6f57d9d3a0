import Descent
import Glibc
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// A trace as a value: its table, its curve, its fields.
struct TraceObject: Presentable {
  let trace: Trace
  var function: Function { trace.descent.objective }
  /// What the function saw, so that a step can be explained later.
  var environment: Environment { trace.descent.environment }

  init(_ trace: Trace) { self.trace = trace }

  var kind: String { "trace" }
  var fieldNames: [String] { ["loss", "gradient", "steps", "rate", "ended"] + trace.parameters.map(\.name) }

  /// `t.loss`, `t.w`: one entry per step, the start first.
  func field(_ name: String) -> Value? {
    switch name {
    case "loss": return .tensor(Tensor(vector: trace.losses))
    case "steps": return .number(Double(trace.stepCount))
    case "rate": return rates
    case "ended": return .text(trace.ending.word)
    case "gradient": return .record(Record(trace.parameters.map { ($0.name, entries($0, $0.gradients)) }))
    default: return trace.parameters.first { $0.name == name }.map { entries($0, $0.values) }
    }
  }

  private func entries(_ parameter: Trace.Parameter, _ values: [Double]) -> Value {
    .tensor(Tensor(shape: [trace.losses.count] + parameter.shape, elements: values))
  }

  /// One number, or one per step where it changes.
  private var rates: Value {
    if case .constant(let rate) = trace.descent.rate { return .number(rate) }
    if case .function = trace.descent.rate {
      return .tensor(Tensor(vector: (0..<max(trace.stepCount, 1)).map { trace.rate(at: $0) }))
    }
    var rates: [Double] = []
    trace.replay(from: 0, { _, _, _, _ in rates.count < trace.stepCount }, rate: { rates.append($0) })
    return .tensor(Tensor(vector: rates))
  }

  /// `t[3]`: the parameters, the loss and the gradient before step 3.
  func element(_ index: Int) -> Value? {
    guard let entry = trace.entry(index) else { return nil }
    var fields: [(name: String, value: Value)] = [("step", .number(Double(index)))]
    for (parameter, value) in zip(trace.parameters, entry.values) { fields.append((parameter.name, Value(value))) }
    fields.append(("loss", .number(entry.loss)))
    for (parameter, gradient) in zip(trace.parameters, entry.gradients) {
      fields.append(("∂\(parameter.name)", Value(gradient)))
    }
    return .record(Record(fields))
  }

  // MARK: Showing

  func text(_ settings: Settings) -> StyledText {
    let language = settings.language
    guard !trace.losses.isEmpty else { return ending(language, width: settings.width) }
    var text = StyledText()
    text.append(heading(settings))
    text.append(table(settings))
    text.append(ending(language, width: settings.width))
    if trace.losses.count > 2 {
      var options = settings.picture
      options.height = min(options.height, 12)
      text.append(ownChart.render(options))
    }
    return text
  }

  /// What the trace is called where no name is known: its optimizer and rate.
  var label: String { "\(trace.optimizer.name) \(rateText)" }

  /// The optimizer's lines in symbols, for the shape they are used with here.
  var ruleLines: [String] {
    let isJoined = trace.optimizer.rule.isJoint && trace.parameters.count > 1
    let size = trace.parameters.reduce(0) { $0 + $1.size }
    return trace.optimizer.symbolicLines(shape: isJoined ? [size] : trace.parameters.first?.shape ?? [])
  }

  /// What was done: the optimizer, the rate, the rule; on lines of their own where one is too short.
  private func heading(_ settings: Settings) -> StyledText {
    let name = function.name ?? "L"
    let optimizer = trace.optimizer.name
    let lines = ruleLines
    let title = Phrase(en: "\(optimizer) on \(name), rate \(rateText)", zh: "\(optimizer) 作用于 \(name)，学习率 \(rateText)")[
      settings.language]
    let rule = lines.joined(separator: settings.language == .zh ? "，" : ", ")
    let whole = title + (settings.language == .zh ? "：" : ": ") + rule
    if whole.displayWidth + 1 <= settings.width { return StyledText(" " + whole, .heading) + "\n" }
    var text = StyledText()
    for piece in title.wrapped(width: max(10, settings.width - 2)) { text.append(" " + piece + "\n", .heading) }
    for line in lines {
      for piece in line.wrapped(width: settings.width - 4) { text.append("   " + piece + "\n", .dim) }
    }
    return text
  }

  var rateText: String {
    if case .constant(let rate) = trace.descent.rate { return shortNumber(rate) }
    return "\(shortNumber(trace.rate(at: 0))) … \(shortNumber(trace.rate(at: max(trace.stepCount - 1, 0)), digits: 3))"
  }

  var lossChart: LineChart {
    let steps = trace.losses.indices.map(Double.init)
    return LineChart(
      title: function.name ?? "L", xLabel: "step", series: [.init(label: "", x: steps, y: trace.losses)],
      scale: .automatic)
  }

  /// The losses as they are; those of batches, which scatter, as dots with their running mean through them.
  var ownChart: LineChart {
    var chart = lossChart
    guard let data = trace.descent.data, !data.isWhole, trace.losses.count >= 40 else { return chart }
    // Smoothed by their logarithms where that is the scale they are drawn to.
    let isLogarithmic = chart.isLogarithmic
    let keep = 1 - 2 / Double(max(10, trace.losses.count / 20))
    var level: Double?
    let mean = trace.losses.map { loss -> Double in
      let value = isLogarithmic ? log(loss) : loss
      level = level.map { keep * $0 + (1 - keep) * value } ?? value
      let smoothed = level ?? value
      return isLogarithmic ? exp(smoothed) : smoothed
    }
    chart.series[0].isJoined = false
    chart.series.insert(.init(label: "mean", x: chart.series[0].x, y: mean), at: 0)
    chart.series[1].label = "batch"
    return chart
  }

  /// The first steps and the last ones, with what each did.
  private func table(_ settings: Settings) -> StyledText {
    let numbers = trace.parameters.filter { $0.size == 1 }
    let shown = numbers.count == trace.parameters.count && numbers.count <= 3 ? numbers : []
    let name = function.name ?? "L"
    var header = ["step"] + shown.map(\.name) + [name]
    header += shown.isEmpty ? ["|∇|"] : shown.map { "∂\($0.name)" }
    header += shown.isEmpty ? ["Δ" + name] : shown.map { "Δ" + $0.name }
    var table = Table(header: header.map { StyledText($0, .dim) }, alignments: header.map { _ in .right })
    let count = trace.losses.count
    let rows: [Int?] = count <= 12 ? Array(0..<count) : Array(0..<6) + [nil] + Array((count - 4)..<count)
    for row in rows {
      let entry = shown.isEmpty ? nil : row.flatMap { trace.entry($0) }
      let next = shown.isEmpty ? nil : row.flatMap { trace.entry($0 + 1) }
      guard let row else {
        table.rows.append(header.map { _ in StyledText("⋯", .dim) })
        continue
      }
      var cells = [StyledText(String(row), .dim)]
      // Six digits do not fit a narrow screen.
      let digits = settings.width < 32 ? 3 : 6
      func number(_ value: Double?) -> StyledText {
        StyledText(value.map { shortNumber($0 + 0, digits: digits) } ?? "", .number)
      }
      let columns = shown.indices
      for column in columns { cells.append(number(entry?.values[column].elements[0])) }
      cells.append(number(trace.losses[row]))
      if shown.isEmpty {
        cells.append(number(trace.gradientNorm(at: row)))
        cells.append(number(row + 1 < count ? trace.losses[row + 1] - trace.losses[row] : nil))
      } else {
        for column in columns { cells.append(number(entry?.gradients[column].elements[0])) }
        for column in columns {
          let after = next?.values[column].elements[0]
          cells.append(number(after.flatMap { after in entry.map { after - $0.values[column].elements[0] } }))
        }
      }
      table.rows.append(cells)
    }
    // A table wider than the screen is no table: what each step did goes first, then the slopes.
    for _ in 0..<2 where !shown.isEmpty && table.render(indent: 1).lines[0].displayWidth > settings.width {
      table.header.removeLast(shown.count)
      for row in table.rows.indices { table.rows[row].removeLast(shown.count) }
    }
    let text = table.render(indent: 1)
    guard settings.glyphs == .ascii else { return text }
    return text.runs.map { StyledText($0.text.replacing("─", with: "-").replacing("⋯", with: ":"), $0.style) }.joined()
  }

  private func ending(_ language: Language, width: Int) -> StyledText {
    let count = trace.stepCount
    func sentence(_ phrase: Phrase, _ style: Style) -> StyledText {
      StyledText(phrase[language].wrapped(width: max(16, width - 2)).map { " " + $0 + "\n" }.joined(), style)
    }
    switch trace.ending {
    case .converged(let criterion, let tolerance):
      let limit = shortNumber(tolerance)
      let what =
        switch criterion {
        case .gradient: Phrase(en: "the gradient is below \(limit)", zh: "梯度已小于 \(limit)")
        case .step: Phrase(en: "the next step would be no longer than \(limit)", zh: "下一步的长度不会超过 \(limit)")
        case .loss: Phrase(en: "the loss changed by no more than \(limit)", zh: "损失的变化不超过 \(limit)")
        }
      let phrase = Phrase(en: "stopped at step \(count): \(what.en)", zh: "第 \(count) 步停止：\(what.zh)")
      return sentence(phrase, .success)
    case .diverged:
      if let broken = Breakdown.of(self, .unlimited), broken.isMatrix {
        let phrase =
          broken.isStep
          ? Phrase(
            en:
              "stopped after step \(count): at \(broken.place) \(broken.reason.en), so \(trace.optimizer.name) has no next step",
            zh: "第 \(count) 步之后停下：在 \(broken.place) 处\(broken.reason.zh)，\(trace.optimizer.name) 走不出下一步")
          : Phrase(
            en:
              "stopped after step \(count): at \(broken.place) \(broken.expression) has no value, \(broken.reason.en)",
            zh: "第 \(count) 步之后停下：在 \(broken.place) 处 \(broken.expression) 没有值，\(broken.reason.zh)")
        return sentence(phrase, .warning)
      }
      let phrase = Phrase(
        en:
          "diverged: after step \(count) the numbers left the finite range; why(t) says why and what would help",
        zh: "发散：第 \(count) 步之后数值超出有限范围；why(t) 会说明原因和对策")
      return sentence(phrase, .warning)
    case .interrupted:
      return sentence(
        Phrase(en: "stopped by Ctrl-C after \(count) steps; they are kept", zh: "第 \(count) 步时被 Ctrl-C 停止，已有步骤都保留"),
        .warning)
    case .completed:
      guard let first = trace.losses.first, let last = trace.losses.last, count > 1 else { return StyledText() }
      if last > first * 2, last > trace.losses[count - 1] {
        let phrase = Phrase(
          en:
            "diverging: the loss grows from step to step; why(t) says why and what helps",
          zh: "正在发散：损失一步比一步大；why(t) 会说明原因和对策")
        return sentence(phrase, .warning)
      }
      return StyledText()
    }
  }

  var json: String {
    func object(_ values: (Trace.Parameter) -> [Double]) -> String {
      let parts = trace.parameters.map { parameter in
        JSONText.string(parameter.name) + ":"
          + JSONText.tensor(Tensor(shape: [trace.losses.count] + parameter.shape, elements: values(parameter)))
      }
      return "{" + parts.joined(separator: ",") + "}"
    }
    let losses = trace.losses.map(JSONText.number).joined(separator: ",")
    return "{\"parameters\":\(object(\.values)),\"loss\":[\(losses)],\"gradient\":\(object(\.gradients))}"
  }

  /// What was done and where it led, then the course of the loss.
  func description(_ language: Language) -> String {
    let n = { (value: Double) in PictureNumber.text(value) }
    let name = function.name ?? "L"
    guard let first = trace.entry(0), let last = trace.entry(trace.stepCount) else {
      return Phrase(en: "\(label): no step was made.", zh: "\(label)：没有走出一步。")[language]
    }
    var parts: [String] = []
    for (index, parameter) in trace.parameters.enumerated() {
      let (from, to) = (first.values[index].elements, last.values[index].elements)
      let size = { (values: [Double]) in n(values.reduce(0) { $0 + $1 * $1 }.squareRoot()) }
      parts.append(
        parameter.size == 1
          ? "\(parameter.name) \(n(from[0])) → \(n(to[0]))" : "‖\(parameter.name)‖ \(size(from)) → \(size(to))")
    }
    let moved = parts.prefix(4).joined(separator: ", ")
    let head = Phrase(
      en:
        "\(label): \(trace.stepCount) steps on \(name), \(moved), |∇| \(n(first.norm)) → \(n(last.norm)), \(trace.ending.word). ",
      zh:
        "\(label)：在 \(name) 上走了 \(trace.stepCount) 步，\(moved)，|∇| \(n(first.norm)) → \(n(last.norm))，\(trace.ending.phrase.zh)。"
    )
    return head[language] + lossChart.describe(language)
  }
}

extension Trace.Ending {
  fileprivate var phrase: Phrase {
    switch self {
    case .completed: Phrase(en: word, zh: "走完全部步数")
    case .converged: Phrase(en: word, zh: "达到容差后停止")
    case .diverged: Phrase(en: word, zh: "发散")
    case .interrupted: Phrase(en: word, zh: "被中断")
    }
  }

  /// The word of `t.ended`.
  fileprivate var word: String {
    switch self {
    case .completed: "completed"
    case .converged: "converged"
    case .diverged: "diverged"
    case .interrupted: "interrupted"
    }
  }
}
