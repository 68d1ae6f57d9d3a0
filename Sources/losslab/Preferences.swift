import Files
import Glibc
import Markup
import Terminal
import Workbench

/// What an interactive session starts with: settings kept from the last one, then the learner's own start-up file.
/// Batch runs read neither, so that a script means the same everywhere.
struct Preferences {
  /// Where kept settings are; nil without a usable home.
  private let path = History.statePath("settings")
  private var written = ""

  /// Takes over what was kept, except for what this start decides: `--lang`, `NO_COLOR`, a terminal without UTF-8.
  mutating func restore(_ settings: inout Settings, except decided: Set<String>) {
    guard let path, let kept = try? WholeFile.text(path, limit: 1 << 16, followsLinks: false) else { return }
    settings.restore(kept, except: decided)
    written = kept
  }

  /// Keeps what the learner has chosen, if it has changed.
  mutating func keep(_ settings: Settings) {
    let kept = settings.kept
    guard kept != written, let path, !kept.isEmpty else { return }
    // Settings that this start overrode stay as they were kept.
    var merged = Settings()
    merged.restore(written)
    merged.restore(kept)
    written = merged.kept
    WholeFile.replace(path, with: written, access: .owner)
  }

  // MARK: The start-up file

  /// `$XDG_CONFIG_HOME/losslab/init.loss`, or under `~/.config`.
  private static var initPath: String? {
    func absolute(_ variable: String) -> String? {
      getenv(variable).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    return (absolute("XDG_CONFIG_HOME") ?? absolute("HOME").map { $0 + "/.config" }).map { $0 + "/losslab/init.loss" }
  }

  /// Runs the start-up file's lines; values stay silent, errors are shown with their place and end nothing.
  static func runInit(_ session: inout Session) -> StyledText {
    guard let path = initPath, access(path, F_OK) == 0 else { return StyledText() }
    guard let text = try? WholeFile.text(path, limit: 1 << 20) else {
      return StyledText(
        Phrase(en: "\(path) cannot be read\n", zh: "无法读取 \(path)\n")[session.language], .warning)
    }
    let chosen = session.settings.chosen
    var problems = StyledText()
    var pending = ""
    var start = 1
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if pending.isEmpty { start = index + 1 }
      pending += (pending.isEmpty ? "" : "\n") + line
      if Session.isUnfinished(pending) { continue }
      run(pending, "\(path):\(start)", &session, &problems)
      pending = ""
    }
    if !pending.isEmpty { run(pending, "\(path):\(start)", &session, &problems) }
    // What the file sets needs no keeping: it will be set again.
    session.settings.chosen = chosen
    return problems
  }

  private static func run(_ line: String, _ place: String, _ session: inout Session, _ problems: inout StyledText) {
    let reply = session.submit(line)
    guard reply.diagnostic != nil else { return }
    problems.append(place + ":\n", .dim)
    problems.append(reply.output)
  }
}
