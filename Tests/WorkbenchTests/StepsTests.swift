import Descent
import Interpreter
import Markup
import Testing

@testable import Workbench

/// What `steps` prints at a width where nothing is broken.
private func page(_ lines: String..., step: Int, width: Int = 4000, language: Language = .en) throws -> [String] {
  var session = Session()
  session.settings.width = width
  session.language = language
  for line in lines.dropLast() { #expect(session.submit(line).diagnostic == nil, "\(line)") }
  let reply = session.submit("steps(\(lines.last ?? ""), \(step))")
  #expect(reply.diagnostic == nil, "\(reply.output.plain)")
  return reply.output.plain.split(separator: "\n").map(String.init)
}

/// The text between the last two signs of a line, and after the last: what is computed, and what it is said to be.
private func equation(_ line: String) -> (arithmetic: String, result: String)? {
  guard let sign = line.range(ofLast: " = ") else { return nil }
  var left = String(line[..<sign.lowerBound])
  for mark in [" ← ", " = "] {
    if let start = left.range(ofLast: mark) { left = String(left[start.upperBound...]) }
  }
  return (left, String(line[sign.upperBound...]))
}

extension String {
  /// The last place of a text in this one.
  fileprivate func range(ofLast text: String) -> Range<String.Index>? {
    ranges(of: text).last
  }
}

/// What a reader's calculator gives: here the language itself, to as many digits as the result has in print.
private func value(_ arithmetic: String) throws -> String {
  var session = Session()
  let value = try #require(session.submit(arithmetic).value?.numbers?.elements.first, "\(arithmetic)")
  return shortNumber(value)
}

private let shapes = [
  "descend(w -> (w - 3)^2 + w^4/7, w=0.3, steps=5, with=NAME)",
  "descend(w -> (w[1] - 3)^2 + w[1]*w[2] + (w[2] + 1)^4, w=[0.3, 1.1], steps=5, with=NAME)",
  "descend(W -> sum((W - [1,2;3,4])^2) + W[1,1]^4/3, W=[0.3,1;0.7,0.2], steps=5, with=NAME)",
  "descend((w, b) -> (w - 3)^2 + (w + b - 1/3)^2, w=0.3, b=0, steps=5, with=NAME)",
]

/// Recomputing what is printed gives what is printed, for every rule that is made of lines.
@Test(arguments: RuleBook.standard.optimizers.map(\.name)) func printedArithmeticCloses(_ name: String) throws {
  for shape in shapes {
    for step in [0, 3] {
      let lines = try page(shape.replacing("NAME", with: name), step: step)
      let updates = lines.filter { $0.contains(" ← ") && $0.contains(" = ") }
      var checked = 0
      for line in updates where !line.contains("rate = ") {
        let found = try #require(equation(line))
        #expect(try value(found.arithmetic) == found.result, "\(line)")
        checked += 1
      }
      #expect(checked > 0, "\(lines)")
    }
  }
}

/// For one number the slope is written out too, and what the loss did is the difference of what is printed.
@Test(arguments: [
  "descend(w -> (w - 3)^2, w=0, rate=0.1, steps=5, with=adam)",
  "descend(w -> mse(w*[1,2,3], [2,3,5]), w=-0.5, rate=0.05)",
  "descend(w -> exp(w) - 2*w, w=1/3, rate=0.1)", "descend(w -> softplus(-w) + 0.1*w^2, w=0.7, rate=0.3)",
  "descend(w -> (w - 1e6)^2/1e9, w=0, rate=1e7)",
]) func slopesAndChangesClose(_ descent: String) throws {
  for step in [0, 2, 4] {
    let lines = try page(descent, step: step)
    let start = try #require(lines.firstIndex { $0.contains("gradient") })
    let arithmetic = try #require(equation("x" + lines[start + 1]) ?? nil)
    let result = try #require(lines[start + 2].split(separator: "= ").last)
    #expect(try value(arithmetic.result) == String(result), "\(lines[start + 1])")
    let check = try #require(lines.last)
    let words = check.split(separator: " ").map(String.init)
    let arrow = try #require(words.firstIndex(of: "→"))
    let (before, after) = (try #require(Double(words[arrow - 1])), try #require(Double(words[arrow + 1])))
    let change = try #require(words.firstIndex { $0.hasPrefix("Δ") })
    #expect(shortNumber(after - before, digits: 5) == words[change + 2], "\(check)")
  }
}

/// 31/30 is no decimal: GD on ⅓(14w² − 46w + 38) from −½ at η = 0.05 goes −½, ½, 31/30, as worked by hand.
@Test func fractionsArePrintedAsFractions() throws {
  let lines = try page("descend(w -> mse(w*[1,2,3], [2,3,5]), w=-0.5, rate=0.05, steps=4)", step: 2)
  #expect(lines.contains { $0.contains("w ← 31/30 - 0.05·(-256/45) = 1.31778") }, "\(lines)")
}

@Test func newtonShowsTheHessianAndAdamItsMoments() throws {
  // x² + 3xy + 5y²: second derivatives 2, 3 and 10.
  let newton = try page("descend((x, y) -> x^2 + 3*x*y + 5*y^2, x=1, y=2, steps=2, with=newton)", step: 0)
  #expect(newton.contains { $0.contains("H = [2,  3") })
  #expect(newton.contains { $0.contains("3, 10]") })
  let scalar = try page("descend(w -> 4*w^2, w=1, steps=2, with=newton)", step: 0)
  #expect(scalar.contains { $0.contains("H = 8") })
  // The gradient at the start is 8·1: m = 0.1·8, v = 0.001·64, corrected to 8 and 64.
  let adam = try page("descend(w -> 4*w^2, w=1, steps=2, with=adam)", step: 0)
  for piece in ["= 0.8", "= 0.064", "m_hat ← 0.8/(1 - 0.9^1) = 8", "v_hat ← 0.064/(1 - 0.999^1) = 64"] {
    #expect(adam.contains { $0.hasSuffix(piece) || $0.contains(piece) }, "\(piece) \(adam)")
  }
}

@Test func aVectorShowsShapeNormLargestEntriesAndARow() throws {
  // ∂/∂W of Σ W²: 2W.
  let lines = try page("descend(W -> sum(W^2), W=[1,2;3,4], rate=0.25, steps=2)", step: 0).joined(separator: "\n")
  #expect(lines.contains("∂L/∂W [2,2]   ‖·‖ = 10.9545   largest: [2,2] 8, [2,1] 6, [1,2] 4"))
  #expect(lines.contains("∂L/∂W[2,:] = [6, 8]"))
  #expect(lines.contains("W[2,2] ← 4 - 0.25·8 = 2"))
  #expect(lines.contains("W[2,:] → [1.5, 2]"))
}

@Test(arguments: [20, 30, 40, 60, 80, 120, 200, 300]) func noLineIsWiderThanTheScreen(_ width: Int) throws {
  for language in Language.allCases {
    for descent in [
      "descend(w -> (w - 1234.5678)^2*1e-7 + w, w=0, rate=0.1, with=adam)",
      "descend(w -> sum((w - 1/3)^4), w=ones(30)*1e5, rate=1e-13, with=lamb)",
      "descend((x, y) -> (1 - x)^2 + 100*(y - x^2)^2, x=-1.5, y=2.5, with=newton)",
      "descend(w -> sum((w - 1/3)^4), w=ones(12), with=newton)",
    ] {
      for line in try page(descent, step: 1, width: width, language: language) {
        #expect(line.displayWidth <= width, "\(line)")
      }
    }
  }
}

/// Two rows, one per batch, (w − 1)² and (w − 9)²: from 0 a step of −0.1·(−2) leads to 0.2, where the first row's loss is 0.64
/// and the second's 77.44.
@Test func theCheckIsOnTheBatchThatTheStepSaw() throws {
  let lines = try page(
    "S(w, y) = mse([w], y)", "descend(S, w=0, rate=0.1, steps=2, data=batches([1, 9], order=[1; 2]))", step: 0)
  let check = try #require(lines.last)
  #expect(check.contains("S: 1 → 0.64 on this batch") && check.contains("ΔS = -0.36"), "\(check)")
}
