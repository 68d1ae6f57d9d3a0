import Graphs

// The tables of the languages: what each calls the operations of the graph. A primitive that is missing here is
// refused by name when code is asked for.

extension Dialect {
  private static func named(_ names: [Primitive.ID: String]) -> [Primitive.ID: Form] {
    names.mapValues { Form(text: $0) }
  }

  /// Functions that NumPy and those who follow it call alike.
  private static let common: [Primitive.ID: Form] = named([
    .abs: "abs", .sign: "sign", .sqrt: "sqrt", .exp: "exp", .expm1: "expm1", .log: "log", .log1p: "log1p",
    .log2: "log2",
    .log10: "log10", .sin: "sin", .cos: "cos", .tan: "tan", .tanh: "tanh", .sinh: "sinh", .cosh: "cosh",
    .floor: "floor",
    .ceil: "ceil", .round: "round", .minimum: "minimum", .maximum: "maximum",
  ])

  /// The same for the libraries that also have its names for arrays.
  private static func arrays(_ np: String) -> [Primitive.ID: Form] {
    let linalg = named([
      .solve: np + "linalg.solve({0}, {1})", .inverse: np + "linalg.inv({0})", .det: np + "linalg.det({0})",
      .logdet: np + "linalg.slogdet({0})[1]", .cholesky: np + "linalg.cholesky({0})",
      .eigenvalues: np + "linalg.eigvalsh({0})",
    ])
    return merged(
      linalg,
      named([
        .asinh: "arcsinh", .acosh: "arccosh", .atanh: "arctanh", .atan2: "arctan2", .logaddexp: "logaddexp",
        .asin: "arcsin", .acos: "arccos", .atan: "arctan", .modulo: "mod", .stack: np + "stack({parts})",
        .reshape: np + "reshape({0}, {1})", .and: np + "logical_and({0}, {1})", .or: np + "logical_or({0}, {1})",
        .not: np + "logical_not({0})", .select: np + "where({0}, {1}, {2})", .count: np + "size({0})",
        .sort: np + "sort({0}, axis={axis})",
        .cumprod: np + "cumprod({0}, axis={axis})", .reverse: np + "flip({0}, axis={axis})",
        .concat: np + "concatenate({parts}, axis={axis})",
      ]),
      [
        .argmax: Form(text: np + "argmax({0}, axis={axis}) + 1.0", whole: np + "argmax({0}) + 1.0"),
        .argmin: Form(text: np + "argmin({0}, axis={axis}) + 1.0", whole: np + "argmin({0}) + 1.0"),
        .transpose: Form(text: np + "transpose({0})"),
        .takeAlong: Form(text: np + "take_along_axis({0}, ({1}).astype(int), axis={axis})"),
      ])
  }

  private static func merged(_ tables: [Primitive.ID: Form]...) -> [Primitive.ID: Form] {
    tables.reduce(into: [:]) { $0.merge($1) { $1 } }
  }

  private static func folds(_ names: [Primitive.ID: String]) -> [Primitive.ID: Form] {
    names.mapValues { Form(text: $0, takesAxis: true) }
  }

  /// Sums over the axes that stretching has added.
  private static let sumTo = """
    def sum_to(x, shape):
        x = x.sum(axis=tuple(range(x.ndim - len(shape))))
        return x.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)
    """

