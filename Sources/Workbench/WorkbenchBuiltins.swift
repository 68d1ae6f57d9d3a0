import Interpreter

/// Builtins that need more than the graph: descents, pictures, files. One file each, one line here.
enum WorkbenchBuiltins {
  static let table: [Builtin] =
    [
      DescendBuiltin.row, BatchesBuiltin.row, StepsBuiltin.row, CheckBuiltin.row, PlotBuiltin.row, ScatterBuiltin.row,
      HistBuiltin.row, ContourBuiltin.row, ResidualsBuiltin.row, ConfusionMatrixBuiltin.row,
      DecisionBoundaryBuiltin.row,
      GraphBuiltin.row, WhyBuiltin.row, CompareBuiltin.row, StepBuiltin.row, DescribeBuiltin.row, ChooseBuiltin.row,
      SaveBuiltin.row,
      LoadBuiltin.row, CodeBuiltin.row, LaTeXBuiltin.row, DeriveBuiltin.row,
    ]
}
