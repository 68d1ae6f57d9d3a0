import Markup
import Tensors
import Testing

@testable import Descent

/// (w − 3)², as in every textbook.
private func quadratic(_ parameters: [Tensor], _ step: Int) throws(Never) -> (loss: Double, gradients: [Tensor]) {
  let w = parameters[0].elements[0]
  return ((w - 3) * (w - 3), [Tensor(2 * (w - 3))])
}

private func run(_ optimizer: any Optimizer, rate: Double, steps: Int, stop: Double? = nil) -> Trace {
  Descent(optimizer: optimizer, rate: rate, steps: steps, tolerance: stop)
    .run(from: [("w", Tensor(0))], budget: .unlimited, objective: quadratic)
}

/// w_k = 3(1 − (1 − 2η)^k), the closed form for a quadratic.
@Test func gradientDescentFollowsTheClosedForm() {
  let trace = run(GradientDescent(), rate: 0.125, steps: 20)
  var factor = 1.0
  for value in trace.parameters[0].values {
    #expect(abs(value - 3 * (1 - factor)) < 1e-14)
    factor *= 0.75
  }
  #expect(trace.losses.count == 21)
}

/// The first steps worked by hand: v₁ = −6, v₂ = 0.9·(−6) + g(0.6) = −10.2.
@Test func momentumKeepsAShareOfItsSpeed() {
  let trace = run(Momentum(beta: 0.9), rate: 0.1, steps: 2)
  #expect(abs(trace.parameters[0].values[1] - 0.6) < 1e-15)
  #expect(abs(trace.parameters[0].values[2] - 1.62) < 1e-15)
  #expect(trace.state(before: 1) == [[-6]])
}

@Test func divergenceEndsTheTraceWithFiniteNumbers() {
  let trace = run(GradientDescent(), rate: 2, steps: 100_000)
  #expect(trace.ending == .diverged)
  #expect(!trace.losses.contains { !$0.isFinite })
}

@Test func aSmallGradientEndsTheDescent() {
  let trace = run(GradientDescent(), rate: 0.25, steps: 1_000, stop: 1e-6)
  #expect(trace.ending == .converged(tolerance: 1e-6))
  #expect(trace.stepCount < 30)
}

@Test func anInterruptKeepsWhatWasDone() {
  let trace = Descent(optimizer: GradientDescent(), rate: 0.1, steps: 100)
    .run(from: [("w", Tensor(0))], budget: Budget { true }, objective: quadratic)
  #expect(trace.ending == .interrupted)
  #expect(trace.losses == [9])
}
