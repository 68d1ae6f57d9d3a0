import Testing

@testable import Syntax

@Test func nearNamesAreSuggestedNearestFirst() {
  #expect(Suggestions.nearest(to: "mes", among: ["mae", "mse", "huber"]).first == "mse")
  #expect(Suggestions.nearest(to: "hubber", among: ["mae", "mse", "huber"]) == ["huber"])
  #expect(Suggestions.nearest(to: "zzz", among: ["mae", "mse"]).isEmpty)
}

@Test func editDistanceCountsASwapAsOne() {
  #expect(Suggestions.editDistance(Array("sqtr"), Array("sqrt")) == 1)
  #expect(Suggestions.editDistance(Array("kitten"), Array("sitting")) == 3)  // Levenshtein's textbook pair
}
