import Tensors

/// Gives the values of a `VectorCode` registers and writes the instructions.
///
/// The code is written twice: once to see how many registers its values take at most, then with the constants that are
/// used most in the registers that are left. What stays in memory is named there by the instruction that needs it.
struct NativeCodeMaker {
  typealias ID = VectorCode.ID

  /// How stores are done: as they are; as they are, remembering the last; past the caches.
  enum Phase { case plain, opening, streaming }

  let folds: [Reduction]
  /// How many blocks there are: how far the partial results of a fold are from those of the next.
  var blocks = 0
  /// Instructions per vector.
  let work: Int
  /// How many vectors a turn of the loop handles: several where the work is short, so that folds do not wait for
  /// themselves.
  private(set) var copies: Int
  let nodes: [VectorCode.Node]
  private let arrayCount: Int
  /// Arrays that are written past the caches, a line at a time: they are larger than the caches, and reading a line of
  /// memory only to write over it takes a third of the time of a loss with its gradient.
  private(set) var streams: [Int] = []
  private(set) var phase = Phase.plain
  /// Arrays that are asked for ahead: the hardware does so only within a page.
  private var ahead: [Assembler.Register] = []
  /// How far, in bytes.
  private static let distance: Int32 = 4096
  var assembler = Assembler()
  private var needed: [Bool]
  private(set) var lastUse: [Int]
  private var useCount: [Int]
  /// Operations that are done by the choice that is their only reader, in the lanes it chooses.
  private(set) var isMerged: [Bool]
  /// How often a constant or a number was named in memory, and how often it had to be loaded by itself.
  private var weights: [ID: Int] = [:]
  /// The constants and numbers that stay in a register, and where.
  private var residents: [ID: Int] = [:]

  // The state of the piece of code being written.
  var registers: [Int?]
  var free: [Int] = []
  var freeMasks: [Int] = []
  private var fewestFree = 0
  private(set) var copy = 0
  /// Where the arrays are, in code that does not find them through a table: code along rows.
  private var places: [Assembler.Operand] = []
  /// Which folds there go over everything, and so leave out what is below the last row.
  private(set) var isTotal: [Bool] = []
  private(set) var isMasked = false
  var hasFailed = false

  private static let bases: [Assembler.Register] = [.rbx, .rbp, .r12, .r13, .r14, .r15, .r10]

  init(_ vectors: VectorCode) {
    folds = vectors.folds
    arrayCount = vectors.arrays.count
    let count = vectors.nodes.count
    (needed, useCount) = NativeCodeMaker.uses(vectors.nodes)
    nodes = NativeCodeMaker.turned(vectors.nodes, useCount)
    lastUse = [Int](repeating: -1, count: count)
    isMerged = [Bool](repeating: false, count: count)
    registers = [Int?](repeating: nil, count: count)
    var work = 0
    for index in stride(from: count - 1, through: 0, by: -1) where needed[index] {
      let node = nodes[index]
      if node.operation.rawValue > VectorCode.Operation.array.rawValue { work += 1 }
      if node.operation == .blend, useCount[Int(node.b)] == 1, NativeCodeMaker.canMerge(nodes[Int(node.b)], into: node)
      {
        isMerged[Int(node.b)] = true
        lastUse[Int(node.b)] = index
      }
      let last = isMerged[index] ? lastUse[index] : index
      for operand in NativeCodeMaker.operands(node) { lastUse[Int(operand)] = max(lastUse[Int(operand)], last) }
    }
    self.work = work
    let wanted = work <= 8 ? 4 : work <= 24 ? 2 : 1
    copies = max(1, min(wanted, folds.isEmpty ? wanted : 12 / folds.count >= wanted ? wanted : 1))
  }

  /// For a section of code along rows, which is put together elsewhere. Columns are folded in their order, so there is
  /// one register per fold. `hasFailed` tells if it does not fit the registers.
  init(_ section: RowCode.Section, at places: [Assembler.Operand]) {
    self.init(section.vectors)
    blocks = 1
    copies = 1
    self.places = places
    isTotal = section.results.map(\.isTotal)
    hasFailed = folds.count > 16
    if !hasFailed { chooseResidents() }
  }

  /// What an instruction reads; without memory of its own, because code is made while someone waits for the first value.
  struct Operands: Sequence, IteratorProtocol {
    private var rest: (ID, ID, ID)

    init(_ node: VectorCode.Node) { rest = (node.a, node.b, node.operation == .fold ? -1 : node.c) }

    mutating func next() -> ID? {
      while rest != (-1, -1, -1) {
        let first = rest.0
        rest = (rest.1, rest.2, -1)
        if first >= 0 { return first }
      }
      return nil
    }
  }

  static func operands(_ node: VectorCode.Node) -> Operands { Operands(node) }

  /// A line of memory takes the end of one vector and the start of the next: this register has the one before, and the
  /// next one says where they meet.
  func carry(_ stream: Int) -> Int { 31 - folds.count * copies - 2 * stream }