  static let numpy = Dialect(
    name: "numpy", imports: ["import numpy as np"], prefix: "np.",
    forms: merged(
      common, arrays("np."),
      named([
        .relu: "np.maximum({0}, 0)", .softplus: "np.logaddexp(0, {0})",
        .argsort: "np.argsort({0}, axis={axis}, kind=\"stable\") + 1.0", .sigmoid: "np.exp(-np.logaddexp(0, -({0})))",
        .frozen: "({0})",
        .logcumsumexp: "np.logaddexp.accumulate({0}, axis={axis})",
      ]),
      [
        .sumTo: Form(text: "sum_to({0}, {shape})", helpers: [sumTo]),
        .norm: Form(text: "np.linalg.norm({0}, axis={axis})", whole: "np.linalg.norm({0})"),
        .scatterAdd: Form(
          text: "scatter_add({0}, {1}, {shape}, {place})",
          helpers: [
            """
            def scatter_add(x, places, shape, axis):
                out = np.zeros(shape)
                np.add.at(out, (slice(None),) * axis + (np.asarray(places).astype(int),), x)
                return out
            """
          ]),
        .putAlong: Form(
          text: "put_along({0}, {1}, {shape}, {place})",
          helpers: [
            """
            def put_along(x, places, shape, axis):
                out = np.zeros(shape)
                index = list(np.indices(places.shape))
                index[axis] = places.astype(int)
                np.add.at(out, tuple(index), x)
                return out
            """
          ]),
        .erfinv: Form(text: "special.erfinv({0})", helpers: ["from scipy import special"]),
        .logNdtr: Form(text: "special.log_ndtr({0})", helpers: ["from scipy import special"]),
        .besselI0e: Form(text: "special.i0e({0})", helpers: ["from scipy import special"]),
        .besselI1e: Form(text: "special.i1e({0})", helpers: ["from scipy import special"]),
        .polygamma: Form(text: "special.polygamma({0}, {1})", helpers: ["from scipy import special"]),
        .erf: Form(text: "special.erf({0})", helpers: ["from scipy import special"]),
        .erfc: Form(text: "special.erfc({0})", helpers: ["from scipy import special"]),
        .lgamma: Form(text: "special.gammaln({0})", helpers: ["from scipy import special"]),
        .digamma: Form(text: "special.digamma({0})", helpers: ["from scipy import special"]),
        .xlogy: Form(text: "special.xlogy({0}, {1})", helpers: ["from scipy import special"]),
        .logsumexp: Form(
          text: "special.logsumexp({0})", takesAxis: true, helpers: ["from scipy import special"]),
        .softmax: Form(text: "special.softmax({0})", takesAxis: true, helpers: ["from scipy import special"]),
        .logSoftmax: Form(text: "special.log_softmax({0})", takesAxis: true, helpers: ["from scipy import special"]),
      ],
      folds([.sum: "sum", .product: "prod", .largest: "max", .smallest: "min", .cumsum: "cumsum"])),
    axisWord: "axis", meanName: "mean", array: "np.array({0})", spread: "np.full({1}, {0})",
    range: "np.arange({0}.0, {1}.0)", identity: "np.eye({0})", permute: "np.transpose({0}, {1})",
    places: "np.asarray({0}).astype(int)")

  static let jax = Dialect(
    name: "jax", imports: ["import jax", "import jax.numpy as jnp"], prefix: "jnp.",
    forms: merged(
      common, arrays("jnp."),
      named([
        .relu: "jax.nn.relu({0})", .softplus: "jax.nn.softplus({0})", .sigmoid: "jax.nn.sigmoid({0})",
        .argsort: "jnp.argsort({0}, axis={axis}) + 1.0", .frozen: "jax.lax.stop_gradient({0})",
        .logcumsumexp: "jax.lax.cumlogsumexp({0}, axis={place})",
        .erfinv: "jax.scipy.special.erfinv({0})", .logNdtr: "jax.scipy.stats.norm.logcdf({0})",
        .besselI0e: "jax.scipy.special.i0e({0})", .besselI1e: "jax.scipy.special.i1e({0})",
        .polygamma: "jax.scipy.special.polygamma({0}, {1})",
        .scatterAdd: "jnp.zeros({shape}).at[{before}jnp.asarray({1}).astype(int)].add({0})",
        .erf: "jax.scipy.special.erf({0})", .erfc: "jax.scipy.special.erfc({0})",
        .lgamma: "jax.scipy.special.gammaln({0})",
        .digamma: "jax.scipy.special.digamma({0})", .xlogy: "jax.scipy.special.xlogy({0}, {1})",
      ]),
      [
        .conv2d: Form(
          text: "jax.lax.conv_general_dilated({0}, {1}, ({first}, {first}), [({second}, {second})] * 2)",
          whole:
            "(jax.lax.conv_general_dilated({0}, {1}, ({first}, {first}), [({second}, {second})] * 2) + jnp.reshape({2}, (-1, 1, 1)))"
        ),
        .maxpool2d: Form(
          text:
            "jax.lax.reduce_window({0}, -jnp.inf, jax.lax.max, (1, 1, {first}, {first}), (1, 1, {second}, {second}), \"VALID\")"
        ),
        .sumTo: Form(text: "sum_to({0}, {shape})", helpers: [sumTo]),
        // At length 0 the slope is 0, where the root of a sum of squares would divide 0 by 0.
        .norm: Form(
          text: "norm({0}, axis={axis})", whole: "norm({0})",
          helpers: [
            """
            def norm(x, axis=None):
                square = jnp.sum(x * x, axis=axis)
                return jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1.0)), 0.0)
            """
          ]),
        .putAlong: Form(
          text: "put_along({0}, {1}, {shape}, {place})",
          helpers: [
            """
            def put_along(x, places, shape, axis):
                index = list(jnp.indices(places.shape))
                index[axis] = places.astype(int)
                return jnp.zeros(shape).at[tuple(index)].add(x)
            """
          ]),
      ],
      folds([
        .sum: "sum", .product: "prod", .largest: "max", .smallest: "min", .cumsum: "cumsum",
        .logsumexp: "jax.nn.logsumexp({0})", .softmax: "jax.nn.softmax({0})", .logSoftmax: "jax.nn.log_softmax({0})",
      ])),
    axisWord: "axis", meanName: "mean", array: "jnp.array({0})", spread: "jnp.full({1}, {0})",
    range: "jnp.arange({0}.0, {1}.0)", identity: "jnp.eye({0})", permute: "jnp.transpose({0}, {1})",
    places: "jnp.asarray({0}).astype(int)")

