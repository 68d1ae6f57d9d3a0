import Interpreter
import Syntax
import Tensors
import Synchronization
import Testing

@testable import Descent
@testable import Workbench

private func trace(_ line: String, _ before: [String] = [], isInterrupted: @escaping @Sendable () -> Bool = { false })
  throws -> Trace
{
  var session = Session()
  for line in before { #expect(session.submit(line).diagnostic == nil) }
  session.isInterrupted = isInterrupted
  let reply = session.submit(line)
  guard case .object(let object)? = reply.value, let made = object as? TraceObject else {
    throw Failure(screen: reply.output.plain)
  }
  return made.trace
}

private struct Failure: Error { let screen: String }

/// w_k = 3(1 − (1 − 2η)^k), the closed form for a quadratic.
@Test func gradientDescentFollowsTheClosedForm() throws {
  let trace = try trace("descend(w -> (w - 3)^2, w=0, rate=0.125, steps=20)")
  var factor = 1.0
  for value in trace.parameters[0].values {
    #expect(abs(value - 3 * (1 - factor)) < 1e-14)
    factor *= 0.75
  }
  #expect(trace.losses.count == 21)
}

/// The first steps worked by hand: v₁ = −6, v₂ = 0.9·(−6) + g(0.6) = −10.2.
@Test func momentumKeepsAShareOfItsSpeed() throws {
  let trace = try trace("descend(w -> (w - 3)^2, w=0, rate=0.1, steps=2, with=momentum(0.9))")
  #expect(abs(trace.parameters[0].values[1] - 0.6) < 1e-15)
  #expect(abs(trace.parameters[0].values[2] - 1.62) < 1e-15)
  #expect(trace.entry(1)?.states.first?.elements == [-6])
}

@Test func divergenceEndsTheTraceWithFiniteNumbers() throws {
  let trace = try trace("descend(w -> (w - 3)^2, w=0, rate=2, steps=100000)")
  #expect(trace.ending == .diverged)
  #expect(!trace.losses.contains { !$0.isFinite })
  #expect(trace.parameters[0].values.count == trace.losses.count)
}

@Test func aSmallGradientEndsTheDescent() throws {
  let trace = try trace("descend(w -> (w - 3)^2, w=0, rate=0.25, steps=1000, stop=1e-6)")
  #expect(trace.ending == .converged(.gradient, tolerance: 1e-6))
  #expect(trace.stepCount < 30)
}

/// Every step multiplies the distance, 3 at the start, by ¾: its length is ¼ of the distance before, and the loss falls by
/// 7/16 of itself.
@Test func aShortStepOrASmallFallEndsTheDescentAndIsNamed() throws {
  let step = try trace("descend(w -> (w - 3)^2, w=0, rate=0.125, steps=1000, stop_step=1e-3)")
  #expect(step.ending == .converged(.step, tolerance: 1e-3))
  let distances = step.parameters[0].values.map { abs($0 - 3) }
  #expect(distances[step.stepCount] / 4 <= 1e-3 && distances[step.stepCount - 1] / 4 > 1e-3)
  let loss = try trace("descend(w -> (w - 3)^2, w=0, rate=0.125, steps=1000, stop_loss=1e-5)")
  #expect(loss.ending == .converged(.loss, tolerance: 1e-5))
  #expect(loss.losses[loss.stepCount - 1] - loss.losses[loss.stepCount] <= 1e-5)
  let method = try trace("descend(w -> (w - 3)^4, w=0, rate=0.1, steps=1000, stop_step=1e-3, with=lbfgs)")
  #expect(method.ending == .converged(.step, tolerance: 1e-3))
  #expect(method.stepCount > 3)
  // Whichever is met first.
  let both = try trace("descend(w -> (w - 3)^2, w=0, rate=0.125, steps=1000, stop=1e-9, stop_loss=1e-5)")
  #expect(both.stepCount == loss.stepCount)
  var session = Session()
  for (line, words) in [
    ("descend(w -> w^2, w=1, rate=0.25, steps=99, stop_step=1e-3)", "the next step would be no longer than 0.001"),
    ("descend(w -> w^2, w=1, rate=0.25, steps=99, stop_loss=1e-3)", "the loss changed by no more than 0.001"),
    ("descend(w -> w^2, w=1, rate=0.25, steps=99, stop=1e-3)", "the gradient is below 0.001"),
  ] {
    #expect(session.submit(line).output.plain.contains(words))
  }
}

@Test func anInterruptKeepsWhatWasDone() throws {
  // Ctrl-C at the thousandth look at the clock.
  let looks = Mutex(0)
  let trace = try trace(
    "descend(w -> (w - 3)^2, w=0, rate=1e-7, steps=10000000)",
    isInterrupted: {
      looks.withLock { looks in
        looks += 1
        return looks > 1000
      }
    })
  #expect(trace.ending == .interrupted)
  #expect(trace.stepCount > 100_000)
  #expect(trace.stepCount < 1_000_000)
}

/// A trace of wide rows keeps some of them; the others are computed again, bit for bit.
@Test func rowsThatAreNotKeptAreComputedAgain() throws {
  let before = [
    "X = randn(64, 40, seed=3)", "y = X @ randn(40, seed=4)", "L(w, a, b) = mse(a @ w, b)",
  ]
  let long = try trace(
    "descend(L, w=zeros(40), data=batches(X, y, size=16, seed=5), rate=0.01, steps=40000, with=adam)", before)
  #expect(!long.isWhole)
  let short = try trace(
    "descend(L, w=zeros(40), data=batches(X, y, size=16, seed=5), rate=0.01, steps=1001, with=adam)", before)
  #expect(short.isWhole)
  for entry in [0, 1, 7, 500, 1001] {
    #expect(long.parameters[0].value(at: entry) == short.parameters[0].value(at: entry))
    #expect(long.entry(entry)?.gradients == short.entry(entry)?.gradients)
    #expect(long.losses[entry] == short.losses[entry])
  }
}

/// The rest of a descent made from any of its entries on is the rest of the descent: momentum, moments, step count,
/// schedule and order of the batches go on, bit for bit.
@Test(arguments: RuleBook.standard.optimizers.map(\.name)) func aDescentGoesOnFromAnyOfItsSteps(_ name: String) throws {
  let before = ["X = randn(12, 3, seed=3)", "y = X @ [1,2,3]", "L(w, c, a, b) = mse(a @ w + c, b)"]
  for rate in ["0.01", "cosine(0.02, 12)", "reduce_on_plateau(0.02, patience=1)"] {
    for data in ["batches(X, y)", "batches(X, y, size=4, seed=5)"] {
      let whole = try trace(
        "descend(L, w=[1,0,0.5], c=0.1, data=\(data), rate=\(rate), steps=12, with=\(name))", before)
      for entry in [0, 1, 5] {
        let rest = try #require(whole.continued(from: entry, steps: 12 - entry)).run(.unlimited)
        #expect(rest.losses == Array(whole.losses[entry...]))
        #expect(rest.entry(12 - entry)?.values == whole.entry(12)?.values)
        // And again from there.
        let last = try #require(rest.continued(from: 3, steps: 9 - entry)).run(.unlimited)
        #expect(last.losses == Array(whole.losses[(entry + 3)...]))
      }
    }
  }
}

/// Adam's t counts its own steps: the corrections divide by 1 − β^t of what its moments have seen.
@Test func anOptimizerThatTakesOverBeginsAtItsFirstStep() throws {
  let start = try trace("descend(w -> (w - 3)^2, w=0, rate=0.1, steps=5, with=momentum(0.9))")
  let adam = try trace("descend(w -> (w - 3)^2, w=0, rate=0.1, steps=5, with=adam)").optimizer
  var descent = try #require(start.continued(from: 3, steps: 2))
  descent.change(optimizer: adam)
  let rest = try descent.run(.unlimited)
  // The first step of Adam is one rate long, whatever the gradient.
  let values = rest.parameters[0].values
  #expect(abs(abs(values[1] - values[0]) - 0.1) < 1e-8)
}

/// Methods that remember outside their rows leave copies of themselves on the way.
@Test func stepsOfLBFGSAreMadeAgainFromNearby() throws {
  let before = ["X = randn(64, 80, seed=3)", "y = X @ randn(80, seed=4)", "L(w) = mean(log_cosh(X @ w, y))"]
  let long = try trace("descend(L, w=zeros(80), rate=0.001, steps=20000, with=lbfgs)", before)
  #expect(!long.isWhole)
  #expect(long.memories.count > 8)
  let short = try trace("descend(L, w=zeros(80), rate=0.001, steps=1001, with=lbfgs)", before)
  for entry in [0, 1, 77, 500, 1001] {
    #expect(long.parameters[0].value(at: entry) == short.parameters[0].value(at: entry))
    #expect(long.entry(entry)?.gradients == short.entry(entry)?.gradients)
  }
}

/// An `if` of the objective that comes out otherwise on the way is followed there.
@Test func theDescentFollowsTheBranchesOfItsObjective() throws {
  let trace = try trace("descend(w -> if w < 1 then -w else (w - 2)^2, w=0, rate=0.4, steps=4)")
  // −w has slope −1: 0, 0.4, 0.8, 1.2; then (w − 2)² with slope −1.6: 1.84.
  let expected = [0, 0.4, 0.8, 1.2, 1.84]
  for (made, wanted) in zip(trace.parameters[0].values, expected) { #expect(abs(made - wanted) < 1e-12) }
}

/// Full batches in their own order are the same as no batches; an explicit order names its rows from 1.
@Test func batchesFollowTheOrderGiven() throws {
  let before = ["x = [1, 2, 3]", "y = [2, 4, 7]", "L(w, a, b) = mse(a * w, b)"]
  let whole = try trace("descend(L, w=0, data=batches(x, y), rate=0.05, steps=3)", before)
  let plain = try trace("descend(w -> mse(x * w, y), w=0, rate=0.05, steps=3)", before)
  #expect(whole.losses == plain.losses)
  let single = try trace("descend(L, w=0, data=batches(x, y, order=[3; 1]), rate=0.05, steps=3)", before)
  // Row 3, row 1, row 3 again: (3w − 7)² at 0, then (w − 2)².
  #expect(single.losses[0] == 49)
  let w = single.parameters[0].values[1]
  #expect(abs(w - 0.05 * 42) < 1e-12)
  #expect(abs(single.losses[1] - (w - 2) * (w - 2)) < 1e-12)
}

/// Every optimizer and schedule: documented in both languages, with aliases that resolve and steps that come out as
/// the trace has them.
@Test(arguments: RuleBook.standard.optimizers.map(\.name)) func everyOptimizerIsDocumentedAndMoves(_ name: String)
  throws
{
  let section = try #require(RuleBook.standard.section(name))
  #expect(section.documentation.summary.zh != section.documentation.summary.en)
  #expect(section.documentation.use != nil)
  for alias in section.documentation.aliases { #expect(RuleBook.standard.section(canonicalName(alias))?.name == name) }
  let trace = try trace("descend(w -> (w[1] - 3)^2 + (w[2] + 1)^2, w=[0.5, 1], steps=5, with=\(name))")
  #expect(trace.losses.count == 6)
  #expect(!trace.losses.contains { !$0.isFinite })
  if trace.optimizer.lines.isEmpty { return }
  // One number, with the lines' numbers in: the last line closes on the next w.
  let scalar = try scalarTrace(name)
  let entry = try #require(scalar.entry(2))
  var values = [
    "w": entry.values[0].elements[0], "g": entry.gradients[0].elements[0], "rate": scalar.rate(at: 2), "t": 3,
    "loss": entry.loss, "all_g": entry.norm, "H": 2,
  ]
  for (piece, state) in zip(scalar.kept, entry.states) { values[piece.name] = state.elements[0] }
  let last = try #require(RuleText(scalar.optimizer, values: values.mapValues { Tensor($0) }).last)
  let next = try #require(scalar.entry(3)?.values[0].elements[0])
  #expect(abs(last - next) <= 1e-12 * max(1, abs(next)))
}

private func scalarTrace(_ name: String) throws -> Trace {
  try trace("descend(w -> (w - 3)^2, w=0.5, steps=5, with=\(name))")
}

@Test(arguments: RuleBook.standard.schedules.map(\.name)) func everyScheduleIsDocumentedAndItsExampleRuns(
  _ name: String
) throws {
  let section = try #require(RuleBook.standard.section(name))
  #expect(section.documentation.summary.zh != section.documentation.summary.en)
  for alias in section.documentation.aliases { #expect(RuleBook.standard.section(canonicalName(alias))?.name == name) }
  var session = Session()
  for example in section.documentation.examples { #expect(session.submit(example).diagnostic == nil, "\(example)") }
}
