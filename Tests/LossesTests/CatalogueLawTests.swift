import Foundation
import Interpreter
import Losses
import Syntax
import Tensors
import Testing

@testable import Workbench

// Laws over every entry of the catalogue: a new loss gets all of them by being in the prelude.

private let names = LossCatalogue.standard.entries.map(\.name)

private func entry(_ name: String) throws -> LossCatalogue.Entry { try #require(LossCatalogue.standard[name]) }

/// Predictions and targets inside the domain of a loss, away from kinks.
private func sample(_ name: String) throws -> (prediction: [Double], target: [Double]) {
  let entry = try entry(name)
  if entry.name == "kl_div" { return ([0.2, 0.3, 0.5], [0.25, 0.45, 0.3]) }
  if entry.domain?.contains("0..1") ?? false { return ([0.2, 0.3, 0.5], [0, 1, 0]) }
  if ["hinge", "perceptron"].contains(entry.name) { return ([0.4, -0.7, 2.3], [1, 1, -1]) }
  if entry.name.hasPrefix("bce") || entry.name.contains("softmax") { return ([0.4, -0.7, 2.3], [0, 1, 0]) }
  return ([0.4, -0.7, 2.3], [0.1, 0.9, -1.4])
}

private func session(_ name: String) throws -> Session {
  var session = Session()
  let (prediction, target) = try sample(name)
  session.define("p", Tensor(vector: prediction))
  session.define("t", Tensor(vector: target))
  return session
}

private func call(_ name: String) throws -> String {
  try entry(name).name.hasPrefix("l") && entry(name).family == "penalties" ? "\(name)(p)" : "\(name)(p, t)"
}

private func numbers(_ line: String, _ session: Session) throws -> [Double] {
  var copy = session
  let reply = copy.submit(line)
  return try #require(reply.value?.numbers?.elements, "\(line): \(reply.output.plain)")
}

@Test(arguments: names) func gradientEqualsCentralDifference(_ name: String) throws {
  let session = try session(name)
  let exact = try numbers("∂(\(call(name)))/∂p", session)
  let start = try sample(name).prediction
  for index in start.indices {
    func value(_ h: Double) throws -> Double {
      var moved = session
      var p = start
      p[index] += h
      moved.define("p", Tensor(vector: p))
      return try numbers(call(name), moved)[0]
    }
    let numeric = (try value(1e-5) - value(-1e-5)) / 2e-5
    #expect(abs(numeric - exact[index]) < 1e-7, "\(name)[\(index)]")
  }
}

@Test(arguments: names) func textbookFormEqualsTheStableOne(_ name: String) throws {
  guard let textbook = try entry(name).textbook else { return }
  var session = try session(name)
  let parameters = try entry(name).definition.prefix { $0 != ")" } + ")"
  let signature = parameters.replacing("\(name)(", with: "textbook(")
  #expect(session.submit("\(signature) = \(textbook)").diagnostic == nil)
  let stable = try numbers(call(name), session)[0]
  let printed = try numbers(call(name).replacing(name + "(", with: "textbook("), session)[0]
  #expect(abs(stable - printed) < 1e-12)
}

@Test(arguments: names) func examplesRunAndGiveANumber(_ name: String) throws {
  let examples = try entry(name).examples
  #expect(!examples.isEmpty)
  for example in examples { #expect(try numbers(example, Session()).allSatisfy(\.isFinite)) }
}

@Test(arguments: names) func aliasesMeanTheSameFunction(_ name: String) throws {
  let session = try session(name)
  for alias in try entry(name).aliases {
    let line = try call(name).replacing(name + "(", with: alias + "(")
    #expect(try numbers(line, session) == numbers(call(name), session))
  }
}

@Test(arguments: names) func documentationExistsInBothLanguages(_ name: String) throws {
  let entry = try entry(name)
  #expect(entry.summary.zh != entry.summary.en)
  #expect(entry.summary.zh.unicodeScalars.contains { $0.value > 0x4E00 })
  #expect(entry.use != nil)
}

@Test(arguments: names) func reductionsAgreeWithEachOther(_ name: String) throws {
  guard try entry(name).definition.contains("reduce=mean") else { return }
  let session = try session(name)
  let inside = try call(name).dropLast()
  let elements = try numbers(inside + ", reduce=none)", session)
  let sum = try numbers(inside + ", reduce=sum)", session)[0]
  let mean = try numbers(inside + ", reduce=mean)", session)[0]
  #expect(abs(elements.reduce(0, +) - sum) < 1e-12)
  #expect(abs(sum / Double(elements.count) - mean) < 1e-12)
}

@Test(arguments: ["bce_logits", "softmax_cross_entropy", "mse", "mae", "huber", "log_cosh", "hinge"])
func extremesStayFinite(_ name: String) throws {
  var session = Session()
  session.define("p", Tensor(vector: [1e8, -1e8, 0]))
  session.define("t", Tensor(vector: name == "hinge" ? [1, -1, 1] : [1, 0, 0]))
  #expect(try numbers("\(name)(p, t)", session)[0].isFinite)
  #expect(try numbers("∂(\(name)(p, t))/∂p", session).allSatisfy(\.isFinite))
}
