import Interpreter

/// Builtins that need more than the graph: descents, pictures, files. One file each, one line here.
enum WorkbenchBuiltins {
  static let table: [Builtin] =
    OptimizerBuiltins.rows + [
      DescendBuiltin.row, BatchesBuiltin.row, StepsBuiltin.row, CheckBuiltin.row, PlotBuiltin.row, ScatterBuiltin.row,
      DescribeBuiltin.row, LoadBuiltin.row,
    ]
}
