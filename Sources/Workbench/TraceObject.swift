import Descent
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// A trace as a value: its table, its curve, its fields.
struct TraceObject: Presentable {
  let trace: Trace
  let function: Function
  /// What the function saw, so that a step can be explained later.
  let environment: Environment

  init(_ trace: Trace, _ function: Function, _ evaluator: Evaluator) {
    self.trace = trace
    self.function = function
    environment = evaluator.environment
  }

  var kind: String { "trace" }
  var fieldNames: [String] { ["loss", "gradient", "steps", "rate", "ended"] + trace.parameters.map(\.name) }

  /// `t.loss`, `t.w`: one entry per step, the start first.
  func field(_ name: String) -> Value? {
    switch name {
    case "loss": return .tensor(Tensor(vector: trace.losses))
    case "steps": return .number(Double(trace.stepCount))
    case "rate": return .number(trace.rate)
    case "ended": return .text(trace.ending.word)
    case "gradient": return .record(Record(trace.parameters.map { ($0.name, entries($0, $0.gradients)) }))
    default: return trace.parameters.first { $0.name == name }.map { entries($0, $0.values) }
    }
  }

  private func entries(_ parameter: Trace.Parameter, _ values: [Double]) -> Value {
    .tensor(Tensor(shape: [trace.losses.count] + parameter.shape, elements: values))
  }

  /// `t[3]`: the parameters, the loss and the gradient before step 3.
  func element(_ index: Int) -> Value? {
    guard index >= 0, index < trace.losses.count else { return nil }
    var fields: [(name: String, value: Value)] = [("step", .number(Double(index)))]
    for parameter in trace.parameters { fields.append((parameter.name, Value(parameter.value(at: index)))) }
    fields.append(("loss", .number(trace.losses[index])))
    for parameter in trace.parameters { fields.append(("∂\(parameter.name)", Value(parameter.gradient(at: index)))) }
    return .record(Record(fields))
  }

  // MARK: Showing

  func text(_ settings: Settings) -> StyledText {
    let language = settings.language
    guard !trace.losses.isEmpty else { return ending(language) }
    var text = StyledText()
    let name = function.name ?? "L"
    let title = Phrase(
      en:
        "\(trace.optimizer.name) on \(name), rate \(shortNumber(trace.rate)): \(trace.optimizer.rule.joined(separator: ", "))",
      zh:
        "\(trace.optimizer.name) 作用于 \(name)，学习率 \(shortNumber(trace.rate))：\(trace.optimizer.rule.joined(separator: "，"))"
    )
    text.append(StyledText(" " + title[language], .heading).truncated(to: settings.width) + "\n")
    text.append(table(settings))
    text.append(ending(language))
    if trace.losses.count > 2 {
      var options = settings.picture
      options.height = min(options.height, 12)
      text.append(lossChart.render(options))
    }
    return text
  }

  /// What the trace is called where no name is known: its optimizer and rate.
  var label: String { "\(trace.optimizer.name) \(shortNumber(trace.rate))" }

  var lossChart: LineChart {
    let steps = trace.losses.indices.map(Double.init)
    return LineChart(
      title: function.name ?? "L", xLabel: "step", series: [.init(label: "", x: steps, y: trace.losses)],
      scale: .automatic)
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
      guard let row else {
        table.rows.append(header.map { _ in StyledText("⋯", .dim) })
        continue
      }
      var cells = [StyledText(String(row), .dim)]
      func number(_ value: Double?) -> StyledText { StyledText(value.map { shortNumber($0) } ?? "", .number) }
      for parameter in shown { cells.append(number(parameter.values[row])) }
      cells.append(number(trace.losses[row]))
      if shown.isEmpty {
        cells.append(number(trace.gradientNorm(at: row)))
        cells.append(number(row + 1 < count ? trace.losses[row + 1] - trace.losses[row] : nil))
      } else {
        for parameter in shown { cells.append(number(parameter.gradients[row])) }
        for parameter in shown {
          cells.append(number(row + 1 < count ? parameter.values[row + 1] - parameter.values[row] : nil))
        }
      }
      table.rows.append(cells)
    }
    return table.render(indent: 1)
  }

  private func ending(_ language: Language) -> StyledText {
    let count = trace.stepCount
    switch trace.ending {
    case .converged(let tolerance):
      let phrase = Phrase(
        en: "stopped at step \(count): the gradient is below \(shortNumber(tolerance))",
        zh: "第 \(count) 步停止：梯度已小于 \(shortNumber(tolerance))")
      return StyledText(" " + phrase[language] + "\n", .success)
    case .diverged:
      let phrase = Phrase(
        en:
          "diverged: after step \(count) the numbers left the finite range. Try a smaller rate, such as \(shortNumber(trace.rate / 10))",
        zh: "发散：第 \(count) 步之后数值超出有限范围。换小一点的学习率，例如 \(shortNumber(trace.rate / 10))")
      return StyledText(" " + phrase[language] + "\n", .warning)
    case .interrupted:
      return StyledText(
        " "
          + Phrase(en: "stopped by Ctrl-C after \(count) steps; they are kept", zh: "第 \(count) 步时被 Ctrl-C 停止，已有步骤都保留")[
            language] + "\n",
        .warning)
    case .completed:
      guard let first = trace.losses.first, let last = trace.losses.last, count > 1 else { return StyledText() }
      if last > first * 2, last > trace.losses[count - 1] {
        let phrase = Phrase(
          en:
            "diverging: the loss grows from step to step. The rate \(shortNumber(trace.rate)) is too large here; try \(shortNumber(trace.rate / 10))",
          zh: "正在发散：损失一步比一步大。学习率 \(shortNumber(trace.rate)) 太大，试试 \(shortNumber(trace.rate / 10))")
        return StyledText(" " + phrase[language] + "\n", .warning)
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

  func description(_ language: Language) -> String { lossChart.describe(language) }
}

extension Trace.Ending {
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