  private var reserved: Int { folds.count * copies + 2 * streams.count }

  func accumulator(_ fold: Int, _ copy: Int) -> Int { 31 - (fold * copies + (places.isEmpty ? copy : 0)) }

  /// The code, or nil if it does not fit the registers.
  ///
  /// - Parameter bytes: what the arrays take together.
  mutating func make(bytes: Int) -> [UInt8]? {
    guard folds.count * copies <= 16 else { return nil }
    if bytes > NativeCode.secondCache {
      let read = Set(nodes.filter { $0.operation == .array }.map { Int($0.detail) })
      ahead = read.sorted().prefix { $0 < NativeCodeMaker.bases.count }.map { NativeCodeMaker.bases[$0] }
    }
    let isLarge = bytes > NativeCode.lastCache
    let stored = nodes.filter { $0.operation == .store }.map { Int($0.detail) }
    if isLarge, stored.count <= 2, stored.allSatisfy({ $0 < NativeCodeMaker.bases.count }) { streams = stored }
    chooseResidents()
    guard !hasFailed else { return nil }
    assembler.raw([0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57])  // push rbx, rbp, r12 … r15
    for (index, base) in NativeCodeMaker.bases.enumerated() where index < arrayCount {
      assembler.load(base, from: .rdi, offset: Int32(8 * index))
    }
    openFolds()
    loadResidents()
    let shift: UInt8 = copies == 4 ? 5 : copies == 2 ? 4 : 3
    assembler.raw([0x49, 0x89, 0xCB, 0x49, 0xC1, 0xEB, shift])  // mov r11, rcx; shr r11, shift
    if !streams.isEmpty { stream() }
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
    for fold in folds.indices {
      for copy in 0..<copies {
        let offset = Int32(fold * blocks * copies * 64 + copy * 64)
        assembler.emit(.store, accumulator(fold, copy), 0, .memory(.r8, offset: offset))
      }
    }
    if !streams.isEmpty { assembler.raw([0x0F, 0xAE, 0xF8]) }  // sfence
    assembler.raw([0xC5, 0xF8, 0x77])  // vzeroupper
    assembler.raw([0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C, 0x5D, 0x5B, 0xC3])  // pop …; ret
    return hasFailed ? nil : assembler.finish()
  }

  /// Writes the bodies once for the counts, and gives the registers nobody took to what was read most.
  private mutating func chooseResidents() {
    fewestFree = .max
    body(copy: 0, isMasked: false)
    let loads = weights
    if places.isEmpty { body(copy: 0, isMasked: true) }
    assembler = Assembler()
    let wanted = loads.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map(\.key)
    let first = 32 - reserved - fewestFree
    for (place, id) in wanted.prefix(max(0, fewestFree)).enumerated() { residents[id] = first + place }
  }

  mutating func loadResidents() {
    for (id, register) in residents.sorted(by: { $0.value < $1.value }) {
      assembler.emit(.broadcast, register, 0, place(of: id))
    }
  }

