import Tensors
import Testing

@testable import Graphs

/// w ← w − ½·w', two steps, written row by row into a trace without a copy.
@Test func aTraceIsRecordedByBindingEachStepToItsRow() throws {
  let graph = Graph()
  let w = graph.input("w", shape: [3])
  let loss = (w * w).apply(.sum)
  let slope = try graph.gradient(of: loss, withRespectTo: [w])[0]
  let program = try Program(graph, outputs: [loss.id, (w - 0.25 * slope).id])
  var trace = [4.0, -2, 1] + [Double](repeating: 0, count: 6)
  var losses: [Double] = []
  try trace.withUnsafeMutableBufferPointer { rows in
    let base = try #require(rows.baseAddress)
    for step in 0..<2 {
      program.bind(input: 0, to: base + 3 * step)
      program.bind(output: 1, to: base + 3 * (step + 1))
      try program.execute()
      losses.append(program.result(0)[0])
    }
  }
  #expect(trace == [4, -2, 1, 2, -1, 0.5, 1, -0.5, 0.25])
  #expect(losses == [21, 5.25])
}

@Test func parametersMoveInPlaceWhereNothingReadsThemLater() throws {
  let graph = Graph()
  let w = graph.input("w", shape: [])
  let program = try Program(graph, outputs: [(w - 0.5 * w).id])
  #expect(program.mayShareMemory(output: 0, input: 0))
  var value = 8.0
  try withUnsafeMutablePointer(to: &value) { pointer in
    program.bind(input: 0, to: pointer)
    program.bind(output: 0, to: pointer)
    for _ in 0..<3 { try program.execute() }
  }
  #expect(value == 1)
}

/// Whatever runs the cluster: short arrays are interpreted, long ones may be machine code.
@Test(arguments: [3, 1000, 100_000])
func arraysMoveInPlaceElementByElement(_ count: Int) throws {
  let graph = Graph()
  let (w, m) = (graph.input("w", shape: [count]), graph.input("m", shape: [count]))
  let length = (w * w).apply(.sum)
  let speed = 0.5 * m + w
  let moved = w - 0.25 * speed
  let program = try Program(graph, outputs: [moved.id, speed.id, length.id])
  #expect(program.mayShareMemory(output: 0, input: 0))
  #expect(program.mayShareMemory(output: 1, input: 1))
  let start = (0..<count).map { Double($0 % 8) }
  let apart = try program.run([Tensor(vector: start), Tensor(vector: start)])
  var (first, second) = (start, start)
  try first.withUnsafeMutableBufferPointer { first in
    try second.withUnsafeMutableBufferPointer { second in
      guard let first = first.baseAddress, let second = second.baseAddress else { return }
      program.bind(input: 0, to: first)
      program.bind(output: 0, to: first)
      program.bind(input: 1, to: second)
      program.bind(output: 1, to: second)
      try program.execute()
    }
  }
  #expect(first == apart[0].elements)
  #expect(second == apart[1].elements)
}

@Test func anArrayWrittenBeforeItsLastReaderDoesNotShareItsMemory() throws {
  let graph = Graph()
  let w = graph.input("w", shape: [100])
  let moved = w - 0.25 * w.apply(.exp)
  let later = moved * w
  #expect(try !Program(graph, outputs: [moved.id, later.id]).mayShareMemory(output: 0, input: 0))
}

/// A batch that names a row twice moves it twice; the rows it does not name stay.
@Test func onlyTheRowsOfABatchMove() throws {
  let graph = Graph()
  let w = graph.input("w", shape: [4, 2])
  let rows = graph.constant(Tensor(vector: [2, 0, 2]))
  let picked = w.apply(.take, [rows], attributes: [0])
  let loss = (picked * picked).apply(.sum)
  let slope = try graph.gradient(of: loss, withRespectTo: [w])[0]
  let program = try Program(graph, outputs: [(w - 0.125 * slope).id, loss.id])
  #expect(program.mayShareMemory(output: 0, input: 0))
  // Each mention of a row takes 2·0.125 of it.
  let moved = [0.75, 1.5, 3, 4, 2.5, 3, 7, 8]
  let start = (1...8).map(Double.init)
  #expect(try program.run([Tensor(shape: [4, 2], elements: start)])[0].elements == moved)
  var memory = start
  try memory.withUnsafeMutableBufferPointer { memory in
    guard let memory = memory.baseAddress else { return }
    program.bind(input: 0, to: memory)
    program.bind(output: 0, to: memory)
    try program.execute()
  }
  #expect(memory == moved)
}

