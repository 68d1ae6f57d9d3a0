// Nodes that are one step together.

extension Layout {
  /// What each of these nodes is computed along with, which nothing else reads.
  func merging(_ outputs: [Graph.ID]) -> [Graph.ID: Merged] {
    var readers = [Int](repeating: 0, count: roles.count)
    for output in outputs { readers[Int(root(output))] += 2 }
    var found: [Graph.ID] = []
    for index in stride(from: roles.count - 1, through: 0, by: -1) where readers[index] > 0 {
      let id = Graph.ID(index)
      for input in graph[id].inputs { readers[Int(root(input))] += 1 }
      switch graph[id].primitive {
      case .add, .subtract, .conv2dKernel: found.append(id)
      default: break
      }
    }
    var merged: [Graph.ID: Merged] = [:]
    for id in found { merged[id] = biased(id, readers) ?? moved(id, readers) ?? unpooled(id, readers) }
    return merged
  }

  /// `x @ W + b`
  private func biased(_ id: Graph.ID, _ readers: [Int]) -> Merged? {
    let shape = graph[id].shape
    guard graph[id].primitive == .add, shape.count == 2 else { return nil }
    let terms = graph[id].inputs.map(root)
    for (first, second) in [(terms[0], terms[1]), (terms[1], terms[0])] {
      guard graph[first].primitive == .matmul, graph[first].inputs.allSatisfy({ graph[$0].shape.count == 2 }),
        graph[first].shape == shape, readers[Int(first)] == 1, graph[second].primitive == .broadcast
      else { continue }
      let row = root(graph[second].inputs[0])
      if graph[row].shape == [shape[1]] || graph[row].shape == [1, shape[1]] && shape[0] != 1 {
        return .biased(product: first, row: row)
      }
    }
    return nil
  }

  /// `w − rate · (rows put in their places)`: a step of a descent that moves what a batch touched.
  private func moved(_ id: Graph.ID, _ readers: [Int]) -> Merged? {
    let node = graph[id]
    guard node.primitive != .conv2dKernel, !node.shape.isEmpty else { return nil }
    let (base, change) = (node.inputs[0], node.inputs[1])
    var scattered = change
    var scale: Graph.ID?
    if graph[change].primitive == .multiply, readers[Int(change)] == 1 {
      let factors = graph[change].inputs.map(operand)
      guard let number = factors.first(where: { graph[$0].shape.isEmpty }) else { return nil }
      (scale, scattered) = (number, factors[0] == number ? factors[1] : factors[0])
    }
    guard graph[scattered].primitive == .scatterAdd, readers[Int(scattered)] == 1, graph[scattered].attributes[0] == 0,
      graph[scattered].shape == node.shape, graph[base].shape == node.shape,
      graph[graph[scattered].inputs[1]].shape.count == 1
    else { return nil }
    return .moved(base: base, scattered: scattered, scale: scale, isSubtracted: node.primitive == .subtract)
  }

  /// The gradient of a pooled convolution's kernel: what is put in its places is used at once.
  private func unpooled(_ id: Graph.ID, _ readers: [Int]) -> Merged? {
    let node = graph[id]
    guard node.primitive == .conv2dKernel else { return nil }
    let pooling = root(node.inputs[1])
    guard graph[pooling].primitive == .maxpool2dBack, graph[pooling].shape == graph[node.inputs[1]].shape,
      readers[Int(pooling)] == 1
    else { return nil }
    return .unpooled(images: node.inputs[0], pooling: pooling)
  }
}
