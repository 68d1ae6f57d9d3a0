import CKernels
import Glibc
import Tensors

/// Kernels that look along one axis, `outer × length × inner`; without an axis, over everything.
enum AxisKernels {
  static func view(_ call: borrowing KernelCall) -> (outer: Int, length: Int, inner: Int) {
    if let axis = call.attributes.first { return call.around(axis: axis) }
    return (1, call.inputCount, 1)
  }

  /// Rows are handled by a kernel of their own, on several threads where there is much to do; other axes below.
  static func alongRows(
    _ call: borrowing KernelCall, _ kind: Int, _ budget: Budget, otherwise: (borrowing KernelCall) -> Void
  ) throws(Budget.Exhausted) {
    let (outer, length, inner) = view(call)
    guard inner == 1, length > 0 else {
      otherwise(call)
      return try budget.check()
    }
    let (x, out) = (call.inputs[0], call.output)
    let rows = max(1, 16384 / length)
    let width = kind == LL_LOGSUMEXP ? 1 : length
    try budget.share((outer + rows - 1) / rows) { piece, _ in
      let first = piece * rows
      ll_row_softmax(
        Int32(kind), x + first * length, out + first * width, min(rows, outer - first), length)
    }
  }

  /// log Σ exp x, shifted by the largest x so that nothing overflows; −∞ for an empty or all −∞ slice.
  static func logsumexp(_ call: borrowing KernelCall) {
    let (outer, length, inner) = view(call)
    let x = call.inputs[0]
    for o in 0..<outer {
      for i in 0..<inner {
        let base = x + o * length * inner + i
        var top = -Double.infinity
        for k in 0..<length {
          let value = base[k * inner]
          top = value > top || value.isNaN ? value : top
          if top.isNaN { break }
        }
        guard top.isFinite else {
          call.output[o * inner + i] = top
          continue
        }
        var total = 0.0
        for k in 0..<length { total += exp(base[k * inner] - top) }
        call.output[o * inner + i] = top + log(total)
      }
    }
  }

  static func softmax(_ call: borrowing KernelCall, logarithm: Bool) {
    let (outer, length, inner) = view(call)
    let x = call.inputs[0]
    for o in 0..<outer {
      for i in 0..<inner {
        let offset = o * length * inner + i
        let base = x + offset
        let out = call.output + offset
        var top = -Double.infinity
        for k in 0..<length {
          let value = base[k * inner]
          top = value > top || value.isNaN ? value : top
          if top.isNaN { break }
        }
        var total = 0.0
        for k in 0..<length {
          let shifted = base[k * inner] - top
          let power = exp(shifted)
          total += power
          out[k * inner] = logarithm ? shifted : power
        }
        // Multiplied, as along rows.
        let (logTotal, share) = (logarithm ? log(total) : 0, 1 / total)
        for k in 0..<length {
          out[k * inner] = logarithm ? out[k * inner] - logTotal : out[k * inner] * share
        }
      }
    }
  }

  /// √Σx², scaled by the largest |x| where the squares would overflow or vanish.
  static func norm(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    var pace = Pace(budget)
    let (outer, length, inner) = view(call)
    for o in 0..<outer {
      for i in 0..<inner {
        let base = call.inputs[0] + o * length * inner + i
        try pace.advance(by: length)
        var total = 0.0
        for k in 0..<length { total += base[k * inner] * base[k * inner] }
        if total > 1e-280, total < 1e280 {
          call.output[o * inner + i] = total.squareRoot()
          continue
        }
        var top = 0.0
        for k in 0..<length {
          let size = base[k * inner].magnitude
          top = size > top || size.isNaN ? size : top
          if top.isNaN { break }
        }
        guard top > 0, top < .infinity else {
          call.output[o * inner + i] = top
          continue
        }
        total = 0
        for k in 0..<length {
          let part = base[k * inner] / top
          total += part * part
        }
        call.output[o * inner + i] = top * total.squareRoot()
      }
    }
  }

  /// Folds that keep every intermediate result.
  static func running(
    _ call: borrowing KernelCall, _ budget: Budget, _ start: Double, _ step: (Double, Double) -> Double
  ) throws(Budget.Exhausted) {
    var pace = Pace(budget)
    let (outer, length, inner) = view(call)
    for o in 0..<outer {
      for i in 0..<inner {
        var total = start
        for k in 0..<length {
          let at = (o * length + k) * inner + i
          total = step(total, call.inputs[0][at])
          call.output[at] = total
          if k & 65_535 == 65_535 { try pace.advance(by: 65_536) }
        }
        try pace.advance(by: length & 65_535)
      }
    }
  }

  static func reverse(_ call: borrowing KernelCall, _ budget: Budget) throws(Budget.Exhausted) {
    var pace = Pace(budget)
    let (outer, length, inner) = view(call)
    for o in 0..<outer {
      for k in 0..<length {
        (call.output + (o * length + length - 1 - k) * inner).update(
          from: call.inputs[0] + (o * length + k) * inner, count: inner)
        try pace.advance(by: inner)
      }
    }
  }

  /// The 1-based place of the first extreme; a NaN counts as the extreme, so that it is not hidden.
  static func extremeIndex(_ call: borrowing KernelCall, _ beats: (Double, Double) -> Bool) {
    let (outer, length, inner) = view(call)
    for o in 0..<outer {
      for i in 0..<inner {
        let base = call.inputs[0] + o * length * inner + i
        var best = 0
        for k in 0..<length where beats(base[k * inner], base[best * inner]) || base[k * inner].isNaN {
          best = k
          if base[k * inner].isNaN { break }
        }
        call.output[o * inner + i] = Double(best + 1)
      }
    }
  }
}
