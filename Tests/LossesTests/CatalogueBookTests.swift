import Foundation
import Markup
import Testing

@testable import Workbench

/// Where the book is kept in the repository, it is kept up to date: `docs/catalogue` is written by `losslab catalogue --markdown --output docs/catalogue`.
@Test func theBookInTheRepositoryIsTheOneThePreludeMakes() throws {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../docs/catalogue")
    .standardized
  let pages = CatalogueBook().pages
  #expect(pages.count > 190)
  #expect(pages.allSatisfy { !$0.text.contains("error[") })
  guard FileManager.default.fileExists(atPath: folder.path) else { return }
  for page in pages {
    let written = try? String(contentsOf: folder.appending(path: page.path), encoding: .utf8)
    #expect(written == page.text, "\(page.path) is out of date: losslab catalogue --markdown --output docs/catalogue")
  }
  let paths = Set(pages.map(\.path))
  let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
  for path in found where path.hasSuffix(".md") { #expect(paths.contains(path), "\(path) belongs to no entry") }
}

@Test func everyFamilyHasAPageWithPictures() {
  for language in [Language.en, .zh] {
    var session = Session(language: language)
    for group in Catalogue.families(session.library?.catalogue.entries ?? []) {
      let reply = session.submit(":catalogue \(group.family.name)")
      #expect(reply.diagnostic == nil)
      #expect(reply.output.plain.contains("└") || reply.output.plain.contains("│"), "\(group.family.name)")
      #expect(reply.output.lines.allSatisfy { $0.displayWidth <= 80 }, "\(group.family.name) is too wide")
    }
    #expect(session.submit(":catalogue hubr").diagnostic?.code == "E403")
  }
}

private let targets = [
  ("[0, 1, 1, 0]", "bce_logits"), ("[-1, 1, 1]", "hinge"), ("[1, 2, 3, 1]", "cross_entropy_logits"),
  ("[0, 3, 1, 25]", "poisson_nll"), ("[0.3, 0.5; 0.1, 0.9] + [0.2, 0; 0, 0]", "kl"),
  ("[1.5, 2, 2.5, 3, 40.25]", "huber"), ("[0.01, 3, 250.5]", "msle"),
]

@Test(arguments: targets) private func chooseEndsInAShortList(_ data: String, _ expected: String) throws {
  for language in [Language.en, .zh] {
    var session = Session(language: language)
    let reply = session.submit("choose(\(data))")
    #expect(reply.diagnostic == nil, "\(reply.output.plain)")
    #expect(reply.output.plain.contains(expected), "\(reply.output.plain)")
  }
}

@Test func chooseAsksWhenThereIsNothingToLookAt() {
  var session = Session()
  #expect(session.submit(":choose").output.plain.contains("choose(target=\"counts\")"))
  #expect(session.submit("choose(target=\"nosuch\")").diagnostic != nil)
  #expect(session.submit("choose([1, nan])").diagnostic != nil)
}
