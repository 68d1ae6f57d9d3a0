import Tensors

// Random numbers as a function of a key: the same key, the same numbers. A compiled program draws anew when it is run
// with another key, without being traced again.

extension Primitive {
  package enum Distribution: Int, Sendable {
    /// Uniform in [0, 1).
    case uniform
    case normal
  }

  static let randomRows: [(ID, Primitive)] = [
    (
      // Attributes: the distribution, the number of the draw (draws from one key differ by it), the shape.
      .random,
      Primitive(
        name: "random", shape: { (_, attributes) in Shape(attributes.dropFirst(2)) },
        kernel: .stoppable { (call, budget) throws(Budget.Exhausted) in
          let key = call.inputs[0][0]
          let seed = key >= 0 && key < 0x1p63 ? UInt64(key) : 0
          // An odd multiplier, so that the draws of a key never meet those of its neighbours by a simple sum.
          var source = RandomSource(seed: seed &+ UInt64(call.attributes[1]) &* 0xD134_2543_DE82_EF95)
          let isNormal = call.attributes[0] == Distribution.normal.rawValue
          for k in 0..<call.outputCount {
            call.output[k] = isNormal ? source.normal() : source.uniform()
            if k & 65_535 == 65_535 { try budget.check() }
          }
        }, derivative: .zero)
    )
  ]
}
