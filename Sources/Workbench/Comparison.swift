import Descent
import Interpreter
import Markup
import Plots

/// Several descents in one picture: their losses, and a table of what each reached and when.
struct Comparison: Picture {
  struct Run: Sendable {
    var name: String
    var optimizer: String
    var rate: String
    var losses: [Double]
    /// Whether it left the finite numbers.
    var hasDiverged: Bool
  }

  let runs: [Run]
  private let chart: LineChart

  init(_ runs: [Run], title: String) {
    self.runs = runs
    chart = LineChart(
      title: title, xLabel: "step",
      series: runs.map { run in
        LineChart.Series(label: run.name, x: run.losses.indices.map(Double.init), y: run.losses)
      }, scale: .automatic)
  }

  /// Losses whose first step below is worth a column: two decades on the way from the highest start to the lowest end,
  /// or, where there are not two, a tenth and a hundredth of the way above the lowest.
  private var thresholds: [(label: String, value: Double)] {
    let start = runs.compactMap { $0.losses.first }.filter(\.isFinite).max() ?? .nan
    let lowest = runs.flatMap(\.losses).filter(\.isFinite).min() ?? .nan
    guard start > lowest else { return [] }
    if lowest > 0 || lowest == 0 {
      var decades: [Double] = []
      // Rounding can put a loss at 0 or 1e-30: nobody asks for the steps down to that.
      var decade = 1e-8 * start
      while decade <= start {
        if let power = Double("1e\(Int(shortExponent(decade)))"), power < start / 3, power > lowest * 1.05,
          !decades.contains(power)
        {
          decades.append(power)
        }
        decade *= 10
      }
      if decades.count >= 2 {
        let chosen = [decades[decades.count * 2 / 3], decades[decades.count / 3]]
        return (chosen[0] == chosen[1] ? [chosen[0]] : chosen).map { ("<\(shortNumber($0))", $0) }
      }
    }
    return [0.1, 0.01].map { share in
      let value = lowest + share * (start - lowest)
      return ("<\(shortNumber(value, digits: 3))", value)
    }
  }

  private func shortExponent(_ value: Double) -> Int {
    var power = 0
    var scale = value
    while scale >= 10, power < 400 { (scale, power) = (scale / 10, power + 1) }
    while scale < 1, power > -400 { (scale, power) = (scale * 10, power - 1) }
    return power
  }

  func render(_ options: PictureOptions) -> StyledText {
    let language = options.language
    var drawn = options
    drawn.height = max(7, options.height - runs.count - 3)
    var text = chart.render(drawn)
    let thresholds = thresholds
    let head =
      [
        Phrase(verbatim: ""), Phrase(en: "optimizer", zh: "优化器"), Phrase(en: "rate", zh: "学习率"),
        Phrase(en: "final", zh: "终值"), Phrase(en: "best (step)", zh: "最低（步）"),
      ].map { $0[language] }
      + thresholds.enumerated().map { index, threshold in
        // Said once, or the table would be wider than a screen.
        index > 0 ? threshold.label : Phrase(en: "steps to \(threshold.label)", zh: "步数 \(threshold.label)")[language]
      }
    let right = Table.Alignment.right
    var table = Table(
      header: head.map { StyledText($0, .dim) },
      alignments: [.left, .left] + [Table.Alignment](repeating: right, count: head.count - 2))
    for (index, run) in runs.enumerated() {
      let best = run.losses.indices.filter { run.losses[$0].isFinite }.min { run.losses[$0] < run.losses[$1] }
      let finalLoss = run.losses.last.map { PictureNumber.text($0) } ?? "-"
      var cells = [
        StyledText(run.name, .series(index)), StyledText(run.optimizer), StyledText(run.rate, .number),
        run.hasDiverged
          ? StyledText(Phrase(en: "diverged", zh: "发散")[language], .warning) : StyledText(finalLoss, .number),
        StyledText(best.map { "\(PictureNumber.text(run.losses[$0])) (\($0))" } ?? "-", .number),
      ]
      for threshold in thresholds {
        let step = run.losses.firstIndex { $0 < threshold.value }
        cells.append(StyledText(step.map(String.init) ?? (options.glyphs == .ascii ? "-" : "—"), .number))
      }
      table.rows.append(cells)
    }
    // The names and what each reached stay; what is known from the lines above goes first.
    let fitting = table.fitted(to: options.width, droppingFirst: [1, 4, 2, 5], indent: 1)
    for line in fitting.render(indent: 1).lines where !line.isEmpty {
      let isRule = line.characters.contains("──")
      if isRule, options.glyphs == .ascii { continue }
      text.append(
        line.withoutTrailingSpaces.truncated(to: options.width, ellipsis: options.glyphs == .ascii ? "~" : "…") + "\n")
    }
    return text
  }

  func describe(_ language: Language) -> String {
    let ranked = runs.filter { !$0.hasDiverged }.sorted {
      ($0.losses.last ?? .infinity) < ($1.losses.last ?? .infinity)
    }
    func course(_ run: Run) -> String {
      let (first, last) = (run.losses.first ?? .nan, run.losses.last ?? .nan)
      return "\(run.name) \(PictureNumber.text(first)) → \(PictureNumber.text(last)) (\(max(0, run.losses.count - 1)))"
    }
    let list = ranked.map(course).joined(separator: ", ")
    let lost = runs.filter(\.hasDiverged).map(\.name).joined(separator: ", ")
    let said = Phrase(
      en: "Losses and steps, lowest end first: \(list).", zh: "损失与步数，按终值从低到高：\(list)。")[language]
    guard !lost.isEmpty else { return said }
    return said + Phrase(en: " Diverged: \(lost).", zh: "发散：\(lost)。")[language]
  }

  func svg(_ language: Language) -> String { chart.svg(language) }
}
