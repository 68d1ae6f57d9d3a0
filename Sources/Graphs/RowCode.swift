import CKernels
import Tensors

/// What a cluster does along rows, as code for eight rows at a time: a register holds one column of them.
///
/// Elementwise work and folds along a row are then the same plain arithmetic, what is one number per row is one register,
/// and `softmax`, `log_softmax` and their gradients, written out in `VectorCode`, share their exponentials. A fold along
/// the row must have seen all columns before its result is used, so the code comes in *sections*: for phase 0, 1, … what
/// is done once for the eight rows, then what is done for every column. A value of an earlier section is made again
/// where that is cheap, or kept in the frame.
struct RowCode {
  typealias ID = VectorCode.ID

  /// Where an array of a section is.
  enum Place: Hashable {
    /// An array with an element for every place in the rows, or one per row, from or for outside.
    case elements(slot: Int), perRow(slot: Int)
    /// One row that is the same for all.
    case tile(slot: Int)
    /// In the frame: for every column, once for the eight rows, and what folds over everything have come to.
    case columns(Int), once(Int), total(Int)

    var isTotal: Bool { if case .total = self { true } else { false } }
  }

  enum Fold: Hashable {
    case sum, largest
    /// The largest but for NaN, which is found in what comes after.
    case top
  }

  struct Section {
    var vectors = VectorCode()
    /// By the number of the array in `vectors`.
    var places: [Place] = []
    /// Where the folds of this section leave their results: for the eight rows or for everything.
    var results: [Place] = []
    /// What values of the cluster are here, by their numbers; −1 for none yet.
    fileprivate var known: [ID] = []

    fileprivate mutating func place(_ place: Place) -> Int {
      if let index = places.firstIndex(of: place) { return index }
      places.append(place)
      return places.count - 1
    }
  }

  let width: Int
  /// Of phase p: 2p, once, and 2p + 1, for every column.
  private(set) var sections: [Section] = []
  private var onceCount = 0
  private var columnsCount = 0
  let folds: [Reduction]

  private enum Effect {
    case store(ID, Place)
    /// Of a, or of a·b.
    case fold(Int, ID, ID)
  }

  /// All values, before they are spread over sections.
  private var all = VectorCode()
  private var leaves: [Place] = []
  private var along: [(fold: Fold, of: ID)] = []
  private var alongKnown: [[Int32]: ID] = [:]
  /// Whether the largest of a row must be NaN if one of its elements is: so for `logsumexp`, and then for all that share
  /// its exponentials.
  private let seesNaN: Bool
  private var isPerColumn: [Bool] = []
  private var phases: [Int] = []
  private var effects: [(effect: Effect, isPerColumn: Bool)] = []
  /// Where values kept for later sections are.
  private var kept: [ID: Place] = [:]

  /// Nil if the cluster holds something that is not written out in vector instructions.
  init?(
    code: [ll_instruction], operands: [ll_operand], folds: [Reduction], constants: [Int32: Double], width: Int
  ) {
    self.width = width
    self.folds = folds
    seesNaN = code.contains { $0.op == Int32(LL_ROW_LOGSUMEXP) }
    guard read(code, operands, constants) else { return nil }
    findPhases()
    divide()
  }

  // MARK: Values

  private mutating func leaf(_ place: Place) -> ID {
    if let index = leaves.firstIndex(of: place) { return all.make(.array, detail: UInt64(index)) }
    leaves.append(place)
    return all.make(.array, detail: UInt64(leaves.count - 1))
  }

  /// A fold along the rows; its result is a leaf of later phases.
  private mutating func fold(_ fold: Fold, _ id: ID) -> ID {
    let value = all.vector(id)
    let key = [value, fold == .sum ? 0 : fold == .largest ? 1 : 2]
    if let known = alongKnown[key] { return known }
    along.append((fold, value))
    let result = leaf(.once(onceCount))
    onceCount += 1
    alongKnown[key] = result
    return result
  }

