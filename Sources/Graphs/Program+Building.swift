import CKernels
import Tensors

extension Program {
  /// Turns a layout and a plan into steps.
  func build(
    _ layout: Layout, _ plan: Plan, _ wanted: [Graph.ID], _ budget: Budget
  ) throws(Budget.Exhausted) {
    var slotOf = plan.slotOf
    openOutputs(layout, plan, wanted, &slotOf)
    openLeaves(layout, plan, slotOf)
    let memory = plan.memoryCount > 0 ? allocate(plan.memoryCount) : nil
    for (slot, offset) in plan.offsets { slots[slot] = memory.map { $0 + offset } }
    for id in layout.order where plan.numberOf[Int(id)] >= 0 && layout.roles[Int(id)] != .leaf {
      slots[Int(slotOf[Int(id)])] = numbers + Int(plan.numberOf[Int(id)])
    }
    readers = [[Int]](repeating: [], count: inputs.count)
    writers = [Int](repeating: .max, count: outputs.count)
    watches = [Int?](repeating: nil, count: outputs.count)
    var outputsOf: [Graph.ID: [Int]] = [:]
    for (index, id) in wanted.enumerated() { outputsOf[layout.root(id), default: []].append(index) }
    let places = Places(slotOf: slotOf, numberOf: plan.numberOf)
    for stage in layout.stages {
      for strip in stage.strips {
        let ids = strip.products + strip.cluster.ids + strip.sums
        note(ids, layout, outputsOf)
        steps.append(self.strip(strip, layout, places, watched(ids, layout, plan, wanted)))
      }
      for group in stage.clusters {
        note(group.ids, layout, outputsOf)
        steps.append(Cluster(layout, group, places, watched(group.ids, layout, plan, wanted), self))
      }
      for id in stage.singles {
        note([id], layout, outputsOf)
        append(id, layout, places)
      }
      closeNumbers()
      try budget.check()
    }
  }

  /// Where values live, for the making of steps.
  struct Places {
    let slotOf: [Int32]
    let numberOf: [Int32]
    func slot(_ id: Graph.ID) -> Int { Int(slotOf[Int(id)]) }
    func number(_ id: Graph.ID) -> Int32 { numberOf[Int(id)] }
  }

  private func openOutputs(_ layout: Layout, _ plan: Plan, _ wanted: [Graph.ID], _ slotOf: inout [Int32]) {
    var written: Set<Graph.ID> = []
    for (index, id) in wanted.enumerated() {
      let root = layout.root(id)
      let slot = plan.firstOutputSlot + index
      let count = layout.count(id)
      let shape = layout.graph[id].shape
      if plan.numberOf[Int(root)] >= 0 {
        outputs.append(Port(slot: slot, number: Int(plan.numberOf[Int(root)]), shape: shape, count: count))
        continue
      }
      outputs.append(Port(slot: slot, number: nil, shape: shape, count: count))
      if layout.roles[Int(root)] != .leaf, written.insert(root).inserted {
        slotOf[Int(root)] = Int32(slot)
      } else {
        copies.append((from: Int(slotOf[Int(root)]), to: slot, count: count))
      }
    }
  }

  private func openLeaves(_ layout: Layout, _ plan: Plan, _ slotOf: [Int32]) {
    for id in layout.order where layout.roles[Int(id)] == .leaf {
      let node = layout.graph[id]
      let slot = Int(slotOf[Int(id)])
      let number = plan.numberOf[Int(id)] >= 0 ? Int(plan.numberOf[Int(id)]) : nil
      if node.primitive == .input {
        inputs[node.attributes[0]] = Port(slot: slot, number: number, shape: node.shape, count: layout.count(id))
      } else if let constant = layout.graph.constant(at: id) {
        if let number {
          numbers[number] = constant.elements[0]
          slots[slot] = numbers + number
        } else {
          constants.append(constant)
          slots[slot] = constant.address
        }
      }
    }
  }

