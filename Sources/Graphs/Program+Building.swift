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
    let places = Places(slotOf: slotOf, numberOf: plan.numberOf)
    for stage in layout.stages {
      for group in stage.clusters {
        note(group.ids, layout, wanted)
        let cluster = Cluster(layout, group, places, watched(group.ids, layout, plan, wanted), self)
        steps.append(.cluster(cluster))
      }
      for id in stage.singles {
        note([id], layout, wanted)
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
  private func note(_ ids: [Graph.ID], _ layout: Layout, _ wanted: [Graph.ID]) {
    for id in ids {
      for operand in layout.operands(id) where layout.graph[operand].primitive == .input {
        readers[layout.graph[operand].attributes[0]].append(steps.count)
      }
    }
    let made = Set(ids)
    for (index, id) in wanted.enumerated() where made.contains(layout.root(id)) { writers[index] = steps.count }
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
    let operands = layout.operands(id).map(places.slot)
    let productID = layout.biased[id]?.product ?? id
    let product = graph[productID]
    let isProduct = product.primitive == .matmul
    let call = KernelCall(
      inputs: KernelCall.Inputs(slots: slots, places: operands), inputShapes: product.inputs.map { graph[$0].shape },
      attributes: isProduct
        ? product.inputs.map { layout.isTransposed(layout.root($0), in: productID) ? 1 : 0 } : node.attributes,
      slots: slots, outputPlace: places.slot(id), outputShape: node.shape)
    if isProduct, let kernel = StructureKernels.product(call) {
      steps.append(.general(kernel, call))
      return
    }
    switch product.primitive.row.kernel {
    case .reduction(let reduction):
      let shape = graph[node.inputs[0]].shape
      let axis = node.attributes.first ?? 0
      steps.append(
        .reduction(
          reduction, from: operands[0], to: places.slot(id), outer: shape[..<axis].reduce(1, *),
          length: shape[axis], inner: shape[(axis + 1)...].reduce(1, *)))
    case .general(let kernel): steps.append(.general(kernel, call))
    case .stoppable(let kernel): steps.append(.stoppable(kernel, call))
    default: preconditionFailure("\(node.primitive) is no step of its own")
    }
  }

  /// Ends a run of straight-line code.
  private func closeNumbers() {
    if openNumbers > 0 { steps.append(.numbers(start: code.count - openNumbers, count: openNumbers)) }
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