  private mutating func openFolds() {
    for (fold, reduction) in folds.enumerated() {
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

  /// The turns of a block whose stores go past the caches: all but the first, which leaves a vector to carry on with.
  private mutating func stream() {
    assembler.raw([0x49, 0x83, 0xFB, 0x02])  // cmp r11, 2
    let isShort = assembler.jumpAhead(0x82)
    phase = .opening
    for copy in 0..<copies { body(copy: copy, isMasked: false) }
    advance(copies)
    assembler.load(.r9, from: .rdi, offset: Int32(8 * arrayCount))
    for (stream, array) in streams.enumerated() {
      let base = NativeCodeMaker.bases[array].rawValue
      // mov rax, base; and eax, 63; neg eax; add eax, 64; add rax, r9
      assembler.raw([0x48 | (base >> 3) << 2, 0x89, 0xC0 | (base & 7) << 3, 0x83, 0xE0, 0x3F, 0xF7, 0xD8])
      assembler.raw([0x83, 0xC0, 0x40, 0x4C, 0x01, 0xC8])
      assembler.emit(.load, carry(stream) - 1, 0, .memory(.rax, offset: 0))
      assembler.raw([0x48 | base >> 3, 0x83, 0xE0 | base & 7, 0xC0])  // and base, −64
    }
    phase = .streaming
    loop(copies: copies)
    phase = .plain
    for (stream, array) in streams.enumerated() {
      assembler.load(NativeCodeMaker.bases[array], from: .rdi, offset: Int32(8 * array))
      assembler.emit(.store, carry(stream), 0, .array(NativeCodeMaker.bases[array], offset: -64))
    }
    assembler.land(isShort)
  }

  private mutating func advance(_ copies: Int) {
    let step = copies * 64
    // add rdx, step; dec r11
    assembler.raw([0x48, 0x81, 0xC2, UInt8(step & 0xFF), UInt8(step >> 8), 0, 0, 0x49, 0xFF, 0xCB])
  }

  /// r11 turns of `copies` vectors each.
  private mutating func loop(copies: Int) {
    assembler.raw([0x4D, 0x85, 0xDB])  // test r11, r11
    let end = assembler.jumpAhead(0x84)
    let start = assembler.bytes.count
    for copy in 0..<copies {
      for base in ahead { assembler.ask(for: base, offset: NativeCodeMaker.distance + Int32(64 * copy)) }
      body(copy: copy, isMasked: false)
    }
    advance(copies)
    assembler.jump(0x85, backTo: start)
    assembler.land(end)
  }

  mutating func body(copy: Int, isMasked: Bool) {
    self.copy = copy
    self.isMasked = isMasked
    for index in registers.indices { registers[index] = nil }
    for (id, register) in residents { registers[Int(id)] = register }
    free = Array((0..<(32 - reserved - residents.count)).reversed())
    freeMasks = [7, 6, 5, 4, 3, 2]
    for index in nodes.indices where needed[index] && !isMerged[index] {
      emit(index)
      if hasFailed { return }
    }
  }

  // MARK: Registers

  mutating func take() -> Int {
    guard let register = free.popLast() else {
      hasFailed = true
      return 0
    }
    fewestFree = min(fewestFree, free.count)
    return register
  }

  mutating func takeMask() -> Int {
    guard let mask = freeMasks.popLast() else {
      hasFailed = true
      return 2
    }
    return mask
  }

  func isLeaf(_ id: ID) -> Bool { nodes[Int(id)].operation.rawValue <= VectorCode.Operation.array.rawValue }

  /// Whether a value is in memory and may be named there.
  func isInMemory(_ id: ID) -> Bool {
    guard isLeaf(id), registers[Int(id)] == nil else { return false }
    return nodes[Int(id)].operation != .array || useCount[Int(id)] == 1 && !isMasked
  }

  mutating func memory(_ id: ID) -> Assembler.Operand {
    let node = nodes[Int(id)]
    if node.operation == .array { return array(Int(node.detail & 0xFFFF), further: Int32(node.detail >> 16)) }
    weights[id, default: 0] += 1
    return place(of: id)
  }

  /// Where a constant, a number or an element is.
  private mutating func place(of id: ID) -> Assembler.Operand {
    let node = nodes[Int(id)]
    switch node.operation {
    case .number: return .number(.rsi, offset: Int32(8 * node.detail))
    case .element:
      guard case .array(let base, _) = array(Int(node.detail & 0xFFFF)) else { return .constant(node.detail) }
      return .number(base, offset: Int32(8 * (node.detail >> 16)))
    default: return .constant(node.detail)
    }
  }

  mutating func array(_ index: Int, further: Int32 = 0) -> Assembler.Operand {
    let offset = Int32(64 * copy) + further
    if !places.isEmpty {
      if case .array(let base, let start) = places[index] { return .array(base, offset: start + offset) }
      return places[index]
    }
    if index < NativeCodeMaker.bases.count { return .array(NativeCodeMaker.bases[index], offset: offset) }
    assembler.load(.rax, from: .rdi, offset: Int32(8 * index))
    return .array(.rax, offset: offset)
  }

  /// The register a value is in, loading it if need be. Loaded numbers are for this instruction only, arrays stay.
  mutating func register(_ id: ID, _ temporaries: inout [Int]) -> Int {
    if let register = registers[Int(id)] { return register }
    let register = take()
    load(id, into: register)
    if nodes[Int(id)].operation == .array {
      registers[Int(id)] = register
    } else {
      temporaries.append(register)
    }
    return register
  }

  /// Copies a value, wherever it is, into a register.
  mutating func load(_ id: ID, into register: Int) {
    if let source = registers[Int(id)] {
      assembler.emit(.load, register, 0, .register(source))
    } else if nodes[Int(id)].operation == .array {
      assembler.emit(.load, register, 0, memory(id), mask: isMasked ? 1 : 0, zeroing: isMasked)
    } else {
      // An instruction of its own: twice the worth of staying in a register.
      weights[id, default: 0] += 1
      assembler.emit(.broadcast, register, 0, memory(id))
    }
  }

  mutating func last(_ id: ID, _ temporaries: inout [Int]) -> Assembler.Operand {
    isInMemory(id) ? memory(id) : .register(register(id, &temporaries))
  }

  /// Whether the instruction at `index` may write over a value.
  func dies(_ id: ID, at index: Int) -> Bool {
    registers[Int(id)] != nil && lastUse[Int(id)] == index && residents[id] == nil
  }

  /// An operand named twice is gone the second time.
  mutating func release(_ ids: some Sequence<ID>, at index: Int) {
    for id in ids where lastUse[Int(id)] == index {
      guard let register = registers[Int(id)], residents[id] == nil else { continue }
      if isMask(id) { freeMasks.append(register) } else { free.append(register) }
      registers[Int(id)] = nil
    }
  }

  private func isMask(_ id: ID) -> Bool { VectorCode.isMask(nodes[Int(id)].operation) }
}
