import Markup
import Testing

@testable import Workbench

/// L(w) = w² from 3 at η = 0.1: every step multiplies w by 0.8.
private func stepper(_ lines: String...) throws -> Stepper {
  var session = Session()
  var last: Reply?
  for line in lines.isEmpty ? ["step(descend(w -> w^2, w=3, rate=0.1, steps=20))"] : lines {
    last = session.submit(line)
  }
  return try #require(last?.stepper, "\(last?.output.plain ?? "")")
}

private func typed(_ text: String) -> [Stepper.Key] { text.map { .character($0) } + [.enter] }

@Test func arrowsAndNumbersMove() throws {
  var walk = try stepper()
  for key in [Stepper.Key.right, .right, .left] { _ = walk.press(key) }
  #expect(walk.step == 1)
  for key in typed("17") { _ = walk.press(key) }
  #expect(walk.step == 17)
  _ = walk.press(.end)
  #expect(walk.step == 20)
  _ = walk.press(.right)
  #expect(walk.step == 20)
  #expect(walk.message?.en == "this is the last step")
  _ = walk.press(.home)
  #expect(walk.step == 0)
}

@Test func anotherRateBranchesOffAndIsCompared() throws {
  var walk = try stepper()
  for key in typed("2") { _ = walk.press(key) }
  _ = walk.press(.character("r"))
  for key in typed("0.5") { _ = walk.press(key) }
  // At step 2 w = 1.92; with η = ½ the next step is exactly the minimum.
  let branch = try #require(walk.branch)
  #expect(branch.at == 2)
  #expect(branch.trace.trace.losses[1] == 0)
  #expect(branch.trace.trace.losses[0] == walk.original.trace.losses[2])
  var wide = Settings()
  wide.width = 120
  let screen = walk.screen(wide).plain
  #expect(screen.contains("from step 2, rate 0.5: L = 3.686, ends at 0   original: 3.686, ends at 0.001196"))
  _ = walk.press(.character("x"))
  #expect(walk.branch == nil)
}

@Test func optimizerAndPlaceCanBeChangedToo() throws {
  var walk = try stepper()
  _ = walk.press(.character("o"))
  for key in typed("momentum(0.5)") { _ = walk.press(key) }
  #expect(walk.branch?.trace.trace.optimizer.name == "momentum")
  _ = walk.press(.character("s"))
  for key in typed("-1") { _ = walk.press(key) }
  #expect(walk.branch?.trace.trace.losses[0] == 1)
}

/// v₂ = −10.2 at step 2 (see DescentTests): another rate does not stop the ball, another optimizer does.
@Test func aBranchKeepsTheSpeedUnlessTheOptimizerChanges() throws {
  var walk = try stepper("step(descend(w -> (w - 3)^2, w=0, rate=0.1, steps=20, with=momentum(0.9)), 2)")
  _ = walk.command("r 0.05")
  let values = try #require(walk.branch?.trace.trace.parameters[0].values)
  // g(1.62) = −2.76, v₃ = 0.9·(−10.2) − 2.76 = −11.94.
  #expect(abs(values[1] - (1.62 + 0.05 * 11.94)) < 1e-12)
  #expect(walk.page(Settings()).plain.contains("momentum keeps its v and its step count"))
  _ = walk.command("b")
  _ = walk.command("o momentum(0.9)")
  let anew = try #require(walk.branch?.trace.trace.parameters[0].values)
  #expect(abs(anew[1] - (1.62 + 0.1 * 2.76)) < 1e-12)
  #expect(walk.page(Settings()).plain.contains("remembers nothing of the steps before"))
}

@Test func placesOfSeveralParametersAreNamed() throws {
  var walk = try stepper("step(descend((x, v) -> x^2 + sum(v^2), x=3, v=[1,2], rate=0.1))")
  _ = walk.command("s v=[0, 1], x=-1")
  #expect(walk.branch?.trace.trace.losses[0] == 2)
  for text in ["1", "z=1", "v=3", "v=[1,2,3]"] {
    _ = walk.command("x")
    _ = walk.command("s " + text)
    #expect(walk.branch == nil && walk.message != nil, "\(text)")
  }
}

