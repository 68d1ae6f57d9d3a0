import Interpreter
import Losses
import Markup
import Testing

@testable import Workbench

// Adding a loss is adding one entry. A toy one in a prelude of its own is found everywhere.

private let prelude = """
  # family: 玩具 ‖ Toys
  # kind: loss
  # order: 1

  ## 四次方误差：大误差罚得极重 ‖ Quartic error: big misses cost enormously
  ## use: 做实验 ‖ to experiment
  ## avoid: 正经的训练 ‖ training in earnest
  ## aliases: QuarticLoss 四次方误差
  ## torch: none; 没有这个损失 ‖ has no such loss
  ## domain: prediction real, target real
  ## traits: convex nonnegative symmetric zero_at_target
  ## source: nobody 2026
  ## example: quartic([1, 3], [1, 1])
  quartic(prediction, target, scale=1) =
    scale * fourth(prediction - target)
  like torch: quartic(prediction, target) = fourth(prediction - target) / 4

  # A step of the definition, not an entry.
  fourth(x) = x^4
  """

private let catalogue = LossCatalogue(files: [("toys.loss", prelude)])

private func shown(_ line: String, _ language: Language = .en) -> String {
  var session = Session(language: language, catalogue: catalogue)
  let reply = session.submit(line)
  return reply.output.plain
}

@Test func aNewEntryIsOnThePageOfHelpInBothLanguages() {
  let english = shown("?quartic")
  #expect(
    english.contains("Quartic error") && english.contains("training in earnest") && english.contains("> quartic("))
  #expect(english.contains("│"), "no picture")
  #expect(shown("?四次方误差", .zh).contains("大误差罚得极重"))
}

@Test func aNewEntryIsCompletedSuggestedAndListed() {
  let names = Session(catalogue: catalogue).environment.library.names
  #expect(names.contains("quartic") && names.contains("QuarticLoss") && names.contains("四次方误差"))
  #expect(!names.contains("fourth"))
  #expect(shown("quartik(1, 2)").contains("quartic"))
  #expect(shown(":catalogue").contains("quartic"))
  #expect(shown(":catalogue toys").contains("big misses cost enormously"))
}

@Test func aNewEntryComputesByEveryNameReductionAndVariant() {
  #expect(shown("quartic([1, 3], [1, 1])") == "8\n")
  #expect(shown("QuarticLoss([1, 3], [1, 1], reduce=sum, weight=[1, 2])").hasSuffix("32\n"))
  #expect(shown("quartic([1, 3], [1, 1], reduce=none, scale=2)") == "[0, 32]\n")
  #expect(shown("quartic([1, 3], [1, 1], like=\"torch\")") == "2\n")
  #expect(shown("grad (p -> quartic(p, 1)) at 3") == "32\n")
}

@Test func aNewEntryIsSampledForTheLaws() throws {
  var samples = try Samples("quartic", in: catalogue)
  let arguments = samples.arguments()
  #expect(samples.required == ["prediction", "target"])
  #expect(Samples.numbers(samples.call(), Samples.session(arguments, catalogue))?.count == 1)
}

/// A learner's own `max` does not change what a loss of the program means.
@Test func theLibraryDoesNotSeeWhatALearnerRedefines() {
  var session = Session()
  let before = session.submit("huber([0.5, 5], [0, 0])").value?.numbers
  for line in ["mean = 3", "relu(x) = 7", "r = 2", "softplus = 1", "row_sum(x) = 0"] { _ = session.submit(line) }
  #expect(session.submit("huber([0.5, 5], [0, 0])").value?.numbers == before)
  #expect(session.submit("hinge([0.5], [1])").value?.numbers?.elements == [0.5])
}
