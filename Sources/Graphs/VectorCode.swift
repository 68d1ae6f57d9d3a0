import CKernels
import Tensors

/// What a cluster does to eight numbers at a time, as values without registers: equal values are one, so that `softplus`
/// of a loss and `sigmoid` of its gradient share their exponential.
struct VectorCode {
  typealias ID = Int32

  enum Operation: UInt8 {
    // Values in memory.
    case constant, number, element, array
    // Vectors.
    case add, subtract, multiply, divide, minimum, maximum, squareRoot, and, or, xor, multiplyAdd, negateMultiplyAdd,
      round, scale, addWhole, subtractWhole, shiftWhole, blend, andOr, fromMask
    // Masks.
    case compare, andMask, orMask, notMask
    // Effects.
    case store, fold
  }

  /// Predicates of comparisons, as the hardware numbers them. All but `unequal` and `unordered` are false for NaN.
  enum Predicate: UInt8 {
    case equal = 0, unordered = 3, unequal = 4, differ = 12, less = 17, lessOrEqual = 18, greaterOrEqual = 29
    case greater = 30
  }

  struct Node: Hashable {
    var operation: Operation
    var a: ID = -1
    var b: ID = -1
    var c: ID = -1
    /// The bits of a constant, the place of a number, a predicate, a rounding, a shift; of an array its place, and above
    /// 16 bits how many bytes further to read, or which element.
    var detail: UInt64 = 0

    /// In two words rather than five: half of the making of code was spent looking for equal nodes.
    func hash(into hasher: inout Hasher) {
      hasher.combine(UInt64(UInt32(bitPattern: a)) << 32 | UInt64(UInt32(bitPattern: b)))
      hasher.combine(
        detail &+ (UInt64(UInt32(bitPattern: c)) << 8 | UInt64(operation.rawValue)) &* 0x9E37_79B9_7F4A_7C15)
    }
  }

  private(set) var nodes: [Node] = []
  private var signs: [FloatingPointSign?] = []
  private var known: [Node: ID] = [:]
  /// Slots of the arrays, in the order of their numbers in the code.
  private(set) var arrays: [Int] = []
  /// The folds, by number.
  private(set) var folds: [Reduction] = []

