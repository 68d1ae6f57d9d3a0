/// Bytes of x86-64 instructions over 512-bit registers, as many of them as elementwise code needs.
///
/// Operands in memory are `[base + offset]` of an array, or one number repeated in all eight lanes (the hardware's
/// embedded broadcast), so constants need no registers. Encodings: Intel SDM volume 2, "EVEX encoding".
struct Assembler {
  /// General registers by their numbers.
  enum Register: UInt8 { case rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15 }

  /// The last operand of an instruction.
  enum Operand {
    case register(Int)
    /// Eight numbers at base + rdx + offset.
    case array(Register, offset: Int32)
    /// Eight numbers at base + offset.
    case memory(Register, offset: Int32)
    /// One number at base + offset, repeated.
    case number(Register, offset: Int32)
    /// A constant of the pool, repeated.
    case constant(UInt64)
  }

  /// A vector instruction: opcode map (1: 0F, 2: 0F38, 3: 0F3A) and opcode; all have the 66 prefix and W = 1.
  struct Instruction {
    let map: UInt8
    let opcode: UInt8
    init(_ map: UInt8, _ opcode: UInt8) {
      self.map = map
      self.opcode = opcode
    }
    static let add = Instruction(1, 0x58)
    static let multiply = Instruction(1, 0x59)
    static let subtract = Instruction(1, 0x5C)
    static let minimum = Instruction(1, 0x5D)
    static let divide = Instruction(1, 0x5E)
    static let maximum = Instruction(1, 0x5F)
    static let squareRoot = Instruction(1, 0x51)
    static let and = Instruction(1, 0x54)
    static let or = Instruction(1, 0x56)
    static let xor = Instruction(1, 0x57)
    static let load = Instruction(1, 0x10)
    static let store = Instruction(1, 0x11)
    /// Past the caches, to a whole line.
    static let stream = Instruction(1, 0x2B)
    /// Lanes of first and last, as the numbers in middle say: 0 … 7 from first, 8 … 15 from last.
    static let permute = Instruction(2, 0x7F)
    static let broadcast = Instruction(2, 0x19)
    /// first = first·last + middle, middle·first + last, middle·last + first; then with the product negated.
    static let fma132 = Instruction(2, 0x98)
    static let fma213 = Instruction(2, 0xA8)
    static let fma231 = Instruction(2, 0xB8)
    static let fnma132 = Instruction(2, 0x9C)
    static let fnma213 = Instruction(2, 0xAC)
    static let fnma231 = Instruction(2, 0xBC)
    static let compare = Instruction(1, 0xC2)
    static let blend = Instruction(2, 0x65)
    /// Any function of three bits, by its truth table.
    static let logic = Instruction(3, 0x25)
    static let round = Instruction(3, 0x09)
    static let scale = Instruction(2, 0x2C)
    static let addWhole = Instruction(1, 0xD4)
    static let subtractWhole = Instruction(1, 0xFB)
    static let shiftWhole = Instruction(1, 0x73)
  }

  private(set) var bytes: [UInt8] = []
  private var pool: [UInt64] = []
  private var places: [UInt64: Int] = [:]
  private var references: [(position: Int, end: Int, constant: Int)] = []

  // MARK: Vector instructions

