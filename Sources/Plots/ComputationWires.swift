import Markup

/// The drawing with wires: each node is a block of lines with its output at the right end of one of them.
struct ComputationWires {
  private let nodes: [ComputationGraph.Node]
  private let ascii: Bool
  private var drawn: Set<Int> = []
  /// Nodes that are drawn elsewhere, and are where this part begins.
  private var ends: Set<Int> = []

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

  /// The drawing, in as few parts as the width allows, in order of evaluation; nil where some operation does not fit.
  func lines(width: Int) -> [StyledText]? {
    // The ends of parts: nodes that later parts begin with.
    var roots = [nodes.count - 1]
    if !fits(roots[0], [], width) {
      var uses = [Int](repeating: 0, count: nodes.count)
      for node in nodes { for input in node.inputs { uses[input] += 1 } }
      roots += nodes.indices.filter { uses[$0] > 1 && !nodes[$0].inputs.isEmpty }
    }
    var index = 0
    while index < roots.count {
      while !fits(roots[index], roots, width) {
        guard roots.count <= nodes.count, let cut = cut(below: roots[index], roots, width) else { return nil }
        roots.append(cut)
      }
      index += 1
    }
    var result: [StyledText] = []
    for root in Set(roots).sorted() {
      var copy = self
      guard let block = copy.part(root, roots) else { return nil }
      if !result.isEmpty { result.append(StyledText()) }
      var lines = block.lines
      while lines.last?.withoutTrailingSpaces.isEmpty ?? false { lines.removeLast() }
      result += lines
    }
    return result
  }

  private mutating func part(_ root: Int, _ roots: [Int]) -> Block? {
    ends = Set(roots).subtracting([root])
    drawn = []
    return block(root, depth: 0, isResult: true)
  }

  private func fits(_ root: Int, _ roots: [Int], _ width: Int) -> Bool {
    var copy = self
    return copy.part(root, roots).map { $0.width <= width } ?? false
  }

  /// Down the widest inputs until what is below fits: the longest part that can be drawn on its own.
  private func cut(below root: Int, _ roots: [Int], _ width: Int) -> Int? {
    var node = root
    while true {
      let open = nodes[node].inputs.filter { !roots.contains($0) && !nodes[$0].inputs.isEmpty }
      let widths = open.map { input -> (input: Int, width: Int) in
        var copy = self
        return (input, copy.part(input, roots + [root])?.width ?? .max)
      }
      guard let widest = widths.max(by: { $0.width < $1.width }) else { return nil }
      if widest.width <= width { return widest.input }
      node = widest.input
    }
  }

  private var wire: String { ascii ? "-" : "─" }

  private mutating func block(_ index: Int, depth: Int, isResult: Bool) -> Block? {
    guard depth < ComputationWires.depthLimit else { return nil }
    let node = nodes[index]
    guard drawn.insert(index).inserted else {
      return Block(
        lines: [StyledText("(\(node.name))", .name) + StyledText(" " + wire, .dim), StyledText()], output: 0)
    }
    if node.inputs.isEmpty || ends.contains(index) {
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
    let operation = ascii ? ComputationWires.ascii(node.operation) : node.operation
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
