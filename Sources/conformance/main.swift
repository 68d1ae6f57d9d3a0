import Foundation
import Workbench

// conformance FILE… : computes every case of the files in the language and prints one JSON object a line. Comparing
// with what the files expect is left to the reader of the lines.

let paths = CommandLine.arguments.dropFirst()
if paths.isEmpty || paths.contains("--help") {
  print(
    """
    usage: conformance FILE…

    Reads files of figures ({"cases": […]}: losses, activations, schedules, trajectories) and prints for each case what
    LossLab computes: {"id","value","grad":{…}}, {"id","values"}, {"id","trajectory"}, or {"id","unsupported":"why"}.
    """)
  exit(paths.isEmpty ? 64 : 0)
}
var failed = false
for path in paths {
  do {
    let file = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    guard let cases = file["cases"]?.list ?? file.list else {
      FileHandle.standardError.write(Data("\(path): no list of cases\n".utf8))
      failed = true
      continue
    }
    for item in cases { print(Case.answer(item)) }
  } catch {
    FileHandle.standardError.write(Data("\(path): not a JSON file of cases\n".utf8))
    failed = true
  }
}
exit(failed ? 1 : 0)