  private mutating func read(
    _ code: [ll_instruction], _ operands: [ll_operand], _ constants: [Int32: Double]
  ) -> Bool {
    var current = [ID?](repeating: nil, count: operands.count)
    for instruction in code {
      let isPerColumn = instruction.width > 1
      func operand(_ index: Int32, _ code: inout RowCode) -> ID {
        if let value = current[Int(index)] { return value }
        let operand = operands[Int(index)]
        let value: ID
        if operand.kind == Int32(LL_WHOLE) {
          value = code.leaf(.tile(slot: Int(operand.index)))
        } else if operand.kind != Int32(LL_NUMBER) {
          let slot = Int(operand.index)
          value = code.leaf(operand.width > 1 ? .elements(slot: slot) : .perRow(slot: slot))
        } else if let constant = constants[operand.index] {
          value = code.all.constant(constant)
        } else {
          value = code.all.make(.number, detail: UInt64(operand.index))
        }
        current[Int(index)] = value
        return value
      }
      let a = operand(instruction.a, &self)
      var result: ID?
      switch instruction.op {
      case Int32(LL_ROW_SUM): result = fold(.sum, a)
      case Int32(LL_ROW_LARGEST): result = fold(.largest, a)
      case Int32(LL_ROW_SOFTMAX): result = softmax(a)
      case Int32(LL_ROW_LOG_SOFTMAX): result = logSoftmax(a)
      case Int32(LL_ROW_LOGSUMEXP): result = logsumexp(a)
      case Int32(LL_SPREAD), Int32(LL_TILE): result = a
      case Int32(LL_FOLD)...:
        var factor: ID = -1
        if instruction.op == Int32(LL_DOT) { factor = all.vector(operand(instruction.b, &self)) }
        // Σ 0·a is 0 if and only if every a is finite.
        if instruction.op == Int32(LL_FINITE) { factor = all.constant(0) }
        effects.append((.fold(Int(instruction.out), all.vector(a), factor), isPerColumn))
        continue
      default:
        let b = instruction.op >= Int32(LL_BINARY) ? operand(instruction.b, &self) : a
        let c = instruction.op == Int32(LL_SELECT) ? operand(instruction.c, &self) : a
        result = all.elementwise(instruction.op, a, b, c)
      }
      guard let result else { return false }
      current[Int(instruction.out)] = result
      let target = operands[Int(instruction.out)]
      if target.kind == Int32(LL_ARRAY) {
        let slot = Int(target.index)
        effects.append(
          (.store(result, isPerColumn ? .elements(slot: slot) : .perRow(slot: slot)), isPerColumn))
      }
    }
    return true
  }
  // MARK: What goes along a row

  private mutating func apply(_ kernel: BinaryKernel, _ a: ID, _ b: ID) -> ID { all.apply(kernel, a, b) ?? a }

  /// x less the largest of its row, its exponential, and the sum of those along the row.
  private mutating func powers(_ x: ID) -> (top: ID, rest: ID, power: ID, sum: ID) {
    let top = fold(seesNaN ? .largest : .top, x)
    let rest = apply(.subtract, x, top)
    all.assumeNegative(rest)
    let power = all.apply(.exp, rest) ?? rest
    return (top, rest, power, fold(.sum, power))
  }

  private mutating func softmax(_ x: ID) -> ID {
    let (_, _, power, sum) = powers(x)
    return apply(.multiply, power, apply(.divide, all.constant(1), sum))
  }

  private mutating func logSoftmax(_ x: ID) -> ID {
    let (_, rest, _, sum) = powers(x)
    return apply(.subtract, rest, all.apply(.log, sum) ?? sum)
  }

  /// An infinite top is the result itself; −∞ − (−∞) would be NaN.
  private mutating func logsumexp(_ x: ID) -> ID {
    let (top, _, _, sum) = powers(x)
    let result = apply(.add, top, all.apply(.log, sum) ?? sum)
    let isInfinite = all.compare(.equal, all.abs(top), all.constant(.infinity))
    return all.blend(isInfinite, top, result)
  }

  // MARK: Phases

  private mutating func findPhases() {
    for node in all.nodes {
      switch node.operation {
      case .constant, .number:
        isPerColumn.append(false)
        phases.append(0)
      case .array:
        switch leaves[Int(node.detail)] {
        case .once(let index):
          isPerColumn.append(false)
          phases.append(phases[Int(along[index].of)] + 1)
        case .perRow:
          isPerColumn.append(false)
          phases.append(0)
        default:
          isPerColumn.append(true)
          phases.append(0)
        }
      default:
        var (isPer, phase) = (false, 0)
        for operand in [node.a, node.b, node.c] where operand >= 0 {
          isPer = isPer || isPerColumn[Int(operand)]
          phase = max(phase, phases[Int(operand)])
        }
        isPerColumn.append(isPer)
        phases.append(phase)
      }
    }
  }

