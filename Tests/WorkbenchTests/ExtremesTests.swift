import Interpreter
import Tensors
import Testing

@testable import Workbench

// What must hold where naive formulas overflow: no NaN for logits up to ±1e8, gradients finite wherever mathematics says
// so, in short vectors (the interpreter) and in long ones (machine code).

private let logits: [Double] = [-1e8, -1e4, -745, -30, -1, -1e-9, 0, 1e-9, 1, 30, 745, 1e4, 1e8]

private func evaluated(_ line: String, _ z: [Double], _ t: [Double]) -> Record? {
  var session = Session()
  session.define("z", Tensor(vector: z))
  session.define("t", Tensor(vector: t))
  guard case .record(let record)? = session.submit(line).value else { return nil }
  return record
}

@Test(arguments: [1, 200], ["bce_logits(z, t)", "mean(softplus(z) - z*t)", "log_cosh(z, t)", "mean(sigmoid(z) * t)"])
func extremeLogitsGiveFiniteLossesAndGradients(_ repeats: Int, _ loss: String) throws {
  let z = (0..<repeats).flatMap { _ in logits }
  for label in [0.0, 1] {
    let both = try #require(
      evaluated("value_and_grad(z -> \(loss), z)", z, [Double](repeating: label, count: z.count)))
    #expect(both["value"]?.numbers?.elements[0].isFinite == true)
    #expect(both["gradient"]?.numbers?.elements.allSatisfy(\.isFinite) == true)
  }
}

@Test func extremeLogitsOfSeveralClassesGiveFiniteLossesAndGradients() throws {
  var session = Session()
  var rows: [Double] = []
  for a in logits { for b in logits { rows += [a, b, 0] } }
  session.define("z", Tensor(shape: [rows.count / 3, 3], elements: rows))
  for label in 1...3 {
    session.define("t", Tensor(vector: [Double](repeating: Double(label), count: rows.count / 3)))
    guard case .record(let both)? = session.submit("value_and_grad(z -> cross_entropy_logits(z, t), z)").value else {
      Issue.record("no value")
      return
    }
    #expect(both["value"]?.numbers?.elements[0].isFinite == true)
    #expect(both["gradient"]?.numbers?.elements.allSatisfy(\.isFinite) == true)
  }
}

/// The slope of bce in its logit is σ(z) − t, exactly 0 where σ(z) is t to the last digit.
@Test func theSlopeOfBinaryCrossEntropyIsTheErrorOfTheProbability() throws {
  let both = try #require(
    evaluated("value_and_grad(z -> sum(bce_logits(z, t, reduce=none)), z)", [-1e8, 0, 1e8], [0, 0, 1]))
  #expect(both["gradient"]?.numbers?.elements == [0, 0.5, 0])
}

/// A branch that is not taken has no say in the slope, not even as 0·∞.
@Test(arguments: [
  ("sum(if z > 0 then log(z) else 0)", [0.0, 2], [0.0, 0.5]),
  ("sum(if z > 0 then sqrt(z) else 0)", [0, 4], [0, 0.25]),
  ("sum(if z == 0 then 1 else 1/z)", [0, 2], [0, -0.25]),
])
func slopesOfBranchesNotTakenDoNotSpoilTheOthers(_ loss: String, _ z: [Double], _ slopes: [Double]) throws {
  for repeats in [1, 800] {
    let long = (0..<repeats).flatMap { _ in z }
    let both = try #require(evaluated("value_and_grad(z -> \(loss), z)", long, [0]))
    #expect(both["gradient"]?.numbers?.elements == (0..<repeats).flatMap { _ in slopes })
  }
}

@Test(arguments: [40_000, 1_000_001])
func oneThreadAndTwoGiveTheSameBits(_ count: Int) throws {
  var random = RandomSource(seed: 3)
  let z = (0..<count).map { _ in random.normal() }
  var results: [[UInt64]] = []
  for threads in [1, 2] {
    var session = Session()
    session.settings.threads = threads
    session.define("z", Tensor(vector: z))
    guard case .record(let both)? = session.submit("value_and_grad(z -> mean(softplus(z) + z^2), z)").value else {
      Issue.record("no value")
      return
    }
    results.append(
      (both["value"]?.numbers?.elements ?? []).map(\.bitPattern)
        + (both["gradient"]?.numbers?.elements ?? []).map(\.bitPattern))
  }
  #expect(results[0] == results[1])
}

@Test func memoryBeyondTheLimitIsRefusedWithItsSize() {
  var session = Session()
  #expect(session.submit(":set memory 2M").diagnostic == nil)
  session.define("v", Tensor(vector: [Double](repeating: 1, count: 1_000_000)))
  let reply = session.submit("exp(v)")
  #expect(reply.diagnostic?.code == "E292")
  #expect(reply.output.characters.contains("7.7 MB"))
  #expect(session.submit("sum(exp(v)) > 0").value?.numbers?.elements == [1])
  #expect(session.submit(":set memory 1T").diagnostic?.code == "E402")
}
