import Testing

@testable import Workbench

private func numbers(_ line: String, _ session: inout Session) throws -> [Double] {
  let reply = session.submit(line)
  return try #require(reply.value?.numbers?.elements, "\(line): \(reply.output.plain)")
}

@Test func unseededDrawsGoOnAndSetSeedStartsThemAnew() throws {
  var session = Session()
  _ = session.submit(":set seed 9")
  let first = try numbers("rand(4)", &session)
  let second = try numbers("rand(4)", &session)
  #expect(first != second)
  _ = session.submit(":set seed 9")
  #expect(try numbers("rand(4)", &session) == first)
}

@Test func aLineTypedAgainDrawsAgain() throws {
  var session = Session()
  let means = try (0..<4).map { _ in try numbers("mean(rand(10) * 2)", &session)[0] }
  #expect(Set(means).count == 4)
}

@Test func aFailedLineDrawsNothing() throws {
  var session = Session()
  var copy = session
  #expect(session.submit("rand(4) + [1,2]").diagnostic != nil)
  #expect(try numbers("rand(4)", &session) == numbers("rand(4)", &copy))
}

@Test func droppedElementsLeaveTheMeanAsItWas() throws {
  var session = Session()
  let kept = try numbers("dropout(ones(100000), 0.3, seed=1)", &session)
  #expect(Set(kept) == [0, 1 / 0.7])
  // Four standard errors: √(0.3/0.7/100000) each.
  #expect(abs(kept.reduce(0, +) / 100_000 - 1) < 0.0083)
}

@Test func everyStepOfADescentDropsOtherElementsUnlessItIsSeeded() throws {
  var session = Session()
  _ = session.submit("L(w) = mean(dropout(w * ones(40), 0.5))")
  _ = session.submit("S(w) = mean(dropout(w * ones(40), 0.5, seed=3))")
  #expect(
    Set(try numbers("descend(L, w=1, rate=1e-12, steps=20).loss", &session).map { ($0 * 1000).rounded() }).count > 5)
  #expect(
    Set(try numbers("descend(S, w=1, rate=1e-12, steps=20).loss", &session).map { ($0 * 1000).rounded() }).count == 1)
}

@Test func shufflingWithOneSeedKeepsRowsAndLabelsTogether() throws {
  var session = Session()
  let together = try numbers("shuffle(10 * (1..20), seed=4) - 10 * shuffle(1..20, seed=4)", &session)
  #expect(together.allSatisfy { $0 == 0 })
  #expect(try numbers("sort(permutation(50))", &session) == (1...50).map(Double.init))
}
