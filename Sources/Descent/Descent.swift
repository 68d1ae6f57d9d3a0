import Interpreter
import Syntax
import Tensors

/// What is minimised, from where and how: everything a descent depends on. The same value makes the same steps, bit for
/// bit, so a trace need not keep what can be computed again.
package struct Descent: Sendable {
  package struct Start: Sendable {
    package let name: String
    package let value: Tensor

    package init(name: String, value: Tensor) {
      self.name = name
      self.value = value
    }
  }

  /// The learning rate: a number, a function of the steps made so far, or a rule that remembers.
  package enum Rate: Sendable {
    case constant(Double)
    case function(Function)
    case rule(ChosenRule)
  }

  /// When a descent ends before its last step.
  package struct Stop: Sendable, Hashable {
    /// The gradient is no longer than this.
    package var gradient: Double?
    /// The next step would be no longer than this.
    package var step: Double?
    /// The loss changed by no more than this.
    package var loss: Double?

    package init(gradient: Double? = nil, step: Double? = nil, loss: Double? = nil) {
      self.gradient = gradient
      self.step = step
      self.loss = loss
    }
  }

  /// The function that goes down.
  package let objective: Function
  /// What it sees of the session.
  package let environment: Environment
  package var start: [Start]
  package let data: Batches?
  /// The parameters of the objective that the columns of the data are, in order.
  package let dataNames: [String]
  package private(set) var optimizer: ChosenRule
  package private(set) var rate: Rate
  package var steps: Int
  package let stop: Stop
  /// The steps of another descent that it goes on from, if any.
  package internal(set) var past: Past?
  /// Where to point in an error: the objective in the line that asked for the descent.
  package let span: Range<Int>
  package let line: Source?

  package init(
    objective: Function, environment: Environment, start: [Start], data: Batches?, dataNames: [String],
    optimizer: ChosenRule, rate: Rate, steps: Int, stop: Stop, span: Range<Int>, line: Source?
  ) {
    self.objective = objective
    self.environment = environment
    self.start = start
    self.data = data
    self.dataNames = dataNames
    self.optimizer = optimizer
    self.rate = rate
    self.steps = steps
    self.stop = stop
    self.span = span
    self.line = line
  }

  /// The same descent with another optimizer: it knows nothing of the steps before.
  package mutating func change(optimizer new: ChosenRule) {
    optimizer = new
    past?.forgetOptimizer()
  }

  /// The same descent with another rate; a schedule counts the steps before, but remembers nothing else of them.
  package mutating func change(rate new: Rate) {
    rate = new
    past?.forgetSchedule()
  }

  package var elementCount: Int { start.reduce(0) { $0 + $1.value.count } }
}
