import CKernels
import Glibc
import Tensors

/// The machine code of a cluster: one pass over its arrays with every intermediate value in a register.
///
/// The interpreter of blocks (`ll_cluster_run`) writes and reads the first cache for every operation, which costs two to
/// eight times the memory traffic of the loss itself. Here eight numbers go through all operations at once. Code is made
/// for processors with 512-bit registers and for lengths where it pays; the interpreter does the rest.
///
/// A call handles one block. Folds leave `lanes` partial results per block, in a layout that depends on the length
/// alone, so sums do not depend on who ran which block.
final class NativeCode {
  static let block = 4096
  /// The shortest length that is worth the making of code.
  static let shortest = 256

  private typealias Entry =
    @convention(c) (
      _ arrays: UnsafePointer<UnsafeMutablePointer<Double>?>, _ numbers: UnsafePointer<Double>, _ offset: Int,
      _ count: Int, _ partials: UnsafeMutablePointer<Double>
    ) -> Void

  private let entry: Entry
  private let memory: UnsafeMutableRawPointer
  private let size: Int
  private let count: Int
  private let arrays: [Int]
  private let table: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
  /// Partial results per block and fold.
  let lanes: Int
  let blocks: Int

  /// Nil where there is no such processor, an operation without vector instructions, or too much at a time for the
  /// registers.
  init?(_ vectors: @autoclosure () -> VectorCode?, count: Int) {
    guard count >= NativeCode.shortest, ll_has_wide_vectors() != 0, let vectors = vectors() else { return nil }
    blocks = (count + NativeCode.block - 1) / NativeCode.block
    var maker = NativeCodeMaker(vectors, blocks: blocks)
    guard let bytes = maker.make() else { return nil }
    lanes = 8 * maker.copies
    arrays = vectors.arrays
    self.count = count
    size = (bytes.count + 4095) / 4096 * 4096
    guard let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED
    else { return nil }
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    // Never writable and executable at a time.
    guard mprotect(memory, size, PROT_READ | PROT_EXEC) == 0 else {
      munmap(memory, size)
      return nil
    }
    self.memory = memory
    entry = unsafeBitCast(memory, to: Entry.self)
    table = .allocate(capacity: max(1, arrays.count))
  }

  deinit {
    munmap(memory, size)
    table.deallocate()
  }

  /// Finds the arrays of this run.
  func open(_ slots: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>) {
    for (index, slot) in arrays.enumerated() { table[index] = slots[slot] }
  }

  func run(block: Int, _ numbers: UnsafePointer<Double>, _ partials: UnsafeMutablePointer<Double>) {
    let start = block * NativeCode.block
    entry(table, numbers, start * 8, min(NativeCode.block, count - start), partials + block * lanes)
  }
}

/// Gives the values of a `VectorCode` registers and writes the instructions.
struct NativeCodeMaker {
  private typealias ID = VectorCode.ID

  private let vectors: VectorCode
  private let blocks: Int
  /// How many vectors a turn of the loop handles: several where the work is short, so that folds do not wait for
  /// themselves.
  let copies: Int
  private var assembler = Assembler()
  private var needed: [Bool]
  private var lastUse: [Int]
  private var useCount: [Int]

  // The state of the piece of code being written.
  private var registers: [Int?]
  private var free: [Int] = []
  private var freeMasks: [Int] = []
  private var copy = 0
  private var isMasked = false
  private var hasFailed = false

  private static let bases: [Assembler.Register] = [.rbx, .rbp, .r12, .r13, .r14, .r15, .r10]

  init(_ vectors: VectorCode, blocks: Int) {
    self.vectors = vectors
    self.blocks = blocks
    let count = vectors.nodes.count
    needed = [Bool](repeating: false, count: count)
    lastUse = [Int](repeating: -1, count: count)
    useCount = [Int](repeating: 0, count: count)
    registers = [Int?](repeating: nil, count: count)
    var work = 0
    for index in stride(from: count - 1, through: 0, by: -1) {
      let node = vectors.nodes[index]
      if node.operation == .store || node.operation == .fold { needed[index] = true }
      guard needed[index] else { continue }
      if node.operation.rawValue > VectorCode.Operation.array.rawValue { work += 1 }
      for operand in NativeCodeMaker.operands(node) {
        needed[Int(operand)] = true
        useCount[Int(operand)] += 1
        lastUse[Int(operand)] = max(lastUse[Int(operand)], index)
      }
    }
    let wanted = work <= 8 ? 4 : work <= 24 ? 2 : 1
    copies = max(1, min(wanted, vectors.folds.isEmpty ? wanted : 12 / vectors.folds.count >= wanted ? wanted : 1))
  }

