import Interpreter

/// Builtins that need more than the graph: descents, pictures, files. One file each, one line here.
enum WorkbenchBuiltins {
  static let table: [Builtin] = []
}
