import Interpreter
import Syntax
import Tensors
import Testing

@testable import Workbench

/// Types each line and gives the last value.
private func last(_ lines: [String], in session: inout Session) -> Value? {
  var value: Value?
  for line in lines {
    let reply = session.submit(line)
    #expect(reply.diagnostic == nil, "\(line): \(reply.output.characters)")
    value = reply.value
  }
  return value
}

private func numbers(_ value: Value?) -> [Double]? { value?.numbers?.elements }

@Test func aRepeatedLineSeesEveryRedefinition() {
  var session = Session()
  let line = "sum((p - t)^2) * k"
  #expect(numbers(last(["p = [1, 2]", "t = [0, 0]", "k = 1", line, line], in: &session)) == [5])
  #expect(numbers(last(["k = 2", line], in: &session)) == [10])
  #expect(numbers(last(["p = [3, 4]", line], in: &session)) == [50])
  #expect(numbers(last(["p = [1, 1, 1]", "t = [0, 0, 0]", line, line], in: &session)) == [6])
  #expect(numbers(last([":undo", ":undo", line], in: &session)) == [50])
}

@Test func aRepeatedLineSeesARedefinedFunctionThatAnotherOneCalls() {
  var session = Session()
  let line = "g([1, 2])"
  #expect(numbers(last(["f(x) = x^2", "g(x) = sum(f(x))", line, line], in: &session)) == [5])
  #expect(numbers(last(["f(x) = x", line], in: &session)) == [3])
}

@Test func aRepeatedLineSeesANameOfTheLibraryRedefined() {
  var session = Session()
  let line = "mean([2, 4])"
  #expect(numbers(last([line, line], in: &session)) == [3])
  #expect(numbers(last(["mean(x) = 7", line], in: &session)) == [7])
}

@Test func aLineWithAnsMovesOn() {
  var session = Session()
  #expect(numbers(last(["[1, 2]", "ans * 2", "ans * 2", "ans * 2"], in: &session)) == [8, 16])
}

@Test func aRepeatedLineIsTheAnswerAgain() {
  var session = Session()
  #expect(numbers(last(["v = [1, 2]", "sum(v)", "5", "sum(v)", "ans"], in: &session)) == [3])
}

@Test func aRepeatedLineStopsWhenItIsInterruptedAndLeavesTheSessionAsItWas() {
  var session = Session()
  session.define("v", Tensor(vector: [Double](repeating: 1, count: 100_000)))
  #expect(numbers(last(["sum(exp(v)) * 0", "7"], in: &session)) == [7])
  session.isInterrupted = { true }
  #expect(session.submit("sum(exp(v)) * 0").diagnostic?.code == "E290")
  session.isInterrupted = { false }
  #expect(numbers(last(["ans"], in: &session)) == [7])
}

@Test func valueAndGradientComeTogether() {
  var session = Session()
  guard case .record(let both)? = last(["value_and_grad(w -> sum((w - 1)^2), [3, 1])"], in: &session) else {
    Issue.record("no record")
    return
  }
  #expect(both["value"]?.numbers?.elements == [4])
  #expect(both["gradient"]?.numbers?.elements == [4, 0])
}

private let repeatedLine = "value_and_grad(z -> mse(z, t), p)"

private func gradient(_ value: Value?) -> Tensor? {
  guard case .record(let both)? = value, case .tensor(let tensor)? = both["gradient"] else { return nil }
  return tensor
}

private func sessionWithVectors() -> Session {
  var session = Session()
  session.define("p", Tensor(vector: (0..<20_000).map { Double($0 % 17) }))
  session.define("t", Tensor(vector: [Double](repeating: 1, count: 20_000)))
  return session
}

/// The value typed before is written again with the same numbers: a large gradient costs no new memory.
@Test func aRepeatedLineUsesTheMemoryOfItsLastValue() throws {
  var session = sessionWithVectors()
  for _ in 0..<2 { _ = try session.evaluate(repeatedLine) }
  let before = try gradient(session.evaluate(repeatedLine))?.address
  let after = try gradient(session.evaluate(repeatedLine))?.address
  #expect(before != nil && before == after)
}

@Test func aValueThatIsHeldIsNotWrittenAgain() throws {
  var session = sessionWithVectors()
  for _ in 0..<2 { _ = try session.evaluate(repeatedLine) }
  let held = try #require(try gradient(session.evaluate(repeatedLine)))
  let next = try #require(try gradient(session.evaluate(repeatedLine)))
  #expect(held.address != next.address)
  #expect(held == next)
}

@Test func anInterruptedRepetitionLeavesTheAnswerAsItWas() throws {
  var session = sessionWithVectors()
  for _ in 0..<3 { _ = try session.evaluate(repeatedLine) }
  let before = gradient(session.answer)?.elements
  session.isInterrupted = { true }
  #expect(throws: Diagnostic.self) { try session.evaluate(repeatedLine) }
  #expect(gradient(session.answer)?.elements == before)
}
