import Markup
import Syntax
import Testing

@testable import Workbench

/// What `:fix` offers for a line.
private func offered(_ line: String, after lines: [String] = []) -> [String] {
  var session = Session()
  for line in lines { _ = session.submit(line) }
  _ = session.submit(line)
  guard let failure = session.failure else { return [] }
  return Repair.lines(for: failure.diagnostic, failure.source, session)
}

@Test(arguments: [
  ("mse([1, 2], [2, 3]", "mse([1, 2], [2, 3])"), ("sum([1, (2 + 3", "sum([1, (2 + 3)])"), ("1 + 2)", "1 + 2"),
  ("load(\"mpg.csv)", "load(\"mpg.csv\")"), ("hubr(1, 2)", "huber(1, 2)"), ("MSELos(1, 2)", "mse(1, 2)"),
  ("nn.MSELoss(1, 2)", "mse(1, 2)"), ("tf.keras.losses.Huber(1, 2)", "huber(1, 2)"),
  ("交叉商([1],[1])", "cross_entropy([1],[1])"),
  ("huber(1, 2, dleta=3)", "huber(1, 2, delta=3)"), ("[1,2,3][0]", "[1,2,3][1]"), ("[1,2,3][7]", "[1,2,3][3]"),
  ("mean([1,2;3,4], axis=0)", "mean([1,2;3,4], axis=1)"), ("1 < 2 < 3", "1 < 2 and 2 < 3"), ("let w = 3", "w = 3"),
  ("zeros(3,1) - [1,2,3]", "flatten(zeros(3,1)) - [1,2,3]"), ("1e999", "inf"), ("2 + 1 = 3", "2 + 1 == 3"),
  ("load(\"mgp.csv\")", "load(\"mpg.csv\")"), ("help", ":help"), (":hlep", ":help"), ("2 * / 3", "2 * 3"),
  ("mean(1,2,3)", "mean([1,2,3])"), ("sum(1,2)", "sum([1,2])"), ("1,000 + 1", "1000 + 1"), ("w = 3;", "w = 3"),
  // Characters of other notations.
  ("7 % 3", "mod(7, 3)"), ("50%", "50/100"), ("10!", "prod(1..10)"), ("!true", "not true"),
  ("true && false", "true  and  false"), ("1 > 2 ? 3 : 4", "if 1 > 2 then 3 else 4"), ("‖[3,4]‖", "norm([3,4])"),
  ("⌊2.5⌋ + 1", "floor(2.5) + 1"), ("½ + 1", "(1/2) + 1"), ("٣ + 1", "3 + 1"),
  // Parameters by the names of PyTorch, Keras and SciPy.
  ("mse(1, 2, reduction=sum)", "mse(1, 2, reduce=sum)"), ("huber(1, 2, beta=3)", "huber(1, 2, delta=3)"),
  ("mean([1,2;3,4], dim=1)", "mean([1,2;3,4], axis=1)"), ("std([1,2], ddof=1)", "std([1,2], correction=1)"),
  ("descend(w -> w^2, w=1, lr=0.1)", "descend(w -> w^2, w=1, rate=0.1)"),
  ("descend(w -> w^2, w=1, optimizer=adam)", "descend(w -> w^2, w=1, with=adam)"),
  ("descend(w -> w^2, w=1, max_iter=5)", "descend(w -> w^2, w=1, steps=5)"),
  ("randn(3, random_state=1)", "randn(3, seed=1)"),
])
func oneWayToMendIt(_ line: String, _ mended: String) { #expect(offered(line).first == mended) }

@Test func twoReadingsAreBothOffered() {
  #expect(offered("1/2x") == ["1/2*x", "1/(2*x)"])
  #expect(offered("w x") == ["w*x", "w(x)"])
  // A function is more likely called.
  #expect(offered("f (2)", after: ["f(x) = x^2"]).first == "f(2)")
}

@Test func aCharacterThatMeansSomethingIsNotJustLeftOut() {
  #expect(offered("1∈2").isEmpty)
  #expect(offered("1#2").isEmpty)
  #expect(offered("2 ≈ 2").isEmpty)
}

@Test func fixRunsTheMendedLine() {
  var session = Session()
  _ = session.submit("hubr(3, 1)")
  let reply = session.submit(":fix")
  #expect(reply.value?.numbers?.elements == [1.5])
  #expect(reply.ran == "huber(3, 1)")
  #expect(session.submit(":fix").diagnostic?.code == "E402")
}

@Test func fixAsksWhereThereIsAChoice() {
  var session = Session()
  _ = session.submit("x = 4")
  _ = session.submit("1/2x")
  let list = session.submit(":fix")
  #expect(list.value == nil)
  #expect(list.output.plain.contains(":fix 2   1/(2*x)"))
  #expect(session.submit(":fix 2").value?.numbers?.elements == [0.125])
}

@Test func whyAloneExplainsTheLastError() {
  var session = Session()
  _ = session.submit("zeros(3,1) - [1,2,3]")
  #expect(session.submit(":why").output.plain.hasPrefix("E204"))
}

@Test func habitsOfOtherLanguagesGetAnAnswer() {
  for (line, answer) in [
    ("print(3)", "by itself"), ("import torch", "nothing needs importing"), ("for i in range(3):", "repeat"),
    ("def f(x):", "f(x) = x^2"), ("7 % 3", "mod(a, b)"), ("exit", ":exit"),
  ] {
    var session = Session()
    #expect(session.submit(line).output.plain.contains(answer), "\(line)")
  }
}

@Test func caretsStandUnderTheirRowOfALongerLine() {
  var session = Session()
  #expect(
    Transcript.screen(session.submit("mse([1, 2,\n  3],\n  损失＋1)").output) == [
      "error[E201] `损失` has no value", "    损失＋1)", "    ^^^^", "  help: give it a value first: 损失 = 1      :why E201",
    ])
}

@Test func aNarrowScreenIsNotOverrun() {
  var session = Session()
  session.settings.width = 40
  for line in ["huber(1, 2, dleta=3)", "m = load(\"mpg.csv\").wieght", "zeros(3,1) - [1,2,3]"] {
    let widest = Transcript.screen(session.submit(line).output).map(\.displayWidth).max() ?? 0
    #expect(widest <= 40, "\(line)")
  }
}
