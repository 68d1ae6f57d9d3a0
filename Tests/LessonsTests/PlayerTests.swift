import Testing
import Workbench

@testable import Lessons

private let text = """
  # 题 ‖ Title
  ```cell id=one
  > x = 2
  2
  ```
  ```ask id=two check=property vars=v len=2..4
  ? 平方和 ‖ the sum of squares of v
  = Σ v^2
  ! sum(v)^2 → 先平方再加 ‖ square first, then add
  hint 先平方 ‖ square first
  ```
  ```ask id=three check=choice
  ? 选 ‖ choose
  * 对 ‖ right
  - 错 ‖ wrong → 不对 ‖ not this
  ```
  """

private func player() throws -> Player { Player(try LessonReader.lesson(text, id: "99"), session: Session()) }

private func say(_ player: inout Player, _ line: String) -> String { player.advance(line).output.characters }

@Test func enterGoesOnAndQuestionsWait() throws {
  var player = try player()
  #expect(player.start().characters.contains("x = 2"))
  #expect(say(&player, "").contains("sum of squares"))
  #expect(say(&player, "").contains("type an answer"))
}

@Test func anyRightFormPassesAndWrongOnesGetTheirOwnMessage() throws {
  var player = try player()
  _ = player.start()
  _ = say(&player, "")
  #expect(say(&player, "sum(v)^2").contains("square first, then add"))
  #expect(say(&player, "sum(v)").contains("n = "))  // a counterexample
  #expect(say(&player, "foo(v)").contains("E201"))
  #expect(player.command("hint", "")?.characters.contains("square first") ?? false)
  #expect(say(&player, "v @ v").contains("Right"))
  #expect(say(&player, "2").contains("not this"))
  #expect(say(&player, "1").contains("End of the lesson"))
  #expect(player.isFinished)
}

@Test func whatFixMakesOfAWrongAnswerIsTheAnswer() throws {
  var player = try player()
  _ = player.start()
  _ = say(&player, "")
  #expect(say(&player, "summ(v*v)").contains("E201"))
  #expect(say(&player, ":why").contains("E201"))
  let mended = player.advance(":fix")
  #expect(mended.ran == "sum(v*v)")
  #expect(mended.output.characters.contains("Right"))
}

@Test func playLeavesAndReturnRestores() throws {
  var player = try player()
  _ = player.start()
  _ = player.command("play", "")
  _ = say(&player, "x = 99")
  #expect(say(&player, "x").contains("99"))
  _ = player.command("return", "")
  #expect(player.session.environment["x"]?.numbers?.elements == [2])
}

@Test func backAndGotoMove() throws {
  var player = try player()
  _ = player.start()
  #expect(player.command("goto", "three")?.characters.contains("choose") ?? false)
  #expect(player.command("back", "")?.characters.contains("sum of squares") ?? false)
  #expect(player.command("goto", "nowhere")?.characters.contains("no step") ?? false)
}

@Test func theLanguageChangesInPlace() throws {
  var player = try player()
  _ = player.start()
  _ = say(&player, "")
  player.language = .zh
  #expect(say(&player, "").contains("请输入答案"))
}

@Test func aDescentIsWalkedThroughInAQuestionToo() throws {
  var player = try player()
  _ = player.start()
  _ = say(&player, "")
  let reply = player.advance("step(descend(w -> w^2, w=3, rate=0.1, steps=5))")
  #expect(reply.stepper != nil)
  // The question is still there.
  #expect(say(&player, "").contains("type an answer"))
}
