import Foundation
import Markup
import Testing

@testable import Workbench

/// A file of typed lines after `> ` and, below each, the exact screen. `lang zh` or `lang en` on a line of its own
/// starts a new session in that language; lines that start with `--` are remarks.
struct Transcript {
  struct Entry {
    /// Remarks and blank lines above it.
    var above: [String]
    var typed: String
    var screen: [String]
    /// Blank lines below the screen.
    var below = 0
  }

  struct Part {
    var language: Language
    var entries: [Entry]
  }

  static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: tests.appending(path: folder).path)) ?? [])
      .filter { $0.hasSuffix(".txt") }.sorted()
  }

  private(set) var parts: [Part] = [Part(language: .en, entries: [])]

  init(_ path: String) throws {
    let text = try String(contentsOf: Transcript.tests.appending(path: path), encoding: .utf8)
    var remarks: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      let part = parts.count - 1
      if line == "lang zh" || line == "lang en" {
        parts.append(Part(language: line == "lang zh" ? .zh : .en, entries: []))
      } else if line.hasPrefix("> ") {
        parts[part].entries.append(Entry(above: remarks, typed: String(line.dropFirst(2)), screen: []))
        remarks = []
      } else if line.hasPrefix("--") {
        remarks.append(line)
      } else if !parts[part].entries.isEmpty {
        parts[part].entries[parts[part].entries.count - 1].screen.append(line)
      }
    }
    parts.removeAll { $0.entries.isEmpty }
    for part in parts.indices {
      for entry in parts[part].entries.indices {
        while parts[part].entries[entry].screen.last?.isEmpty ?? false {
          parts[part].entries[entry].screen.removeLast()
          parts[part].entries[entry].below += 1
        }
      }
    }
  }

  /// The file as it would be if the screens were what `screen` gives for each line.
  func rewritten(_ screen: (Language) -> (String) -> [String]) -> String {
    var text = ""
    for (index, part) in parts.enumerated() {
      if index > 0 || part.language == .zh { text += "lang \(part.language.rawValue)\n" }
      let play = screen(part.language)
      for entry in part.entries {
        let blank = [String](repeating: "", count: entry.below)
        text += (entry.above + ["> " + entry.typed] + play(entry.typed) + blank).map { $0 + "\n" }.joined()
      }
    }
    while text.hasSuffix("\n\n") { text.removeLast() }
    return text
  }

  /// The rows a line leads to, without the blank ones at the end.
  static func screen(_ output: StyledText) -> [String] {
    var rows = output.plain.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while rows.last?.isEmpty ?? false { rows.removeLast() }
    return rows
  }
}
