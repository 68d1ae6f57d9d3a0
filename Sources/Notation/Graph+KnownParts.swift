import Graphs
import Tensors

extension Graph {
  /// The same value with every small part that has no inputs worked out: a label turned into its one-hot row is that
  /// row, and a choice by it a product with it.
  func withKnownParts(of output: ID) -> ID {
    let order = reachable(from: [output])
    guard order.count <= 2_000 else { return output }
    var now: [ID: Expression] = [:]
    for id in order {
      let node = self[id]
      let inputs = node.inputs.compactMap { now[$0] }
      guard let first = inputs.first, node.primitive != .alias else {
        now[id] = expression(id)
        continue
      }
      var made =
        inputs.map(\.id) == node.inputs
        ? expression(id) : first.apply(node.primitive, Array(inputs.dropFirst()), attributes: node.attributes)
      let count = Shapes.isConcrete(node.shape) ? node.shape.reduce(1, *) : 0
      let isKnown = inputs.allSatisfy {
        $0.node.primitive == .constant || $0.node.primitive == .broadcast && number($0.node.inputs[0]) != nil
      }
      // A number stays a number, repeated where it has to be.
      let isRepeated = node.primitive == .broadcast && inputs[0].shape.isEmpty
      if isKnown, !isRepeated, made.node.primitive != .constant, 1...256 ~= count, node.primitive != .random,
        let value = try? Program(self, outputs: [made.id]).run([])[0]
      {
        made = constant(value)
      } else if node.primitive == .select, let choice = constant(at: inputs[0].id), number(inputs[2].id) == 0,
        choice.elements.allSatisfy({ $0 == 0 || $0 == 1 })
      {
        made = inputs[0] * inputs[1]
      } else if node.primitive == .select, inputs[0].node.primitive == .equal, isZero(inputs[1].id),
        isZero(inputs[0].node.inputs[1]), inputs[2].node.primitive == .multiply,
        inputs[2].node.inputs.contains(inputs[0].node.inputs[0])
      {
        // What is multiplied by y needs no case for y = 0.
        made = inputs[2]
      }
      now[id] = made
    }
    return now[output]?.id ?? output
  }

  private func isZero(_ id: ID) -> Bool {
    number(id) == 0 || self[id].primitive == .broadcast && number(self[id].inputs[0]) == 0
  }
}
