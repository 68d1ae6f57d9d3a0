import CKernels
import Tensors

/// Nodes that go over the same rows, run together block by block.
final class Cluster: ProgramStep {
  let rows: Int
  let width: Int
  /// Rows per block of the interpreter, and how many blocks there are, its own or those of the machine code.
  let block: Int
  private let blocks: Int
  /// How many partial results a block has.
  private let lanes: Int
  private let code: [ll_instruction]
  private let operands: [ll_operand]
  private let native: NativeCode?
  private let nativeRows: NativeRows?
  /// For each thread its block memory and its pointers, where the interpreter runs.
  private let scratch: UnsafeMutablePointer<Double>
  private let scratchSize: Int
  private let places: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
  /// Partial results of folds, a row of some per block each, combined at the end in an order that depends on the length
  /// alone.
  private let partials: UnsafeMutablePointer<Double>
  private let folds: [(reduction: Reduction, number: Int)]
  private let narrow: NarrowMatrix?
  /// How many threads may share the work: one, where it is done before another thread has come.
  private let threads: Int
  private static let mostThreads = 16
  /// What a thread takes at a time at most, in elements; the budget is asked after each.
  private let largestPiece: Int

  /// - Parameters:
  ///   - watched: nodes whose elements are checked to be finite, each with the number that tells.
  ///   - strip: where the blocks run in strips, how many plain elements a block should have.
  ///   - narrow: a matrix whose products are made on the way. Only machine code does so: see `isNative`.
  init(
    _ layout: Layout, _ plan: Layout.Cluster, _ places: Program.Places, _ watched: [Graph.ID: Int],
    strip: Int? = nil, narrow: NarrowMatrix? = nil, _ program: Program
  ) {
    rows = plan.rows
    width = plan.width
    var maker = Maker(layout: layout, plan: plan, places: places, watched: watched)
    maker.make(plan.ids)
    code = maker.code
    operands = maker.operands
    folds = maker.folds
    let narrow = narrow?.reading(maker.operands.map { ($0.kind, $0.index) }, array: Int32(LL_ARRAY))
    self.narrow = narrow
    let native =
      plan.width > 1
      ? nil
      : NativeCode(
        VectorCode(
          code: maker.code, operands: maker.operands, folds: maker.folds.map(\.reduction), constants: maker.constants,
          narrow: narrow), count: plan.rows, block: strip, matrix: narrow?.copy)
    self.native = native
    nativeRows =
      plan.width == 1
      ? nil
      : NativeRows(
        RowCode(
          code: maker.code, operands: maker.operands, folds: maker.folds.map(\.reduction), constants: maker.constants,
          width: plan.width),
        rows: plan.rows, width: plan.width)
    // About four microseconds; along rows more is done per instruction.
    let isLong =
      native.map { plan.rows * $0.work >= 400_000 }
      ?? nativeRows.map { plan.rows * plan.width * $0.work >= 200_000 } ?? (plan.rows * plan.width >= 32768)
    threads = isLong ? Cluster.mostThreads : 1
    largestPiece = native == nil ? 8192 : 65536
    block =
      native?.block ?? nativeRows?.block
      ?? (plan.width == 1 ? strip ?? Program.block : max(8, 1024 / plan.width / 8 * 8))
    blocks = (plan.rows + block - 1) / block
    lanes = native?.lanes ?? nativeRows?.lanes ?? 1
    let workers = native != nil ? 0 : strip != nil ? Cluster.mostThreads : threads
    scratchSize = nativeRows?.frameSize ?? maker.memoryCount * block * plan.width
    scratch = program.allocate(workers * scratchSize)
    let gradients = narrow.map { $0.columns * $0.sums.count } ?? 0
    partials = program.allocate(blocks * lanes * (folds.count + gradients))
    self.places = .allocate(capacity: max(1, workers * 3 * operands.count))
  }

  deinit { places.deallocate() }

  /// Whether this is machine code for plain arrays.
  var isNative: Bool { native != nil }

