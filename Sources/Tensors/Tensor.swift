import CKernels

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

  /// A tensor whose elements are whatever was in memory, to be written through `address`.
  package init(uninitialized shape: [Int], count: Int) {
    self.shape = shape
    elements = Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      if count >= 1 << 19, let base = buffer.baseAddress { ll_prefer_large_pages(base, count * 8) }
      initialized = count
    }
  }

  /// Where the elements are for as long as the tensor is kept and not changed: an array of numbers has one buffer, and
  /// the engine reads and writes it where it is instead of copying.
  package var address: UnsafeMutablePointer<Double>? {
    elements.withUnsafeBufferPointer { UnsafeMutablePointer(mutating: $0.baseAddress) }
  }

  /// Whether nobody else holds the elements, so that writing them through `address` is seen by no one. An array is one
  /// reference, to its buffer.
  package var isUnshared: Bool {
    mutating get {
      withUnsafeMutablePointer(to: &elements) {
        $0.withMemoryRebound(to: AnyObject.self, capacity: 1) { isKnownUniquelyReferenced(&$0.pointee) }
      }
    }
  }

  package var rank: Int { shape.count }
  package var count: Int { elements.count }
}