  private static func operands(_ node: VectorCode.Node) -> [ID] {
    node.operation == .fold ? [node.a, node.b].filter { $0 >= 0 } : [node.a, node.b, node.c].filter { $0 >= 0 }
  }

  private func accumulator(_ fold: Int, _ copy: Int) -> Int { 31 - (fold * copies + copy) }

  /// The code, or nil if it does not fit the registers.
  mutating func make() -> [UInt8]? {
    guard vectors.folds.count * copies <= 16 else { return nil }
    let bases = NativeCodeMaker.bases
    assembler.raw([0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57])  // push rbx, rbp, r12 … r15
    for (index, base) in bases.enumerated() where index < vectors.arrays.count {
      assembler.load(base, from: .rdi, offset: Int32(8 * index))
    }
    openFolds()
    let shift: UInt8 = copies == 4 ? 5 : copies == 2 ? 4 : 3
    assembler.raw([0x49, 0x89, 0xCB, 0x49, 0xC1, 0xEB, shift])  // mov r11, rcx; shr r11, shift
    loop(copies: copies)
    if copies > 1 {
      // mov r11, rcx; shr r11, 3; and r11, copies − 1
      assembler.raw([0x49, 0x89, 0xCB, 0x49, 0xC1, 0xEB, 3, 0x49, 0x83, 0xE3, UInt8(copies - 1)])
      loop(copies: 1)
    }
    assembler.raw([0x83, 0xE1, 0x07])  // and ecx, 7
    let end = assembler.jumpAhead(0x84)
    // k1 = 2^ecx − 1
    assembler.raw([0xB8, 1, 0, 0, 0, 0xD3, 0xE0, 0xFF, 0xC8, 0xC5, 0xF8, 0x92, 0xC8])
    body(copy: 0, isMasked: true)
    assembler.land(end)
    for fold in vectors.folds.indices {
      for copy in 0..<copies {
        let offset = Int32(fold * blocks * copies * 64 + copy * 64)
        assembler.emit(.store, accumulator(fold, copy), 0, .memory(.r8, offset: offset))
      }
    }
    assembler.raw([0xC5, 0xF8, 0x77])  // vzeroupper
    assembler.raw([0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C, 0x5D, 0x5B, 0xC3])  // pop …; ret
    return hasFailed ? nil : assembler.finish()
  }

  private mutating func openFolds() {
    for (fold, reduction) in vectors.folds.enumerated() {
      for copy in 0..<copies {
        let register = accumulator(fold, copy)
        if reduction == .sum {
          assembler.emit(.xor, register, register, .register(register))
        } else {
          assembler.emit(.broadcast, register, 0, .constant(reduction.identity.bitPattern))
        }
      }
    }
  }

  /// r11 turns of `copies` vectors each.
  private mutating func loop(copies: Int) {
    let end = assembler.jumpAhead(0x84)
    let start = assembler.bytes.count
    for copy in 0..<copies { body(copy: copy, isMasked: false) }
    let step = copies * 64
    // add rdx, step; dec r11
    assembler.raw([0x48, 0x81, 0xC2, UInt8(step & 0xFF), UInt8(step >> 8), 0, 0, 0x49, 0xFF, 0xCB])
    assembler.jump(0x85, backTo: start)
    assembler.land(end)
  }

  private mutating func body(copy: Int, isMasked: Bool) {
    self.copy = copy
    self.isMasked = isMasked
    for index in registers.indices { registers[index] = nil }
    free = Array((0..<(32 - vectors.folds.count * copies)).reversed())
    freeMasks = [7, 6, 5, 4, 3, 2]
    for index in vectors.nodes.indices where needed[index] {
      emit(index)
      if hasFailed { return }
    }
  }

  // MARK: Registers

  private mutating func take() -> Int {
    guard let register = free.popLast() else {
      hasFailed = true
      return 0
    }
    return register
  }

  private mutating func takeMask() -> Int {
    guard let mask = freeMasks.popLast() else {
      hasFailed = true
      return 2
    }
    return mask
  }

  private func isLeaf(_ id: ID) -> Bool {
    vectors.nodes[Int(id)].operation.rawValue <= VectorCode.Operation.array.rawValue
  }

  /// Whether a value is in memory and may be named there.
  private func isInMemory(_ id: ID) -> Bool {
    guard isLeaf(id), registers[Int(id)] == nil else { return false }
    return vectors.nodes[Int(id)].operation != .array || useCount[Int(id)] == 1 && !isMasked
  }

