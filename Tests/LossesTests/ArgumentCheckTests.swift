import Markup
import Testing

@testable import Workbench

// What a learner gets for arguments that do not belong where they stand: a sentence that names the element, and what to
// paste instead.

private struct Mistake: Sendable, CustomTestStringConvertible {
  let line: String
  let says: String
  let help: String
  var testDescription: String { line }
}

private let mistakes = [
  Mistake(line: "bce([2.1, 0.3], [1, 0])", says: "prediction[1] is 2.1", help: "bce_logits"),
  Mistake(line: "bce([0.9, 0.3], [1, -1])", says: "target[2] is -1", help: "(target + 1) / 2"),
  Mistake(line: "bce([1, 0], [0.2, 1.9])", says: "target[2] is 1.9", help: "bce(prediction, target)"),
  Mistake(line: "bce_logits([2, -1], [2, 1])", says: "target[1] is 2", help: "target - 1"),
  Mistake(line: "hinge([0.8, -0.3], [1, 0])", says: "target[2] is 0", help: "2 * target - 1"),
  Mistake(line: "hinge([1, -1], [0.8, -0.3])", says: "target[1] is 0.8", help: "hinge(score, target)"),
  Mistake(line: "cross_entropy([2,1,0.1; 0,3,1], [1, 2])", says: "prediction[1,1] is 2", help: "cross_entropy_logits"),
  Mistake(line: "cross_entropy_logits([2,1,0.1; 0,3,1], [0, 2])", says: "target[1] is 0", help: "target + 1"),
  Mistake(line: "cross_entropy_logits([2,1,0.1; 0,3,1], [1, 4])", says: "from 1 to 3", help: ""),
  Mistake(line: "cross_entropy_logits([1, 2], [2,1,0.1; 0,3,1])", says: "target", help: ""),
  Mistake(line: "nll([0.7,0.3; 0.1,0.9], [1, 2])", says: "log_probabilities[1,1] is 0.7", help: "log_softmax"),
  Mistake(line: "kl([0.5, 0.5], [-0.7, 1.7])", says: "q[1] is -0.7", help: "softmax"),
  Mistake(line: "gamma_deviance([1, 2], [1, -3])", says: "target[2] is -3", help: ""),
  Mistake(line: "msle([1, 2], [1, -3])", says: "target[2] is -3", help: ""),
  Mistake(line: "poisson_nll([0, 1], [-1, 2])", says: "target[1] is -1", help: ""),
  Mistake(line: "mse([1, 2, 3], [1])", says: "prediction has 3 elements, target has 1", help: "value go missing"),
  Mistake(line: "mse([1, 2, 3], [1, 2])", says: "3 predictions, 2 targets", help: ""),
  Mistake(line: "mse([], [])", says: "prediction is empty", help: ""),
]

@Test(arguments: mistakes) private func aMistakeIsNamed(_ mistake: Mistake) throws {
  for language in [Language.en, .zh] {
    var session = Session(language: language)
    let diagnostic = try #require(session.submit(mistake.line).diagnostic, "\(mistake.line) ran")
    if language == .en {
      #expect(diagnostic.message.en.contains(mistake.says), "\(diagnostic.message.en)")
      let help = diagnostic.help?.en ?? ""
      #expect(mistake.help.isEmpty || help.contains(mistake.help), "\(help)")
    }
    #expect(!diagnostic.labels.isEmpty)
  }
}

@Test func theConversionNamesTheLearnersVariable() throws {
  var session = Session()
  _ = session.submit("y = [1, 0]")
  let diagnostic = try #require(session.submit("hinge([0.8, -0.3], y)").diagnostic)
  #expect(diagnostic.help?.en.contains("2 * y - 1") == true)
  #expect(session.submit("hinge([0.8, -0.3], 2 * y - 1)").diagnostic == nil)
}

private let doubts = [
  ("bce_logits([0.9, 0.2], [1, 0])", "looks like probabilities"),
  ("cross_entropy_logits([0.7,0.3; 0.1,0.9], [1, 2])", "looks like probabilities"),
  ("cross_entropy([0.2,0.2; 0.1,0.9], [1, 2])", "row 1 of prediction adds up to 0.4"),
  ("bce([1, 0], [0.9, 0.2])", "is it swapped"),
  ("mse([1, nan], [1, 2])", "prediction[2] is nan"),
]

@Test(arguments: doubts) private func aDoubtIsANote(_ line: String, _ says: String) {
  var session = Session()
  let reply = session.submit(line)
  #expect(reply.diagnostic == nil)
  #expect(reply.output.plain.contains(says), "\(reply.output.plain)")
}

/// What only looks unusual is left alone.
@Test(arguments: [
  "bce([0.9, 0.2], [0.7, 0.1])", "bce_logits([2, -1], [1, 0])", "bce_logits(0.5, 1)",
  "cross_entropy_logits([2, 1, 0.1], 2)",
  "hinge([0.8, -0.3], [1, 1])", "cross_entropy_logits([2,1; 0,3], [1, -100])", "mse([1, 2, 3], 2)",
  "bce([0, 1], [0, 1])",
  "hinge([0.8, -0.3], [1, 0], like=\"keras\")",
]) private func whatIsRightPassesWithoutANote(_ line: String) {
  var session = Session()
  let reply = session.submit(line)
  #expect(reply.diagnostic == nil, "\(reply.output.plain)")
  #expect(!reply.output.plain.contains("note"), "\(reply.output.plain)")
}

/// A gradient or a picture moves through values no learner typed.
@Test func variablesAreNotLookedAt() {
  var session = Session()
  for line in [
    "plot(x -> bce(x, 1), x=-1..2)", "grad (p -> bce(p, 1)) at 0.3", "descend(w -> bce_logits(w, 1), w=0.5, steps=3)",
  ] {
    #expect(session.submit(line).diagnostic == nil, "\(line)")
  }
}

@Test func wrongLabelsStopADescent() {
  var session = Session()
  _ = session.submit("x = [1, 2, 3]")
  _ = session.submit("y = [0, 1, 1]")
  #expect(session.submit("descend(w -> hinge(w * x, y), w=0, steps=3)").diagnostic?.code == "E230")
}
