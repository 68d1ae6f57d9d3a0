import Markup

/// How a number comes about, operation by operation: values flow to the right, gradients back to the left.
///
/// A graph that fits is drawn as wires; a deeper one as an indented tree, which fits any width. A value that is used
/// several times is drawn once and referred to by its name.
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
    text.append(
      StyledText(" " + legend[language], .dim).truncated(to: options.width, ellipsis: options.ellipsis) + "\n\n")
    var wires = Wires(nodes, ascii: options.isASCII)
    let drawn = wires.lines()
    let fits = drawn.allSatisfy { $0.displayWidth + 1 <= options.width } && drawn.count <= 60
    for line in fits ? drawn : tree(ascii: options.isASCII) {
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
    options.isASCII ? Wires.ascii(text) : text
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
        line.append("   [ " + (ascii ? Wires.ascii(node.operation) : node.operation) + " ]", .function)
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

/// The drawing with wires: each node is a block of lines with its output at the right end of one of them.
private struct Wires {
  private let nodes: [ComputationGraph.Node]
  private let ascii: Bool
  private var drawn: Set<Int> = []

  /// Deeper graphs do not fit any screen.
  private static let depthLimit = 24

  init(_ nodes: [ComputationGraph.Node], ascii: Bool) {
    self.nodes = nodes
    self.ascii = ascii
  }

  private struct Block {
    var lines: [StyledText]
    var output: Int
    var width: Int { lines.map(\.displayWidth).max() ?? 0 }
  }

  static func ascii(_ text: String) -> String {
    let known: [Character: String] = [
      "×": "*", "·": "*", "−": "-", "÷": "/", "σ": "sigmoid", "Σ": "sum", "Π": "prod", "√": "sqrt", "∂": "d", "²": "^2",
      "³": "^3", "≤": "<=", "≥": ">=", "≠": "!=", "─": "-", "←": "<-", "…": "...", "∞": "inf", "‖": "|",
    ]
    return text.reduce(into: "") { $0 += known[$1] ?? String($1) }
  }

  mutating func lines() -> [StyledText] {
    block(nodes.count - 1, depth: 0, isResult: true)?.lines ?? [StyledText(String(repeating: " ", count: 10_000))]
  }

  private var wire: String { ascii ? "-" : "─" }

  private mutating func block(_ index: Int, depth: Int, isResult: Bool) -> Block? {
    guard depth < Wires.depthLimit else { return nil }
    let node = nodes[index]
    guard drawn.insert(index).inserted else {
      return Block(
        lines: [StyledText("(\(node.name))", .name) + StyledText(" " + wire, .dim), StyledText()], output: 0)
    }
    if node.inputs.isEmpty {
      var line = StyledText(node.name, .name)
      var below = StyledText()
      if node.name != node.value {
        line.append(" " + wire + wire + " ", .dim)
        if let gradient = node.gradient {
          below.append(String(repeating: " ", count: line.displayWidth))
          below.append((ascii ? "<-" : "←") + gradient, .series(3))
        }
        line.append(node.value, .number)
      }
      if !isResult { line.append(" " + wire, .dim) }
      return Block(lines: [line, below], output: 0)
    }
    var blocks: [Block] = []
    for input in node.inputs {
      guard let block = block(input, depth: depth + 1, isResult: false) else { return nil }
      blocks.append(block)
    }
    return joined(blocks, node, isResult: isResult)
  }

  /// The blocks of the inputs below each other, their wires drawn together, the operation behind them.
  private func joined(_ blocks: [Block], _ node: ComputationGraph.Node, isResult: Bool) -> Block {
    let width = blocks.map(\.width).max() ?? 0
    var lines: [StyledText] = []
    var outputs: [Int] = []
    for block in blocks {
      outputs.append(lines.count + block.output)
      for (row, line) in block.lines.enumerated() {
        let isOutput = row == block.output
        let fill = String(repeating: isOutput ? wire : " ", count: width - line.displayWidth)
        lines.append(line + StyledText(fill, .dim))
      }
    }
    let (first, last) = (outputs[0], outputs[outputs.count - 1])
    let middle = (first + last) / 2
    if blocks.count > 1 {
      for row in lines.indices {
        let isWire = outputs.contains(row)
        let corner: String
        if row < first || row > last {
          corner = " "
        } else if row == middle {
          corner = ascii ? "+" : isWire ? (row == first ? "┬" : "┼") : "├"
        } else if isWire {
          corner = ascii ? "+" : row == first ? "┐" : row == last ? "┘" : "┤"
        } else {
          corner = ascii ? "|" : "│"
        }
        lines[row].append(corner, .dim)
      }
    }
    let operation = ascii ? Wires.ascii(node.operation) : node.operation
    var tail = StyledText(wire + "[ ", .dim) + StyledText(operation, .function) + StyledText(" ]" + wire + " ", .dim)
    tail.append(node.name + " ", .name)
    let indent = lines[middle].displayWidth + tail.displayWidth
    tail.append(node.value, .number)
    if !isResult { tail.append(" " + wire, .dim) }
    lines[middle].append(tail)
    if middle + 1 == lines.count { lines.append(StyledText()) }
    if let gradient = node.gradient {
      lines[middle + 1].append(String(repeating: " ", count: max(0, indent - lines[middle + 1].displayWidth)))
      lines[middle + 1].append((ascii ? "<-" : "←") + gradient, .series(3))
    }
    return Block(lines: lines, output: middle)
  }
}
