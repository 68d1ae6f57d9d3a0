import Glibc

/// The lines typed, in a file that only their owner can read.
///
/// Each line is appended under a lock as soon as it is entered: a kill or a closed window loses nothing, and sessions
/// side by side keep each other's lines.
package final class History {
  /// Read when first asked for: the first prompt does not wait for it.
  package private(set) lazy var lines: [String] = load()
  /// nil where no file can be kept; the session works without.
  private let path: String?
  private static let limit = 10_000

  package init(path: String?) {
    self.path = path
  }

  /// `$XDG_STATE_HOME/losslab/NAME`, or under `~/.local/state`; nil without a usable home. Creates the folder.
  package static func statePath(_ name: String) -> String? {
    func absolute(_ variable: String) -> String? {
      getenv(variable).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    guard let base = absolute("XDG_STATE_HOME") ?? absolute("HOME").map({ $0 + "/.local/state" }) else { return nil }
    let folder = base + "/losslab"
    var partial = ""
    for part in folder.split(separator: "/") {
      partial += "/" + part
      if mkdir(partial, 0o700) != 0, errno != EEXIST, errno != EROFS, errno != EACCES { return nil }
    }
    return access(folder, W_OK) == 0 ? folder + "/" + name : nil
  }

  private func load() -> [String] {
    guard let path else { return [] }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var lines: [String] = []
    let reader = LineReader(descriptor: descriptor)
    while case .line(let line) = reader.next() {
      if line.isEmpty || line.unicodeScalars.contains("\u{FFFD}") { continue }
      lines.append(History.unescaped(line))
    }
    return lines.suffix(History.limit)
  }

  /// Keeps a line, unless it repeats the last one or starts with a blank.
  /// - Returns: whether it was kept.
  @discardableResult package func add(_ line: String) -> Bool {
    guard !line.isEmpty, !line.hasPrefix(" "), line != lines.last, line.utf8.count < 100_000 else { return false }
    lines.append(line)
    guard let path else { return true }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    fchmod(descriptor, 0o600)
    flock(descriptor, LOCK_EX)
    let bytes = Array((History.escaped(line) + "\n").utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    flock(descriptor, LOCK_UN)
    return true
  }

  private static func escaped(_ line: String) -> String {
    line.reduce(into: "") { $0 += $1 == "\\" ? "\\\\" : $1 == "\n" ? "\\n" : String($1) }
  }

  private static func unescaped(_ line: String) -> String {
    var result = ""
    var escaping = false
    for character in line {
      if escaping {
        result.append(character == "n" ? "\n" : character)
        escaping = false
      } else if character == "\\" {
        escaping = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
