import CKernels
import Tensors

/// The machine code of a cluster along rows, for eight rows at a time (see `RowCode`).
///
/// A call handles one block of rows. Everything it reads and writes is in the *frame* of its thread: the block's rows in
/// lanes, which are put there and taken from there around the call, and values that wait for a later section. So the
/// code needs two addresses however many arrays there are, and rows missing from the last eight need no care but in
/// folds over everything. A section is done for all rows of the block before the next one: what is long in one group of
/// eight, like the logarithm of its sum, overlaps with the others.
final class NativeRows {
  /// How many rows a call handles: about a thousand elements of each array, which stay in the first cache.
  let block: Int
  /// How many numbers the frame takes.
  let frameSize: Int
  let lanes = 8
  /// How many instructions eight elements take, about.
  let work: Int
  private let rows: Int
  private let width: Int
  private let arrays: [ll_row_array]
  private let past: Int
  private let code: ExecutableMemory

  /// Nil where there is no such processor, an operation without vector instructions, or too much at a time for the
  /// registers.
  init?(_ rowCode: @autoclosure () -> RowCode?, rows: Int, width: Int) {
    guard rows >= 8, rows * width >= NativeCode.shortest, ll_has_wide_vectors() != 0, let rowCode = rowCode() else {
      return nil
    }
    block = min(max(8, 1024 / width / 8 * 8), (rows + 7) / 8 * 8)
    self.rows = rows
    self.width = width
    let frame = RowFrame(rowCode, block: block)
    arrays = frame.arrays
    // Arrays larger than the caches are written past them. A quarter is enough: eight rows are written to many lines at a
    // time, each of which would be read first.
    let moved = arrays.reduce(0) { $1.use == Int32(LL_REPEATED) ? $0 : $0 + Int($1.width) * rows * 8 }
    past = moved > NativeCode.lastCache / 4 ? frame.size / 8 : 0
    frameSize = frame.size / 8 + (past > 0 ? block * width : 0)
    var maker = NativeRowsMaker(rowCode, frame, blocks: (rows + block - 1) / block)
    guard let bytes = maker.make(), let code = ExecutableMemory(bytes) else { return nil }
    self.code = code
    work = maker.work
  }

  func run(
    _ blocks: Range<Int>, _ slots: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>,
    _ numbers: UnsafePointer<Double>, _ frame: UnsafeMutablePointer<Double>, _ partials: UnsafeMutablePointer<Double>
  ) {
    arrays.withUnsafeBufferPointer { arrays in
      var cluster = ll_row_cluster(
        code: unsafeBitCast(code.start, to: ll_row_code.self), arrays: arrays.baseAddress, array_count: arrays.count,
        rows: rows, width: width, block: block, lanes: lanes, past: past)
      ll_row_cluster_run(&cluster, slots, numbers, frame, partials, blocks.lowerBound, blocks.upperBound)
    }
  }
}

/// Where everything is in a frame, in bytes: what folds over everything have come to and tiles, then for every row of the
/// block its single numbers, then its elements.
private struct RowFrame {
  let width: Int
  let block: Int
  /// All arrays from and for outside.
  private(set) var arrays: [ll_row_array] = []
  private let totalCount: Int
  private var singles: [RowCode.Place: Int] = [:]
  private var multiples: [RowCode.Place: Int] = [:]
  private var tiles: [RowCode.Place: Int] = [:]

  init(_ code: RowCode, block: Int) {
    width = code.width
    self.block = block
    totalCount = code.folds.count
    var uses: [RowCode.Place: Int32] = [:]
    for section in code.sections {
      for node in section.vectors.nodes where node.operation == .array || node.operation == .store {
        let place = section.places[Int(node.detail)]
        uses[place, default: 0] |= Int32(node.operation == .store ? LL_WRITTEN : LL_READ)
        add(place)
      }
      for place in section.results { add(place) }
    }
    for section in code.sections {
      for place in section.places {
        guard let use = uses.removeValue(forKey: place) else { continue }
        switch place {
        case .elements(let slot): note(slot, place, width, use)
        case .perRow(let slot): note(slot, place, 1, use)
        case .tile(let slot): note(slot, place, width, Int32(LL_REPEATED))
        default: break
        }
      }
    }
  }

  private mutating func add(_ place: RowCode.Place) {
    switch place {
    case .total: break
    case .tile: if tiles[place] == nil { tiles[place] = tiles.count }
    case .once, .perRow: if singles[place] == nil { singles[place] = singles.count }
    case .columns, .elements: if multiples[place] == nil { multiples[place] = multiples.count }
    }
  }