  /// Nil if the cluster holds something that is not written out in vector instructions.
  ///
  /// - Parameter narrow: a matrix whose products are made along with the cluster.
  init?(
    code: [ll_instruction], operands: [ll_operand], folds: [Reduction], constants: [Int32: Double],
    narrow: NarrowMatrix? = nil
  ) {
    self.folds = folds
    var current = [ID?](repeating: nil, count: operands.count)
    for instruction in code {
      func operand(_ index: Int32, _ vectors: inout VectorCode) -> ID {
        if let value = current[Int(index)] { return value }
        let operand = operands[Int(index)]
        let value: ID
        if operand.kind != Int32(LL_NUMBER) {
          let factor = narrow?.products.first { $0.slot == Int(operand.index) }?.vector
          value =
            narrow.flatMap { narrow in factor.map { vectors.product(narrow, $0) } }
            ?? vectors.array(Int(operand.index))
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
        let value = vector(a)
        var factor: ID = -1
        if instruction.op == Int32(LL_DOT) { factor = vector(operand(instruction.b, &self)) }
        // Σ 0·a is 0 if and only if every a is finite.
        if instruction.op == Int32(LL_FINITE) { factor = constant(0) }
        _ = append(Node(operation: .fold, a: value, b: factor, c: instruction.out))
        continue
      }
      let b = instruction.op >= Int32(LL_BINARY) ? operand(instruction.b, &self) : a
      let c = instruction.op == Int32(LL_SELECT) ? operand(instruction.c, &self) : a
      guard let result = elementwise(instruction.op, a, b, c) else { return nil }
      current[Int(instruction.out)] = result
      let target = operands[Int(instruction.out)]
      if target.kind == Int32(LL_ARRAY) {
        _ = append(Node(operation: .store, a: vector(result), detail: UInt64(place(of: Int(target.index)))))
      }
    }
    for source in narrow?.sums ?? [] {
      guard let narrow, let value = current[source] else { return nil }
      for column in 0..<narrow.columns { fold(.sum, self.column(narrow, column), vector(value)) }
    }
  }

  // MARK: Narrow matrices

  private mutating func column(_ narrow: NarrowMatrix, _ column: Int) -> ID {
    make(.array, detail: UInt64(place(of: NarrowMatrix.slot)) | UInt64(column * narrow.pitch * 8) << 16)
  }

  /// The product with a vector, in two sums that do not wait for each other.
  private mutating func product(_ narrow: NarrowMatrix, _ vector: Int) -> ID {
    let place = UInt64(place(of: vector))
    var sums: [ID] = []
    for index in 0..<narrow.columns {
      let (column, factor) = (column(narrow, index), make(.element, detail: place | UInt64(index) << 16))
      if sums.count < 2 {
        sums.append(make(.multiply, column, factor))
      } else {
        sums[index % 2] = make(.multiplyAdd, column, factor, sums[index % 2])
      }
    }
    return sums.count == 2 ? make(.add, sums[0], sums[1]) : sums[0]
  }

  init() {}

  // MARK: Making values

  /// What an elementwise instruction makes of its operands; nil if it is not written out in vector instructions.
  mutating func elementwise(_ operation: Int32, _ a: ID, _ b: ID, _ c: ID) -> ID? {
    if operation == Int32(LL_SELECT) { return blend(mask(a), vector(b), vector(c)) }
    if operation >= Int32(LL_BINARY) {
      return BinaryKernel(rawValue: operation - Int32(LL_BINARY)).flatMap { apply($0, a, b) }
    }
    return UnaryKernel(rawValue: operation).flatMap { apply($0, a) }
  }

  mutating func store(_ value: ID, at place: Int) {
    _ = append(Node(operation: .store, a: vector(value), detail: UInt64(place)))
  }

  /// One more fold, of a or of a·b. With `skipsNaN` an extreme need not be NaN where an element is.
  mutating func fold(_ reduction: Reduction, _ a: ID, _ b: ID = -1, skipsNaN: Bool = false) {
    _ = append(Node(operation: .fold, a: vector(a), b: b, c: ID(folds.count), detail: skipsNaN ? 1 : 0))
    folds.append(reduction)
  }

  private mutating func append(_ node: Node) -> ID {
    signs.append(sign(node))
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

  func isMask(_ id: ID) -> Bool { VectorCode.isMask(nodes[Int(id)].operation) }

  static func isMask(_ operation: Operation) -> Bool {
    switch operation {
    case .compare, .andMask, .orMask, .notMask: true
    default: false
    }
  }

  /// 1 and 0 for true and false.
  mutating func vector(_ value: ID) -> ID { isMask(value) ? make(.fromMask, value) : value }
  mutating func mask(_ value: ID) -> ID { isMask(value) ? value : compare(.unequal, value, constant(0)) }

  mutating func compare(_ predicate: Predicate, _ a: ID, _ b: ID) -> ID {
    // −x < 0 is x > 0.
    if number(b) == 0, let x = negated(a) { return compare(predicate.mirrored, x, b) }
    return make(.compare, a, b, detail: UInt64(predicate.rawValue))
  }

  /// a where the mask holds, b elsewhere. Of two results of one operation with a common operand the other operand is
  /// chosen, and the operation done once.
  mutating func blend(_ mask: ID, _ a: ID, _ b: ID) -> ID {
    let (first, second) = (nodes[Int(a)], nodes[Int(b)])
    if a != b, first.operation == second.operation, [.add, .subtract, .multiply, .divide].contains(first.operation) {
      if first.a == second.a { return make(first.operation, first.a, blend(mask, first.b, second.b)) }
      if first.b == second.b { return make(first.operation, blend(mask, first.a, second.a), first.b) }
    }
    return make(.blend, mask, a, b)
  }

  /// a·b + c
  mutating func fma(_ a: ID, _ b: ID, _ c: ID) -> ID { make(.multiplyAdd, a, b, c) }
  /// c − a·b
  mutating func fnma(_ a: ID, _ b: ID, _ c: ID) -> ID { make(.negateMultiplyAdd, a, b, c) }

  // MARK: Signs

  static let sign: UInt64 = 1 << 63

  private func hasBits(_ id: ID, _ bits: UInt64) -> Bool {
    nodes[Int(id)].operation == .constant && nodes[Int(id)].detail == bits
  }

  /// v where a value is −v.
  func negated(_ x: ID) -> ID? {
    let node = nodes[Int(x)]
    return node.operation == .xor && hasBits(node.b, VectorCode.sign) ? node.a : nil
  }

  /// For what is known of a value and not seen in it.
  mutating func assumeNegative(_ x: ID) { signs[Int(x)] = .minus }
  func isPositive(_ x: ID) -> Bool { signs[Int(x)] == .plus }
  func isNegative(_ x: ID) -> Bool { signs[Int(x)] == .minus }

  /// The sign that a value has whatever the arrays hold, unless it is NaN.
  private func sign(_ node: Node) -> FloatingPointSign? {
    switch node.operation {
    case .constant: return node.detail & VectorCode.sign == 0 ? .plus : .minus
    case .and where hasBits(node.b, ~VectorCode.sign): return .plus
    case .or where hasBits(node.b, VectorCode.sign): return .minus
    case .multiply where node.a == node.b: return .plus
    case .multiply, .divide:
      guard let a = signs[Int(node.a)], let b = signs[Int(node.b)] else { return nil }
      return a == b ? .plus : .minus
    case .add: return signs[Int(node.a)] == signs[Int(node.b)] ? signs[Int(node.a)] : nil
    // A power of two times e^r.
    case .scale: return .plus
    default: return nil
    }
  }

  mutating func abs(_ x: ID) -> ID {
    if isPositive(x) { return x }
    if let v = negated(x) { return abs(v) }
    let node = nodes[Int(x)]
    if node.operation == .or, hasBits(node.b, VectorCode.sign) { return abs(node.a) }
    if isNegative(x) { return negate(x) }
    return make(.and, x, bits(~VectorCode.sign))
  }

  mutating func negate(_ x: ID) -> ID {
    if let v = negated(x) { return v }
    let node = nodes[Int(x)]
    if node.operation == .and, hasBits(node.b, ~VectorCode.sign) { return make(.or, node.a, bits(VectorCode.sign)) }
    return make(.xor, x, bits(VectorCode.sign))
  }
}

extension VectorCode.Predicate {
  /// What a comparison of the operands' opposites is.
  fileprivate var mirrored: Self {
    switch self {
    case .equal, .unordered, .unequal, .differ: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greaterOrEqual: .lessOrEqual
    case .greater: .less
    }
  }
}
