import Markup
import Testing

@testable import Workbench

/// One run with what theory says of it: for a quadratic of curvature λ every step of plain descent multiplies the
/// distance by 1 − ηλ, so that ηλ alone decides.
struct LabelledRun: Sendable, CustomTestStringConvertible {
  let lines: [String]
  let cause: Diagnosis.Cause
  var facts: [(name: String, value: Double)] = []
  var testDescription: String { lines.last ?? "" }

  init(_ lines: String..., is cause: Diagnosis.Cause, facts: [(name: String, value: Double)] = []) {
    self.lines = lines
    self.cause = cause
    self.facts = facts
  }
}

private let line = "L(w) = mse(w*[1,2,3], [2,4,6])"  // λ = (2/3)·14 = 28/3, minimum 0 at w = 2
private let bowl = "B(x, y) = (x^2 + 100*y^2)/2"  // λ = 1 and 100
private let round = "R(x, y) = (3*x^2 + 4*y^2)/2"  // λ = 3 and 4

let labelledRuns: [LabelledRun] = [
  // ηλ > 2
  .init(
    line, "descend(L, w=0, rate=0.25, steps=20)", is: .diverged, facts: [("lambda_max", 28.0 / 3), ("limit", 3.0 / 14)]),
  .init(line, "descend(L, w=0, rate=0.25, steps=5000)", is: .diverged, facts: [("limit", 3.0 / 14)]),
  .init(line, "descend(L, w=0, rate=0.22, steps=60)", is: .diverged),
  .init("descend(w -> 4*w^2, w=1, rate=0.3, steps=10)", is: .diverged, facts: [("lambda_max", 8), ("limit", 0.25)]),
  .init("descend(w -> w^2, w=5, rate=1.01, steps=100)", is: .diverged, facts: [("lambda_max", 2), ("limit", 1)]),
  .init("descend(w -> w^2, w=5, rate=100, steps=1000)", is: .diverged),
  .init(
    bowl, "descend(B, x=1, y=1, rate=0.021, steps=100)", is: .diverged, facts: [("lambda_max", 100), ("limit", 0.02)]),
  .init(round, "descend(R, x=1, y=1, rate=0.6, steps=50)", is: .diverged, facts: [("lambda_max", 4), ("limit", 0.5)]),
  // Heavy ball: 2(1 + β)/λ = 3.8/8 and 3.8/(28/3)
  .init("descend(w -> 4*w^2, w=1, rate=0.5, steps=60, with=momentum(0.9))", is: .diverged, facts: [("limit", 3.8 / 8)]),
  .init(
    line, "descend(L, w=0, rate=0.5, steps=100, with=momentum(0.9))", is: .diverged, facts: [("limit", 3.8 * 3 / 28)]),
  .init(
    "descend(w -> 4*w^2, w=1, rate=0.4, steps=60, with=sgd(momentum=0.5))", is: .diverged, facts: [("limit", 3.0 / 8)]),
  // Curvature that grows on the way out: from w = 2 to 2 − 0.3·32 = −7.6
  .init("descend(w -> w^4, w=2, rate=0.3, steps=20)", is: .diverged),
  .init("descend(w -> exp(w) + exp(-w), w=3, rate=0.5, steps=20)", is: .diverged),

  // No number where it starts, or after one step
  .init("descend(w -> log(w), w=-1, rate=0.1, steps=5)", is: .noStart),
  .init("descend(w -> exp(w^2), w=30, rate=0.1, steps=5)", is: .noStart),
  .init("descend(w -> √w, w=0.01, rate=0.1, steps=20)", is: .overflow),

  // A matrix without an answer: at a = 1.24 the slope is 0.83, at 0.83 [a,1;1,1] is not positive definite; x⁴/4 − x²/2 has
  // no curvature at √⅓
  .init("descend(a -> sum(cholesky([a,1;1,1])), a=1.5, rate=0.5, steps=5)", is: .singular),
  .init("descend(p -> logdet([p,1;1,2]), p=1, rate=0.5, steps=5)", is: .singular),
  .init("descend(x -> x^4/4 - x^2/2, x=0.57735026918962576, with=newton, steps=5)", is: .singular),

  // No lowest value
  .init("descend(w -> 3*w, w=0, rate=0.1, steps=50)", is: .unbounded),
  .init("descend(w -> -w^2, w=0.1, rate=0.1, steps=80)", is: .unbounded),
  .init("descend(w -> -w^2, w=1, rate=10, steps=2000)", is: .unbounded),
  .init("descend(w -> -exp(w), w=0, rate=0.1, steps=200)", is: .unbounded),

  // 1 < ηλ ≤ 2
  .init(line, "descend(L, w=0, rate=0.21, steps=20)", is: .overshoots),
  .init("descend(w -> w^2, w=1, rate=0.95, steps=20)", is: .overshoots),
  .init("descend(w -> w^2, w=1, rate=1, steps=20)", is: .overshoots, facts: [("limit", 1)]),
  .init(round, "descend(R, x=1, y=1, rate=0.49, steps=20)", is: .overshoots),

  // κ = 100: the valley
  .init(bowl, "descend(B, x=1, y=1, rate=0.0195, steps=30)", is: .valley, facts: [("condition", 100)]),
  .init(
    bowl, "descend(B, x=10, y=1, rate=0.01, steps=40)", is: .valley, facts: [("condition", 100), ("lambda_min", 1)]),
  .init(
    "V(x, y) = (x + y)^2 + 0.001*(x - y)^2", "descend(V, x=1, y=-0.5, rate=0.45, steps=50)", is: .valley,
    facts: [("lambda_max", 4), ("lambda_min", 0.004), ("condition", 1000)]),
  .init(
    "M(w, b) = mse(w*[10,11,12] + b, [1,2,3])", "descend(M, w=0, b=0, rate=0.004, steps=200)", is: .valley),
  .init(
    "rosen(x, y) = (1 - x)^2 + 100*(y - x^2)^2", "descend(rosen, x=0.5, y=0.25, rate=0.0015, steps=300)", is: .valley),

  // ηλ ≪ 1
  .init(line, "descend(L, w=0, rate=0.0001, steps=50)", is: .slow),
  .init("descend(w -> w^2, w=5, rate=0.001, steps=100)", is: .slow),
  .init(round, "descend(R, x=1, y=1, rate=0.002, steps=50)", is: .slow),
  .init("descend(w -> w^2, w=5, rate=0.0001, steps=100, with=momentum(0.9))", is: .slow),

  // Far from 0 the slope of exp(w) − w is −1 and its curvature e^w: that bounds no rate
  .init("descend(w -> exp(w) - w, w=-20, rate=0.01, steps=50)", is: .slow),
  .init("descend(w -> 1/w, w=1, rate=0.1, steps=100)", is: .slow),
  // Adam's steps are as long as its rate: 100 of 0.01 of a way of 100
  .init("descend(w -> (w-100)^2, w=0, rate=0.01, steps=100, with=adam)", is: .slow),
  .init("descend(w -> (w-1)^2, w=0, rate=1e-3, steps=100, with=adam)", is: .slow),

  // Well on its way; one leap first, from 0.05 to 57
  .init("descend(w -> w - log(w), w=0.05, rate=3, steps=5)", is: .descending),
  .init("descend(w -> w^2, w=5, rate=0.25, steps=3)", is: .descending),
  .init(line, "descend(L, w=0, rate=0.05, steps=3)", is: .descending),

  // Arrived
  .init(line, "descend(L, w=0, rate=0.1, steps=30)", is: .converged),
  .init("descend(w -> w^2, w=5, rate=0.5, steps=2)", is: .converged),
  .init("descend(w -> (w - 3)^2 + 7, w=0, rate=0.3, steps=40)", is: .converged),
  .init(bowl, "descend(B, x=1, y=1, rate=1, steps=3, with=newton)", is: .converged),
  .init(round, "descend(R, x=1, y=1, rate=0.25, steps=40)", is: .converged),
  .init("descend(w -> softplus(w) - 0.3*w, w=0, rate=1, steps=200)", is: .converged),
  .init("descend(w -> w^2, w=1, rate=0.1, steps=1000, stop=1e-6)", is: .converged),
  .init(line, "descend(L, w=0, rate=0.1, steps=2000, with=adam)", is: .converged),
  .init("descend(w -> (w - 2)^2, w=0, rate=0.5, steps=30, with=rmsprop)", is: .converged),
  .init("descend(w -> (w - 3)^2, w=0, rate=0.1, steps=100, with=nesterov(0.99))", is: .converged),
  .init("descend(w -> (w - 3)^2, w=0, rate=1, steps=50, with=lbfgs)", is: .converged),
  .init("descend(w -> w*sin(w), w=5, rate=0.05, steps=200)", is: .converged),
  .init("descend(w -> (w - 1)^4, w=3, rate=0.1, steps=200)", is: .converged),
  .init(
    "descend((x, y) -> (x^2 + y - 11)^2 + (x + y^2 - 7)^2, x=0, y=0, rate=0.01, steps=200)", is: .converged),
  .init("descend(w -> huber(w*[1,2,3], [2,4,60]), w=0, rate=0.5, steps=60)", is: .converged),

  // A jump of the slope
  .init("descend(w -> |w - 1|, w=0, rate=0.3, steps=20)", is: .kink),
  .init("descend(w -> mae(w*[1,2,3], [2,4,6]), w=0, rate=0.3, steps=40)", is: .kink),
  .init("descend((a, b) -> |a - 1| + |b + 2|, a=0, b=0, rate=0.3, steps=60)", is: .kink),
  .init("descend(w -> max(w, -2*w), w=1, rate=0.17, steps=40)", is: .kink),

  // Flat
  .init("descend(w -> 1 - exp(-w^2/2), w=7, rate=0.1, steps=50)", is: .plateau),
  .init("descend(w -> 1/(1 + exp(-w^2)), w=6, rate=0.1, steps=50)", is: .plateau),
  .init("descend(w -> mse(sigmoid(w), 0), w=12, rate=0.1, steps=50)", is: .vanishing),
  .init("descend(w -> mse(tanh(w), -1), w=6, rate=0.1, steps=50)", is: .vanishing),
  .init("descend((w, b) -> mse(sigmoid(w*[1,2] + b), [0,0]), w=8, b=5, rate=0.1, steps=50)", is: .vanishing),
  .init("descend((w, b) -> mse(relu(w*[1,2,3] + b), [1,2,3]), w=-1, b=-1, rate=0.1, steps=20)", is: .dead),
  .init("descend(w -> (relu(w) - 1)^2, w=-2, rate=0.1, steps=20)", is: .dead),
  .init("descend((x, y) -> x^2 - y^2, x=1, y=0, rate=0.1, steps=60)", is: .saddle),
  .init("descend((x, y) -> x^2 + y^4 - y^2, x=1, y=0, rate=0.2, steps=60)", is: .saddle),
  .init("descend(w -> cos(w), w=0, rate=0.1, steps=20)", is: .saddle),
  .init("descend((x, y) -> (x^2 - 1)^2 + y^2, x=0, y=1, rate=0.1, steps=50)", is: .saddle),
  .init("descend((a, b) -> mse(a*b*[1,2,3], [2,4,6]), a=0, b=0, rate=0.1, steps=50)", is: .saddle),

  // Newton's step is −g/H: towards the maximum of cos at 0, towards the saddle of x²y + y² at 0
  .init("descend(w -> cos(w), w=0.4, steps=2, with=newton)", is: .saddle),
  .init("descend((x, y) -> x^2*y + y^2, x=1, y=0, steps=5, with=newton)", is: .saddle),

  // Chance
  .init(
    "x = randn(200, seed=1)", "y = 2*x + randn(200, seed=2)", "S(w, x, y) = mse(w*x, y)",
    "descend(S, w=0, rate=0.2, steps=300, data=batches(x, y, size=2, seed=1))", is: .noise),
  .init(
    "x = randn(100, seed=3)", "y = x + 3*randn(100, seed=4)", "S(w, b, x, y) = mse(w*x + b, y)",
    "descend(S, w=0, b=0, rate=0.1, steps=400, data=batches(x, y, size=1, seed=2))", is: .noise),

  // Steps that do not shrink
  .init("descend(w -> (w - 1)^2, w=0, rate=0.3, steps=60, with=sign_sgd)", is: .hovers),
  .init("descend(w -> (w - 1)^2, w=0.05, rate=0.2, steps=60, with=lion)", is: .hovers),
]

