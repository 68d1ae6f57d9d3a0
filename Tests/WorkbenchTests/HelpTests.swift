import Foundation
import Markup
import Testing

@testable import Workbench

private func help(_ line: String, _ language: Language = .en, after lines: [String] = []) -> String {
  var session = Session(language: language)
  for line in lines { _ = session.submit(line) }
  return session.submit(line).output.plain
}

@Test(arguments: Language.allCases) func theFirstHelpFitsASmallScreen(_ language: Language) {
  let rows = help(":help", language).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  #expect(rows.count <= 23)
  #expect(rows.allSatisfy { $0.displayWidth <= 80 })
}

/// Everything that can be asked about has a page, in both languages, no wider than the screen, whose examples run.
@Test(arguments: Language.allCases) func everythingHasAPage(_ language: Language) {
  var session = Session(language: language)
  let topics = Topics.all(session).map(\.text) + Command.table.map { ":" + $0.names[0] }
  let terms = Glossary.entries.flatMap { [$0.name.en, $0.name.zh] + $0.alsoCalled }
  for question in topics.map({ "?" + $0 }) + terms.map({ ":define " + $0 }) {
    let reply = session.submit(question)
    #expect(reply.diagnostic == nil, "\(question)")
    let page = reply.output.plain
    #expect(!page.isEmpty, "\(question)")
    if ErrorCodes[code: String(question.dropFirst())] == nil, question != "?errors", question != "?错误" {
      #expect(!page.contains(language == .en ? "error[E" : "错误[E"), "\(question): \(page.prefix(400))")
    }
    let widest = page.split(separator: "\n").map(\.displayWidth).max() ?? 0
    #expect(widest <= 80, "\(question): \(widest) columns")
  }
}

@Test func everyExampleRuns() {
  let examples = Glossary.entries.map(\.examples) + SyntaxHelp.entries.map(\.examples)
  for lines in examples {
    var session = Session()
    for line in lines {
      let reply = session.submit(line)
      #expect(reply.diagnostic == nil, "\(line): \(reply.output.plain)")
    }
  }
}

/// Looking something up leaves the folder as it was.
@Test func helpWritesNoFile() {
  let before = (try? FileManager.default.contentsOfDirectory(atPath: ".")) ?? []
  _ = help("?save")
  #expect(((try? FileManager.default.contentsOfDirectory(atPath: ".")) ?? []) == before)
}

@Test func relatedTermsLeadSomewhere() {
  let session = Session()
  for entry in Glossary.entries {
    for name in entry.related {
      let isKnown =
        Glossary.entry(name) != nil || session.environment.library[name] != nil || SyntaxHelp.entry(name) != nil
      #expect(isKnown, "\(entry.name.en): \(name)")
    }
  }
}

@Test func ownDefinitionsDoNotDisturbExamples() {
  let page = help("?mse", after: ["f(x) = 1/0", "mean = 3"])
  #expect(page.contains("0.166667"))
}

@Test func anAliasSaysWhatItIsCalledHere() { #expect(help("?MSELoss").contains("MSELoss is called mse here")) }

@Test func searchRanksWhatAnswersEveryWordFirst() {
  let session = Session()
  let english = Search.hits("regression outlier", session).map(\.question)
  #expect(english.prefix(3).contains("?mae"))
  #expect(english.prefix(3).contains("?huber"))
  #expect(Search.hits("离群点", session).map(\.question).contains("?huber"))
  #expect(Search.hits("outliers", session).first?.question == ":define outlier")
  #expect(Search.hits("zzzzqq", session).isEmpty)
}

@Test func theGlossaryAnswersInEitherLanguage() {
  #expect(help(":define 学习率", .zh).hasPrefix("学习率   learning rate"))
  #expect(help(":define learning rate").hasPrefix("learning rate   学习率"))
  #expect(help(":define SVM").hasPrefix("support vector machine"))
  #expect(help(":define lerning rate").contains("did you mean learning rate?"))
}
