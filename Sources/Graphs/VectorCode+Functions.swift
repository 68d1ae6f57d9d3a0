import Tensors

// The functions of functions.h in vector operations, in the same order of arithmetic, so that an element has the same
// value in a long array as in a short one. What the hardware has as one instruction (scaling by a power of two, rounding)
// replaces the bit patterns there.

extension VectorCode {
  mutating func apply(_ kernel: UnaryKernel, _ operand: ID) -> ID? {
    if kernel == .not { return make(.notMask, mask(operand)) }
    let x = vector(operand)
    switch kernel {
    case .negate: return negate(x)
    case .abs: return abs(x)
    case .sign:
      // The sign's bit beside those of 1; zeros and NaN stay.
      return blend(compare(.differ, x, constant(0)), make(.andOr, x, bits(VectorCode.sign), constant(1)), x)
    case .sqrt: return make(.squareRoot, x)
    case .exp: return exp(x)
    case .expm1: return expm1(x)
    case .log: return log(x)
    case .log1p: return log1p(x)
    case .tanh:
      let t = expm1(make(.multiply, abs(x), constant(-2)))
      let size = make(.divide, t, make(.add, t, constant(2)))
      return make(.andOr, x, bits(VectorCode.sign), abs(size))
    case .sigmoid:
      let t = exp(negate(abs(x)))
      let r = make(.divide, constant(1), make(.add, t, constant(1)))
      if isPositive(x) { return r }
      let small = make(.multiply, t, r)
      return isNegative(x) ? small : blend(compare(.less, x, constant(0)), small, r)
    case .softplus:
      let tail = log1pUnit(exp(negate(abs(x))))
      if isNegative(x) { return tail }
      if isPositive(x) { return make(.add, x, tail) }
      // max(x, 0) + tail; −min(v, 0) where x is −v. The hardware gives 0 for NaN, and the tail is NaN then.
      if let v = negated(x) { return make(.subtract, tail, make(.minimum, v, constant(0))) }
      return make(.add, make(.maximum, x, constant(0)), tail)
    case .relu: return blend(compare(.lessOrEqual, x, constant(0)), constant(0), x)
    case .floor: return make(.round, x, detail: 9)
    case .ceil: return make(.round, x, detail: 10)
    case .round: return make(.round, x, detail: 8)
    default: return nil
    }
  }

  mutating func apply(_ kernel: BinaryKernel, _ left: ID, _ right: ID) -> ID? {
    switch kernel {
    case .and: return make(.andMask, mask(left), mask(right))
    case .or: return make(.orMask, mask(left), mask(right))
    default: break
    }
    let (a, b) = (vector(left), vector(right))
    switch kernel {
    case .add: return make(.add, a, b)
    case .subtract: return make(.subtract, a, b)
    case .multiply: return product(a, b)
    case .divide:
      // By a power of two: exact either way.
      if let divisor = number(b), divisor.isNormal, divisor.significand == 1, (1 / divisor).isNormal {
        return make(.multiply, a, constant(1 / divisor))
      }
      return make(.divide, a, b)
    // The hardware gives the second operand if either is NaN or both are equal.
    case .minimum:
      if number(b).map({ !$0.isNaN }) == true { return make(.minimum, b, a) }
      return blend(compare(.unordered, a, a), a, make(.minimum, a, b))
    case .maximum:
      if number(b).map({ !$0.isNaN }) == true { return make(.maximum, b, a) }
      return blend(compare(.unordered, a, a), a, make(.maximum, a, b))
    case .less: return compare(.less, a, b)
    case .lessOrEqual: return compare(.lessOrEqual, a, b)
    case .greater: return compare(.greater, a, b)
    case .greaterOrEqual: return compare(.greaterOrEqual, a, b)
    case .equal: return compare(.equal, a, b)
    case .unequal: return compare(.unequal, a, b)
    case .xlogy:
      let product = make(.multiply, a, log(b))
      let isZero = make(.andMask, compare(.equal, a, constant(0)), compare(.equal, b, b))
      return blend(isZero, constant(0), product)
    default: return nil
    }
  }

  /// a·b; a number times a power of two times x is one number times x, which rounds the same.
  private mutating func product(_ a: ID, _ b: ID) -> ID {
    if number(b) != nil, number(a) == nil { return product(b, a) }
    let inner = nodes[Int(b)]
    if let outer = number(a), inner.operation == .multiply, let factor = number(inner.a), factor.isNormal,
      factor.significand == 1 || outer.isNormal && outer.significand == 1, (outer * factor).isNormal
    {
      return make(.multiply, constant(outer * factor), inner.b)
    }
    return make(.multiply, a, b)
  }

  // MARK: exp and log

  private mutating func expParts(_ x: ID) -> (whole: ID, rest: ID) {
    let rounder = constant(0x1.8p52)
    let whole = make(.subtract, fma(x, constant(0x1.71547652b82fep0), rounder), rounder)
    let rest = fnma(whole, constant(0x1.62e42fee00000p-1), x)
    return (whole, fnma(whole, constant(0x1.a39ef35793c76p-33), rest))
  }

