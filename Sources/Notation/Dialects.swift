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

  private static func merged(_ tables: [Primitive.ID: Form]...) -> [Primitive.ID: Form] {
    tables.reduce(into: [:]) { $0.merge($1) { $1 } }
  }

  private static func folds(_ names: [Primitive.ID: String]) -> [Primitive.ID: Form] {
    names.mapValues { Form(text: $0, takesAxis: true) }
  }

  static let numpy = Dialect(
    name: "numpy", imports: ["import numpy as np"], prefix: "np.",
    forms: merged(
      common,
      named([
        .asin: "arcsin", .acos: "arccos", .atan: "arctan", .modulo: "mod", .relu: "np.maximum({0}, 0)",
        .softplus: "np.logaddexp(0, {0})", .sigmoid: "np.exp(-np.logaddexp(0, -({0})))",
        .and: "np.logical_and({0}, {1})", .or: "np.logical_or({0}, {1})", .not: "np.logical_not({0})",
        .select: "np.where({0}, {1}, {2})", .count: "np.size({0})", .stack: "np.stack({0})",
        .reshape: "np.reshape({0}, {1})", .transpose: "np.transpose({0})",
      ]),
      [
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
    axisWord: "axis", meanName: "mean", array: "np.array({0})")

  static let jax = Dialect(
    name: "jax", imports: ["import jax", "import jax.numpy as jnp"], prefix: "jnp.",
    forms: merged(
      common,
      named([
        .asin: "arcsin", .acos: "arccos", .atan: "arctan", .modulo: "mod", .relu: "jax.nn.relu({0})",
        .softplus: "jax.nn.softplus({0})", .sigmoid: "jax.nn.sigmoid({0})", .and: "jnp.logical_and({0}, {1})",
        .or: "jnp.logical_or({0}, {1})", .not: "jnp.logical_not({0})", .select: "jnp.where({0}, {1}, {2})",
        .count: "jnp.size({0})", .stack: "jnp.stack({0})", .reshape: "jnp.reshape({0}, {1})",
        .transpose: "jnp.transpose({0})", .erf: "jax.scipy.special.erf({0})", .erfc: "jax.scipy.special.erfc({0})",
        .lgamma: "jax.scipy.special.gammaln({0})",
        .digamma: "jax.scipy.special.digamma({0})", .xlogy: "jax.scipy.special.xlogy({0}, {1})",
      ]),
      folds([
        .sum: "sum", .product: "prod", .largest: "max", .smallest: "min", .cumsum: "cumsum",
        .logsumexp: "jax.nn.logsumexp({0})", .softmax: "jax.nn.softmax({0})", .logSoftmax: "jax.nn.log_softmax({0})",
      ])),
    axisWord: "axis", meanName: "mean", array: "jnp.array({0})")

  static let torch = Dialect(
    name: "torch", imports: ["import torch"], prefix: "torch.",
    forms: merged(
      common,
      named([
        .asin: "asin", .acos: "acos", .atan: "atan", .modulo: "remainder", .relu: "torch.relu({0})",
        .softplus: "torch.nn.functional.softplus({0}, threshold=40)", .sigmoid: "torch.sigmoid({0})",
        .and: "torch.logical_and({0}, {1})", .or: "torch.logical_or({0}, {1})", .not: "torch.logical_not({0})",
        .select: "torch.where({0}, {1}, {2})", .count: "torch.as_tensor(torch.numel({0}), dtype=torch.float64)",
        .stack: "torch.stack({0})",
        .reshape: "torch.reshape({0}, {1})", .transpose: "({0}).T", .erf: "torch.erf({0})",
        .erfc: "torch.special.erfc({0})", .lgamma: "torch.lgamma({0})",
        .digamma: "torch.digamma({0})", .xlogy: "torch.xlogy({0}, {1})",
      ]),
      [
        .sum: Form(text: "sum", takesAxis: true), .product: Form(text: "prod", takesAxis: true),
        .largest: Form(text: "amax", takesAxis: true), .smallest: Form(text: "amin", takesAxis: true),
        .cumsum: Form(text: "cumsum", takesAxis: true),
        .logsumexp: Form(text: "logsumexp", takesAxis: true, whole: "torch.logsumexp(torch.flatten({0}), dim=0)"),
        .softmax: Form(text: "softmax", takesAxis: true), .logSoftmax: Form(text: "log_softmax", takesAxis: true),
      ]),
    axisWord: "dim", meanName: "mean", array: "torch.tensor({0}, dtype=torch.float64)",
    cast: "({0}).double()",
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
        .count: "tf.cast(tf.size({0}), tf.float64)", .stack: "tf.stack({0})", .reshape: "tf.reshape({0}, {1})",
        .transpose: "tf.transpose({0})", .erf: "tf.math.erf({0})", .erfc: "tf.math.erfc({0})",
        .lgamma: "tf.math.lgamma({0})",
        .digamma: "tf.math.digamma({0})", .xlogy: "tf.math.xlogy({0}, {1})",
      ]),
      folds([
        .sum: "reduce_sum", .product: "reduce_prod", .largest: "reduce_max", .smallest: "reduce_min",
        .cumsum: "math.cumsum", .logsumexp: "reduce_logsumexp", .softmax: "nn.softmax", .logSoftmax: "nn.log_softmax",
      ])),
    axisWord: "axis", meanName: "reduce_mean", array: "tf.constant({0}, dtype=tf.float64)",
    cast: "tf.cast({0}, tf.float64)", wrapped: "tf.constant({0}, dtype=tf.float64)")

  static let swift = Dialect(
    name: "swift", imports: ["import Foundation"], prefix: "",
    forms: merged(
      named([
        .abs: "abs", .sqrt: "sqrt", .exp: "exp", .expm1: "expm1", .log: "log", .log1p: "log1p", .log2: "log2",
        .log10: "log10", .sin: "sin", .cos: "cos", .tan: "tan", .tanh: "tanh", .sinh: "sinh", .cosh: "cosh",
        .asin: "asin", .acos: "acos", .atan: "atan", .floor: "floor", .ceil: "ceil", .round: "rint", .minimum: "min",
        .maximum: "max", .erf: "erf", .erfc: "erfc", .lgamma: "lgamma", .relu: "max({0}, 0)", .and: "({0} && {1})",
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
        .xlogy: Form(
          text: "xlogy({0}, {1})",
          helpers: ["func xlogy(_ x: Double, _ y: Double) -> Double { x == 0 ? 0 : x * log(y) }"]),
      ]),
    axisWord: "", meanName: "", array: "{0}", cast: "({0} ? 1.0 : 0.0)", isSwift: true)
}
