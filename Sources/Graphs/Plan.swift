import Tensors

/// Where every value of a program lives: a place among the numbers, a slot in the pointer table, and for inner arrays a
/// piece of a memory that is used again once its last reader has run.
struct Plan {
  private(set) var slotOf: [Int32]
  private(set) var numberOf: [Int32]
  private(set) var slotCount = 0
  private(set) var numberCount = 0
  /// Outputs have slots of their own from here on.
  private(set) var firstOutputSlot = 0
  /// Inner arrays: offset into the shared memory, in elements.
  private(set) var offsets: [(slot: Int, offset: Int)] = []
  private(set) var memoryCount = 0

  init(_ layout: Layout, outputs: [Graph.ID], budget: Budget) throws(Budget.Exhausted) {
    let graph = layout.graph
    slotOf = [Int32](repeating: -1, count: layout.roles.count)
    numberOf = slotOf
    for id in layout.order where layout.isStored[Int(id)] {
      _ = try Budget.allocatable(graph[id].shape)
      slotOf[Int(id)] = Int32(slotCount)
      slotCount += 1
      if graph[id].shape.isEmpty {
        numberOf[Int(id)] = Int32(numberCount)
        numberCount += 1
      }
    }
    try budget.check()
    firstOutputSlot = slotCount
    slotCount += outputs.count
    layOut(layout, Set(outputs.map(layout.root)))
    let results = outputs.reduce(0) { $0 + (graph[$1].shape.isEmpty ? 0 : layout.count($1)) }
    let needed = (memoryCount + results).multipliedReportingOverflow(by: 8)
    if needed.overflow || needed.partialValue > budget.memoryLimit {
      throw .memory(needed: needed.overflow ? nil : needed.partialValue, limit: budget.memoryLimit)
    }
  }

  /// First fit over a list of free pieces. Values live from the stage that makes them to the last that reads them.
  private mutating func layOut(_ layout: Layout, _ outputs: Set<Graph.ID>) {
    let graph = layout.graph
    var lastStage = [Int](repeating: -1, count: layout.roles.count)
    for (number, stage) in layout.stages.enumerated() {
      for id in stage.ids { for input in layout.operands(id) { lastStage[Int(input)] = number } }
    }
    var free: [(offset: Int, count: Int)] = []
    var ending: [Int: [(offset: Int, count: Int)]] = [:]
    for (number, stage) in layout.stages.enumerated() {
      for id in stage.ids {
        guard layout.isStored[Int(id)], !graph[id].shape.isEmpty, !outputs.contains(id) else { continue }
        // A multiple of eight, so that every array starts a cache line.
        let count = (max(layout.count(id), 1) + 7) / 8 * 8
        let piece: (offset: Int, count: Int)
        if let index = free.firstIndex(where: { $0.count >= count }) {
          piece = (free[index].offset, count)
          free[index] = (free[index].offset + count, free[index].count - count)
          if free[index].count == 0 { free.remove(at: index) }
        } else {
          piece = (memoryCount, count)
          memoryCount += count
        }
        offsets.append((Int(slotOf[Int(id)]), piece.offset))
        ending[max(lastStage[Int(id)], number), default: []].append(piece)
      }
      for piece in ending[number] ?? [] { Plan.release(piece, &free) }
    }
  }

  private static func release(_ piece: (offset: Int, count: Int), _ free: inout [(offset: Int, count: Int)]) {
    var piece = piece
    if let before = free.firstIndex(where: { $0.offset + $0.count == piece.offset }) {
      piece = (free[before].offset, free[before].count + piece.count)
      free.remove(at: before)
    }
    if let after = free.firstIndex(where: { $0.offset == piece.offset + piece.count }) {
      piece.count += free[after].count
      free.remove(at: after)
    }
    free.append(piece)
  }
}