  /// e^r − 1
  private mutating func expSeries(_ r: ID) -> ID {
    let r2 = make(.multiply, r, r)
    let r4 = make(.multiply, r2, r2)
    let a = fma(r, constant(0x1.5555555555555p-3), constant(0x1p-1))
    let b = fma(r, constant(0x1.1111111111111p-7), constant(0x1.5555555555555p-5))
    let c = fma(r, constant(0x1.a01a01a01a01ap-13), constant(0x1.6c16c16c16c17p-10))
    let d = fma(r, constant(0x1.71de3a556c734p-19), constant(0x1.a01a01a01a01ap-16))
    let e = fma(r, constant(0x1.ae64567f544e4p-26), constant(0x1.27e4fb7789f5cp-22))
    let f = fma(r, constant(0x1.6124613a86d09p-33), constant(0x1.1eed8eff8d898p-29))
    let upper = fma(r4, fma(r2, f, e), fma(r2, d, c))
    return fma(r2, fma(r4, upper, fma(r2, b, a)), r)
  }

  private mutating func exp(_ x: ID) -> ID {
    // In this order NaN passes.
    let low = make(.maximum, constant(-746), x)
    let (whole, rest) = expParts(isNegative(x) ? low : make(.minimum, constant(710), low))
    return make(.scale, make(.add, expSeries(rest), constant(1)), whole)
  }

  private mutating func expm1(_ x: ID) -> ID {
    let low = make(.maximum, constant(-50), x)
    let (whole, rest) = expParts(isNegative(x) ? low : make(.minimum, constant(710), low))
    let series = expSeries(rest)
    let power = make(.scale, constant(1), make(.subtract, whole, constant(1)))
    let half = fma(power, series, make(.subtract, power, constant(0.5)))
    return blend(compare(.less, abs(x), constant(0x1p-54)), x, make(.multiply, half, constant(2)))
  }

  private mutating func logNormal(_ x: ID, shift: ID?) -> ID {
    let bias: UInt64 = 0x400 << 52
    let offset = make(.subtractWhole, x, bits(0x3fe6_a09e_667f_3bcd &- bias))
    let exponent = make(.or, make(.shiftWhole, offset, detail: 52), bits(0x4330_0000_0000_0000))
    var k = make(.subtract, exponent, constant(0x1p52 + 1024))
    if let shift { k = make(.add, k, shift) }
    let high = make(.subtractWhole, make(.and, offset, bits(0xfff0_0000_0000_0000)), bits(bias))
    let f = make(.subtract, make(.subtractWhole, x, high), constant(1))
    let s = make(.divide, f, make(.add, f, constant(2)))
    let z = make(.multiply, s, s)
    let w = make(.multiply, z, z)
    let even = make(
      .multiply, w,
      fma(
        w, fma(w, constant(1.531383769920937332e-01), constant(2.222219843214978396e-01)),
        constant(3.999999999940941908e-01)))
    let odd = fma(
      w,
      fma(
        w, fma(w, constant(1.479819860511658591e-01), constant(1.818357216161805012e-01)),
        constant(2.857142874366239149e-01)), constant(6.666666666666735130e-01))
    let half = make(.multiply, make(.multiply, f, constant(0.5)), f)
    let total = make(.add, half, fma(z, odd, even))
    let low = fma(s, total, make(.multiply, k, constant(1.90821492927058770002e-10)))
    let rest = make(.subtract, make(.subtract, half, low), f)
    return make(.subtract, make(.multiply, k, constant(6.93147180369123816490e-01)), rest)
  }

  private mutating func log(_ x: ID) -> ID {
    let isSmall = compare(.less, x, constant(0x1p-1022))
    let scaled = blend(isSmall, make(.multiply, x, constant(0x1p54)), x)
    var r = logNormal(scaled, shift: blend(isSmall, constant(-54), constant(0)))
    r = blend(compare(.equal, x, constant(0)), constant(-.infinity), r)
    r = blend(compare(.less, x, constant(0)), constant(.nan), r)
    return blend(compare(.less, x, constant(.infinity)), r, x)
  }

  private mutating func log1p(_ x: ID) -> ID {
    let u = make(.add, x, constant(1))
    let lost = make(.subtract, x, make(.subtract, u, constant(1)))
    let safe = blend(compare(.greater, u, constant(0x1p-1022)), u, constant(1))
    var r = make(.add, logNormal(safe, shift: nil), make(.divide, lost, u))
    r = blend(compare(.less, abs(x), constant(0x1p-54)), x, r)
    r = blend(compare(.equal, x, constant(-1)), constant(-.infinity), r)
    r = blend(compare(.less, x, constant(-1)), constant(.nan), r)
    return blend(compare(.less, x, constant(.infinity)), r, x)
  }

  /// log(1 + x) for 0 ≤ x ≤ 1.
  private mutating func log1pUnit(_ x: ID) -> ID {
    let isUpper = compare(.greater, x, constant(0x1.a827999fcef34p-2))
    let top = blend(isUpper, make(.subtract, x, constant(1)), x)
    let bottom = make(.add, x, blend(isUpper, constant(3), constant(2)))
    let t = make(.divide, make(.add, top, top), bottom)
    let z = make(.multiply, t, t)
    let w = make(.multiply, z, z)
    let v = make(.multiply, w, w)
    let a = fma(z, constant(1.0 / 80), constant(1.0 / 12))
    let b = fma(z, constant(1.0 / 2304), constant(1.0 / 448))
    let c = fma(z, constant(1.0 / 53248), constant(1.0 / 11264))
    let d = fma(z, constant(1.0 / 1_114_112), constant(1.0 / 245760))
    let upper = fma(v, constant(1.0 / 4_980_736), fma(w, d, c))
    let series = fma(v, upper, fma(w, b, a))
    let sum = fma(make(.multiply, t, z), series, t)
    return blend(isUpper, make(.add, sum, constant(0x1.62e42fefa39efp-1)), sum)
  }
}
