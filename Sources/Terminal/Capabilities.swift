import CEditLine
import Glibc
import Markup

/// What the two ends of the program can do.
package struct Capabilities: Sendable {
  /// Keys can be edited and the screen redrawn: both ends are terminals, and of a kind that moves its cursor.
  package var editsLines: Bool
  /// Both ends are terminals, of whatever kind.
  package var isInteractive: Bool
  package var theme: Theme
  package var isUTF8: Bool
  package var width: Int
  package var height: Int

  package static func detect() -> Capabilities {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    let isUTF8 = ll_use_utf8()
    let interactive = isatty(0) == 1 && isatty(1) == 1
    let kind = variable("TERM") ?? ""
    let capable = !["", "dumb", "unknown", "emacs"].contains(kind)
    let plain = !(variable("NO_COLOR") ?? "").isEmpty || !capable || isatty(1) == 0
    let light = variable("COLORFGBG").map { $0.hasSuffix(";15") || $0.hasSuffix(";7") } ?? false
    var capabilities = Capabilities(
      editsLines: interactive && capable, isInteractive: interactive,
      theme: plain ? .none : light ? .light : .dark, isUTF8: isUTF8, width: 80, height: 24)
    if let columns = variable("COLUMNS").flatMap(Int.init), (20...1000).contains(columns) {
      capabilities.width = columns
    }
    capabilities.measure()
    return capabilities
  }

  /// Asks the terminal for its size again.
  package mutating func measure() {
    var columns: Int32 = 0
    var rows: Int32 = 0
    guard ll_screen_size(1, &columns, &rows) == 0 else { return }
    width = max(10, Int(columns))
    height = max(4, Int(rows))
  }
}