  static let torch = Dialect(
    name: "torch", imports: ["import torch"], prefix: "torch.",
    forms: merged(
      common,
      named([
        .asin: "asin", .acos: "acos", .atan: "atan", .modulo: "remainder", .relu: "torch.relu({0})",
        .softplus: "torch.nn.functional.softplus({0}, threshold=40)", .sigmoid: "torch.sigmoid({0})",
        .and: "torch.logical_and({0}, {1})", .or: "torch.logical_or({0}, {1})", .not: "torch.logical_not({0})",
        .select: "torch.where({0}, {1}, {2})", .count: "torch.as_tensor(torch.numel({0}), dtype=torch.float64)",
        .stack: "torch.stack({parts})",
        .reshape: "torch.reshape({0}, {1})", .transpose: "({0}).T", .erf: "torch.erf({0})",
        .asinh: "asinh", .acosh: "acosh", .atanh: "atanh", .atan2: "atan2", .logaddexp: "logaddexp",
        .frozen: "({0}).detach()", .polygamma: "torch.special.polygamma(int({0}), {1})",
        .sumTo: "({0}).sum_to_size({shape})",
        .sort: "torch.sort({0}, dim={axis}, stable=True).values",
        .argsort: "torch.argsort({0}, dim={axis}, stable=True) + 1.0", .cumprod: "torch.cumprod({0}, dim={axis})",
        .logcumsumexp: "torch.logcumsumexp({0}, dim={axis})", .reverse: "torch.flip({0}, dims={axes})",
        .concat: "torch.cat({parts}, dim={axis})", .takeAlong: "torch.gather({0}, {axis}, ({1}).long())",
        .putAlong: "torch.zeros({shape}, dtype=torch.float64).scatter_add({axis}, ({1}).long(), {0})",
        .erfinv: "torch.special.erfinv({0})", .logNdtr: "torch.special.log_ndtr({0})",
        .besselI0e: "torch.special.i0e({0})", .besselI1e: "torch.special.i1e({0})",
        .solve: "torch.linalg.solve({0}, {1})", .inverse: "torch.linalg.inv({0})", .det: "torch.linalg.det({0})",
        .logdet: "torch.linalg.slogdet({0}).logabsdet", .cholesky: "torch.linalg.cholesky({0})",
        .eigenvalues: "torch.linalg.eigvalsh({0})",
        .erfc: "torch.special.erfc({0})", .lgamma: "torch.lgamma({0})",
        .digamma: "torch.digamma({0})", .xlogy: "torch.xlogy({0}, {1})",
      ]),
      [
        .sum: Form(text: "sum", takesAxis: true), .product: Form(text: "prod", takesAxis: true),
        .largest: Form(text: "amax", takesAxis: true), .smallest: Form(text: "amin", takesAxis: true),
        .cumsum: Form(text: "cumsum", takesAxis: true),
        .conv2d: Form(
          text: "torch.nn.functional.conv2d({0}, {1}, stride={first}, padding={second})",
          whole: "torch.nn.functional.conv2d({0}, {1}, {2}, stride={first}, padding={second})"),
        .maxpool2d: Form(text: "torch.nn.functional.max_pool2d({0}, {first}, stride={second})"),
        .scatterAdd: Form(
          text: "scatter_add({0}, {1}, {shape}, {place})",
          helpers: [
            """
            def scatter_add(x, places, shape, axis):
                places = torch.as_tensor(places).long().reshape(-1)
                parts = x.reshape(shape[:axis] + (len(places),) + shape[axis + 1:])
                return torch.zeros(shape, dtype=x.dtype).index_add(axis, places, parts)
            """
          ]),
        .norm: Form(
          text: "torch.linalg.vector_norm({0}, dim={axis})", whole: "torch.linalg.vector_norm({0})"),
        .argmax: Form(text: "torch.argmax({0}, dim={axis}) + 1.0", whole: "torch.argmax({0}) + 1.0"),
        .argmin: Form(text: "torch.argmin({0}, dim={axis}) + 1.0", whole: "torch.argmin({0}) + 1.0"),
        .logsumexp: Form(text: "logsumexp", takesAxis: true, whole: "torch.logsumexp(torch.flatten({0}), dim=0)"),
        .softmax: Form(text: "softmax", takesAxis: true), .logSoftmax: Form(text: "log_softmax", takesAxis: true),
      ]),
    axisWord: "dim", meanName: "mean", array: "torch.tensor({0}, dtype=torch.float64)",
    spread: "torch.broadcast_to(torch.as_tensor({0}, dtype=torch.float64), {1})",
    range: "torch.arange({0}.0, {1}.0, dtype=torch.float64)", identity: "torch.eye({0}, dtype=torch.float64)",
    permute: "torch.permute({0}, {1})",
    places: "torch.as_tensor({0}).long()", cast: "({0}).double()",
    wrapped: "torch.as_tensor({0}, dtype=torch.float64)")

