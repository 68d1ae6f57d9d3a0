// What is read off the nodes before code is made of them.

extension NativeCodeMaker {
  /// Which nodes come to anything, and how often each is read.
  static func uses(_ nodes: [VectorCode.Node]) -> (needed: [Bool], count: [Int]) {
    var needed = [Bool](repeating: false, count: nodes.count)
    var count = [Int](repeating: 0, count: nodes.count)
    for index in nodes.indices.reversed() {
      let node = nodes[index]
      if node.operation == .store || node.operation == .fold { needed[index] = true }
      guard needed[index] else { continue }
      for operand in operands(node) {
        needed[Int(operand)] = true
        count[Int(operand)] += 1
      }
    }
    return (needed, count)
  }

  /// Choices turned round where only what is chosen otherwise could be merged into them.
  static func turned(_ nodes: [VectorCode.Node], _ useCount: [Int]) -> [VectorCode.Node] {
    var nodes = nodes
    for index in nodes.indices where nodes[index].operation == .blend {
      let node = nodes[index]
      var other = node
      (other.b, other.c) = (node.c, node.b)
      guard useCount[Int(node.a)] == 1, nodes[Int(node.a)].operation == .compare, useCount[Int(node.c)] == 1,
        canMerge(nodes[Int(node.c)], into: other),
        useCount[Int(node.b)] > 1 || !canMerge(nodes[Int(node.b)], into: node)
      else { continue }
      nodes[index] = other
      // The hardware's number of the opposite, unordered where this one is ordered.
      nodes[Int(node.a)].detail ^= 4
    }
    return nodes
  }

  /// Whether a choice can do this operation where it is chosen, over what is chosen elsewhere.
  static func canMerge(_ node: VectorCode.Node, into choice: VectorCode.Node) -> Bool {
    switch node.operation {
    case .add, .subtract, .multiply, .divide, .minimum, .maximum, .and, .or, .xor, .scale, .addWhole, .subtractWhole:
      true
    case .andOr: node.a == choice.c
    default: false
    }
  }
}