  override func run(_ program: Program, _ budget: Budget) throws(Budget.Exhausted) {
    open(program)
    let threads = min(threads, budget.threads)
    let piece = threads == 1 ? largestPiece : min(largestPiece, rows * width / (8 * threads))
    let size = max(1, piece / (block * width))
    if blocks <= size {
      run(0..<blocks, 0, program)
      if rows * width > 8192 { try budget.check() }
    } else if let native {
      try native.run(blocks: size, threads: threads, program.numbers, partials, budget)
    } else {
      try budget.share((blocks + size - 1) / size, threads: threads) { piece, worker in
        run(piece * size..<min(blocks, (piece + 1) * size), worker, program)
      }
    }
    close(program)
  }

  /// Before the blocks of a run.
  func open(_ program: Program) { native?.open(program.slots) }

  /// After them.
  func close(_ program: Program) {
    let row = blocks * lanes
    for index in folds.indices {
      program.numbers[folds[index].number] = folds[index].reduction(partials + index * row, row)
    }
    guard let narrow else { return }
    var part = partials + folds.count * row
    for index in narrow.results.indices {
      guard let out = program.slots[narrow.results[index].slot] else { continue }
      ll_row_sums(part, out, narrow.columns, row)
      part += narrow.columns * row
    }
  }

  /// Some blocks.
  func run(_ range: Range<Int>, _ worker: Int, _ program: Program) {
    if let native {
      for block in range { native.run(block: block, program.numbers, partials) }
      return
    }
    if let nativeRows {
      nativeRows.run(range, program.slots, program.numbers, scratch + worker * scratchSize, partials)
      return
    }
    code.withUnsafeBufferPointer { code in
      operands.withUnsafeBufferPointer { operands in
        var cluster = ll_cluster(
          code: code.baseAddress, operands: operands.baseAddress, code_count: code.count,
          operand_count: operands.count, rows: rows, width: width, block: block)
        ll_cluster_run(
          &cluster, program.slots, program.numbers, scratch + worker * scratchSize,
          places + worker * 3 * operands.count,
          partials, range.lowerBound, range.upperBound)
      }
    }
  }
}

extension Cluster {
  /// Makes the instructions of a cluster; block memory is used again after its last reader.
  private struct Maker {
    let layout: Layout
    let plan: Layout.Cluster
    let places: Program.Places
    let watched: [Graph.ID: Int]
    var code: [ll_instruction] = []
    var operands: [ll_operand] = []
    var folds: [(reduction: Reduction, number: Int)] = []
    var memoryCount = 0
    /// The numbers that never change, by their places.
    var constants: [Int32: Double] = [:]
    private var known: [Graph.ID: Int32] = [:]
    private var free: [Int32] = []

    init(layout: Layout, plan: Layout.Cluster, places: Program.Places, watched: [Graph.ID: Int]) {
      self.layout = layout
      self.plan = plan
      self.places = places
      self.watched = watched
    }

    mutating func make(_ ids: [Graph.ID]) {
      let graph = layout.graph
      let products = products(ids)
      var lastUse: [Graph.ID: Int] = [:]
      for (position, id) in ids.enumerated() where !products.contains(id) {
        for input in read(by: id, products) { lastUse[input] = position }
      }
      for (position, id) in ids.enumerated() where !products.contains(id) {
        let node = graph[id]
        let inputs = read(by: id, products)
        let read = layout.rowOperation(id) == .tile ? [] : inputs.map { operand($0) }
        var instruction = ll_instruction(op: 0, out: 0, a: 0, b: 0, c: 0, width: width(id))
        if !read.isEmpty { instruction.a = read[0] }
        if read.count > 1 { instruction.b = read[1] }
        if read.count > 2 { instruction.c = read[2] }
        if layout.roles[Int(id)] == .row, let operation = layout.rowOperation(id) {
          // Into other memory than its operand's: rows are longer or shorter there.
          instruction.op = Maker.operation(operation)
          if operation == .tile { instruction.a = append(LL_WHOLE, Int32(places.slot(inputs[0]))) }
          instruction.out = operand(id)
          release(inputs, lastUse, position)
        } else if case .reduction(let reduction) = node.primitive.row.kernel {
          instruction.op = read.count == 2 ? Int32(LL_DOT) : Int32(LL_FOLD) + reduction.rawValue
          instruction.out = Int32(folds.count)
          instruction.width = width(inputs[0])
          folds.append((reduction, Int(places.number(id))))
        } else {
          // Memory whose last reader this is may be written at once: kernels allow it.
          release(inputs, lastUse, position)
          instruction.op = Program.operation(node.primitive)
          if node.primitive == .power, graph.number(inputs[1]) == 2 {
            instruction.op = Int32(LL_BINARY) + BinaryKernel.multiply.rawValue
            instruction.b = instruction.a
          }
          instruction.out = operand(id)
        }
        code.append(instruction)
        if let number = watched[id] {
          code.append(
            ll_instruction(
              op: Int32(LL_FINITE), out: Int32(folds.count), a: instruction.out, b: 0, c: 0, width: width(id)))
          folds.append((.sum, number))
        }
        if layout.roles[Int(id)] == .fold { release(inputs, lastUse, position) }
        // A value nobody reads is stored only.
        if lastUse[id] == nil, let own = known[id], operands[Int(own)].kind == Int32(LL_BLOCK_MEMORY) {
          free.append(own)
        }
      }
    }

