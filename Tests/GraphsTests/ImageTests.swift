import Glibc
import Tensors
import Testing

@testable import Graphs

/// Figures of NumPy 2.4 (`sliding_window_view` and `einsum`): x = sin(1 … 50) as [1, 2, 5, 5], k = cos(1 … 54) as
/// [3, 2, 3, 3], padding 1.
@Test func convolutionAgreesWithNumPy() throws {
  let x = Tensor(shape: [1, 2, 5, 5], elements: (1...50).map { sin(Double($0)) })
  let k = Tensor(shape: [3, 2, 3, 3], elements: (1...54).map { cos(Double($0)) })
  let graph = Graph()
  let y = try graph.apply(.conv2d, [graph.constant(x), graph.constant(k)], attributes: [1, 1])
  #expect(y.shape == [1, 3, 5, 5])
  let made = try Program(graph, outputs: [y.id]).run([])[0].elements
  for (index, wanted) in [
    (0, 0.40684394867187207), (7, 0.10552949042896453), (12, 0.03508488830746015), (24, -0.657001465236505),
    (31, 0.06838175118990875), (49, -0.248076808452372), (62, 0.03571452014125498), (74, 0.3293829421385701),
  ] { #expect(abs(made[index] - wanted) < 1e-12) }
  // The same by the definition, number for number, with every stride and margin.
  for (stride, margin) in [(1, 0), (1, 2), (2, 1), (3, 0)] {
    let y = try graph.apply(.conv2d, [graph.constant(x), graph.constant(k)], attributes: [stride, margin])
    let made = try Program(graph, outputs: [y.id]).run([])[0].elements
    let wanted = correlated(x, k, stride, margin)
    #expect(made.count == wanted.count)
    #expect(!zip(made, wanted).contains { abs($0 - $1) > 1e-12 })
  }
}

/// Σ_{c,i,j} k[o,c,i,j]·x[n,c,s·y+i−p,s·z+j−p], as it is defined.
private func correlated(_ x: Tensor, _ k: Tensor, _ stride: Int, _ margin: Int) -> [Double] {
  let (height, width) = ((5 + 2 * margin - 3) / stride + 1, (5 + 2 * margin - 3) / stride + 1)
  var result: [Double] = []
  for o in 0..<3 {
    for y in 0..<height {
      for z in 0..<width {
        var sum = 0.0
        for c in 0..<2 {
          for i in 0..<3 {
            for j in 0..<3 {
              let (row, column) = (y * stride + i - margin, z * stride + j - margin)
              guard (0..<5).contains(row), (0..<5).contains(column) else { continue }
              sum += k.elements[((o * 2 + c) * 3 + i) * 3 + j] * x.elements[(c * 5 + row) * 5 + column]
            }
          }
        }
        result.append(sum)
      }
    }
  }
  return result
}

/// Windows that do not overlap, that do, and that leave a rest; the wide loop and the plain one agree.
@Test func poolingTakesTheLargestOfEachWindow() throws {
  let graph = Graph()
  let x = Tensor(shape: [1, 1, 3, 10], elements: (0..<30).map { Double(($0 * 7) % 30) })
  for (size, stride) in [(2, 2), (2, 1), (3, 3)] {
    let y = try graph.apply(.maxpool2d, [graph.constant(x)], attributes: [size, stride])
    let made = try Program(graph, outputs: [y.id]).run([])[0].elements
    let (height, width) = (y.shape[2], y.shape[3])
    for row in 0..<height {
      for column in 0..<width {
        let window = (0..<(size * size)).map {
          x.elements[(row * stride + $0 / size) * 10 + column * stride + $0 % size]
        }
        #expect(made[row * width + column] == window.max())
      }
    }
  }
}

@Test func aNaNInAWindowIsItsMaximum() throws {
  let graph = Graph()
  var elements = [Double](repeating: 1, count: 16)
  elements[5] = .nan
  let x = graph.constant(Tensor(shape: [1, 1, 2, 8], elements: elements.map { $0 }))
  let y = try graph.apply(.maxpool2d, [x], attributes: [2, 2])
  let made = try Program(graph, outputs: [y.id]).run([])[0].elements
  #expect(made[2].isNaN)
  #expect(made[0] == 1)
}

/// A graph that is only run takes maxima first and relu afterwards, and puts gradients in their places while the kernel's
/// is taken. Ties, windows below zero and rows that windows leave out included.
@Test(arguments: [[3, 1, 8, 8], [2, 3, 9, 7], [5, 2, 5, 12]], [2, 3])
func poolingBeforeReluGivesTheSameGradients(_ shape: Shape, _ size: Int) throws {
  // Whole numbers, so that no order of summation rounds.
  let x = Tensor(shape: shape, elements: (0..<shape.reduce(1, *)).map { Double($0 * 7 % 5 - 2) })
  let kernels = [11, shape[1], 3, 3]
  let k = Tensor(shape: kernels, elements: (0..<kernels.reduce(1, *)).map { Double($0 * 5 % 7 - 3) })
  func results(isOnlyRun: Bool) throws -> [[Double]] {
    let graph = Graph()
    graph.isOnlyRun = isOnlyRun
    let (kernel, bias) = (graph.input("K", shape: kernels), graph.input("b", shape: [11]))
    let convolved = graph.constant(x).apply(.conv2d, [kernel, bias], attributes: [1, 1])
    let pooled = convolved.apply(.relu).apply(.maxpool2d, attributes: [size, size])
    let loss = (pooled * pooled).apply(.sum)
    let slopes = try graph.gradient(of: loss, withRespectTo: [kernel, bias])
    return try Program(graph, outputs: [loss.id] + slopes.map(\.id)).run([
      k, Tensor(vector: (0..<11).map { Double($0 % 3 - 1) }),
    ]).map(\.elements)
  }
  #expect(try results(isOnlyRun: true) == results(isOnlyRun: false))
}