  private mutating func memory(_ id: ID) -> Assembler.Operand {
    let node = vectors.nodes[Int(id)]
    switch node.operation {
    case .constant: return .constant(node.detail)
    case .number: return .number(.rsi, offset: Int32(8 * node.detail))
    default: return array(Int(node.detail))
    }
  }

  private mutating func array(_ index: Int) -> Assembler.Operand {
    let offset = Int32(64 * copy)
    if index < NativeCodeMaker.bases.count { return .array(NativeCodeMaker.bases[index], offset: offset) }
    assembler.load(.rax, from: .rdi, offset: Int32(8 * index))
    return .array(.rax, offset: offset)
  }

  /// The register a value is in, loading it if need be. Loaded numbers are for this instruction only, arrays stay.
  private mutating func register(_ id: ID, _ temporaries: inout [Int]) -> Int {
    if let register = registers[Int(id)] { return register }
    let register = take()
    load(id, into: register)
    if vectors.nodes[Int(id)].operation == .array {
      registers[Int(id)] = register
    } else {
      temporaries.append(register)
    }
    return register
  }

  private mutating func load(_ id: ID, into register: Int) {
    let source = memory(id)
    if vectors.nodes[Int(id)].operation == .array {
      assembler.emit(.load, register, 0, source, mask: isMasked ? 1 : 0, zeroing: isMasked)
    } else {
      assembler.emit(.broadcast, register, 0, source)
    }
  }

  private mutating func last(_ id: ID, _ temporaries: inout [Int]) -> Assembler.Operand {
    isInMemory(id) ? memory(id) : .register(register(id, &temporaries))
  }

  private mutating func release(_ ids: [ID], at index: Int) {
    for (position, id) in ids.enumerated() where lastUse[Int(id)] == index && !ids[..<position].contains(id) {
      guard let register = registers[Int(id)] else { continue }
      if vectors.isMask(id) { freeMasks.append(register) } else { free.append(register) }
      registers[Int(id)] = nil
    }
  }

  // MARK: Instructions

  private mutating func emit(_ index: Int) {
    let node = vectors.nodes[index]
    let operands = NativeCodeMaker.operands(node)
    var temporaries: [Int] = []
    switch node.operation {
    case .constant, .number, .array: return
    case .add, .multiply, .and, .or, .xor, .addWhole:
      let swap = isInMemory(node.a) && !isInMemory(node.b)
      binary(index, swap ? node.b : node.a, swap ? node.a : node.b, &temporaries)
    case .subtract, .divide, .minimum, .maximum, .scale, .subtractWhole:
      binary(index, node.a, node.b, &temporaries)
    case .squareRoot, .round:
      let source = last(node.a, &temporaries)
      release(operands, at: index)
      let target = take()
      assembler.emit(
        node.operation == .round ? .round : .squareRoot, target, 0, source,
        immediate: node.operation == .round ? UInt8(node.detail) : nil)
      registers[index] = target
    case .shiftWhole:
      let source = register(node.a, &temporaries)
      release(operands, at: index)
      let target = take()
      assembler.emit(.shiftWhole, 2, target, .register(source), immediate: UInt8(node.detail))
      registers[index] = target
    case .multiplyAdd, .negateMultiplyAdd: fused(index, &temporaries)
    case .blend where vectors.nodes[Int(node.c)].operation == .constant && vectors.nodes[Int(node.c)].detail == 0:
      // Zero elsewhere needs no register: the lanes are cleared.
      let mask = registers[Int(node.a)] ?? 0
      let isConstant = isInMemory(node.b) && vectors.nodes[Int(node.b)].operation != .array
      let then = isConstant ? memory(node.b) : last(node.b, &temporaries)
      release(operands, at: index)
      let target = take()
      assembler.emit(isConstant ? .broadcast : .load, target, 0, then, mask: mask, zeroing: true)
      registers[index] = target
    case .blend:
      let otherwise = register(node.c, &temporaries)
      let then = last(node.b, &temporaries)
      let mask = registers[Int(node.a)] ?? 0
      release(operands, at: index)
      let target = take()
      assembler.emit(.blend, target, otherwise, then, mask: mask)
      registers[index] = target
    case .fromMask:
      let mask = registers[Int(node.a)] ?? 0
      release(operands, at: index)
      let target = take()
      assembler.emit(.broadcast, target, 0, .constant(1.0.bitPattern), mask: mask, zeroing: true)
      registers[index] = target
    case .compare:
      let first = register(node.a, &temporaries)
      let second = last(node.b, &temporaries)
      let target = takeMask()
      assembler.emit(.compare, target, first, second, immediate: UInt8(node.detail))
      release(operands, at: index)
      registers[index] = target
    case .andMask, .orMask, .notMask:
      let first = registers[Int(node.a)] ?? 0
      let second = node.b < 0 ? first : registers[Int(node.b)] ?? 0
      let target = takeMask()
      assembler.emit(
        node.operation == .andMask ? .and : node.operation == .orMask ? .or : .not, mask: target, first, second)
      release(operands, at: index)
      registers[index] = target
    case .store:
      let source = register(node.a, &temporaries)
      assembler.emit(.store, source, 0, array(Int(node.detail)), mask: isMasked ? 1 : 0)
      release(operands, at: index)
    case .fold:
      fold(node, &temporaries)
      release(operands, at: index)
    }
    free += temporaries
  }

