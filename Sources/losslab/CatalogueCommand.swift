import ArgumentParser
import Files
import Glibc
import Markup
import Terminal
import Workbench

/// `losslab catalogue`, `losslab catalogue --markdown --output docs/catalogue`
struct CatalogueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalogue", abstract: "Every loss, activation and regularizer; as a book in Markdown.")

  @OptionGroup var options: SessionOptions
  @Flag(help: "A page per entry with its examples run.") var markdown = false
  @Option(help: "Write the pages below this folder instead of printing them.") var output: String?
  @Argument(help: "A family, as in :catalogue.") var family: String?

  func run() throws {
    let capabilities = Capabilities.detect()
    let screen = Output.standard(capabilities.theme)
    guard markdown || output != nil else {
      var session = Surroundings.session(options.language, capabilities)
      let reply = session.submit(":catalogue " + (family ?? ""))
      screen.write(reply.output)
      if reply.diagnostic != nil { throw ExitCode(1) }
      return
    }
    for page in CatalogueBook().pages {
      guard let output else {
        guard screen.writeLine(verbatim: "<!-- \(page.path) -->\n\(page.text)") else { return }
        continue
      }
      let path = output + "/" + page.path
      if let failure = makeFolder(of: path) ?? WholeFile.replace(path, with: page.text, access: .asBefore) {
        throw ValidationError("\(path): \(failure)")
      }
    }
  }

  /// The folder a file stands in and those above it.
  private func makeFolder(of path: String) -> String? {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      folder += (folder.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
      if folder == "/" || folder.isEmpty { continue }
      if mkdir(folder, 0o755) != 0, errno != EEXIST { return String(cString: strerror(errno)) }
    }
    return nil
  }
}
