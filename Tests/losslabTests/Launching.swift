import Foundation
import PseudoTerminal
import Testing

// How tests start the real binary.

/// The binary that was built with the tests.
let binary: String = {
  var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  while folder.path != "/", !FileManager.default.isExecutableFile(atPath: folder.appending(path: "losslab").path) {
    folder = folder.deletingLastPathComponent()
  }
  return folder.appending(path: "losslab").path
}()

func emptyHome() throws -> String {
  let folder = FileManager.default.temporaryDirectory.appending(path: "losslab-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.path
}

func launched(
  _ home: String, _ extra: [String: String] = [:], _ arguments: [String] = [], columns: UInt16 = 80,
  rows: UInt16 = 24, rewraps: Bool = false
) throws -> PseudoTerminal {
  let environment = ["HOME": home, "TERM": "xterm-256color", "PATH": "/usr/bin:/bin"].merging(extra) { $1 }
  return try #require(
    PseudoTerminal(binary, arguments, environment: environment, columns: columns, rows: rows, rewraps: rewraps))
}
