import CKernels
import Tensors

/// What a cluster does to eight numbers at a time, as values without registers: equal values are one, so that `softplus`
/// of a loss and `sigmoid` of its gradient share their exponential.
struct VectorCode {
  typealias ID = Int32

  enum Operation: UInt8 {
    // Values in memory.
    case constant, number, array
    // Vectors.
    case add, subtract, multiply, divide, minimum, maximum, squareRoot, and, or, xor, multiplyAdd, negateMultiplyAdd,
      round, scale, addWhole, subtractWhole, shiftWhole, blend, fromMask
    // Masks.
    case compare, andMask, orMask, notMask
    // Effects.
    case store, fold
  }

  /// Predicates of comparisons, as the hardware numbers them. Ordered ones are false for NaN.
  enum Predicate: UInt8 {
    case equal = 0, unordered = 3, unequal = 4, less = 17, lessOrEqual = 18, greaterOrEqual = 29, greater = 30
  }

  struct Node: Hashable {
    var operation: Operation
    var a: ID = -1
    var b: ID = -1
    var c: ID = -1
    /// The bits of a constant, the place of a number or an array, a predicate, a rounding, a shift.
    var detail: UInt64 = 0
  }

  private(set) var nodes: [Node] = []
  private var known: [Node: ID] = [:]
  /// Slots of the arrays, in the order of their numbers in the code.
  private(set) var arrays: [Int] = []
  /// The folds, by number.
  private(set) var folds: [Reduction] = []

  /// Nil if the cluster holds something that is not written out in vector instructions.
  init?(code: [ll_instruction], operands: [ll_operand], folds: [Reduction], constants: [Int32: Double]) {
    self.folds = folds
    var current = [ID?](repeating: nil, count: operands.count)
    for instruction in code {
      func operand(_ index: Int32, _ vectors: inout VectorCode) -> ID {
        if let value = current[Int(index)] { return value }
        let operand = operands[Int(index)]
        let value: ID
        if operand.kind != Int32(LL_NUMBER) {
          value = vectors.array(Int(operand.index))
        } else if let constant = constants[operand.index] {
          value = vectors.constant(constant)
        } else {
          value = vectors.make(.number, detail: UInt64(operand.index))
        }
        current[Int(index)] = value
        return value
      }
      let a = operand(instruction.a, &self)
      if instruction.op >= Int32(LL_FOLD) {
        let b = instruction.op == Int32(LL_DOT) ? operand(instruction.b, &self) : -1
        let kind: UInt64 = instruction.op == Int32(LL_FINITE) ? 1 : 0
        let value = vector(a)
        _ = append(
          Node(operation: .fold, a: value, b: b < 0 ? -1 : vector(b), c: instruction.out, detail: kind))
        continue
      }
      var result: ID?
      if instruction.op == Int32(LL_SELECT) {
        let (b, c) = (operand(instruction.b, &self), operand(instruction.c, &self))
        result = blend(mask(a), vector(b), vector(c))
      } else if instruction.op >= Int32(LL_BINARY),
        let kernel = BinaryKernel(rawValue: instruction.op - Int32(LL_BINARY))
      {
        result = apply(kernel, a, operand(instruction.b, &self))
      } else if let kernel = UnaryKernel(rawValue: instruction.op) {
        result = apply(kernel, a)
      }
      guard let result else { return nil }
      current[Int(instruction.out)] = result
      let target = operands[Int(instruction.out)]
      if target.kind == Int32(LL_ARRAY) {
        _ = append(Node(operation: .store, a: vector(result), detail: UInt64(place(of: Int(target.index)))))
      }
    }
  }

  // MARK: Making values

  private mutating func append(_ node: Node) -> ID {
    nodes.append(node)
    return ID(nodes.count - 1)
  }

  mutating func make(_ operation: Operation, _ a: ID = -1, _ b: ID = -1, _ c: ID = -1, detail: UInt64 = 0) -> ID {
    let node = Node(operation: operation, a: a, b: b, c: c, detail: detail)
    if let value = known[node] { return value }
    let value = append(node)
    known[node] = value
    return value
  }

  private mutating func place(of slot: Int) -> Int {
    if let place = arrays.firstIndex(of: slot) { return place }
    arrays.append(slot)
    return arrays.count - 1
  }

  private mutating func array(_ slot: Int) -> ID { make(.array, detail: UInt64(place(of: slot))) }

  mutating func constant(_ number: Double) -> ID { make(.constant, detail: number.bitPattern) }
  /// The number that a value always is.
  func number(_ id: ID) -> Double? {
    let node = nodes[Int(id)]
    return node.operation == .constant ? Double(bitPattern: node.detail) : nil
  }
  mutating func bits(_ bits: UInt64) -> ID { make(.constant, detail: bits) }

  func isMask(_ id: ID) -> Bool {
    switch nodes[Int(id)].operation {
    case .compare, .andMask, .orMask, .notMask: true
    default: false
    }
  }

  /// 1 and 0 for true and false.
  mutating func vector(_ value: ID) -> ID { isMask(value) ? make(.fromMask, value) : value }
  mutating func mask(_ value: ID) -> ID { isMask(value) ? value : compare(.unequal, value, constant(0)) }

  mutating func compare(_ predicate: Predicate, _ a: ID, _ b: ID) -> ID {
    make(.compare, a, b, detail: UInt64(predicate.rawValue))
  }
  /// a where the mask holds, b elsewhere.
  mutating func blend(_ mask: ID, _ a: ID, _ b: ID) -> ID { make(.blend, mask, a, b) }
  /// a·b + c
  mutating func fma(_ a: ID, _ b: ID, _ c: ID) -> ID { make(.multiplyAdd, a, b, c) }
  /// c − a·b
  mutating func fnma(_ a: ID, _ b: ID, _ c: ID) -> ID { make(.negateMultiplyAdd, a, b, c) }

  mutating func abs(_ x: ID) -> ID {
    let node = nodes[Int(x)]
    // |−v| and ||v|| are |v|.
    if node.operation == .xor, nodes[Int(node.b)].detail == VectorCode.sign { return abs(node.a) }
    if node.operation == .and, nodes[Int(node.b)].detail == ~VectorCode.sign { return x }
    return make(.and, x, bits(~VectorCode.sign))
  }
  mutating func negate(_ x: ID) -> ID { make(.xor, x, bits(VectorCode.sign)) }
  static let sign: UInt64 = 1 << 63
}
