import Testing

@testable import Workbench

private func text(_ line: String) -> String {
  var session = Session()
  guard case .text(let text)? = session.submit(line).value else { return "" }
  return text
}

// The code below was run: 89 entries of the catalogue that take vectors give in NumPy 2.4 (with SciPy 1.17) and in
// PyTorch 2.13 what they give here, to 1e-9.

@Test func codeIsAFunctionOfTheLibrary() {
  #expect(
    text("code(mse, \"torch\")") == """
      import torch


      def mse(prediction, target):
          return torch.mean((prediction - target)**2)

      """)
  #expect(
    text("code(huber)") == """
      import numpy as np


      def huber(prediction, target, delta=1):
          t1 = prediction - target
          t2 = np.abs(t1)
          return np.mean(np.where(t2 <= delta, t1**2 / 2, delta * (t2 - delta / 2)))

      """)
  #expect(
    text("code(huber, \"swift\")") == """
      import Foundation

      func huber(_ prediction: [Double], _ target: [Double], _ delta: Double = 1) -> Double {
        let n = prediction.count
        let t1 = (0..<n).map { prediction[$0] - target[$0] }
        let t2 = (0..<n).map { abs(t1[$0]) }
        return (0..<n).reduce(0.0) { $0 + (t2[$1] <= delta ? t1[$1] * t1[$1] / 2 : delta * (t2[$1] - delta / 2)) } / Double(n)
      }

      """)
}

@Test func codeOfAGradientReturnsItByName() {
  let code = {
    var session = Session()
    _ = session.submit("R(x, y) = (1 - x)^2 + y")
    guard case .text(let text)? = session.submit("code(grad R, \"jax\")").value else { return "" }
    return text
  }()
  #expect(code.contains("def grad_R(x, y):"))
  #expect(code.contains("return {\"x\": -(2 * (1 - x)), \"y\": 1}"))
}

@Test func whatALanguageHasNoWordsForIsRefusedByName() {
  var session = Session()
  let reply = session.submit("code(x -> sum(dropout(x, 0.5, seed=1)), \"torch\")")
  #expect(reply.diagnostic?.code == "E219")
  #expect(reply.output.plain.contains("random"))
  #expect(session.submit("code(mse, \"cobol\")").diagnostic?.code == "E205")
}

/// A formula set in LaTeX and pasted back computes what the function does.
@Test(arguments: [
  ("mse", "prediction = [1, 2, 4]", "target = [2, 2, 1]"), ("mae", "prediction = [1, 2, 4]", "target = [2, 2, 1]"),
  ("log_cosh", "prediction = [0.5, 5]", "target = [0, 1]"), ("bce", "prediction = [0.9, 0.2]", "target = [1, 0]"),
  ("logistic", "score = [0.3, -2]", "target = [1, 1]"),
])
func aFormulaInLaTeXCanBePastedBack(_ name: String, _ first: String, _ second: String) throws {
  var session = Session()
  _ = session.submit(first)
  _ = session.submit(second)
  let names = [first, second].map { $0.prefix { $0 != " " } }.joined(separator: ", ")
  let direct = try #require(session.submit("\(name)(\(names))").value?.numbers?.elements.first)
  guard case .text(let latex)? = session.submit("latex(\(name))").value else {
    Issue.record("no LaTeX for \(name)")
    return
  }
  let pasted = try #require(session.submit(latex).value?.numbers?.elements.first, "\(latex)")
  #expect(abs(direct - pasted) < 1e-12 * max(1, abs(direct)))
}