    /// How many elements of a value belong to a row.
    private func width(_ id: Graph.ID) -> Int32 {
      plan.width > 1 && layout.count(id) == plan.rows * plan.width ? Int32(plan.width) : 1
    }

    private static func operation(_ operation: Layout.RowOperation) -> Int32 {
      switch operation {
      case .sum: Int32(LL_ROW_SUM)
      case .largest: Int32(LL_ROW_LARGEST)
      case .softmax: Int32(LL_ROW_SOFTMAX)
      case .logSoftmax: Int32(LL_ROW_LOG_SOFTMAX)
      case .logsumexp: Int32(LL_ROW_LOGSUMEXP)
      case .spread: Int32(LL_SPREAD)
      case .tile: Int32(LL_TILE)
      }
    }

    private mutating func release(_ inputs: [Graph.ID], _ lastUse: [Graph.ID: Int], _ position: Int) {
      for input in Set(inputs) where lastUse[input] == position {
        if let place = known[input], operands[Int(place)].kind == Int32(LL_BLOCK_MEMORY) { free.append(place) }
      }
    }

    /// Products that only a sum reads: Σ a·b is taken without writing a·b anywhere.
    private func products(_ ids: [Graph.ID]) -> Set<Graph.ID> {
      let graph = layout.graph
      var readers: [Graph.ID: Int] = [:]
      for id in ids { for input in layout.operands(id) { readers[input, default: 0] += 1 } }
      var products: Set<Graph.ID> = []
      for id in ids where layout.roles[Int(id)] == .fold && graph[id].primitive == .sum {
        let product = layout.operands(id)[0]
        guard readers[product] == 1, !layout.isStored[Int(product)], layout.roles[Int(product)] == .elementwise else {
          continue
        }
        let factors = layout.operands(product)
        if graph[product].primitive == .multiply, !factors.contains(where: { graph[$0].shape.isEmpty }) {
          products.insert(product)
        } else if graph[product].primitive == .power, graph.number(factors[1]) == 2 {
          products.insert(product)
        }
      }
      return products
    }

    private func read(by id: Graph.ID, _ products: Set<Graph.ID>) -> [Graph.ID] {
      let operands = layout.operands(id)
      guard layout.roles[Int(id)] == .fold, products.contains(operands[0]) else { return operands }
      let factors = layout.operands(operands[0])
      return layout.graph[operands[0]].primitive == .power ? [factors[0], factors[0]] : factors
    }

    private mutating func operand(_ id: Graph.ID) -> Int32 {
      if let place = known[id] { return place }
      let place: Int32
      if layout.graph[id].shape.isEmpty {
        if let constant = layout.graph.number(id) { constants[places.number(id)] = constant }
        place = append(LL_NUMBER, places.number(id))
      } else if layout.isStored[Int(id)] {
        place = append(LL_ARRAY, Int32(places.slot(id)), width(id))
      } else if let reused = free.popLast() {
        place = reused
      } else {
        place = append(LL_BLOCK_MEMORY, Int32(memoryCount))
        memoryCount += 1
      }
      known[id] = place
      return place
    }

    private mutating func append(_ kind: Int, _ index: Int32, _ width: Int32 = 1) -> Int32 {
      operands.append(ll_operand(kind: Int32(kind), index: index, width: width))
      return Int32(operands.count - 1)
    }
  }
}
