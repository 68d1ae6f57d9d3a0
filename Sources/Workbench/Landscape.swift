import Descent
import Interpreter
import Markup
import Plots
import Syntax
import Tensors

/// The loss around a descent as far as it can be drawn: a curve over one parameter, lines of equal loss over two.
enum Landscape: Sendable {
  case curve(TangentChart)
  case contour(ContourChart)

  /// Nil for parameters that are not one or two numbers, or where the loss cannot be drawn.
  init?(_ trace: TraceObject, in evaluator: Evaluator, at span: Range<Int>) {
    let names = Contours.scalars(trace)
    guard names.count == trace.trace.parameters.count, !trace.trace.losses.isEmpty else { return nil }
    let inner = Evaluator(environment: trace.environment, budget: evaluator.budget)
    switch names.count {
    case 1:
      let range = Contours.range(of: names[0], in: trace)
      guard var chart = try? Contours.curve(trace.function, trace, range, in: inner, at: span) else { return nil }
      chart.title = ""
      self = .curve(chart)
    case 2:
      let ranges = Contours.ranges(of: names, in: trace)
      guard
        let field = try? Contours.field(
          trace.function, names, ranges, others: Contours.others(trace, names), in: inner, at: span)
      else { return nil }
      self = .contour(
        ContourChart(
          title: "", xLabel: names[0], yLabel: names[1], field: field, path: Contours.path(of: trace, names)))
    default: return nil
    }
  }

  /// The picture of one step: on the first way, or on the one that branched off.
  func picture(_ stepper: Stepper) -> any Picture {
    let branch = stepper.isOnBranch ? stepper.branch : nil
    switch self {
    case .curve(var chart):
      if let branch {
        let parameter = branch.trace.trace.parameters[0]
        chart.steps =
          Array(chart.steps.prefix(branch.at))
          + zip(zip(parameter.values, branch.trace.trace.losses), parameter.gradients).map {
            TangentChart.Step(w: $0.0, loss: $0.1, slope: $1)
          }
      }
      chart.current = stepper.step
      return chart
    case .contour(var chart):
      if let branch, let own = chart.path, let other = Contours.path(of: branch.trace, [chart.xLabel, chart.yLabel]) {
        chart.path = ContourChart.Path(
          x: own.x.prefix(branch.at) + other.x, y: own.y.prefix(branch.at) + other.y,
          values: own.values.prefix(branch.at) + other.values)
      }
      chart.current = stepper.step
      return chart
    }
  }
}
