import CKernels

/// a·b of `rows × inner` by `inner × columns`.
package struct MatrixKernel {
  private let rows: Int
  private let inner: Int
  private let columns: Int

  package init(rows: Int, inner: Int, columns: Int) {
    self.rows = rows
    self.inner = inner
    self.columns = columns
  }

  /// out = a·b (+ a row of bias), for a range of the rows; an operand that is transposed is stored with its axes the
  /// other way round.
  package func multiply(
    _ a: UnsafePointer<Double>, isTransposed left: Bool = false, _ b: UnsafePointer<Double>,
    isTransposed right: Bool = false, into out: UnsafeMutablePointer<Double>, range: Range<Int>? = nil,
    bias: UnsafePointer<Double>? = nil
  ) {
    let range = range ?? 0..<rows
    let isWhole = range.count == rows
    let out = out + range.lowerBound * columns
    if bias == nil, columns == 1, inner > 1, !left || isWhole {
      if left {
        ll_vecmat(b, a, out, inner, rows, 0, 0)
      } else {
        ll_matvec(
          a + range.lowerBound * inner, b, out, range.count, inner, (rows - range.upperBound) * inner)
      }
    } else if bias == nil, rows == 1, inner > 1 {
      if right { ll_matvec(b, a, out, columns, inner, 0) } else { ll_vecmat(a, b, out, inner, columns, 0, 0) }
    } else {
      let start = a + range.lowerBound * (left ? 1 : inner)
      ll_gemm(
        start, left ? 1 : inner, left ? rows : 1, b, right ? 1 : columns, right ? inner : 1, out, range.count, inner,
        columns, bias)
    }
  }

  /// What a range of the inner dimension gives to the product of a transposed matrix, which is stored `inner × rows`, and
  /// b. What stands `ahead` numbers further is asked for from memory on the way, where b is a vector.
  package func multiply(
    transposed a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>,
    inner range: Range<Int>, ahead: Int
  ) {
    let (a, b) = (a + range.lowerBound * rows, b + range.lowerBound * columns)
    if columns == 1 {
      ll_vecmat(b, a, out, range.count, rows, (inner - range.upperBound) * rows, ahead)
    } else {
      ll_gemm(a, 1, rows, b, columns, 1, out, rows, range.count, columns, nil)
    }
  }

  /// Rows of the result are `pitch` numbers apart, or as long as they are.
  package static func transpose(
    _ x: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, rows: Int, columns: Int, pitch: Int? = nil
  ) {
    ll_transpose(x, out, rows, columns, pitch ?? rows)
  }
}

/// Rows of a matrix: repeated, summed, taken and added to by number.
package enum RowKernel {
  package static func repeating(
    _ row: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, rows: Int, columns: Int
  ) {
    ll_repeat_rows(row, out, rows, columns)
  }

  /// Each number `times` times.
  package static func widening(
    _ column: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, rows: Int, times: Int
  ) {
    ll_repeat_each(column, out, rows, times)
  }

  package static func sum(
    _ x: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, rows: Int, columns: Int
  ) {
    ll_sum_rows(x, out, rows, columns)
  }

  /// Sums over the first and the last of `outer × length × inner`.
  package static func sumMiddle(
    _ x: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, outer: Int, length: Int, inner: Int
  ) {
    ll_sum_middle(x, out, outer, length, inner)
  }

  /// Row `index[k]`, counted from 0; NaN where there is none.
  package static func take(
    _ x: UnsafePointer<Double>, _ index: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, count: Int,
    rows: Int, width: Int
  ) {
    ll_take_rows(x, index, out, count, rows, width)
  }

  /// Adds `scale` times the rows of x to the rows of these numbers.
  package static func add(
    _ x: UnsafePointer<Double>, times scale: Double = 1, _ index: UnsafePointer<Double>,
    into out: UnsafeMutablePointer<Double>, count: Int, rows: Int, width: Int
  ) {
    ll_add_rows(x, index, scale, out, count, rows, width)
  }
}

/// Images, `[batch, channels, height, width]`.
package struct ImageKernel {
  package let batch: Int
  package let channels: Int
  package let height: Int
  package let width: Int

  package init(batch: Int, channels: Int, height: Int, width: Int) {
    self.batch = batch
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Kernels `[outs, channels, height, width]`, how far they move, and the margin of zeros around an image.
  package struct Convolution {
    package let outs: Int
    package let height: Int
    package let width: Int
    package let stride: Int
    package let margin: Int

    package init(outs: Int, height: Int, width: Int, stride: Int, margin: Int) {
      self.outs = outs
      self.height = height
      self.width = width
      self.stride = stride
      self.margin = margin
    }
  }

  package func convolve(
    _ x: UnsafePointer<Double>, _ kernel: UnsafePointer<Double>, bias: UnsafePointer<Double>?,
    into out: UnsafeMutablePointer<Double>, _ c: Convolution
  ) {
    ll_conv2d(
      x, kernel, bias, out, batch, channels, height, width, c.outs, c.height, c.width, c.stride, c.margin)
  }

  package func gradientOfInput(
    _ g: UnsafePointer<Double>, _ kernel: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>,
    _ c: Convolution
  ) {
    ll_conv2d_input(g, kernel, out, batch, channels, height, width, c.outs, c.height, c.width, c.stride, c.margin)
  }

  package func gradientOfKernel(
    _ x: UnsafePointer<Double>, _ g: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, _ c: Convolution
  ) {
    ll_conv2d_kernel(x, g, out, batch, channels, height, width, c.outs, c.height, c.width, c.stride, c.margin)
  }

  /// The same where the result z was pooled to `top`, whose gradient g is.
  package func gradientOfKernel(
    _ x: UnsafePointer<Double>, pooled g: UnsafePointer<Double>, _ z: UnsafePointer<Double>,
    top: UnsafePointer<Double>, size: Int, stride: Int, into out: UnsafeMutablePointer<Double>, _ c: Convolution
  ) {
    ll_conv2d_kernel_pooled(
      x, g, ll_pooling(x: z, top: top, size: size, stride: stride), out, batch, channels, height, width, c.outs,
      c.height, c.width, c.stride, c.margin)
  }

  package func largest(
    _ x: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>, size: Int, stride: Int
  ) {
    ll_maxpool2d(x, out, batch * channels, height, width, size, stride)
  }

  package func gradientOfLargest(
    _ x: UnsafePointer<Double>, _ top: UnsafePointer<Double>, _ g: UnsafePointer<Double>,
    into out: UnsafeMutablePointer<Double>, size: Int, stride: Int
  ) {
    ll_maxpool2d_back(x, top, g, out, batch * channels, height, width, size, stride)
  }

  /// Another image's values where the largest are.
  package func pick(
    _ x: UnsafePointer<Double>, _ top: UnsafePointer<Double>, _ values: UnsafePointer<Double>,
    into out: UnsafeMutablePointer<Double>, size: Int, stride: Int
  ) {
    ll_maxpool2d_pick(x, top, values, out, batch * channels, height, width, size, stride)
  }
}
