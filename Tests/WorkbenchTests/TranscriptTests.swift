import Testing

@testable import Workbench

/// `Tests/Transcripts/*.txt` are the language's manual as much as its test.
private let names = Transcript.names(in: "Transcripts")

@Test(arguments: names) func theScreenIsExactlyAsWritten(_ name: String) throws {
  for part in try Transcript("Transcripts/" + name).parts {
    var session = Session(language: part.language)
    for entry in part.entries {
      #expect(Transcript.screen(session.submit(entry.typed).output) == entry.screen, "\(name): \(entry.typed)")
    }
  }
}

@Test func thereAreTranscripts() { #expect(names.count >= 5) }