  private mutating func note(_ slot: Int, _ place: RowCode.Place, _ width: Int, _ use: Int32) {
    let start = offset(place) + (self.start(place) ?? 0)
    arrays.append(ll_row_array(slot: Int32(slot), place: Int32(start / 8), width: Int32(width), use: use))
  }

  // MARK: Offsets

  var singlesStart: Int { (totalCount + tiles.count * width) * 64 }
  var multiplesStart: Int { singlesStart + singles.count * block * 8 }
  var size: Int { multiplesStart + multiples.count * block * width * 8 }

  private func start(_ place: RowCode.Place) -> Int? {
    switch place {
    case .total, .tile: nil
    case .once, .perRow: singlesStart
    case .columns, .elements: multiplesStart
    }
  }

  /// From the start of its part of the frame, for the first eight rows.
  private func offset(_ place: RowCode.Place) -> Int {
    switch place {
    case .total(let index): index * 64
    case .tile: (totalCount + (tiles[place] ?? 0) * width) * 64
    case .once, .perRow: (singles[place] ?? 0) * block * 8
    case .columns, .elements: (multiples[place] ?? 0) * block * width * 8
    }
  }

  /// rbp and rbx are at the eight rows' single numbers and elements, rdx goes along the columns.
  func operand(_ place: RowCode.Place) -> Assembler.Operand {
    let offset = Int32(offset(place))
    switch place {
    case .total: return .memory(.r8, offset: offset)
    case .tile: return .array(.r8, offset: offset)
    case .once, .perRow: return .memory(.rbp, offset: offset)
    case .columns, .elements: return .array(.rbx, offset: offset)
    }
  }

  /// How many arrays are worth asking for ahead.
  var aheadCount: Int { min(Int(LL_AHEAD), arrays.count { $0.width > 1 && $0.use & Int32(LL_READ) != 0 }) }
}

/// Writes the instructions of a `RowCode`.
///
/// rdi, rsi, r9 are as given, r15 counts groups in all, r10 those left, r11 columns; r12 … r14 are ahead in the arrays.
private struct NativeRowsMaker {
  private let code: RowCode
  private let frame: RowFrame
  private let blocks: Int
  private var assembler = Assembler()
  /// How many instructions a column takes.
  private(set) var work = 0

  init(_ code: RowCode, _ frame: RowFrame, blocks: Int) {
    self.code = code
    self.frame = frame
    self.blocks = blocks
  }

  /// The code, or nil if it does not fit the registers.
  mutating func make() -> [UInt8]? {
    assembler.raw([0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57])  // push rbx, rbp, r12 … r15
    assembler.raw([0x49, 0x89, 0xD7])  // mov r15, rdx
    for (index, source) in [Assembler.Register.r12, .r13, .r14].prefix(frame.aheadCount).enumerated() {
      assembler.load(source, from: .rdi, offset: Int32(8 * index))
    }
    for (index, reduction) in code.folds.enumerated() {
      assembler.emit(.broadcast, 0, 0, .constant(reduction.identity.bitPattern))
      assembler.emit(.store, 0, 0, frame.operand(.total(index)))
    }
    // Where most is computed there is time for memory.
    let loops = code.sections.indices.filter { $0 % 2 == 1 }
    let busiest = loops.max { code.sections[$0].vectors.nodes.count < code.sections[$1].vectors.nodes.count }
    for index in code.sections.indices {
      guard write(code.sections[index], isLoop: index % 2 == 1, asksAhead: index == busiest) else { return nil }
    }
    for index in code.folds.indices {
      assembler.emit(.load, 0, 0, frame.operand(.total(index)))
      assembler.emit(.store, 0, 0, .memory(.rcx, offset: Int32(index * blocks * 64)))
    }
    assembler.raw([0xC5, 0xF8, 0x77])  // vzeroupper
    assembler.raw([0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C, 0x5D, 0x5B, 0xC3])  // pop …; ret
    return assembler.finish()
  }

