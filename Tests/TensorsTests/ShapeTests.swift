import Testing

@testable import Tensors

@Test(arguments: [
  ([3], [3], Shapes.Broadcast.shape([3])), ([], [2, 2], .shape([2, 2])), ([2, 3], [3], .shape([2, 3])),
  ([2, 1], [2, 3], .shape([2, 3])), ([3], [2], .mismatch), ([3, 1], [3], .bothStretch),
  ([3, 1], [1, 4], .bothStretch),
  ([1], [4], .shape([4])),
])
func broadcastingIsNumPysButRefusesToStretchBoth(_ a: Shape, _ b: Shape, _ expected: Shapes.Broadcast) {
  #expect(Shapes.broadcast(a, b) == expected)
  #expect(Shapes.broadcast(b, a) == expected)
}

@Test func sizesAreCheckedWithoutOverflow() {
  #expect(Shapes.count([1 << 62, 1 << 62]) == nil)
  #expect(Shapes.count([1 << 27]) == 1 << 27)
  #expect(Shapes.count([(1 << 27) + 1]) == nil)
  #expect(Shapes.count([0, 1 << 40]) == 0)
}
