import Interpreter
import Testing

@testable import Workbench

// Laws over every builtin of the language: a new row is held to them by being in the table.

private let rows = Builtins.table + WorkbenchBuiltins.table

@Test(arguments: rows.map(\.name)) func everyBuiltinIsDocumentedInBothLanguages(_ name: String) throws {
  let row = try #require(rows.first { $0.name == name })
  #expect(!row.doc.en.isEmpty && row.doc.en != row.doc.zh)
  #expect(row.doc.zh.unicodeScalars.contains { $0.value > 0x4E00 })
}

@Test(arguments: rows.map(\.name)) func theExampleOfEveryBuiltinRuns(_ name: String) throws {
  let row = try #require(rows.first { $0.name == name })
  #expect(row.example.contains(name))
  var session = Session()
  let reply = session.submit(row.example)
  #expect(reply.diagnostic == nil, "\(row.example): \(reply.output.plain)")
}

@Test func noTwoBuiltinsShareAName() { #expect(Set(rows.map(\.name)).count == rows.count) }
