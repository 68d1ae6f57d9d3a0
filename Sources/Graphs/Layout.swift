import CKernels
import Tensors

/// In which order the nodes of a program run, which of them run together, and where their values are.
///
/// A node is a *number* (in the flat memory of numbers, computed by straight-line code), *clustered* (run block by block
/// with others), or a *step* of its own. Clustered are elementwise nodes on arrays and folds over them, and for matrices
/// with short rows also what goes along a row: its sum, its softmax, one number per row spread over it. Aliases and
/// reshapes are other names for the same memory; a number broadcast for an elementwise operation stays a number.
final class Layout {
  /// Nodes that go over the same rows in the same order. Plain arrays have rows of one element.
  struct Cluster {
    var ids: [Graph.ID]
    var rows: Int
    var width: Int
  }

  /// Products of a matrix, what is computed from their rows, and products that sum over those rows: the matrix is read
  /// once, a strip of rows at a time.
  struct Strip {
    var products: [Graph.ID]
    var cluster: Cluster
    var sums: [Graph.ID]
  }

  struct Stage {
    var strips: [Strip] = []
    var clusters: [Cluster] = []
    var singles: [Graph.ID] = []

    /// Everything, in the order it runs.
    var ids: [Graph.ID] {
      strips.flatMap { $0.products + $0.cluster.ids + $0.sums } + clusters.flatMap(\.ids) + singles
    }
  }

  /// Several nodes that are one step.
  enum Merged {
    /// A matrix product and a repeated row: the product starts from the row instead of from 0.
    case biased(product: Graph.ID, row: Graph.ID)
    /// Rows added to some rows of a matrix, times a number: nothing else is touched.
    case moved(base: Graph.ID, scattered: Graph.ID, scale: Graph.ID?, isSubtracted: Bool)
    /// The gradient with respect to a kernel, from that of the pooled result.
    case unpooled(images: Graph.ID, pooling: Graph.ID)
  }

  enum Role: UInt8 {
    case unused, leaf, view, number, elementwise, row, fold, single

    var isClustered: Bool { self == .elementwise || self == .row || self == .fold }
    /// Whether its value exists only block by block, unless someone else needs it.
    var isBlockwise: Bool { self == .elementwise || self == .row }
  }

  /// Where a clustered node runs, and how many elements per row its value has there: one or all.
  private struct Space: Hashable {
    var rows: Int
    var width: Int
  }

  /// The longest row that counts as short.
  static let longestRow = Int(LL_LONGEST_ROW)

  let graph: Graph
  /// The nodes that are computed, in order.
  private(set) var order: [Graph.ID] = []
  var stages: [Stage] = []
  private(set) var roles: [Role]
  /// Whether a node's array has memory beyond its cluster's blocks.
  private(set) var isStored: [Bool]
  private var reads: [[Graph.ID]] = []
  var stageOf: [Int32]
  private var spaces: [Space]
  // What is asked again and again, by node.
  private var rootOf: [Graph.ID]
  private var rowOperationOf: [RowOperation?]
  /// Nodes that others are computed along with, which nothing else reads.
  private(set) var merged: [Graph.ID: Merged] = [:]

  init(_ graph: Graph, outputs: [Graph.ID]) {
    self.graph = graph
    let size = Int(outputs.max() ?? -1) + 1
    roles = [Role](repeating: .unused, count: size)
    isStored = [Bool](repeating: false, count: size)
    stageOf = [Int32](repeating: -1, count: size)
    spaces = [Space](repeating: Space(rows: 0, width: 0), count: size)
    rowOperationOf = [RowOperation?](repeating: nil, count: size)
    rootOf = []
    rootOf.reserveCapacity(size)
    for id in 0..<Graph.ID(size) { rootOf.append(Layout.isView(id, graph) ? rootOf[Int(graph[id].inputs[0])] : id) }
    merged = merging(outputs)
    findNeeded(outputs)
    reads = [[Graph.ID]](repeating: [], count: size)
    for id in order { reads[Int(id)] = findOperands(id) }
    assignStages(outputs)
    findStrips()
    findStored(outputs)
  }