  /// Remembers which step reads an input and which writes an output.
  private func note(_ ids: [Graph.ID], _ layout: Layout, _ outputsOf: [Graph.ID: [Int]]) {
    var lastReads: [Int: Int] = [:]
    var lastReader: [Graph.ID: Int] = [:]
    for (position, id) in ids.enumerated().reversed() {
      // A product that only a sum reads is made where the sum is.
      let position = max(position, lastReader[id] ?? 0)
      for operand in layout.operands(id) {
        if layout.roles[Int(id)] == .fold, lastReader[operand] == nil { lastReader[operand] = position }
        guard layout.graph[operand].primitive == .input else { continue }
        let input = layout.graph[operand].attributes[0]
        readers[input].append(steps.count)
        // Other than element by element, it is read behind what is written.
        let isAligned = layout.readsElements(of: operand, id)
        lastReads[input] = isAligned ? max(lastReads[input] ?? -1, position) : .max
      }
    }
    for (position, id) in ids.enumerated() {
      for output in outputsOf[id] ?? [] {
        writers[output] = steps.count
        for (input, last) in lastReads where last <= position {
          overwriting.insert(Overwriting(output: output, input: input))
        }
      }
    }
  }

  /// The outputs that a cluster makes, each with the number that says whether it is finite.
  private func watched(
    _ ids: [Graph.ID], _ layout: Layout, _ plan: Plan, _ wanted: [Graph.ID]
  ) -> [Graph.ID: Int] {
    guard isWatching else { return [:] }
    let made = Set(ids)
    var watched: [Graph.ID: Int] = [:]
    for (index, id) in wanted.enumerated() {
      let root = layout.root(id)
      guard layout.roles[Int(root)].isBlockwise, made.contains(root) else { continue }
      let number = watched[root] ?? plan.numberCount + index
      watched[root] = number
      watches[index] = number
    }
    return watched
  }

  // MARK: Steps

  private func append(_ id: Graph.ID, _ layout: Layout, _ places: Places) {
    let graph = layout.graph
    let node = graph[id]
    if layout.roles[Int(id)] == .number {
      let operands = layout.operands(id)
      func place(_ index: Int) -> Int32 { index < operands.count ? places.number(operands[index]) : 0 }
      code.append(
        ll_instruction(
          op: Program.operation(node.primitive), out: places.number(id), a: place(0), b: place(1), c: place(2), width: 1
        ))
      openNumbers += 1
      return
    }
    closeNumbers()
    steps.append(step(id, layout, places))
  }

  private func call(_ id: Graph.ID, _ layout: Layout, _ places: Places) -> KernelCall {
    let graph = layout.graph
    let node = graph[id]
    let operands = layout.operands(id)
    var (shapes, attributes) = (node.inputs.map { graph[$0].shape }, node.attributes)
    var product: Graph.ID? = node.primitive == .matmul ? id : nil
    switch layout.merged[id] {
    case .biased(let inner, _): product = inner
    case .moved(let base, let scattered, let scale, let isSubtracted):
      shapes = ([base] + graph[scattered].inputs).map { graph[$0].shape }
      attributes = [isSubtracted ? 1 : 0, scale == nil ? 0 : 1]
    case .unpooled(let images, let pooling):
      let parts = graph[pooling].inputs
      shapes = [images, parts[2], parts[0], parts[1]].map { graph[$0].shape }
      attributes = Array(node.attributes.prefix(2)) + graph[pooling].attributes
    case nil: break
    }
    if let product {
      shapes = graph[product].inputs.map { graph[$0].shape }
      attributes = graph[product].inputs.map { layout.isTransposed(layout.root($0), in: product) ? 1 : 0 }
    }
    return KernelCall(
      inputs: operands.map(places.slot), inputShapes: shapes, attributes: attributes, slots: slots,
      outputPlace: places.slot(id), outputShape: node.shape)
  }

