extension NativeCodeMaker {
  // MARK: Instructions

  mutating func emit(_ index: Int) {
    let node = nodes[index]
    let operands = NativeCodeMaker.operands(node)
    var temporaries: [Int] = []
    switch node.operation {
    case .constant, .number, .element, .array: return
    case .add, .multiply, .and, .or, .xor, .addWhole, .subtract, .divide, .minimum, .maximum, .scale, .subtractWhole:
      let (first, second) = pair(node, &temporaries)
      release(operands, at: index)
      let target = take()
      assembler.emit(NativeCodeMaker.instruction(node.operation), target, first, second)
      registers[index] = target
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
    case .andOr: andOr(index, &temporaries)
    case .blend: choose(index, &temporaries)
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
      store(register(node.a, &temporaries), to: Int(node.detail))
      release(operands, at: index)
    case .fold:
      fold(node, &temporaries)
      release(operands, at: index)
    }
    free += temporaries
  }

  private mutating func store(_ source: Int, to array: Int) {
    guard phase != .plain, let stream = streams.firstIndex(of: array) else {
      assembler.emit(.store, source, 0, self.array(array), mask: isMasked ? 1 : 0)
      return
    }
    let carry = carry(stream)
    if phase == .streaming {
      assembler.emit(.permute, carry, carry - 1, .register(source))
      assembler.emit(.stream, carry, 0, self.array(array))
    } else {
      assembler.emit(.store, source, 0, self.array(array))
    }
    assembler.emit(.load, carry, 0, .register(source))
  }

  /// The operands of an operation of two: one in a register, the other wherever it is.
  private mutating func pair(
    _ node: VectorCode.Node, _ temporaries: inout [Int]
  ) -> (first: Int, second: Assembler.Operand) {
    var (a, b) = (node.a, node.b)
    if NativeCodeMaker.commutes(node.operation), isInMemory(a), !isInMemory(b) { swap(&a, &b) }
    let first = register(a, &temporaries)
    return (first, last(b, &temporaries))
  }

  /// The hardware's minimum and maximum do not: they differ for NaN and for zeros.
  private static func commutes(_ operation: VectorCode.Operation) -> Bool {
    [.add, .multiply, .and, .or, .xor, .addWhole].contains(operation)
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

  // Truth tables of three operands a, b, c, by the number abc, for a & b | c and for b & c | a.
  private static let andOrLast: UInt8 = 0b1110_1010
  private static let orFirst: UInt8 = 0b1111_1000

  /// a & b | c. The instruction overwrites a or c.
  private mutating func andOr(_ index: Int, _ temporaries: inout [Int]) {
    let node = nodes[index]
    let target: Int
    if dies(node.c, at: index), !dies(node.a, at: index), node.c != node.a {
      target = registers[Int(node.c)] ?? 0
      registers[Int(node.c)] = nil
      let first = register(node.a, &temporaries)
      assembler.emit(
        .logic, target, first, last(node.b, &temporaries), immediate: NativeCodeMaker.orFirst)
    } else {
      target = overwritten(node.a, index)
      let second = register(node.b, &temporaries)
      assembler.emit(.logic, target, second, last(node.c, &temporaries), immediate: NativeCodeMaker.andOrLast)
    }
    release(NativeCodeMaker.operands(node), at: index)
    registers[index] = target
  }

  /// A register that holds a value and may be written: its own if nobody reads it later, else a copy.
  private mutating func overwritten(_ id: ID, _ index: Int) -> Int {
    if dies(id, at: index), let register = registers[Int(id)] {
      registers[Int(id)] = nil
      return register
    }
    let copy = take()
    load(id, into: copy)
    return copy
  }

  /// b where the mask a holds, c elsewhere. An operation that nothing else reads is done in the lanes of the mask over
  /// what is chosen elsewhere.
  private mutating func choose(_ index: Int, _ temporaries: inout [Int]) {
    let node = nodes[index]
    let mask = registers[Int(node.a)] ?? 0
    let isElseZero = nodes[Int(node.c)].operation == .constant && nodes[Int(node.c)].detail == 0
    var operands = Array(NativeCodeMaker.operands(node))
    let target: Int
    if isMerged[Int(node.b)] {
      let then = nodes[Int(node.b)]
      operands += NativeCodeMaker.operands(then)
      if then.operation == .andOr {
        target = overwritten(node.c, index)
        let second = register(then.b, &temporaries)
        assembler.emit(
          .logic, target, second, last(then.c, &temporaries), mask: mask, immediate: NativeCodeMaker.andOrLast)
      } else {
        // What is written over may be an operand too; a copy of it is made first, so that loads do not cross.
        let copy = isElseZero ? take() : dies(node.c, at: index) ? nil : overwritten(node.c, index)
        let (first, second) = pair(then, &temporaries)
        target = copy ?? overwritten(node.c, index)
        assembler.emit(
          NativeCodeMaker.instruction(then.operation), target, first, second, mask: mask, zeroing: isElseZero)
      }
      release(operands, at: index)
    } else if isElseZero {
      let isConstant = isInMemory(node.b) && nodes[Int(node.b)].operation != .array
      let then = isConstant ? memory(node.b) : last(node.b, &temporaries)
      release(operands, at: index)
      target = take()
      assembler.emit(isConstant ? .broadcast : .load, target, 0, then, mask: mask, zeroing: true)
    } else {
      let otherwise = register(node.c, &temporaries)
      let then = last(node.b, &temporaries)
      release(operands, at: index)
      target = take()
      assembler.emit(.blend, target, otherwise, then, mask: mask)
    }
    registers[index] = target
  }

  /// a·b + c or c − a·b. The instruction overwrites one of the three: one that nobody needs any more, or a copy of c.
  private mutating func fused(_ index: Int, _ temporaries: inout [Int]) {
    let node = nodes[index]
    let isNegative = node.operation == .negateMultiplyAdd
    func dies(_ id: ID) -> Bool { self.dies(id, at: index) }
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
        load(node.c, into: target)
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
    let mask = isMasked || isTotal.indices.contains(number) && isTotal[number] ? 1 : 0
    if node.b >= 0 {
      let first = register(node.a, &temporaries)
      assembler.emit(.fma231, target, first, last(node.b, &temporaries), mask: mask)
      return
    }
    switch folds[number] {
    case .sum: assembler.emit(.add, target, target, last(node.a, &temporaries), mask: mask)
    case .product: assembler.emit(.multiply, target, target, last(node.a, &temporaries), mask: mask)
    case .largest, .smallest:
      let value = register(node.a, &temporaries)
      assembler.emit(
        folds[number] == .largest ? .maximum : .minimum, target, value, .register(target), mask: mask)
      if node.detail == 1 { return }
      // The hardware would lose a NaN; it is put back.
      let unordered = takeMask()
      assembler.emit(
        .compare, unordered, value, .register(value), mask: mask, immediate: VectorCode.Predicate.unordered.rawValue)
      assembler.emit(.load, target, 0, .register(value), mask: unordered)
      freeMasks.append(unordered)
    }
  }
}
