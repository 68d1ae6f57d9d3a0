// Matrices that are read once for a product and for the sums over its rows.

extension Layout {
  /// The fewest elements of a matrix that is worth reading in strips.
  private static let smallestStripped = 4096

  /// Whether a node is a product of a matrix as it stands, or of a transposed one, with something else.
  private func product(_ id: Graph.ID) -> (matrix: Graph.ID, isTransposed: Bool)? {
    guard roles[Int(id)] == .single else { return nil }
    var own = id
    if case .biased(let product, _)? = merged[id] { own = product }
    let node = graph[own]
    guard node.primitive == .matmul else { return nil }
    let (left, right) = (root(node.inputs[0]), root(node.inputs[1]))
    guard graph[left].shape.count == 2, graph[right].shape.count <= 2, !isTransposed(right, in: own) else { return nil }
    let isTransposed = isTransposed(left, in: own)
    if isTransposed && own != id { return nil }
    let matrix = isTransposed ? root(graph[left].inputs[0]) : left
    return count(matrix) >= Layout.smallestStripped ? (matrix, isTransposed) : nil
  }

  /// Takes such clusters and products out of their stages and puts them back as strips.
  func findStrips() {
    var sums: [(id: Graph.ID, matrix: Graph.ID)] = []
    var products: [Graph.ID: Graph.ID] = [:]
    for id in order {
      guard let (matrix, isTransposed) = product(id) else { continue }
      if isTransposed { sums.append((id, matrix)) } else { products[id] = matrix }
    }
    guard !sums.isEmpty, !products.isEmpty else { return }
    var readers: [Graph.ID: [Graph.ID]] = [:]
    for id in order {
      for input in operands(id) where products[input] != nil { readers[input, default: []].append(id) }
    }
    for (sum, matrix) in sums {
      let (stage, source) = (Int(stageOf[Int(sum)]), operands(sum)[1])
      guard roles[Int(source)].isBlockwise, Int(stageOf[Int(source)]) == stage, stageOf[Int(matrix)] < stage else {
        continue
      }
      if let known = stages[stage].strips.firstIndex(where: { $0.cluster.ids.contains(source) }) {
        guard stages[stage].strips[known].products.contains(where: { products[$0] == matrix }) else { continue }
        stages[stage].strips[known].sums.append(sum)
      } else {
        guard let index = stages[stage].clusters.firstIndex(where: { $0.ids.contains(source) }) else { continue }
        let cluster = stages[stage].clusters[index]
        let within = Set(cluster.ids)
        let own = Set(cluster.ids.flatMap(operands)).filter { product in
          products[product] == matrix && graph[product].shape[0] == cluster.rows && stageOf[Int(product)] < stage
            // The others that read it run later.
            && (readers[product] ?? []).allSatisfy { within.contains($0) || Int(stageOf[Int($0)]) >= stage }
        }
        guard !own.isEmpty else { continue }
        for product in own {
          stages[Int(stageOf[Int(product)])].singles.removeAll { $0 == product }
          stageOf[Int(product)] = Int32(stage)
        }
        stages[stage].clusters.remove(at: index)
        stages[stage].strips.append(Strip(products: own.sorted(), cluster: cluster, sums: [sum]))
      }
      stages[stage].singles.removeAll { $0 == sum }
    }
  }
}