  static let tensorflow = Dialect(
    name: "tensorflow", imports: ["import tensorflow as tf"], prefix: "tf.",
    forms: merged(
      common.mapValues { Form(text: "math." + $0.text) },
      named([
        .log2: "tf.math.log({0}) / 0.6931471805599453", .log10: "tf.math.log({0}) / 2.302585092994046",
        .asin: "math.asin", .acos: "math.acos", .atan: "math.atan", .modulo: "math.floormod", .relu: "tf.nn.relu({0})",
        .softplus: "tf.math.softplus({0})", .sigmoid: "tf.math.sigmoid({0})", .and: "tf.logical_and({0}, {1})",
        .or: "tf.logical_or({0}, {1})", .not: "tf.logical_not({0})", .select: "tf.where({0}, {1}, {2})",
        .count: "tf.cast(tf.size({0}), tf.float64)", .stack: "tf.stack({parts})", .reshape: "tf.reshape({0}, {1})",
        .asinh: "math.asinh", .acosh: "math.acosh", .atanh: "math.atanh", .atan2: "math.atan2",
        .frozen: "tf.stop_gradient({0})", .sort: "tf.sort({0}, axis={axis})",
        .argsort: "tf.cast(tf.argsort({0}, axis={axis}, stable=True) + 1, tf.float64)",
        .cumprod: "tf.math.cumprod({0}, axis={axis})", .reverse: "tf.reverse({0}, axis=[{axis}])",
        .logcumsumexp: "tf.math.cumulative_logsumexp({0}, axis={axis})", .concat: "tf.concat({parts}, axis={axis})",
        .take: "tf.gather({0}, tf.cast({1}, tf.int32), axis={axis})",
        .takeAlong:
          "tf.experimental.numpy.take_along_axis({0}, tf.cast({1}, tf.int64), axis={axis})",
        .erfinv: "tf.math.erfinv({0})",
        .logNdtr: "tf.math.log(0.5 * tf.math.erfc(-({0}) / tf.sqrt(tf.constant(2.0, tf.float64))))",
        .besselI0e: "tf.math.bessel_i0e({0})", .besselI1e: "tf.math.bessel_i1e({0})",
        .polygamma: "tf.math.polygamma({0}, {1})", .solve: "tf.linalg.solve({0}, {1})",
        .inverse: "tf.linalg.inv({0})", .det: "tf.linalg.det({0})",
        .logdet: "tf.linalg.slogdet({0}).log_abs_determinant",
        .cholesky: "tf.linalg.cholesky({0})", .eigenvalues: "tf.linalg.eigvalsh({0})",
        .transpose: "tf.transpose({0})", .erf: "tf.math.erf({0})", .erfc: "tf.math.erfc({0})",
        .lgamma: "tf.math.lgamma({0})",
        .digamma: "tf.math.digamma({0})", .xlogy: "tf.math.xlogy({0}, {1})",
      ]),
      [
        .sumTo: Form(
          text: "sum_to({0}, {shape})",
          helpers: [
            """
            def sum_to(x, shape):
                x = tf.reduce_sum(x, axis=list(range(len(x.shape) - len(shape))))
                return tf.reduce_sum(x, axis=[i for i, n in enumerate(shape) if n == 1], keepdims=True)
            """
          ]),
        .norm: Form(text: "tf.norm({0}, axis={axis})", whole: "tf.norm({0})"),
        .argmax: Form(
          text: "tf.cast(tf.argmax({0}, axis={axis}) + 1, tf.float64)",
          whole: "tf.cast(tf.argmax(tf.reshape({0}, [-1])) + 1, tf.float64)"),
        .argmin: Form(
          text: "tf.cast(tf.argmin({0}, axis={axis}) + 1, tf.float64)",
          whole: "tf.cast(tf.argmin(tf.reshape({0}, [-1])) + 1, tf.float64)"),
      ],
      folds([
        .sum: "reduce_sum", .product: "reduce_prod", .largest: "reduce_max", .smallest: "reduce_min",
        .cumsum: "math.cumsum", .logsumexp: "reduce_logsumexp", .softmax: "nn.softmax", .logSoftmax: "nn.log_softmax",
      ])),
    axisWord: "axis", meanName: "reduce_mean", array: "tf.constant({0}, dtype=tf.float64)",
    spread: "tf.broadcast_to(tf.cast({0}, tf.float64), {1})", range: "tf.range({0}.0, {1}.0, dtype=tf.float64)",
    identity: "tf.eye({0}, dtype=tf.float64)", permute: "tf.transpose({0}, perm={1})",
    cast: "tf.cast({0}, tf.float64)", wrapped: "tf.constant({0}, dtype=tf.float64)")