  /// What is neither a number nor clustered.
  private func step(_ id: Graph.ID, _ layout: Layout, _ places: Places) -> ProgramStep {
    let graph = layout.graph
    let call = call(id, layout, places)
    switch layout.merged[id] {
    case .moved: return StoppableStep(call, StructureKernels.moveRows)
    case .unpooled: return KernelStep(call, Primitive.gradientOfPooledKernel)
    case .biased, nil: break
    }
    if graph[id].primitive == .matmul || layout.merged[id] != nil, let product = ProductStep(call) { return product }
    switch graph[id].primitive.row.kernel {
    case .reduction(let reduction):
      let shape = call.inputShapes[0]
      let axis = call.attributes.first ?? 0
      return ReductionStep(
        reduction, from: call.inputs.places[0], to: call.outputPlace, outer: shape[..<axis].reduce(1, *),
        length: shape[axis], inner: shape[(axis + 1)...].reduce(1, *))
    case .general(let kernel): return KernelStep(call, kernel)
    case .stoppable(let kernel): return StoppableStep(call, kernel)
    default: preconditionFailure("\(graph[id].primitive) is no step of its own")
    }
  }

  private func strip(
    _ strip: Layout.Strip, _ layout: Layout, _ places: Places, _ watched: [Graph.ID: Int]
  ) -> ProgramStep {
    if let narrow = narrow(strip, layout, places) {
      let cluster = Cluster(layout, strip.cluster, places, watched, narrow: narrow, self)
      if cluster.isNative { return cluster }
    }
    let sums = strip.sums.compactMap { ProductStep(call($0, layout, places)) }
    let products = strip.products.compactMap { ProductStep(call($0, layout, places)) }
    let height = Strip.height(columns: sums.map(\.matrixColumns).max() ?? 1)
    let cluster = Cluster(layout, strip.cluster, places, watched, strip: height, self)
    return Strip(products, cluster, sums, self)
  }

  /// The matrix of a strip, if all of the strip may be one cluster: a program that runs often, one constant matrix of few
  /// columns, vectors, and nobody else who reads the products.
  private func narrow(_ strip: Layout.Strip, _ layout: Layout, _ places: Places) -> NarrowMatrix? {
    let graph = layout.graph
    let matrix = layout.operands(strip.sums[0])[0]
    guard graph.isOnlyRun, strip.cluster.width == 1, let tensor = graph.constant(at: matrix),
      tensor.shape[1] <= NarrowMatrix.widest, tensor.count <= NarrowMatrix.largest,
      (strip.products + strip.sums).allSatisfy({
        layout.operands($0)[0] == matrix && layout.merged[$0] == nil && graph[$0].shape.count == 1
      }), NativeCode.isWorthMaking(strip.cluster.rows)
    else { return nil }
    let within = Set(strip.cluster.ids)
    let products = Set(strip.products)
    let isReadElsewhere =
      outputs.contains { output in products.contains { places.slot($0) == output.slot } }
      || layout.order.contains { !within.contains($0) && layout.operands($0).contains(where: products.contains) }
    if isReadElsewhere { return nil }
    return NarrowMatrix(
      tensor, products: strip.products.map { (places.slot($0), places.slot(layout.operands($0)[1])) },
      results: strip.sums.map { (places.slot(layout.operands($0)[1]), places.slot($0)) }, self)
  }

  /// Ends a run of straight-line code.
  private func closeNumbers() {
    if openNumbers > 0 { steps.append(NumbersStep(start: code.count - openNumbers, count: openNumbers)) }
    openNumbers = 0
  }

  /// The number of an elementwise primitive in instructions.
  static func operation(_ primitive: Primitive.ID) -> Int32 {
    switch primitive.row.kernel {
    case .unary(let kernel): kernel.rawValue
    case .binary(let kernel): Int32(LL_BINARY) + kernel.rawValue
    case .select: Int32(LL_SELECT)
    default: preconditionFailure("\(primitive) is not elementwise")
    }
  }
}
