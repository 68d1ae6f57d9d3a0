import Tensors

/// A compiled graph: run once or a million times with other inputs.
///
/// Elementwise nodes of one length form clusters that run in blocks of 512 numbers, which stay in the first cache;
/// sums and other folds over a cluster are taken block by block on the way. Everything else is a step of its own.
/// All memory is laid out at compile time; a run allocates only its results.
package final class Program {
  static let block = 512

  enum Step {
    case scalarUnary(UnaryKernel, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>)
    case scalarBinary(
      BinaryKernel, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>)
    case copy(from: UnsafeMutablePointer<Double>, to: UnsafeMutablePointer<Double>, count: Int)
    case select(
      UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>,
      UnsafeMutablePointer<Double>)
    case cluster(Cluster)
    case reduction(
      Reduction, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, outer: Int, length: Int, inner: Int)
    case general(@Sendable (borrowing KernelCall) -> Void, KernelCall)
    case stoppable(@Sendable (borrowing KernelCall, Budget) throws(Budget.Exhausted) -> Void, KernelCall)
  }

  var steps: [Step] = []
  var memory: [UnsafeMutablePointer<Double>] = []
  private var inputs: [(slot: Int, shape: Shape, pointer: UnsafeMutablePointer<Double>)] = []
  private var outputs: [(shape: Shape, pointer: UnsafeMutablePointer<Double>, count: Int)] = []

  deinit {
    for pointer in memory { pointer.deallocate() }
  }

  func allocate(_ count: Int) -> UnsafeMutablePointer<Double> {
    let pointer = UnsafeMutablePointer<Double>.allocate(capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
    memory.append(pointer)
    return pointer
  }

  /// - Parameter outputs: what a run returns, in order. Shapes are concrete.
  package init(_ graph: Graph, outputs wanted: [Graph.ID], budget: Budget = .unlimited) throws(Budget.Exhausted) {
    let order = graph.reachable(from: wanted)
    var total = 0
    for id in order {
      total += try Budget.allocatable(graph[id].shape)
      if total > Shapes.elementLimit * 2 { throw .memory(needed: total * 8, limit: Shapes.elementLimit * 16) }
    }
    let layout = Layout(graph, order, outputs: wanted)
    var place = [Graph.ID: UnsafeMutablePointer<Double>](minimumCapacity: order.count)
    for id in order where layout.isStored(id) {
      let node = graph[id]
      let pointer = allocate(node.shape.reduce(1, *))
      place[id] = pointer
      if let constant = graph.constant(at: id) {
        constant.elements.withUnsafeBufferPointer { source in
          if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
        }
      }
      if node.primitive == .input { inputs.append((node.attributes[0], node.shape, pointer)) }
    }
    for stage in layout.stages {
      for ids in stage.clusters { steps.append(.cluster(Cluster(graph, ids, place, self))) }
      for id in stage.singles { append(graph, id, place) }
      try budget.check()
    }
    for id in wanted {
      guard let pointer = place[id] else { preconditionFailure("an output without memory") }
      outputs.append((graph[id].shape, pointer, graph[id].shape.reduce(1, *)))
    }
  }

  private func append(_ graph: Graph, _ id: Graph.ID, _ place: [Graph.ID: UnsafeMutablePointer<Double>]) {
    let node = graph[id]
    let operands = node.inputs.compactMap { place[$0] }
    guard let out = place[id], operands.count == node.inputs.count else { preconditionFailure("a step without memory") }
    let count = node.shape.reduce(1, *)
    switch node.primitive.row.kernel {
    case .leaf:
      if node.primitive == .alias { steps.append(.copy(from: operands[0], to: out, count: count)) }
    case .unary(let kernel): steps.append(.scalarUnary(kernel, operands[0], out))
    case .binary(let kernel): steps.append(.scalarBinary(kernel, operands[0], operands[1], out))
    case .select: steps.append(.select(operands[0], operands[1], operands[2], out))
    case .reduction(let reduction):
      let shape = graph[node.inputs[0]].shape
      if let axis = node.attributes.first {
        steps.append(
          .reduction(
            reduction, operands[0], out, outer: shape[..<axis].reduce(1, *), length: shape[axis],
            inner: shape[(axis + 1)...].reduce(1, *)))
      } else {
        steps.append(.reduction(reduction, operands[0], out, outer: 1, length: shape.reduce(1, *), inner: 1))
      }
    case .general(let kernel): steps.append(.general(kernel, call(graph, node, operands, out)))
    case .stoppable(let kernel): steps.append(.stoppable(kernel, call(graph, node, operands, out)))
    }
  }

  private func call(
    _ graph: Graph, _ node: Graph.Node, _ operands: [UnsafeMutablePointer<Double>], _ out: UnsafeMutablePointer<Double>
  ) -> KernelCall {
    KernelCall(
      inputs: operands.map { UnsafePointer($0) }, inputShapes: node.inputs.map { graph[$0].shape },
      attributes: node.attributes, output: out, outputShape: node.shape)
  }

  /// Runs with `arguments[k]` as the graph's k-th input.
  package func run(_ arguments: [Tensor], budget: Budget = .unlimited) throws(Budget.Exhausted) -> [Tensor] {
    for (slot, shape, pointer) in inputs {
      let argument = arguments[slot]
      precondition(argument.shape == shape, "an argument of shape \(argument.shape) where \(shape) was compiled")
      argument.elements.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
      }
    }
    try execute(budget)
    return outputs.map { output in
      Tensor(shape: output.shape, elements: Array(UnsafeBufferPointer(start: output.pointer, count: output.count)))
    }
  }

  private func execute(_ budget: Budget) throws(Budget.Exhausted) {
    for step in steps {
      switch step {
      case .scalarUnary(let kernel, let x, let out): out[0] = kernel(x[0])
      case .scalarBinary(let kernel, let x, let y, let out): out[0] = kernel(x[0], y[0])
      case .copy(let source, let out, let count): out.update(from: source, count: count)
      case .select(let condition, let a, let b, let out): out[0] = condition[0] != 0 ? a[0] : b[0]
      case .cluster(let cluster): try cluster.run(budget)
      case .reduction(let reduction, let x, let out, let outer, let length, let inner):
        reduction.alongAxis(x, out, outer: outer, length: length, inner: inner)
      case .general(let kernel, let call):
        kernel(call)
        try budget.check()
      case .stoppable(let kernel, let call): try kernel(call, budget)
      }
    }
    try budget.check()
  }
}