  private static let logsumexpInSwift = """
    func logsumexp(_ x: [Double]) -> Double {
      guard let top = x.max(), top > -Double.infinity else { return -Double.infinity }
      return top + log(x.reduce(0) { $0 + exp($1 - top) })
    }
    """

  static let swift = Dialect(
    name: "swift", imports: ["import Foundation"], prefix: "",
    forms: merged(
      named([
        .abs: "abs", .sqrt: "sqrt", .exp: "exp", .expm1: "expm1", .log: "log", .log1p: "log1p", .log2: "log2",
        .log10: "log10", .sin: "sin", .cos: "cos", .tan: "tan", .tanh: "tanh", .sinh: "sinh", .cosh: "cosh",
        .asin: "asin", .acos: "acos", .atan: "atan", .floor: "floor", .ceil: "ceil", .round: "rint", .minimum: "min",
        .maximum: "max", .erf: "erf", .erfc: "erfc", .lgamma: "lgamma", .asinh: "asinh", .acosh: "acosh",
        .atanh: "atanh",
        .atan2: "atan2", .frozen: "({0})", .relu: "max({0}, 0)", .and: "({0} && {1})",
        .or: "({0} || {1})",
        .not: "!({0})", .select: "({0} ? {1} : {2})", .count: "Double(n)",
      ]),
      [
        .sign: Form(
          text: "sign({0})", helpers: ["func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }"]),
        .sigmoid: Form(
          text: "sigmoid({0})",
          helpers: [
            "func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }"
          ]),
        .softplus: Form(
          text: "softplus({0})", helpers: ["func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }"]),
        .logaddexp: Form(
          text: "logaddexp({0}, {1})",
          helpers: [
            """
            func logaddexp(_ x: Double, _ y: Double) -> Double {
              x == y ? x + log(2) : max(x, y) + log1p(exp(-abs(x - y)))
            }
            """
          ]),
        .modulo: Form(
          text: "mod({0}, {1})", helpers: ["func mod(_ x: Double, _ y: Double) -> Double { x - y * floor(x / y) }"]),
        .norm: Form(
          text: "norm({0})", helpers: ["func norm(_ x: [Double]) -> Double { sqrt(x.reduce(0) { $0 + $1 * $1 }) }"]),
        .logsumexp: Form(text: "logsumexp({0})", helpers: [logsumexpInSwift]),
        .logSoftmax: Form(
          text: "logSoftmax({0})",
          helpers: [
            logsumexpInSwift,
            """
            func logSoftmax(_ x: [Double]) -> [Double] {
              let total = logsumexp(x)
              return x.map { $0 - total }
            }
            """,
          ]),
        .softmax: Form(
          text: "softmax({0})",
          helpers: [
            """
            func softmax(_ x: [Double]) -> [Double] {
              let powers = x.map { exp($0 - (x.max() ?? 0)) }
              let total = powers.reduce(0, +)
              return powers.map { $0 / total }
            }
            """
          ]),
        .cumsum: Form(
          text: "cumsum({0})",
          helpers: [
            """
            func cumsum(_ x: [Double]) -> [Double] {
              var total = 0.0
              return x.map { total += $0; return total }
            }
            """
          ]),
        .sort: Form(text: "({0}).sorted()"), .reverse: Form(text: "Array(({0}).reversed())"),
        .xlogy: Form(
          text: "xlogy({0}, {1})",
          helpers: ["func xlogy(_ x: Double, _ y: Double) -> Double { x == 0 ? 0 : x * log(y) }"]),
      ]),
    axisWord: "", meanName: "", array: "{0}", cast: "({0} ? 1.0 : 0.0)", isSwift: true)
}