@Test func anArrayReadAfterItsUpdateDoesNotShareItsMemory() throws {
  let graph = Graph()
  let w = graph.input("w", shape: [4])
  let shifted = w - w.apply(.cumsum, attributes: [0])
  #expect(
    try !Program(graph, outputs: [shifted.id, w.apply(.cumsum, attributes: [0]).id]).mayShareMemory(output: 1, input: 0)
  )
}

@Test func constantsInputsAndEqualOutputsMayAllBeResults() throws {
  let graph = Graph()
  let x = graph.input("x", shape: [2])
  let c = graph.constant(Tensor(vector: [5, 6]))
  let y = x + c
  let results = try Program(graph, outputs: [x.id, c.id, y.id, y.id, graph.constant(7).id, y.reshaped(to: [2, 1]).id])
    .run([Tensor(vector: [1, 2])])
  #expect(results.map(\.elements) == [[1, 2], [5, 6], [6, 8], [6, 8], [7], [6, 8]])
  #expect(results[5].shape == [2, 1])
}

/// Ten thousand inner arrays of 8 kB would be 80 MB; two are alive at a time.
@Test func memoryOfInnerArraysIsUsedAgain() throws {
  let graph = Graph()
  var x = graph.input("x", shape: [1000])
  for _ in 0..<10_000 { x = x.apply(.cumsum, attributes: [0]) * 0.001 }
  let layout = Layout(graph, outputs: [x.id])
  #expect(try Plan(layout, outputs: [x.id], budget: .unlimited).memoryCount <= 3 * 1000)
}

@Test func aProgramLargerThanTheLimitIsRefusedBeforeItAllocates() throws {
  let graph = Graph()
  let x = graph.input("x", shape: [100_000])
  let y = x.apply(.cumsum, attributes: [0]) * 2
  #expect(throws: Budget.Exhausted.memory(needed: 1_600_000, limit: 1_000_000)) {
    try Program(graph, outputs: [y.id], budget: Budget(memoryLimit: 1_000_000))
  }
}

/// Results of few columns are stored a vector at a time; what stands behind them stays as it is.
@Test(arguments: 1...17)
func aProductIsWrittenWithinItsMemory(_ columns: Int) throws {
  for (rows, inner) in [(1, 3), (7, 5), (8, 40), (21, 300)] {
    for isTransposed in [false, true] {
      let graph = Graph()
      let left = Tensor(shape: [rows, inner], elements: (0..<(rows * inner)).map { Double($0 % 5) })
      let right = Tensor(shape: [inner, columns], elements: (0..<(inner * columns)).map { Double($0 % 7) })
      // The same numbers, stored the other way round.
      let turned = Tensor(
        shape: [inner, rows],
        elements: (0..<(rows * inner)).map { left.elements[$0 % rows * inner + $0 / rows] })
      let a = isTransposed ? graph.constant(turned).apply(.transpose) : graph.constant(left)
      let program = try Program(graph, outputs: [a.apply(.matmul, [graph.constant(right)]).id])
      var memory = [Double](repeating: -1, count: rows * columns + 32)
      try memory.withUnsafeMutableBufferPointer { memory in
        guard let start = memory.baseAddress else { return }
        program.bind(output: 0, to: start + 16)
        try program.execute()
      }
      var expected = [Double](repeating: -1, count: rows * columns + 32)
      for row in 0..<rows {
        for column in 0..<columns {
          expected[16 + row * columns + column] = (0..<inner).reduce(0) {
            $0 + left.elements[row * inner + $1] * right.elements[$1 * columns + column]
          }
        }
      }
      #expect(memory == expected, "\(rows)×\(inner)·\(inner)×\(columns)")
    }
  }
}