private func diagnosis(of run: LabelledRun) throws -> (Diagnosis, Session) {
  var session = Session()
  for line in run.lines.dropLast() { _ = session.submit(line) }
  let reply = session.submit("t = " + (run.lines.last ?? ""))
  guard case .object(let object)? = reply.value, let trace = object as? TraceObject else {
    throw Failure(text: reply.output.plain)
  }
  return (Diagnosis.of(trace, .unlimited), session)
}

private struct Failure: Error { let text: String }

@Test(arguments: labelledRuns) func theCauseIsTheOneTheorySays(_ run: LabelledRun) throws {
  let (found, _) = try diagnosis(of: run)
  #expect(found.cause == run.cause, "\(found.headline.en) \(found.evidence.map(\.en))")
  for fact in run.facts {
    let value = try #require(found.numbers.first { $0.name == fact.name }?.value)
    #expect(abs(value - fact.value) <= 1e-6 * abs(fact.value), "\(fact.name)")
  }
}

@Test func thereAreRunsOfEveryKind() {
  #expect(labelledRuns.count >= 40)
  #expect(Set(labelledRuns.map(\.cause)) == Set(Diagnosis.Cause.allCases))
}

@Test(arguments: labelledRuns) func whatIsSuggestedRunsAndHelps(_ run: LabelledRun) throws {
  var (found, session) = try diagnosis(of: run)
  guard let remedy = found.remedy else { return }
  let before = try #require(session.submit("t.loss").value?.numbers?.elements)
  let reply = session.submit("u = " + remedy.line)
  #expect(reply.diagnostic == nil, "\(remedy.line)")
  let ended = session.submit("u.ended")
  if case .text(let word)? = ended.value { #expect(word != "diverged") }
  let after = try #require(session.submit("u.loss").value?.numbers?.elements)
  // A run on batches is compared by what it levels off at.
  let tail = { (losses: [Double]) in
    losses.suffix(max(1, losses.count / 4)).reduce(0) { $0 + $1 / Double(max(1, losses.count / 4)) }
  }
  if run.cause == .noise {
    #expect(tail(after) < tail(before))
  } else if let end = after.last, let last = before.last, run.cause != .overflow, run.cause != .singular {
    #expect(end < last)
  }
}

@Test func everyReasonIsGivenInBothLanguages() throws {
  for run in labelledRuns {
    let (found, _) = try diagnosis(of: run)
    for sentence in [found.headline] + found.evidence {
      #expect(sentence.zh.unicodeScalars.contains { $0.value > 0x4E00 }, "\(sentence.en)")
    }
  }
}

/// What is said of the distance to a minimum is about the distance there is: closed forms with their minimum at 0.
@Test(arguments: [
  ("w -> w^2", 2.0, "sgd"), ("w -> |w|^3", 1, "sgd"), ("w -> w^4", 1, "sgd"), ("w -> w^2 + w^4", 1, "rmsprop"),
  ("w -> cosh(w) - 1", 2, "momentum(0.5)"),
]) func theDistanceToAMinimumIsAboutRight(_ loss: String, _ start: Double, _ optimizer: String) throws {
  let (found, session) = try diagnosis(
    of: .init("descend(\(loss), w=\(start), rate=0.1, steps=400, with=\(optimizer))", is: .converged))
  #expect(found.cause == .converged)
  var copy = session
  let last = try #require(copy.submit("t.loss[401]").value?.numbers?.elements.first)
  if let said = found.numbers.first(where: { $0.name == "loss_left" })?.value, last > 0 {
    #expect(said / last > 0.5 && said / last < 2)
  }
}

@Test func aRunThatMetASingularMatrixSaysSoWhereItEnds() throws {
  var session = Session()
  let screen = session.submit("descend(a -> sum(cholesky([a,1;1,1])), a=1.5, rate=0.5, steps=5)").output.plain
  #expect(screen.contains("stopped after step 1: at a = 0.82595 cholesky("))
  #expect(screen.contains("not positive definite"))
  let refused = session.submit("descend((x, y) -> (x + y - 1)^2, x=0, y=0, with=newton)")
  #expect(refused.diagnostic?.code == "E218")
  #expect(refused.output.plain.contains("newton(damping=0.01)"))
}
