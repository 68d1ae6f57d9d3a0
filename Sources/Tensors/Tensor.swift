/// A dense row-major array of `Double` of any rank; rank 0 is a single number.
package struct Tensor: Sendable, Hashable {
  /// The length of each axis, outermost first; empty for a scalar.
  package let shape: [Int]
  /// The elements, the last axis varying fastest.
  package var elements: [Double]

  /// - Precondition: `elements.count` is the product of `shape`.
  package init(shape: [Int], elements: [Double]) {
    precondition(shape.reduce(1, *) == elements.count, "element count does not fill the shape")
    self.shape = shape
    self.elements = elements
  }

  package init(_ number: Double) {
    shape = []
    elements = [number]
  }

  package init(vector: [Double]) {
    shape = [vector.count]
    elements = vector
  }

  package var rank: Int { shape.count }
  package var count: Int { elements.count }
}
