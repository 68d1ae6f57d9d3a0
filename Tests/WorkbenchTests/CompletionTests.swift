import Descent
import Markup
import Syntax
import Testing

@testable import Workbench

private func session(_ lines: String...) -> Session {
  var session = Session()
  for line in lines { _ = session.submit(line) }
  return session
}

/// What TAB would offer behind this text.
private func offered(_ before: String, _ session: Session = Session()) -> [String] {
  Completion.at(before, in: session).candidates.map(\.text)
}

/// The line after taking the only candidate.
private func completed(_ before: String, _ session: Session = Session()) -> String? {
  let found = Completion.at(before, in: session)
  guard found.candidates.count == 1 else { return nil }
  return String(String.UnicodeScalarView(before.unicodeScalars.dropLast(found.replacing))) + found.candidates[0].text
}

@Test func aParameterOfTheOpenCallIsCompleted() {
  #expect(completed("huber(p, t, del") == "huber(p, t, delta=")
  #expect(completed("1 + mean(huber([1], [2], del") == "1 + mean(huber([1], [2], delta=")
}

@Test func whatACallHasBeenGivenIsNotOfferedAgain() {
  #expect(!offered("huber(p, t, delta=1, ").contains("delta="))
  #expect(!offered("huber(p, t, ").contains("prediction="))
  #expect(offered("huber(").contains("prediction="))
}

@Test func descendOffersTheParametersOfItsFunction() {
  #expect(offered("descend(L, ", session("L(w, b) = (w + b)^2")).prefix(2) == ["w=", "b="])
  #expect(!offered("descend(L, w=0, ", session("L(w, b) = (w + b)^2")).contains("w="))
}

@Test func columnsAndFieldsFollowADot() {
  #expect(completed("m.hor", session("m = load(\"mpg.csv\")")) == "m.horsepower")
  let trace = session("t = descend(w -> w^2, w=1, steps=2)")
  #expect(offered("t.", trace).contains("loss"))
  #expect(completed("t.gradient.", trace) == "t.gradient.w")
}

@Test func fileNamesAreCompletedInQuotes() {
  #expect(completed("load(\"mp") == "load(\"mpg.csv\"")
  let surroundings = Completion.Surroundings(files: { $0 == "data/" ? ["sales.csv", "a\"b.csv"] : ["data/"] })
  let folder = Completion.at("load(\"da", in: Session(), surroundings: surroundings)
  #expect(folder.candidates.map(\.text) == ["data/"])
  // A name that would end the quotes is not offered.
  let inside = Completion.at("load(\"data/", in: Session(), surroundings: surroundings)
  #expect(inside.candidates.map(\.text) == ["data/sales.csv\""])
  #expect(inside.replacing == 5)
}

@Test func rulesAreOfferedWhereRulesAreTaken() {
  #expect(completed("descend(L, w=1, with=adamw") == "descend(L, w=1, with=adamw(")
  #expect(offered("descend(L, w=1, with=").prefix(31).contains("momentum"))
  #expect(!offered("descend(L, w=1, with=").prefix(31).contains("huber"))
  #expect(offered("descend(L, w=1, rate=").prefix(5).allSatisfy(RuleBook.standard.schedules.map(\.name).contains))
}

@Test func prefixesOfOtherLibrariesGo() {
  #expect(completed("1 + nn.MSELo") == "1 + mse")
  #expect(completed("tf.keras.losses.Hube") == "huber")
  #expect(offered("m.wei", session("m = load(\"mpg.csv\")")) == ["weight"])
}

@Test func namesOfOtherLibrariesAndLanguagesBecomeOurs() {
  #expect(completed("MSELoss") == "mse")
  #expect(completed("均方误差") == "mse")
  #expect(offered("均方").first == "mse")
  #expect(offered("HuberL") == ["huber"])
}

