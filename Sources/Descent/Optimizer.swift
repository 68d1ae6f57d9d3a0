import Markup

/// A rule for moving parameters against a gradient. One file each, and one line in `Optimizers.table`.
package protocol Optimizer: Sendable {
  /// The name typed after `with=`.
  var name: String { get }
  /// The rule in symbols, one line per quantity it keeps, the parameter last.
  var rule: [String] { get }
  /// What is kept between steps for `count` parameters.
  func initialState(count: Int) -> [[Double]]
  /// Moves `parameters` in place.
  func step(_ parameters: inout [Double], _ gradient: [Double], _ state: inout [[Double]], rate: Double)
  /// One step of one parameter with its numbers: pairs of an expression and its value, in the order of `rule`.
  func substituted(_ parameter: Double, _ gradient: Double, _ state: [Double], rate: Double) -> [SubstitutedLine]
}

/// `left = a + b·c` with numbers in: what is printed can be recomputed from what is printed.
package struct SubstitutedLine: Sendable, Hashable {
  /// `w`, `v`
  package var left: String
  /// `base + factor·operand`; a factor of 1 is not printed, a base of nil neither.
  package var base: Double?
  package var factor: Double
  package var operand: Double

  package init(left: String, base: Double?, factor: Double, operand: Double) {
    self.left = left
    self.base = base
    self.factor = factor
    self.operand = operand
  }

  package var value: Double { (base ?? 0) + factor * operand }
}

/// The optimizers by name.
package enum Optimizers {
  package struct Row: Sendable {
    package let name: String
    /// Names and defaults of its settings.
    package let settings: [(name: String, fallback: Double)]
    package let doc: Phrase
    package let make: @Sendable ([Double]) -> any Optimizer
  }

  package static let table: [Row] = [GradientDescent.row, Momentum.row]
}
