import Tensors

/// In which order the nodes of a program run, which of them run together, and which need memory of their own.
struct Layout {
  struct Stage {
    var clusters: [[Graph.ID]] = []
    var singles: [Graph.ID] = []
  }

  private(set) var stages: [Stage] = []
  private var stored: Set<Graph.ID> = []

  func isStored(_ id: Graph.ID) -> Bool { stored.contains(id) }

  init(_ graph: Graph, _ order: [Graph.ID], outputs: [Graph.ID]) {
    var stageOf: [Graph.ID: Int] = [:]
    /// Nodes computed inside a cluster: elementwise on arrays, and folds of those.
    var clusterLength: [Graph.ID: Int] = [:]
    var isFold: Set<Graph.ID> = []
    for id in order {
      let node = graph[id]
      let count = node.shape.reduce(1, *)
      if node.primitive == .input || node.primitive == .constant { continue }
      if node.primitive.row.kernel.isElementwise, !node.shape.isEmpty {
        var stage = 0
        for input in node.inputs {
          guard let inputStage = stageOf[input] else { continue }
          let together = clusterLength[input] == count && !isFold.contains(input)
          stage = max(stage, together ? inputStage : inputStage + 1)
        }
        stageOf[id] = stage
        clusterLength[id] = count
      } else if case .reduction = node.primitive.row.kernel, node.attributes.isEmpty,
        let length = clusterLength[node.inputs[0]], !isFold.contains(node.inputs[0]),
        let stage = stageOf[node.inputs[0]]
      {
        stageOf[id] = stage
        clusterLength[id] = length
        isFold.insert(id)
      } else {
        stageOf[id] = node.inputs.map { stageOf[$0] ?? 0 }.max() ?? 0
      }
    }
    var clusters: [Int: [Int: [Graph.ID]]] = [:]
    let last = stageOf.values.max() ?? -1
    stages = [Stage](repeating: Stage(), count: last + 1)
    for id in order {
      guard let stage = stageOf[id] else { continue }
      if let length = clusterLength[id] {
        clusters[stage, default: [:]][length, default: []].append(id)
      } else {
        stages[stage].singles.append(id)
      }
    }
    for (stage, byLength) in clusters {
      stages[stage].clusters = byLength.sorted { $0.key < $1.key }.map(\.value)
    }
    // Memory: leaves, steps of their own, folds, and whatever leaves its cluster.
    let wanted = Set(outputs)
    for id in order where clusterLength[id] == nil || isFold.contains(id) || wanted.contains(id) { stored.insert(id) }
    for id in order {
      for input in graph[id].inputs where clusterLength[input] != nil && !stored.contains(input) {
        if clusterLength[id] != clusterLength[input] || stageOf[id] != stageOf[input] { stored.insert(input) }
      }
    }
  }
}
