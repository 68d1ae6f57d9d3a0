import Interpreter
import Syntax

/// Everything a session knows from the start: constants, builtins, the catalogue.
package struct StandardLibrary: Library {
  package let catalogue: LossCatalogue
  package let builtins: [String: Builtin]
  /// Names of higher layers: optimizers and schedules.
  private let beside: (any Library)?
  private static let constants: [String: Double] = [
    "π": .pi, "pi": .pi, "e": 2.718281828459045, "inf": .infinity, "∞": .infinity, "nan": .nan,
  ]
  private static let aliases: [String: String] = [
    "σ": "sigmoid", "pow": "power", "length": "count", "len": "count", "average": "mean", "平均": "mean", "求和": "sum",
    "matmul": "dot", "maximum": "max", "minimum": "min", "abs_": "abs",
    // Other libraries' names, and Chinese ones.
    "inv": "inverse", "eigvalsh": "eigenvalues", "cat": "concat", "concatenate": "concat", "clamp": "clip",
    "randperm": "permutation", "gammaln": "lgamma", "amax": "max", "amin": "min", "arcsin": "asin", "arccos": "acos",
    "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
    "take_along_axis": "take_along", "gather": "take_along", "标准差": "std", "方差": "var", "中位数": "median",
    "最大值": "max", "最小值": "min", "排序": "sort", "转置": "transpose", "逆矩阵": "inverse", "行列式": "det",
    "特征值": "eigenvalues", "特征向量": "eigenvectors", "迹": "trace", "范数": "norm", "独热": "one_hot", "拼接": "concat",
    "解方程组": "solve", "百分位数": "percentile", "累计和": "cumsum",
  ]

  /// - Parameters:
  ///   - extra: builtins of higher layers: descents, pictures, files.
  ///   - beside: names of higher layers that are found when they are asked for.
  package init(
    catalogue: LossCatalogue = .standard, extra: [Builtin] = [], beside: (any Library)? = nil
  ) {
    self.catalogue = catalogue
    self.beside = beside
    var builtins: [String: Builtin] = [:]
    for builtin in Builtins.table { builtins[builtin.name] = builtin }
    for var builtin in extra {
      builtin.isPure = false
      builtins[builtin.name] = builtin
    }
    self.builtins = builtins
  }

  package subscript(name: String) -> Value? {
    if let builtin = builtins[name] ?? StandardLibrary.aliases[name].flatMap({ builtins[$0] }) {
      return .function(builtin.function)
    }
    if let function = catalogue.function(name) { return .function(function) }
    // `expit`: another name for a builtin that the catalogue describes.
    if let entry = catalogue[name], let builtin = builtins[entry.name] { return .function(builtin.function) }
    if let number = StandardLibrary.constants[name] { return .number(number) }
    return beside?[name]
  }

  package var names: [String] {
    Array(builtins.keys) + catalogue.names + Array(StandardLibrary.constants.keys) + Array(StandardLibrary.aliases.keys)
      + (beside?.names ?? [])
  }

  package func canonicalName(_ alias: String) -> String? {
    if let target = StandardLibrary.aliases[alias] { return target }
    if let entry = catalogue[alias] { return entry.name == alias ? nil : entry.name }
    return beside?.canonicalName(alias)
  }
}
