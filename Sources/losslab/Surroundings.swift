import Glibc
import Markup
import Terminal
import Workbench

/// What the environment says about the learner and the screen.
enum Surroundings {
  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  static var language: Language {
    let locale = variable("LOSSLAB_LANG") ?? variable("LC_ALL") ?? variable("LC_MESSAGES") ?? variable("LANG") ?? ""
    return locale.hasPrefix("zh") ? .zh : .en
  }

  /// Settings that the way of starting decides, whatever was kept.
  static func decided(hasLanguage: Bool, _ capabilities: Capabilities) -> Set<String> {
    var decided: Set<String> = []
    if hasLanguage || variable("LOSSLAB_LANG") != nil { decided.insert("lang") }
    if capabilities.theme == .none { decided.insert("theme") }
    if !capabilities.isUTF8 { decided.insert("glyphs") }
    return decided
  }

  /// A session fitted to the screen, which Ctrl-C can stop.
  static func session(_ language: Language, _ capabilities: Capabilities) -> Session {
    var session = Session(language: language)
    session.settings.fit(width: capabilities.width, height: capabilities.height)
    session.settings.theme = capabilities.theme
    session.settings.shadesGrounds = capabilities.theme != .none
    if !capabilities.isUTF8 {
      session.settings.glyphs = .ascii
    } else if variable("TERM") == "linux" {
      session.settings.glyphs = .blocks
    }
    session.isInterrupted = { Interrupts.isPending }
    return session
  }
}
