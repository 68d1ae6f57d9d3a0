/// The names a learner has given values, over a library that is the same for everyone.
package struct Environment: Sendable {
  package private(set) var variables: [String: Value] = [:]
  /// Builtins, losses, constants and their aliases.
  package let library: any Library

  package init(library: any Library) { self.library = library }

  package subscript(name: String) -> Value? {
    get { variables[name] ?? library[name] }
    set { variables[name] = newValue }
  }

  package mutating func remove(_ name: String) { variables[name] = nil }
}

/// What every session knows from the start.
package protocol Library: Sendable {
  subscript(name: String) -> Value? { get }
  /// Everything that may be typed, for suggestions and completion.
  var names: [String] { get }
  /// The name an alias stands for, `MSELoss` for `mse`; nil for what is no alias.
  func canonicalName(_ alias: String) -> String?
}
