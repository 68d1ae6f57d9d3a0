import Tensors

/// Elementwise nodes of one length, run together block by block.
final class Cluster {
  /// Where an operand is while a block runs: an array that the block is a window of, a number, or block memory.
  private struct Operand {
    var pointer: UnsafeMutablePointer<Double>
    /// Elements to move from block to block: 1 for arrays, 0 for numbers and block memory.
    var advance: Int
    /// Elements to move within a block: 0 for a number.
    var stride: Int
  }

  private enum Action {
    case unary(UnaryKernel, Operand, Operand)
    case binary(BinaryKernel, Operand, Operand, Operand)
    case select(Operand, Operand, Operand, Operand)
    case fold(Reduction, Operand, Fold)
  }

  /// Partial results, one per block, combined at the end in an order that depends on the length alone.
  private struct Fold {
    var partials: UnsafeMutablePointer<Double>
    var result: UnsafeMutablePointer<Double>
  }

  private let count: Int
  private var actions: [Action] = []

  init(
    _ graph: Graph, _ ids: [Graph.ID], _ place: [Graph.ID: UnsafeMutablePointer<Double>], _ program: Program
  ) {
    count = ids.lazy.map { graph[$0] }.first { !$0.shape.isEmpty }?.shape.reduce(1, *) ?? 0
    var lastUse: [Graph.ID: Int] = [:]
    for (position, id) in ids.enumerated() {
      for input in graph[id].inputs { lastUse[input] = position }
    }
    var operands: [Graph.ID: Operand] = [:]
    var free: [UnsafeMutablePointer<Double>] = []
    func operand(_ id: Graph.ID) -> Operand {
      if let known = operands[id] { return known }
      guard let pointer = place[id] else { preconditionFailure("an operand without memory") }
      let isNumber = graph[id].shape.isEmpty
      return Operand(pointer: pointer, advance: isNumber ? 0 : 1, stride: isNumber ? 0 : 1)
    }
    for (position, id) in ids.enumerated() {
      let node = graph[id]
      let inputs = node.inputs.map(operand)
      if case .reduction(let reduction) = node.primitive.row.kernel, let result = place[id] {
        let blocks = (count + Program.block - 1) / Program.block
        actions.append(.fold(reduction, inputs[0], Fold(partials: program.allocate(blocks), result: result)))
      } else {
        let out: Operand
        if let pointer = place[id] {
          out = Operand(pointer: pointer, advance: 1, stride: 1)
        } else {
          out = Operand(pointer: free.popLast() ?? program.allocate(min(Program.block, count)), advance: 0, stride: 1)
        }
        operands[id] = out
        switch node.primitive.row.kernel {
        case .unary(let kernel): actions.append(.unary(kernel, inputs[0], out))
        case .binary(let kernel): actions.append(.binary(kernel, inputs[0], inputs[1], out))
        case .select: actions.append(.select(inputs[0], inputs[1], inputs[2], out))
        default: preconditionFailure("only elementwise nodes and folds are clustered")
        }
      }
      for input in Set(node.inputs) where lastUse[input] == position && place[input] == nil {
        if let done = operands[input] { free.append(done.pointer) }
      }
    }
  }

  func run(_ budget: Budget) throws(Budget.Exhausted) {
    var start = 0
    var block = 0
    while start < count {
      let length = min(Program.block, count - start)
      for action in actions {
        switch action {
        case .unary(let kernel, let x, let out):
          kernel(x.pointer + start * x.advance, out.pointer + start * out.advance, length)
        case .binary(let kernel, let x, let y, let out):
          kernel(
            x.pointer + start * x.advance, x.stride, y.pointer + start * y.advance, y.stride,
            out.pointer + start * out.advance, length)
        case .select(let condition, let a, let b, let out):
          SelectKernel.apply(
            condition.pointer + start * condition.advance, condition.stride, a.pointer + start * a.advance, a.stride,
            b.pointer + start * b.advance, b.stride, out.pointer + start * out.advance, length)
        case .fold(let reduction, let x, let fold):
          fold.partials[block] = reduction(x.pointer + start * x.advance, length)
        }
      }
      start += length
      block += 1
      if block & 127 == 0 { try budget.check() }
    }
    for action in actions {
      if case .fold(let reduction, _, let fold) = action {
        fold.result[0] = Cluster.combined(reduction, fold.partials, block)
      }
    }
  }

  private static func combined(_ reduction: Reduction, _ partials: UnsafeMutablePointer<Double>, _ count: Int) -> Double
  {
    switch count {
    case 0: return reduction.identity
    case 1: return partials[0]
    default:
      let half = count / 2
      return reduction.combine(combined(reduction, partials, half), combined(reduction, partials + half, count - half))
    }
  }
}