@Test func signsAreCompletedFromTheirNames() {
  #expect(completed("\\alpha") == "α")
  #expect(completed("2 * \\sum") == "2 * Σ")
  #expect(completed("\\hat y") == "ŷ")
  #expect(completed("\\hat{w}") == "ŵ")
  // No letter in one piece: spelled out, which is the same name.
  #expect(completed("\\hat θ") == "θ_hat")
  #expect(completed("w\\_1") == "w₁")
  #expect(completed("x\\^2") == "x²")
  #expect(offered("\\be") == ["β"])
}

@Test func commandsAndTheirArgumentsAreCompleted() {
  #expect(completed(":pro") == ":progress")
  #expect(completed(":set dig") == ":set digits ")
  #expect(completed(":set theme li") == ":set theme light")
  #expect(completed(":lang z") == ":lang zh")
  #expect(completed(":why E20") == nil)
  #expect(offered(":why E20").contains("E203"))
  let lessons = Completion.Surroundings(lessons: { [("00", Phrase(en: "tour", zh: "导览"))] })
  #expect(Completion.at(":learn ", in: Session(), surroundings: lessons).candidates.map(\.text) == ["00"])
}

@Test func theLearnersOwnNamesComeFirst() {
  #expect(offered("m", session("my_loss(x) = x^2")).first == "my_loss")
}

@Test func aCompleteNameOpensItsCall() { #expect(completed("huber") == "huber(") }

@Test func descriptionsAreInTheLanguageOfTheSession() {
  let chinese = Completion.at("hub", in: Session(language: .zh)).candidates.first?.summary ?? ""
  #expect(chinese.unicodeScalars.contains { $0.value > 0x4E00 })
}

/// Whatever is taken, the line still is one or can become one.
@Test(arguments: [
  "", "m", "mse(", "mse([1,2], ", "2x + s", "1/2", "1/2x", "[1, h", "f(x) = lo", "w where w = m", "if ", "if a",
  "grad ",
  "Σ_{i=1}^n a", "x |> no", "t.", "|a", "2 * (3 + e", "load(\"", "huber(p, t, ", "(x -> x) ", "3 ", "w = ", "f'",
  "\\de",
  "not t", "a.b.c", "1..", "-", "√", "∂l", "repeat 3 { w = m", "“",
])
func nothingOfferedBreaksTheLine(_ before: String) {
  let session = session("w = 1", "a = [1,2]", "l(w) = w^2", "t = descend(l, w=1, steps=1)")
  let found = Completion.at(before, in: session)
  let kept = String(String.UnicodeScalarView(before.unicodeScalars.dropLast(found.replacing)))
  guard couldBecomeALine(kept) else { return }
  for candidate in found.candidates where !candidate.text.hasPrefix("\\") {
    #expect(couldBecomeALine(kept + candidate.text), "\(kept)\(candidate.text)")
  }
}

@Test func hintsShowWhatACallStillWants() {
  let session = Session()
  #expect(Hint.at("huber(", in: session)?.note.hasPrefix("prediction, target, delta=1") ?? false)
  #expect(Hint.at("huber(p", in: session)?.continuation == ", ")
  #expect(Hint.at("huber(p", in: session)?.note.hasPrefix("target, delta=1") ?? false)
  #expect(Hint.at("huber(p, t", in: session)?.continuation == ")")
  #expect(Hint.at("hube", in: session)?.continuation == "r(")
  #expect(Hint.at(":lear", in: session)?.continuation == "n")
  #expect(Hint.at("load(\"m", in: session) == nil)
  #expect(Hint.at("1 + 2", in: session) == nil)
}

/// → never makes a line that could not go on.
@Test(arguments: ["huber(", "huber(p", "huber(p, t", "hube", "[huber(1, 2", "mse(huber(1", "pi", "f(x) = mse(x"])
func whatAHintTypesCanGoOn(_ line: String) {
  let accepted = Hint.at(line, in: Session())?.continuation ?? ""
  #expect(couldBecomeALine(line + accepted), "\(line + accepted)")
}

@Test func coloursNeverChangeTheCharacters() {
  for line in ["mse([1,2], ", "\"open", "3 $ 4 + x", ":set digits 4", "?mse", "损失 = （1＋2）×3 # 注", "\\alpha", "  f(x"] {
    #expect(Highlighting.styled(line).characters == line)
  }
}
