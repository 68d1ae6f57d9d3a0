import Markup

/// How a number comes about, operation by operation: values flow to the right, gradients back to the left.
///
/// A graph that fits is drawn as wires; one that is too wide in parts, each of which begins with values that earlier ones
/// end with; where even that does not fit, as an indented tree. A value that is used several times is drawn once and
/// referred to by its name.
package struct ComputationGraph: Picture {
  package struct Node: Sendable {
    /// `w`, `u`, `L`.
    package var name: String
    /// `×`, `σ`; empty for what comes from outside.
    package var operation: String
    /// Nodes it is computed from; constants are part of the operation.
    package var inputs: [Int]
    /// The value in print: a number, or shape and norm.
    package var value: String
    /// The gradient in print; nil where none flows.
    package var gradient: String?

    package init(name: String, operation: String, inputs: [Int], value: String, gradient: String?) {
      self.name = name
      self.operation = operation
      self.inputs = inputs
      self.value = value
      self.gradient = gradient
    }
  }

  /// One input of one operation: what the chain rule multiplies there.
  package struct Rule: Sendable {
    package var operation: String
    /// `∂u/∂w = x`
    package var derivative: String
    package var value: String
    package var upstream: String
    package var product: String

    package init(operation: String, derivative: String, value: String, upstream: String, product: String) {
      self.operation = operation
      self.derivative = derivative
      self.value = value
      self.upstream = upstream
      self.product = product
    }
  }

  package var title: String
  /// In order of evaluation; the last is the result.
  package var nodes: [Node]
  package var rules: [Rule]
  package var notes: [Phrase]

  package init(title: String, nodes: [Node], rules: [Rule], notes: [Phrase] = []) {
    precondition(!nodes.isEmpty, "a graph has a result")
    self.title = title
    self.nodes = nodes
    self.rules = rules
    self.notes = notes
  }

  // MARK: Drawing

  package func render(_ options: PictureOptions) -> StyledText {
    let language = options.language
    var text = StyledText()
    if !title.isEmpty {
      text.append(StyledText(" " + title, .strong).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    let legend = Phrase(
      en: options.isASCII ? "value on the wire, <- gradient below it" : "value on the wire, ← gradient below it",
      zh: options.isASCII ? "连线上是数值，下方 <- 是梯度" : "连线上是数值，下方 ← 是梯度")
    for line in legend[language].wrapped(width: max(10, options.width - 2)) { text.append(" " + line + "\n", .dim) }
    text.append("\n")
    let wires = ComputationWires(nodes, ascii: options.isASCII).lines(width: options.width - 1)
    for line in wires.flatMap({ $0.count <= 60 ? $0 : nil }) ?? tree(ascii: options.isASCII) {
      text.append(
        (StyledText(" ") + line).withoutTrailingSpaces.truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    if !rules.isEmpty { text.append("\n" + table(options)) }
    for note in notes {
      for line in note[language].wrapped(width: max(10, options.width - 2)) { text.append(" " + line + "\n", .dim) }
    }
    return text
  }

  private func table(_ options: PictureOptions) -> StyledText {
    let language = options.language
    let titles = [
      Phrase(en: "node", zh: "节点"), Phrase(en: "local derivative", zh: "局部导数"), Phrase(en: "value", zh: "数值"),
      Phrase(en: "× upstream", zh: "× 上游梯度"), Phrase(en: "= gradient", zh: "= 梯度"),
    ]
    var table = Table(
      header: titles.map { StyledText(ascii($0[language], options), .dim) },
      alignments: [.left, .left, .right, .right, .right])
    // The formula gives way where the screen is narrow: the numbers are what closes.
    let others = rules.map {
      $0.operation.displayWidth + $0.value.displayWidth + $0.upstream.displayWidth + $0.product.displayWidth
    }
    let room = max(12, options.width - (others.max() ?? 0) - 14)
    for rule in rules {
      table.rows.append([
        StyledText(ascii(rule.operation, options), .function),
        StyledText(ascii(rule.derivative, options)).truncated(to: room, ellipsis: options.ellipsis),
        StyledText(rule.value, .number),
        StyledText(rule.upstream, .number), StyledText(rule.product, .number),
      ])
    }
    var text = StyledText()
    let fitting = table.fitted(to: options.width, droppingFirst: [3, 2, 0], indent: 1)
    for line in fitting.render(indent: 1).lines where !line.isEmpty {
      let shown = options.isASCII ? line.runs.map { StyledText(ascii($0.text, options), $0.style) }.joined() : line
      text.append(shown.withoutTrailingSpaces.truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    return text
  }

  private func ascii(_ text: String, _ options: PictureOptions) -> String {
    options.isASCII ? ComputationWires.ascii(text) : text
  }

  /// The tree below the result, one node a line.
  private func tree(ascii: Bool) -> [StyledText] {
    var lines: [StyledText] = []
    var shown: Set<Int> = []
    // An explicit stack: a graph may be deeper than the thread's.
    var stack: [(node: Int, lead: String, branch: String, below: String)] = [(nodes.count - 1, "", "", "")]
    while let (index, lead, branch, below) = stack.popLast() {
      let node = nodes[index]
      var line = StyledText(lead + branch, .dim)
      line.append(node.name, .name)
      guard shown.insert(index).inserted else {
        line.append(ascii ? "  (above)" : "  ↑", .dim)
        lines.append(line)
        continue
      }
      if node.name != node.value { line.append(" = " + node.value, .number) }
      if let gradient = node.gradient { line.append("  " + (ascii ? "<-" : "←") + gradient, .series(3)) }
      if !node.operation.isEmpty {
        line.append("   [ " + (ascii ? ComputationWires.ascii(node.operation) : node.operation) + " ]", .function)
      }
      lines.append(line)
      for (place, input) in node.inputs.enumerated().reversed() {
        let isLast = place == node.inputs.count - 1
        stack.append(
          (
            input, lead + below, isLast ? (ascii ? "`- " : "└─ ") : (ascii ? "|- " : "├─ "),
            isLast ? "   " : (ascii ? "|  " : "│  ")
          ))
      }
    }
    return lines
  }

  // MARK: Words

  package func describe(_ language: Language) -> String {
    let steps = nodes.filter { !$0.operation.isEmpty }.map { node in
      "\(node.name) = [\(node.operation)](\(node.inputs.map { nodes[$0].name }.joined(separator: ", "))) = \(node.value)"
    }
    let gradients = nodes.filter { $0.operation.isEmpty }.compactMap { node in
      node.gradient.map { "∂\(nodes[nodes.count - 1].name)/∂\(node.name) = \($0)" }
    }
    let name = title.isEmpty ? "" : title + (language == .en ? ": " : "：")
    return name
      + Phrase(
        en: "forward \(steps.joined(separator: "; ")). Backward \(gradients.joined(separator: ", ")).",
        zh: "前向 \(steps.joined(separator: "；"))。反向 \(gradients.joined(separator: "，"))。")[language]
  }

  package func svg(_ language: Language) -> String {
    SVG.text(render(PictureOptions(width: 160, language: language)))
  }
}