  /// - Parameters:
  ///   - mask: lanes that are written; 0 for all. `zeroing` clears the others, which otherwise stay.
  mutating func emit(
    _ instruction: Instruction, _ first: Int, _ middle: Int = 0, _ last: Operand, mask: Int = 0, zeroing: Bool = false,
    immediate: UInt8? = nil
  ) {
    var isRepeated = false
    if case .number = last { isRepeated = true }
    if case .constant = last { isRepeated = true }
    // broadcast repeats by itself.
    if instruction.opcode == 0x19, instruction.map == 2 { isRepeated = false }
    var (x, b) = (0, 0)
    switch last {
    case .register(let register): (x, b) = (register >> 4, register >> 3 & 1)
    case .array(let base, _): (x, b) = (0, Int(base.rawValue) >> 3)
    case .memory(let base, _), .number(let base, _): (x, b) = (0, Int(base.rawValue) >> 3)
    case .constant: break
    }
    func inverted(_ bit: Int, _ place: Int) -> UInt8 { UInt8((bit & 1) ^ 1) << UInt8(place) }
    bytes.append(0x62)
    bytes.append(
      inverted(first >> 3, 7) | inverted(x, 6) | inverted(b, 5) | inverted(first >> 4, 4) | instruction.map)
    bytes.append(0x80 | UInt8(~middle & 15) << 3 | 0b101)
    bytes.append(
      (zeroing ? 0x80 : 0) | 0x40 | (isRepeated ? 0x10 : 0) | inverted(middle >> 4, 3) | UInt8(mask))
    bytes.append(instruction.opcode)
    let reg = UInt8(first & 7) << 3
    switch last {
    case .register(let register): bytes.append(0xC0 | reg | UInt8(register & 7))
    case .array(let base, let offset):
      let short = Assembler.short(offset, 64)
      bytes.append((short == nil ? 0x84 : 0x44) | reg)
      bytes.append(Register.rdx.rawValue << 3 | base.rawValue & 7)
      append(short, offset)
    case .memory(let base, let offset), .number(let base, let offset):
      var size: Int32 = 64
      if case .number = last { size = 8 }
      let short = Assembler.short(offset, size)
      bytes.append((short == nil ? 0x80 : 0x40) | reg | base.rawValue & 7)
      if base.rawValue & 7 == 4 { bytes.append(0x24) }
      append(short, offset)
    case .constant(let bits):
      bytes.append(0x05 | reg)
      references.append((bytes.count, bytes.count + 4 + (immediate == nil ? 0 : 1), constant(bits)))
      append(0)
    }
    if let immediate { bytes.append(immediate) }
  }

  private mutating func constant(_ bits: UInt64) -> Int {
    if let place = places[bits] { return place }
    pool.append(bits)
    places[bits] = pool.count - 1
    return pool.count - 1
  }

  /// An offset in units of what is read, where that fits a byte.
  private static func short(_ offset: Int32, _ size: Int32) -> Int8? {
    offset % size == 0 ? Int8(exactly: offset / size) : nil
  }

  private mutating func append(_ short: Int8?, _ offset: Int32) {
    if let short { bytes.append(UInt8(bitPattern: short)) } else { append(offset) }
  }

  mutating func append(_ value: Int32) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  // MARK: Masks

  enum MaskInstruction: UInt8 { case and = 0x41, not = 0x44, or = 0x45 }

  mutating func emit(_ instruction: MaskInstruction, mask: Int, _ a: Int, _ b: Int) {
    // not has one operand, in the place of b.
    let middle = instruction == .not ? 0 : a
    let length: UInt8 = instruction == .not ? 0 : 4
    bytes += [0xC5, 0x80 | UInt8(~middle & 15) << 3 | length, instruction.rawValue, 0xC0 | UInt8(mask) << 3 | UInt8(b)]
  }

  // MARK: Scalar instructions, byte by byte

  mutating func raw(_ code: [UInt8]) { bytes += code }

  /// Asks for the line of memory at base + rdx + offset.
  mutating func ask(for base: Register, offset: Int32) {
    if base.rawValue > 7 { bytes.append(0x41) }
    bytes += [0x0F, 0x18, 0x8C, Register.rdx.rawValue << 3 | base.rawValue & 7]
    append(offset)
  }

  /// target = [base + offset]
  mutating func load(_ target: Register, from base: Register, offset: Int32) {
    bytes.append(0x48 | (target.rawValue >> 3) << 2 | base.rawValue >> 3)
    bytes.append(0x8B)
    bytes.append(0x80 | (target.rawValue & 7) << 3 | base.rawValue & 7)
    append(offset)
  }

  /// A jump (two-byte opcode 0F xx) back to a place already emitted.
  mutating func jump(_ condition: UInt8, backTo position: Int) {
    bytes += [0x0F, condition]
    append(Int32(position - (bytes.count + 4)))
  }

  /// A jump ahead; `land` gives it its target.
  mutating func jumpAhead(_ condition: UInt8) -> Int {
    bytes += [0x0F, condition]
    append(0)
    return bytes.count
  }

  mutating func land(_ jump: Int) { write(Int32(bytes.count - jump), at: jump - 4) }

  private mutating func write(_ value: Int32, at position: Int) {
    withUnsafeBytes(of: value.littleEndian) { source in
      for (index, byte) in source.enumerated() { bytes[position + index] = byte }
    }
  }

  /// The code with its constants behind it.
  mutating func finish() -> [UInt8] {
    while bytes.count % 8 != 0 { bytes.append(0x90) }
    let start = bytes.count
    for bits in pool { withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) } }
    for reference in references { write(Int32(start + 8 * reference.constant - reference.end), at: reference.position) }
    return bytes
  }
}
