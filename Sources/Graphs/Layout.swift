import Tensors

/// In which order the nodes of a program run, which of them run together, and where their values are.
///
/// A node is a *number* (in the flat memory of numbers, computed by straight-line code), *clustered* (an elementwise
/// node on an array, or a fold over one, run block by block with others of its length), or a *step* of its own. Aliases
/// and reshapes are other names for the same memory; a number broadcast for an elementwise operation stays a number.
struct Layout {
  struct Stage {
    var clusters: [[Graph.ID]] = []
    var singles: [Graph.ID] = []
  }

  enum Role: UInt8 {
    case unused, leaf, view, number, elementwise, fold, single

    var isClustered: Bool { self == .elementwise || self == .fold }
  }

  let graph: Graph
  /// The nodes that are computed, in order.
  private(set) var order: [Graph.ID] = []
  private(set) var stages: [Stage] = []
  private(set) var roles: [Role]
  /// Whether a node's array has memory beyond its cluster's blocks.
  private(set) var isStored: [Bool]
  private var stageOf: [Int32]

  init(_ graph: Graph, outputs: [Graph.ID]) {
    self.graph = graph
    let size = Int(outputs.max() ?? -1) + 1
    roles = [Role](repeating: .unused, count: size)
    isStored = [Bool](repeating: false, count: size)
    stageOf = [Int32](repeating: -1, count: size)
    findNeeded(outputs)
    assignStages()
    findStored(outputs)
  }

  func count(_ id: Graph.ID) -> Int { graph[id].shape.reduce(1, *) }

  /// The node whose memory a node's value is in.
  func root(_ id: Graph.ID) -> Graph.ID {
    var id = id
    while isView(id) { id = graph[id].inputs[0] }
    return id
  }

  /// A number reshaped to an array or back is copied, because numbers have a memory of their own.
  private func isView(_ id: Graph.ID) -> Bool {
    let node = graph[id]
    return node.primitive == .alias
      || node.primitive == .reshape && node.shape.isEmpty == graph[node.inputs[0]].shape.isEmpty
  }

  /// What an elementwise node reads for an operand: a number instead of its broadcast, the root of a view.
  func operand(_ id: Graph.ID) -> Graph.ID {
    let id = root(id)
    let node = graph[id]
    guard node.primitive == .broadcast else { return id }
    let inner = root(node.inputs[0])
    return graph[inner].shape.isEmpty ? inner : id
  }

  /// What a node reads, by root.
  func operands(_ id: Graph.ID) -> [Graph.ID] {
    let roots = graph[id].inputs.map(root)
    guard roles[Int(id)] == .elementwise else { return roots }
    // At least one operand stays an array: kernels loop over it.
    let plain = roots.map(operand)
    return plain.contains { !graph[$0].shape.isEmpty } ? plain : roots
  }

  private mutating func findNeeded(_ outputs: [Graph.ID]) {
    var needed = [Bool](repeating: false, count: roles.count)
    for output in outputs { needed[Int(root(output))] = true }
    for index in stride(from: roles.count - 1, through: 0, by: -1) where needed[index] {
      let id = Graph.ID(index)
      roles[index] = role(id)
      order.append(id)
      for operand in operands(id) { needed[Int(operand)] = true }
    }
    order.reverse()
  }

  private func role(_ id: Graph.ID) -> Role {
    let node = graph[id]
    switch node.primitive.row.kernel {
    case .leaf: return .leaf
    case .unary, .binary, .select: return node.shape.isEmpty ? .number : .elementwise
    case .reduction where node.attributes.isEmpty && !graph[node.inputs[0]].shape.isEmpty: return .fold
    default: return .single
    }
  }

  /// The earliest stage each node can run in. Within a stage clusters come first; what a step or a fold gives is for
  /// numbers and steps of the same stage and for clusters of the next.
  private mutating func assignStages() {
    var clusters: [[Int: [Graph.ID]]] = []
    for id in order where roles[Int(id)] != .leaf {
      let isClustered = roles[Int(id)].isClustered
      let length = isClustered ? clusterLength(id) : 0
      var stage: Int32 = 0
      for input in operands(id) where stageOf[Int(input)] >= 0 {
        let together = roles[Int(input)] == .elementwise && clusterLength(input) == length
        stage = max(stage, stageOf[Int(input)] + (isClustered && !together ? 1 : 0))
      }
      stageOf[Int(id)] = stage
      while stages.count <= Int(stage) {
        stages.append(Stage())
        clusters.append([:])
      }
      if isClustered {
        clusters[Int(stage)][length, default: []].append(id)
      } else {
        stages[Int(stage)].singles.append(id)
      }
    }
    for (stage, byLength) in clusters.enumerated() {
      stages[stage].clusters = byLength.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  private func clusterLength(_ id: Graph.ID) -> Int {
    roles[Int(id)] == .fold ? count(graph[id].inputs[0]) : count(id)
  }

  private mutating func findStored(_ outputs: [Graph.ID]) {
    for id in order where roles[Int(id)] != .elementwise { isStored[Int(id)] = true }
    for output in outputs { isStored[Int(root(output))] = true }
    for id in order {
      for input in operands(id) where roles[Int(input)] == .elementwise && !isStored[Int(input)] {
        if !roles[Int(id)].isClustered || stageOf[Int(id)] != stageOf[Int(input)]
          || clusterLength(id) != clusterLength(input)
        {
          isStored[Int(input)] = true
        }
      }
    }
  }
}
