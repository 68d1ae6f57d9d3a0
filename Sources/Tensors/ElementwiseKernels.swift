import CKernels

/// Elementwise functions of one number. Raw values are those of the C kernels.
package enum UnaryKernel: Int32, Sendable, Hashable, CaseIterable {
  case negate, abs, sign, sqrt, exp, expm1, log, log1p, log2, log10, sin, cos, tan, tanh, sinh, cosh, asin, acos, atan,
    sigmoid, softplus, relu, floor, ceil, round, erf, lgamma, digamma, not, asinh, acosh, atanh, erfc,
    erfinv, besselI0e, besselI1e, logNdtr

  /// The same bits as the loop over an array gives.
  package func callAsFunction(_ x: Double) -> Double { ll_unary_scalar(rawValue, x) }

  package func callAsFunction(_ x: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>, _ count: Int) {
    ll_unary_apply(rawValue, x, out, count)
  }
}

/// Elementwise functions of two numbers; comparisons give 1 or 0.
package enum BinaryKernel: Int32, Sendable, Hashable, CaseIterable {
  case add, subtract, multiply, divide, power, minimum, maximum, modulo, xlogy, less, lessOrEqual, greater,
    greaterOrEqual, equal, unequal, and, or, polygamma, logaddexp, atan2

  package func callAsFunction(_ x: Double, _ y: Double) -> Double { ll_binary_scalar(rawValue, x, y) }

  /// A stride of 0 repeats a single number.
  package func callAsFunction(
    _ x: UnsafePointer<Double>, _ xStride: Int, _ y: UnsafePointer<Double>, _ yStride: Int,
    _ out: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    switch (xStride, yStride) {
    case (0, 0): out.update(repeating: self(x[0], y[0]), count: count)
    case (0, _): ll_binary_sv(rawValue, x[0], y, out, count)
    case (_, 0): ll_binary_vs(rawValue, x, y[0], out, count)
    default: ll_binary_vv(rawValue, x, y, out, count)
    }
  }
}

/// Folds. The order of summation depends on the length alone.
package enum Reduction: Int32, Sendable, Hashable, CaseIterable {
  case sum, product, largest, smallest

  /// The value of an empty fold.
  package var identity: Double {
    switch self {
    case .sum: 0
    case .product: 1
    case .largest: -.infinity
    case .smallest: .infinity
    }
  }

  package func callAsFunction(_ x: UnsafePointer<Double>, _ count: Int) -> Double { ll_reduce(rawValue, x, count) }

  package func combine(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .sum: a + b
    case .product: a * b
    case .largest: BinaryKernel.maximum(a, b)
    case .smallest: BinaryKernel.minimum(a, b)
    }
  }

  /// Folds the middle axis of `outer × length × inner` away.
  package func alongAxis(
    _ x: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>, outer: Int, length: Int, inner: Int
  ) {
    if inner == 1, self == .sum, length <= 64 {
      ll_row_sums(x, out, outer, length)
      return
    }
    if inner == 1 {
      for o in 0..<outer { out[o] = self(x + o * length, length) }
      return
    }
    for o in 0..<outer {
      let target = out + o * inner
      target.update(repeating: identity, count: inner)
      for k in 0..<length {
        let row = x + (o * length + k) * inner
        switch self {
        case .sum: BinaryKernel.add(target, 1, row, 1, target, inner)
        case .product: BinaryKernel.multiply(target, 1, row, 1, target, inner)
        case .largest: BinaryKernel.maximum(target, 1, row, 1, target, inner)
        case .smallest: BinaryKernel.minimum(target, 1, row, 1, target, inner)
        }
      }
    }
  }
}

package enum SelectKernel {
  package static func apply(
    _ condition: UnsafePointer<Double>, _ cStride: Int, _ a: UnsafePointer<Double>, _ aStride: Int,
    _ b: UnsafePointer<Double>, _ bStride: Int, _ out: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    ll_select(condition, cStride, a, aStride, b, bStride, out, count)
  }
}
