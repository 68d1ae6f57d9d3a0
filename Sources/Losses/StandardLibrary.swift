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