  private mutating func binary(_ index: Int, _ a: ID, _ b: ID, _ temporaries: inout [Int]) {
    let first = register(a, &temporaries)
    let second = last(b, &temporaries)
    release([a, b], at: index)
    let target = take()
    assembler.emit(NativeCodeMaker.instruction(vectors.nodes[index].operation), target, first, second)
    registers[index] = target
  }

  private static func instruction(_ operation: VectorCode.Operation) -> Assembler.Instruction {
    switch operation {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    case .minimum: .minimum
    case .maximum: .maximum
    case .and: .and
    case .or: .or
    case .xor: .xor
    case .scale: .scale
    case .addWhole: .addWhole
    case .subtractWhole: .subtractWhole
    default: preconditionFailure("\(operation) has no instruction of two operands")
    }
  }

  /// a·b + c or c − a·b. The instruction overwrites one of the three: one that nobody needs any more, or a copy of c.
  private mutating func fused(_ index: Int, _ temporaries: inout [Int]) {
    let node = vectors.nodes[index]
    let isNegative = node.operation == .negateMultiplyAdd
    func dies(_ id: ID) -> Bool { registers[Int(id)] != nil && lastUse[Int(id)] == index }
    var (a, b) = (node.a, node.b)
    if dies(b) && !dies(a) || isInMemory(a) && !isInMemory(b) { swap(&a, &b) }
    let target: Int
    if dies(a), a != node.c {
      target = registers[Int(a)] ?? 0
      if isInMemory(node.c) {
        let middle = register(b, &temporaries)
        assembler.emit(isNegative ? .fnma213 : .fma213, target, middle, memory(node.c))
      } else {
        let middle = register(node.c, &temporaries)
        let multiplier = last(b, &temporaries)
        assembler.emit(isNegative ? .fnma132 : .fma132, target, middle, multiplier)
      }
      registers[Int(a)] = nil
    } else {
      let first = register(a, &temporaries)
      let second = last(b, &temporaries)
      if dies(node.c), node.c != a, node.c != b {
        target = registers[Int(node.c)] ?? 0
        registers[Int(node.c)] = nil
      } else {
        target = take()
        if let source = registers[Int(node.c)] {
          assembler.emit(.load, target, 0, .register(source))
        } else {
          load(node.c, into: target)
        }
      }
      // A memory operand of an array beyond the registers would have lost its base to c.
      assembler.emit(isNegative ? .fnma231 : .fma231, target, first, second)
    }
    release([a, b, node.c], at: index)
    registers[index] = target
  }

  private mutating func fold(_ node: VectorCode.Node, _ temporaries: inout [Int]) {
    let number = Int(node.c)
    let target = accumulator(number, copy)
    let mask = isMasked ? 1 : 0
    if node.detail == 1 {
      let value = register(node.a, &temporaries)
      assembler.emit(.fma231, target, value, .constant(0), mask: mask)
      return
    }
    if node.b >= 0 {
      let first = register(node.a, &temporaries)
      assembler.emit(.fma231, target, first, last(node.b, &temporaries), mask: mask)
      return
    }
    switch vectors.folds[number] {
    case .sum: assembler.emit(.add, target, target, last(node.a, &temporaries), mask: mask)
    case .product: assembler.emit(.multiply, target, target, last(node.a, &temporaries), mask: mask)
    case .largest, .smallest:
      let value = register(node.a, &temporaries)
      assembler.emit(
        vectors.folds[number] == .largest ? .maximum : .minimum, target, value, .register(target), mask: mask)
      // The hardware would lose a NaN; it is put back.
      let unordered = takeMask()
      assembler.emit(
        .compare, unordered, value, .register(value), mask: mask, immediate: VectorCode.Predicate.unordered.rawValue)
      assembler.emit(.load, target, 0, .register(value), mask: unordered)
      freeMasks.append(unordered)
    }
  }
}
