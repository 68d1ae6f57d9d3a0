import Interpreter
import Syntax

/// Everything a session knows from the start: constants, builtins, the catalogue.
package struct StandardLibrary: Library {
  package let catalogue: LossCatalogue
  package let builtins: [String: Builtin]
  private static let constants: [String: Double] = [
    "π": .pi, "pi": .pi, "e": 2.718281828459045, "inf": .infinity, "∞": .infinity, "nan": .nan,
  ]
  private static let aliases: [String: String] = [
    "σ": "sigmoid", "pow": "power", "length": "count", "len": "count", "average": "mean", "平均": "mean", "求和": "sum",
    "matmul": "dot", "maximum": "max", "minimum": "min", "abs_": "abs",
  ]

  /// - Parameter extra: builtins of higher layers: descents, pictures, files.
  package init(catalogue: LossCatalogue = .standard, extra: [Builtin] = []) {
    self.catalogue = catalogue
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
    return StandardLibrary.constants[name].map { .number($0) }
  }

  package var names: [String] {
    Array(builtins.keys) + catalogue.names + Array(StandardLibrary.constants.keys) + Array(StandardLibrary.aliases.keys)
  }

  package func canonicalName(_ alias: String) -> String? {
    if let target = StandardLibrary.aliases[alias] { return target }
    guard let entry = catalogue[alias], entry.name != alias else { return nil }
    return entry.name
  }
}