  func count(_ id: Graph.ID) -> Int { graph[id].shape.reduce(1, *) }

  /// The node whose memory a node's value is in.
  func root(_ id: Graph.ID) -> Graph.ID { rootOf[Int(id)] }

  /// A number reshaped to an array or back is copied, because numbers have a memory of their own.
  private static func isView(_ id: Graph.ID, _ graph: Graph) -> Bool {
    switch graph[id].primitive {
    case .alias: true
    case .reshape: graph[id].shape.isEmpty == graph[graph[id].inputs[0]].shape.isEmpty
    default: false
    }
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
  func operands(_ id: Graph.ID) -> [Graph.ID] { reads[Int(id)] }

  private func findOperands(_ id: Graph.ID) -> [Graph.ID] {
    switch merged[id] {
    case .biased(let product, let row): return findOperands(product) + [row]
    case .moved(let base, let scattered, let scale, _):
      return [root(base)] + graph[scattered].inputs.map(root) + (scale.map { [root($0)] } ?? [])
    case .unpooled(let images, let pooling):
      let parts = graph[pooling].inputs.map(root)
      return [root(images), parts[2], parts[0], parts[1]]
    case nil: break
    }
    let roots = graph[id].inputs.map(root)
    // Products read transposed matrices where they are.
    if graph[id].primitive == .matmul {
      return roots.map { isTransposed($0, in: id) ? root(graph[$0].inputs[0]) : $0 }
    }
    guard roles[Int(id)] == .elementwise else { return roots }
    // At least one operand stays an array: kernels loop over it.
    let plain = roots.map(operand)
    return plain.contains { !graph[$0].shape.isEmpty } ? plain : roots
  }

  /// Whether a product reads a matrix through its transpose: not in batches.
  func isTransposed(_ id: Graph.ID, in product: Graph.ID) -> Bool {
    graph[id].primitive == .transpose && graph[id].attributes.isEmpty
      && graph[product].inputs.allSatisfy { graph[$0].shape.count <= 2 }
  }

  /// What a node does along short rows, if that is what it does.
  func rowOperation(_ id: Graph.ID) -> RowOperation? { rowOperationOf[Int(id)] }

  private func findNeeded(_ outputs: [Graph.ID]) {
    var needed = [Bool](repeating: false, count: roles.count)
    for output in outputs { needed[Int(root(output))] = true }
    for index in stride(from: roles.count - 1, through: 0, by: -1) where needed[index] {
      let id = Graph.ID(index)
      roles[index] = role(id)
      order.append(id)
      for operand in findOperands(id) { needed[Int(operand)] = true }
    }
    order.reverse()
  }

  private func role(_ id: Graph.ID) -> Role {
    let node = graph[id]
    if merged[id] != nil { return .single }
    switch node.primitive.row.kernel {
    case .leaf: return .leaf
    case .unary, .binary, .select: return node.shape.isEmpty ? .number : .elementwise
    case .reduction where node.attributes.isEmpty && !graph[node.inputs[0]].shape.isEmpty: return .fold
    default:
      rowOperationOf[Int(id)] = findRowOperation(id)
      return rowOperationOf[Int(id)] == nil ? .single : .row
    }
  }

  /// Whether a node reads an element of an operand for its own element of the same number, and nothing else of it: then
  /// the operand's memory may become the node's.
  func readsElements(of operand: Graph.ID, _ id: Graph.ID) -> Bool {
    switch roles[Int(id)] {
    case .elementwise: graph[operand].shape.isEmpty || count(operand) == count(id)
    case .fold: true
    default:
      // Rows are added where they are.
      if case .moved? = merged[id] { !operands(id).dropFirst().contains(operand) } else { false }
    }
  }

  // MARK: Rows

  enum RowOperation { case sum, largest, logsumexp, softmax, logSoftmax, spread, tile }

  private func findRowOperation(_ id: Graph.ID) -> RowOperation? {
    let node = graph[id]
    guard let input = node.inputs.first else { return nil }
    let (from, to) = (graph[input].shape, node.shape)
    func isShort(_ shape: Shape) -> Bool {
      shape.count >= 2 && shape[shape.count - 1] >= 2 && shape[shape.count - 1] <= Layout.longestRow
        && shape.dropLast().allSatisfy { $0 > 0 }
    }
    switch node.primitive {
    case .sum, .largest, .logsumexp, .softmax, .logSoftmax:
      guard isShort(from), node.attributes == [from.count - 1] else { return nil }
      switch node.primitive {
      case .sum: return .sum
      case .largest: return .largest
      case .logsumexp: return .logsumexp
      case .softmax: return .softmax
      default: return .logSoftmax
      }
    case .sumTo:
      return isShort(from) && to.last == 1 && to.dropLast() == from.dropLast() ? .sum : nil
    case .broadcast:
      guard isShort(to), !graph[root(input)].shape.isEmpty else { return nil }
      if from.last == 1, from.dropLast() == to.dropLast() { return .spread }
      return from.last == to.last && from.dropLast().allSatisfy({ $0 == 1 }) ? .tile : nil
    default: return nil
    }
  }

  /// Where a clustered node runs: by its rows if they are short, beside the row operation its operands come from if it
  /// has one element per row, otherwise element by element.
  private func space(_ id: Graph.ID) -> Space {
    let node = graph[id]
    if roles[Int(id)] == .fold {
      let input = root(node.inputs[0])
      if roles[Int(input)].isBlockwise { return spaces[Int(input)] }
      return Space(rows: count(input), width: 1)
    }
    let matrix = rowOperation(id).map { [.spread, .tile].contains($0) ? node.shape : graph[node.inputs[0]].shape }
    if let shape = matrix ?? (node.shape.count >= 2 ? node.shape : nil), let width = shape.last, width >= 2,
      width <= Layout.longestRow
    {
      return Space(rows: shape.dropLast().reduce(1, *), width: width)
    }
    let rows = count(id)
    let beside = operands(id).first { input in
      roles[Int(input)].isBlockwise && count(input) == rows && spaces[Int(input)].rows == rows
        && spaces[Int(input)].width > 1
    }
    return beside.map { spaces[Int($0)] } ?? Space(rows: rows, width: 1)
  }

  /// Finds for each node the stage it runs in. Within a stage clusters come first; what a step or a fold gives is for
  /// numbers and steps of the same stage and for clusters of the next.
  private func assignStages(_ outputs: [Graph.ID]) {
    for id in order where roles[Int(id)] != .leaf {
      let isClustered = roles[Int(id)].isClustered
      if isClustered { spaces[Int(id)] = space(id) }
      var stage: Int32 = 0
      for input in operands(id) where stageOf[Int(input)] >= 0 {
        stage = max(stage, stageOf[Int(input)] + (isClustered && !isReadWithin(input, by: id) ? 1 : 0))
      }
      stageOf[Int(id)] = stage
    }
    sink(outputs)
    var clusters: [[Space: [Graph.ID]]] = []
    for id in order where roles[Int(id)] != .leaf {
      let stage = Int(stageOf[Int(id)])
      while stages.count <= stage {
        stages.append(Stage())
        clusters.append([:])
      }
      if roles[Int(id)].isClustered {
        clusters[stage][spaces[Int(id)], default: []].append(id)
      } else {
        stages[stage].singles.append(id)
      }
    }
    for (stage, bySpace) in clusters.enumerated() {
      stages[stage].clusters = bySpace.sorted { ($0.key.rows, $0.key.width) < ($1.key.rows, $1.key.width) }.map {
        cluster($0.value, $0.key)
      }
    }
  }

  /// So far every node runs as early as it can. What only later clusters of the same space read is moved to the first of
  /// them, where it needs no memory beyond a block: labels as rows of 0 and 1, say, beside the softmax of scores that
  /// took many stages. Not where more than that would have to be stored for it.
  private func sink(_ outputs: [Graph.ID]) {
    let results = Set(outputs.map(root))
    // The stages in which the first reader and the first that could read block by block run.
    var latest = [Int32](repeating: .max, count: roles.count)
    var together = latest
    var moved: [Graph.ID] = []
    for id in order.reversed() where roles[Int(id)] != .leaf {
      let first = together[Int(id)]
      if roles[Int(id)].isBlockwise, first > stageOf[Int(id)], first < .max, first <= latest[Int(id)],
        !results.contains(id)
      {
        stageOf[Int(id)] = first
        moved.append(id)
      }
      for input in operands(id) {
        if isReadWithin(input, by: id) {
          together[Int(input)] = min(together[Int(input)], stageOf[Int(id)])
        } else {
          latest[Int(input)] = min(latest[Int(input)], stageOf[Int(id)] - (roles[Int(id)].isClustered ? 1 : 0))
        }
      }
    }
    guard !moved.isEmpty else { return }
    // How many readers each value has to be stored for.
    var far = [Int](repeating: 0, count: roles.count)
    for id in order {
      for input in operands(id) where isStoredFor(id, input) { far[Int(input)] += 1 }
    }
    for id in moved.reversed() {
      let extra = operands(id).reduce(0) { total, input in
        roles[Int(input)].isBlockwise && far[Int(input)] == 1 && isStoredFor(id, input) ? total + count(input) : total
      }
      guard extra >= count(id) else { continue }
      for input in operands(id) where isStoredFor(id, input) { far[Int(input)] -= 1 }
      stageOf[Int(id)] = operands(id).reduce(0) { stage, input in
        max(stage, stageOf[Int(input)] + (stageOf[Int(input)] < 0 || isReadWithin(input, by: id) ? 0 : 1))
      }
      for input in operands(id) where isStoredFor(id, input) { far[Int(input)] += 1 }
    }
  }

  private func isReadWithin(_ input: Graph.ID, by id: Graph.ID) -> Bool {
    roles[Int(id)].isClustered && isWithin(input, spaces[Int(id)], readBy: id)
  }

  private func isStoredFor(_ id: Graph.ID, _ input: Graph.ID) -> Bool {
    stageOf[Int(id)] != stageOf[Int(input)] || !isReadWithin(input, by: id)
  }

  /// Whether a value can be read block by block where `id` runs. What is tiled is read whole.
  private func isWithin(_ input: Graph.ID, _ space: Space, readBy id: Graph.ID) -> Bool {
    roles[Int(input)].isBlockwise && spaces[Int(input)] == space && rowOperation(id) != .tile
  }

  /// Where all values have all elements of a row, a matrix is as good as a vector.
  private func cluster(_ ids: [Graph.ID], _ space: Space) -> Cluster {
    let count = space.rows * space.width
    let isPlain = ids.allSatisfy { id in
      roles[Int(id)] == .elementwise && self.count(id) == count
        || roles[Int(id)] == .fold && self.count(graph[id].inputs[0]) == count
    }
    return isPlain ? Cluster(ids: ids, rows: count, width: 1) : Cluster(ids: ids, rows: space.rows, width: space.width)
  }

  private func findStored(_ outputs: [Graph.ID]) {
    for id in order where !roles[Int(id)].isBlockwise { isStored[Int(id)] = true }
    for output in outputs { isStored[Int(root(output))] = true }
    for id in order {
      for input in operands(id) where roles[Int(input)].isBlockwise && !isStored[Int(input)] {
        if isStoredFor(id, input) { isStored[Int(input)] = true }
      }
    }
  }
}
