import Foundation

// TextEmbedder OUTPUT FILE… : a Swift source with the files as string literals.
let arguments = CommandLine.arguments.dropFirst()
guard let output = arguments.first else { exit(64) }
var source = "/// Texts that are part of the binary, by file name.\nenum EmbeddedTexts {\n"
source += "  static let files: [(name: String, text: String)] = [\n"
for path in arguments.dropFirst() {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  let name = URL(fileURLWithPath: path).lastPathComponent
  source += "    (\"\(name)\", ####\"\"\"\n\(text)\n\"\"\"####),\n"
}
source += "  ]\n}\n"
try source.write(toFile: output, atomically: true, encoding: .utf8)