  /// A section for all groups of the block, or false if it does not fit the registers.
  private mutating func write(_ section: RowCode.Section, isLoop: Bool, asksAhead: Bool) -> Bool {
    guard !section.vectors.nodes.isEmpty else { return true }
    var maker = NativeCodeMaker(section, at: section.places.map(frame.operand))
    guard !maker.hasFailed else { return false }
    swap(&maker.assembler, &assembler)
    maker.loadResidents()
    add(frame.singlesStart, to: [0x4C, 0x89, 0xC5, 0x48, 0x81, 0xC5], &maker)  // mov rbp, r8; add rbp, …
    add(frame.multiplesStart, to: [0x4C, 0x89, 0xC3, 0x48, 0x81, 0xC3], &maker)  // mov rbx, r8; add rbx, …
    maker.assembler.raw([0x4D, 0x89, 0xFA])  // mov r10, r15
    maker.assembler.raw([0xB8, 0xFF, 0, 0, 0, 0xC5, 0xF8, 0x92, 0xC8])  // k1 = all lanes
    let folds = section.results.enumerated().map { (register: maker.accumulator($0, 0), index: $0, place: $1) }
    for fold in folds where fold.place.isTotal {
      maker.assembler.emit(.load, fold.register, 0, frame.operand(fold.place))
    }
    let start = maker.assembler.bytes.count
    maker.assembler.raw([0x49, 0x83, 0xFA, 0x01])  // cmp r10, 1
    let isNotLast = maker.assembler.jumpAhead(0x85)
    maker.assembler.raw([0xC4, 0xC1, 0x78, 0x92, 0xC9])  // kmovw k1, r9d
    maker.assembler.land(isNotLast)
    for fold in folds where !fold.place.isTotal {
      if section.vectors.folds[fold.index] == .sum {
        maker.assembler.emit(.xor, fold.register, fold.register, .register(fold.register))
      } else {
        let identity = section.vectors.folds[fold.index].identity
        maker.assembler.emit(.broadcast, fold.register, 0, .constant(identity.bitPattern))
      }
    }
    if isLoop {
      work += maker.work
      writeColumns(&maker, asksAhead: asksAhead)
    } else {
      maker.body(copy: 0, isMasked: false)
    }
    for fold in folds where !fold.place.isTotal {
      maker.assembler.emit(.store, fold.register, 0, frame.operand(fold.place))
    }
    add(64, to: [0x48, 0x81, 0xC5], &maker)  // rbp
    add(frame.width * 64, to: [0x48, 0x81, 0xC3], &maker)  // rbx
    for index in 0..<(asksAhead ? frame.aheadCount : 0) {
      add(frame.width * 64, to: [0x49, 0x81, 0xC4 + UInt8(index)], &maker)  // r12 …
    }
    maker.assembler.raw([0x49, 0xFF, 0xCA])  // dec r10
    maker.assembler.jump(0x85, backTo: start)
    for fold in folds where fold.place.isTotal {
      maker.assembler.emit(.store, fold.register, 0, frame.operand(fold.place))
    }
    assembler = maker.assembler
    return !maker.hasFailed
  }

  private func writeColumns(_ maker: inout NativeCodeMaker, asksAhead: Bool) {
    let work = max(1, maker.work)
    // Short rows of little work need no loop at all.
    let copies =
      frame.width <= 16 && frame.width * work <= 128 ? frame.width : max(1, min(4, 32 / work, frame.width))
    maker.assembler.raw([0x31, 0xD2])  // xor edx, edx
    let turns = frame.width / copies
    if turns > 1 { add(turns, to: [0x41, 0xBB], &maker) }  // mov r11d, turns
    let start = maker.assembler.bytes.count
    for copy in 0..<copies {
      if asksAhead { askAhead(copy, &maker) }
      maker.body(copy: copy, isMasked: false)
    }
    if turns > 1 {
      add(copies * 64, to: [0x48, 0x81, 0xC2], &maker)  // add rdx, …
      maker.assembler.raw([0x49, 0xFF, 0xCB])  // dec r11
      maker.assembler.jump(0x85, backTo: start)
    }
    for copy in 0..<(frame.width % copies) { maker.body(copy: copy + (turns > 1 ? 0 : copies), isMasked: false) }
  }

  /// A line of each array's next block for each column: as many as the block has.
  private func askAhead(_ copy: Int, _ maker: inout NativeCodeMaker) {
    for index in 0..<frame.aheadCount {
      // prefetcht0 [r12 … + rdx + offset]; r12 takes a byte for the index like the others.
      add(64 * copy, to: [0x41, 0x0F, 0x18, 0x8C, 0x14 + UInt8(index)], &maker)
    }
  }

  private func add(_ number: Int, to instruction: [UInt8], _ maker: inout NativeCodeMaker) {
    maker.assembler.raw(instruction)
    maker.assembler.append(Int32(number))
  }
}
