import Markup
import Testing

@testable import Workbench

private func value(_ lines: String...) -> [Double]? {
  var session = Session()
  var last: Reply?
  for line in lines { last = session.submit(line) }
  return last?.value?.numbers?.elements
}

@Test func anErrorLeavesTheSessionAsItWas() {
  var session = Session()
  _ = session.submit("w = 3")
  #expect(session.submit("w = [1,2] - [1,2,3]").diagnostic?.code == "E203")
  #expect(session.submit("w").value?.numbers?.elements == [3])
}

@Test func undoTakesTheLastDefinitionBack() {
  var session = Session()
  _ = session.submit("w = 3")
  _ = session.submit("w = 4")
  _ = session.submit(":undo")
  #expect(session.submit("w").value?.numbers?.elements == [3])
}

@Test func branchesAreTakenAnewWhenAConditionChanges() {
  // Collatz-like: the trace made at one point must not be used at another.
  let line = "f(x) = if x < 0 then -x else if x < 1 then x^2 else 2*x - 1"
  #expect(value(line, "map(f, [-2, 0.5, 3])") == [2, 0.25, 5])
  #expect(value(line, "map(x -> f'(x), [-2, 0.5, 3])") == [-1, 1, 2])
}

@Test func recursionIsDifferentiatedThroughItsCalls() {
  // p(x, n) = xⁿ, so p′ = n·xⁿ⁻¹ = 80 at x = 2, n = 5.
  #expect(value("p(x, n) = if n == 0 then 1 else x * p(x, n - 1)", "g = x -> p(x, 5)", "g'(2)") == [80])
}

@Test func descentFollowsPiecewiseFunctionsAcrossTheirKinks() throws {
  let loss = try #require(
    value("t = descend(w -> if w > 1 then (w - 1)^2 else 1 - w, w=4, rate=0.25, steps=30)", "t.loss"))
  #expect((loss.last ?? 1) < 0.3)
}

@Test func everySentenceOfTheHelpExistsInBothLanguages() {
  for command in Command.table { #expect(command.summary.en != command.summary.zh) }
  for code in ErrorCodes.table {
    #expect(code.title.en != code.title.zh)
    #expect(code.explanation.en != code.explanation.zh)
  }
  for entry in Glossary.entries {
    #expect(entry.name.en != entry.name.zh)
    #expect(entry.meaning.en != entry.meaning.zh)
  }
}

@Test func everyBuiltinsExampleRuns() {
  for builtin in Session().library?.builtins.values ?? [:].values where !builtin.example.isEmpty {
    var session = Session()
    let reply = session.submit(builtin.example)
    #expect(reply.diagnostic == nil, "\(builtin.example): \(reply.output.plain)")
  }
}

@Test func deepAndLongInputIsRefusedOrComputed() {
  var session = Session()
  #expect(session.submit("zeros(1e9)").diagnostic?.code == "E210")
  #expect(session.submit("sum(1..1e12)").diagnostic?.code == "E210")
  _ = session.submit("f(x) = f(x)")
  #expect(session.submit("f(1)").diagnostic?.code == "E211")
}

@Test func aRangeMayBeLongerForAPictureThanForAVector() {
  var session = Session()
  #expect(session.submit("plot(x -> log(x), x=1..1e12)").diagnostic == nil)
  for line in ["1..1e12", "r = 1..1e12", "sum(1..1e12)", "map(x -> x, 1..1e12)", "[1..1e12]"] {
    #expect(session.submit(line).diagnostic?.code == "E210", "\(line)")
  }
  #expect(session.submit("plot(x -> x, x=-inf..inf)").diagnostic?.code == "E205")
  #expect(session.submit("plot(x -> x, x=3..1)").diagnostic?.code == "E205")
}
