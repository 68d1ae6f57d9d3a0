import Markup

/// How often each class was taken for each.
package struct ConfusionMatrix: Picture {
  package var title: String
  /// What the classes are called, in order.
  package let classes: [String]
  /// `counts[actual][predicted]`
  package let counts: [[Int]]

  package init(title: String, classes: [String], counts: [[Int]]) {
    precondition(counts.count == classes.count && counts.allSatisfy { $0.count == classes.count }, "one row per class")
    self.title = title
    self.classes = classes
    self.counts = counts
  }

  package var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
  package var right: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
  package var accuracy: Double { Double(right) / Double(total) }

  /// Of what was called class k, how much was: NaN where nothing was.
  package func precision(_ k: Int) -> Double { Double(counts[k][k]) / Double(counts.reduce(0) { $0 + $1[k] }) }
  /// Of what is class k, how much was found: NaN where nothing is.
  package func recall(_ k: Int) -> Double { Double(counts[k][k]) / Double(counts[k].reduce(0, +)) }
  /// The harmonic mean of precision and recall: 2·TP / (2·TP + FP + FN).
  package func f1(_ k: Int) -> Double {
    let hits = 2 * counts[k][k]
    let misses = counts[k].reduce(0, +) + counts.reduce(0) { $0 + $1[k] } - hits
    return Double(hits) / Double(hits + misses)
  }

  package func render(_ options: PictureOptions) -> StyledText {
    let language = options.language
    let most = counts.flatMap { $0 }.max() ?? 0
    let right = Table.Alignment.right
    var header = [StyledText(Phrase(en: "actual \\ predicted", zh: "真实 \\ 预测")[language], .dim)]
    header += classes.map { StyledText($0, .name) }
    let scores = [Phrase(en: "recall", zh: "召回率"), Phrase(verbatim: "F1")]
    header += scores.map { StyledText($0[language], .dim) }
    var table = Table(header: header, alignments: [.left] + header.dropFirst().map { _ in right })
    let shades = options.isASCII ? [" ", ".", ":", "+", "#"] : [" ", "░", "▒", "▓", "█"]
    for (actual, row) in counts.enumerated() {
      var cells = [StyledText(classes[actual], .name)]
      for (predicted, count) in row.enumerated() {
        let level = count == 0 || most == 0 ? 0 : 1 + count * 3 / most
        cells.append(
          StyledText(shades[level] + " ", actual == predicted ? .success : .warning)
            + StyledText(String(count), actual == predicted ? .strong : .plain))
      }
      cells += [recall(actual), f1(actual)].map { StyledText(ConfusionMatrix.share($0), .number) }
      table.rows.append(cells)
    }
    var last = [StyledText(Phrase(en: "precision", zh: "精确率")[language], .dim)]
    last += classes.indices.map { StyledText(ConfusionMatrix.share(precision($0)), .number) }
    table.rows.append(last)
    var text = StyledText()
    if !title.isEmpty {
      text.append(StyledText(" " + title, .strong).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    var fitting = table.fitted(to: options.width, droppingFirst: [classes.count + 2, classes.count + 1], indent: 1)
    // Where even that is too wide, what the rows and columns are is said above, and the shares are left out.
    if fitting.render(indent: 1).lines.contains(where: { $0.displayWidth > options.width }) {
      fitting.header[0] = StyledText()
      fitting.rows.removeLast()
      let words = Phrase(en: "rows: actual; columns: predicted", zh: "行：真实；列：预测")[language]
      for line in words.wrapped(width: max(10, options.width - 2)) { text.append(" " + line + "\n", .dim) }
    }
    for line in fitting.render(indent: 1).lines where !line.isEmpty {
      var line = line.truncated(to: options.width, ellipsis: options.ellipsis)
      if options.isASCII {
        line = line.runs.map { StyledText($0.text.replacing("─", with: "-"), $0.style) }.joined()
      }
      text.append(line + "\n")
    }
    for line in summary(language).wrapped(width: max(10, options.width - 2)) { text.append(" " + line + "\n", .dim) }
    return text
  }

  /// A share with as many decimals as tell 999 of 1000 from all.
  private static func share(_ value: Double) -> String {
    if value.isNaN { return "-" }
    return Ticks.short(value, digits: 3)
  }

  /// The pair of classes that is confused most often.
  private var worst: (actual: Int, predicted: Int, count: Int)? {
    var worst: (actual: Int, predicted: Int, count: Int)?
    for (actual, row) in counts.enumerated() {
      for (predicted, count) in row.enumerated() where actual != predicted && count > (worst?.count ?? 0) {
        worst = (actual, predicted, count)
      }
    }
    return worst
  }

  private func summary(_ language: Language) -> String {
    let accuracy = ConfusionMatrix.share(accuracy)
    let head = Phrase(
      en: "\(right) of \(total) right, accuracy \(accuracy)", zh: "\(total) 个中对了 \(right) 个，准确率 \(accuracy)")[language]
    guard let worst else { return head }
    let (actual, predicted) = (classes[worst.actual], classes[worst.predicted])
    return head
      + Phrase(
        en: "; most often wrong: \(actual) taken for \(predicted), \(worst.count)×",
        zh: "；最常见的错误：把 \(actual) 当作 \(predicted)，\(worst.count) 次")[language]
  }

  package func describe(_ language: Language) -> String {
    let name = title.isEmpty ? "" : title + (language == .en ? ": " : "：")
    let rows = zip(classes, counts).map { "\($0): " + $1.map(String.init).joined(separator: " ") }.joined(
      separator: "; ")
    return name + summary(language)
      + Phrase(en: ". Rows are the actual classes, \(rows).", zh: "。各行是真实类别，\(rows)。")[language]
  }

  package func svg(_ language: Language) -> String { SVG.text(render(PictureOptions(language: language))) }
}