  private func phase(_ effect: Effect) -> Int {
    switch effect {
    case .store(let value, _): phases[Int(value)]
    case .fold(_, let a, let b): max(phases[Int(a)], b < 0 ? 0 : phases[Int(b)])
    }
  }

  /// From the last section to the first, because each asks earlier ones for what it needs.
  private mutating func divide() {
    let last = effects.map { phase($0.effect) }.max() ?? 0
    var section = Section()
    section.known = [ID](repeating: -1, count: all.nodes.count)
    sections = [Section](repeating: section, count: 2 * last + 2)
    var wanted = Wanted(count: sections.count)
    for section in sections.indices.reversed() {
      for (effect, isPerColumn) in effects where 2 * phase(effect) + (isPerColumn ? 1 : 0) == section {
        switch effect {
        case .store(let value, let place):
          store(self.value(value, in: section, &wanted), at: place, in: section)
        case .fold(let number, let a, let b):
          let first = value(a, in: section, &wanted)
          let second = b < 0 ? -1 : value(b, in: section, &wanted)
          sections[section].vectors.fold(folds[number], first, second)
          sections[section].results.append(.total(number))
        }
      }
      for id in wanted.values[section] {
        guard let place = kept[id] else { continue }
        store(value(id, in: section, &wanted), at: place, in: section)
      }
      for index in wanted.folds[section].sorted() {
        let (fold, id) = along[index]
        let value = value(id, in: section, &wanted)
        sections[section].vectors.fold(fold == .sum ? .sum : .largest, value, skipsNaN: fold == .top)
        sections[section].results.append(.once(index))
      }
    }
  }

  /// What later sections ask each section for.
  private struct Wanted {
    var values: [[ID]]
    var folds: [Set<Int>]

    init(count: Int) {
      values = [[ID]](repeating: [], count: count)
      folds = [Set<Int>](repeating: [], count: count)
    }
  }

  private mutating func store(_ value: ID, at place: Place, in section: Int) {
    let index = sections[section].place(place)
    sections[section].vectors.store(value, at: index)
  }

  /// A value as a section has it.
  private mutating func value(_ id: ID, in section: Int, _ wanted: inout Wanted) -> ID {
    let known = sections[section].known[Int(id)]
    if known >= 0 { return known }
    let node = all.nodes[Int(id)]
    let result: ID
    switch node.operation {
    case .constant, .number: result = sections[section].vectors.make(node.operation, detail: node.detail)
    case .array:
      let place = leaves[Int(node.detail)]
      if case .once(let index) = place { wanted.folds[2 * phases[Int(along[index].of)] + 1].insert(index) }
      result = leaf(place, in: section)
    default:
      let home = 2 * phases[Int(id)] + (isPerColumn[Int(id)] ? 1 : 0)
      if home == section || isPerColumn[Int(id)] && cost(id) <= 3 {
        let a = value(node.a, in: section, &wanted)
        let b = node.b < 0 ? -1 : value(node.b, in: section, &wanted)
        let c = node.c < 0 ? -1 : value(node.c, in: section, &wanted)
        result = sections[section].vectors.make(node.operation, a, b, c, detail: node.detail)
      } else {
        if kept[id] == nil {
          kept[id] = keep(id)
          wanted.values[home].append(id)
        }
        let value = leaf(kept[id] ?? .once(0), in: section)
        result = all.isMask(id) ? sections[section].vectors.mask(value) : value
      }
    }
    sections[section].known[Int(id)] = result
    return result
  }

  private mutating func leaf(_ place: Place, in section: Int) -> ID {
    let index = sections[section].place(place)
    return sections[section].vectors.make(.array, detail: UInt64(index))
  }

  private mutating func keep(_ id: ID) -> Place {
    if isPerColumn[Int(id)] {
      columnsCount += 1
      return .columns(columnsCount - 1)
    }
    onceCount += 1
    return .once(onceCount - 1)
  }

  /// How many instructions make a value anew from what is in memory; many where they are not light.
  private func cost(_ id: ID) -> Int {
    let node = all.nodes[Int(id)]
    guard isPerColumn[Int(id)], node.operation != .array else { return 0 }
    switch node.operation {
    case .add, .subtract, .multiply, .minimum, .maximum, .and, .or, .xor, .compare, .andMask, .orMask, .notMask, .blend,
      .multiplyAdd, .negateMultiplyAdd:
      return 1 + cost(node.a) + (node.b < 0 ? 0 : cost(node.b)) + (node.c < 0 ? 0 : cost(node.c))
    default: return 99
    }
  }
}