@Test func whatCannotBeDoneIsSaidAndNothingChanges() throws {
  var walk = try stepper()
  for (subject, text) in [("r", "-1"), ("r", "hello"), ("o", "adam("), ("s", "[1,2")] {
    _ = walk.press(.character(Character(subject)))
    for key in typed(text) { _ = walk.press(key) }
    #expect(walk.message != nil, "\(subject) \(text)")
    #expect(walk.branch == nil)
  }
}

@Test func formulaNumbersAndPictureShowOneStep() throws {
  var walk = try stepper()
  _ = walk.press(.right)
  let screen = walk.screen(Settings()).plain
  #expect(screen.contains("step 1 of 20"))
  #expect(screen.contains("w ← 2.4 - 0.1·4.8 = 1.92"))
  #expect(screen.contains("@ L′(2.4) = 4.8"))
  #expect(screen.contains("@"))
}

/// From step to step the picture keeps its place: only what moves in it is drawn again.
@Test func thePictureDoesNotJump() throws {
  var walk = try stepper(
    "step(descend((x, y) -> (1 - x)^2 + 100*(y - x^2)^2, x=-1.5, y=2.5, rate=5e-4, steps=200, with=momentum(0.9)))")
  var axes: [Int] = []
  for _ in 0..<60 {
    axes.append(try #require(walk.screen(Settings()).lines.firstIndex { $0.characters.contains("└") }))
    _ = walk.press(.right)
  }
  // Numbers may turn out longer once or twice, and never shorter again.
  #expect(axes == axes.sorted(by: >))
  #expect(Set(axes).count <= 3)
}

@Test(arguments: [(80, 24), (40, 20), (200, 50), (20, 10), (80, 8)]) func theScreenFitsAndShowsEveryKey(
  _ columns: Int, _ rows: Int
) throws {
  for language in Language.allCases {
    var settings = Settings()
    settings.width = columns
    settings.height = rows
    settings.language = language
    for line in [
      "step(descend(w -> w^2, w=3, steps=20))", "step(descend((x, y) -> x^2 + 4*y^2, x=3, y=1, rate=0.1))",
      "step(descend(w -> sum(w^2), w=[1,2,3]))",
    ] {
      var walk = try stepper(line)
      for key in [Stepper.Key.right, .character("v"), .character("r"), .escape, .character("?")] {
        _ = walk.press(key)
        let lines = walk.screen(settings).lines
        #expect(lines.count <= max(4, rows - 1))
        for line in lines { #expect(line.displayWidth <= columns, "\(line.characters)") }
        if key == .right, columns >= 40 {
          let text = lines.map(\.characters).joined()
          for name in ["[r]", "[o]", "[s]", "[?]", "[q]"] { #expect(text.contains(name)) }
        }
      }
    }
  }
}

@Test func escapeAndQLeave() throws {
  for key in [Stepper.Key.character("q"), .escape] {
    var walk = try stepper()
    let goesOn = walk.press(key)
    #expect(!goesOn)
  }
  var walk = try stepper()
  _ = walk.press(.character("?"))
  let goesOn = walk.press(.escape)
  #expect(goesOn)
  #expect(walk.diagnosis == nil)
}

@Test func onATerminalThatOnlyPrintsLinesDoTheSame() throws {
  var walk = try stepper()
  for line in ["", "n", "5", "r 0.5"] {
    let goesOn = walk.command(line)
    #expect(goesOn)
  }
  #expect(walk.branch?.at == 5)
  #expect(walk.page(Settings()).plain.contains("from step 5"))
  for key in ["p back", "r 0.2", "o adam", "s 1", "v picture", "b other way", "x drop", "? why", "q leave"] {
    #expect(walk.commands(Settings()).plain.replacing("\n ", with: " ").contains(key), "\(key)")
  }
  let goesOn = walk.command("q")
  #expect(!goesOn)
}

@Test func batchesAndVectorsAreWalkedThroughToo() throws {
  var walk = try stepper(
    "S(w, x, y) = mse(x @ w, y)", "X = [1,0; 0,1; 1,1; 2,1]",
    "step(descend(S, w=[0,0], rate=0.1, steps=8, data=batches(X, [1,2,3,4], size=2, seed=1)))")
  _ = walk.press(.right)
  _ = walk.press(.character("r"))
  for key in typed("0.05") { _ = walk.press(key) }
  #expect(walk.branch?.at == 1)
}
