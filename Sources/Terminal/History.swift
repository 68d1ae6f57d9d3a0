import Files
import Glibc

/// The lines typed, in a file that only their owner can read.
///
/// Each line is appended under a lock as soon as it is entered: a kill or a closed window loses nothing. Sessions side by
/// side read each other's lines at every prompt; in each, its own stay the most recent.
package final class History {
  /// Read when first asked for: the first prompt does not wait for it.
  package private(set) lazy var lines: [String] = load()
  /// nil where no file can be kept; the session works without.
  private let path: String?
  /// Where this session's own lines begin.
  private lazy var ownStart = lines.count
  /// How much of the file is in `lines`.
  private var known = FilePlace()
  private static let limit = 10_000
  /// The longest line kept, in bytes: what is longer is data, and its place is a file.
  private static let lineLimit = 100_000

  private struct FilePlace: Hashable {
    var file: ino_t = 0
    var size: off_t = 0
  }

  package init(path: String?) { self.path = path }

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

  // MARK: Keeping

  /// Keeps a line, unless it repeats the last one or starts with a blank.
  /// - Returns: whether it was kept.
  @discardableResult package func add(_ line: String) -> Bool {
    guard let first = line.unicodeScalars.first, first != " ", first != "\u{3000}", line != lines.last,
      line.utf8.count < History.lineLimit
    else { return false }
    _ = ownStart
    if writer < 0 { writer = opened(O_RDWR | O_CREAT | O_APPEND) }
    if !append(line), writer >= 0 {  // another session has put a shorter file in its place
      close(writer)
      writer = opened(O_RDWR | O_CREAT | O_APPEND)
      _ = append(line)
    }
    lines.append(line)
    return true
  }

  private func append(_ line: String) -> Bool {
    locked(writer) { place in
      if place != known { takeIn(writer, place) }
      // What a full disk or a power cut left of a line is ended first, or it would take this one with it.
      var last: UInt8 = 0x0A
      if place.size > 0, !endsWhole { pread(writer, &last, 1, place.size - 1) }
      let text = (last == 0x0A ? "" : "\n") + History.escaped(line) + "\n"
      let sent = write(text, to: writer)
      endsWhole = sent == text.utf8.count
      known = FilePlace(file: place.file, size: place.size + off_t(sent))
    }
  }

  /// Takes in what other sessions have added, before this one's own lines.
  package func catchUp() {
    _ = ownStart
    var information = stat()
    guard let path, stat(path, &information) == 0,
      FilePlace(file: information.st_ino, size: information.st_size) != known
    else { return }
    reading { takeIn($0, $1) }
  }

  private func takeIn(_ descriptor: Int32, _ place: FilePlace) {
    let isSame = place.file == known.file && place.size >= known.size
    let new = History.read(descriptor, from: isSame ? known.size : 0)
    known = place
    endsWhole = false
    if isSame {
      lines.insert(contentsOf: new, at: ownStart)
      ownStart += new.count
    } else {  // written anew by another session, with our lines in it
      let seen = Set(new)
      lines = new + lines[ownStart...].filter { !seen.contains($0) }
      ownStart = new.count
    }
  }

  private func load() -> [String] {
    var lines: [String] = []
    reading { descriptor, place in
      lines = History.read(descriptor, from: 0)
      known = place
    }
    if lines.count > 2 * History.limit { shorten(to: lines.suffix(History.limit)) }
    return lines.suffix(History.limit)
  }

  // MARK: The file

  /// The descriptor lines are appended by, once there is one.
  private var writer: Int32 = -1
  /// Whether the file ends with a newline of ours.
  private var endsWhole = false

  deinit { if writer >= 0 { close(writer) } }

  private func opened(_ flags: Int32) -> Int32 {
    guard let path else { return -1 }
    let descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    var information = stat()
    guard descriptor >= 0, fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      if descriptor >= 0 { close(descriptor) }
      return -1
    }
    if information.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
    return descriptor
  }

  /// Runs `body` while no other session writes; false for a file that nobody finds under its name any more.
  private func locked(_ descriptor: Int32, _ body: (FilePlace) -> Void) -> Bool {
    if descriptor < 0 { return false }
    while flock(descriptor, LOCK_EX) != 0 { if errno != EINTR { return false } }
    defer { flock(descriptor, LOCK_UN) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_nlink > 0 else { return false }
    body(FilePlace(file: information.st_ino, size: information.st_size))
    return true
  }

  private func reading(_ body: (Int32, FilePlace) -> Void) {
    for _ in 0..<10 {
      let descriptor = opened(O_RDONLY)
      if descriptor < 0 { return }
      defer { close(descriptor) }
      if locked(descriptor, { body(descriptor, $0) }) { return }
    }
  }

  private static func read(_ descriptor: Int32, from start: off_t) -> [String] {
    lseek(descriptor, start, SEEK_SET)
    var lines: [String] = []
    let reader = LineReader(descriptor: descriptor)
    while true {
      switch reader.next() {
      case .line(let line):
        if !line.isEmpty, !line.unicodeScalars.contains("\u{FFFD}") { lines.append(unescaped(line)) }
      case .tooLong: continue
      case .interrupted, .end: return lines
      }
    }
  }

  /// Keeps the latest lines only.
  private func shorten(to kept: ArraySlice<String>) {
    guard let path else { return }
    let text = kept.reduce(into: "") { $0 += History.escaped($1) + "\n" }
    reading { _, _ in WholeFile.replace(path, with: text, access: .owner) }
    reading { _, place in known = place }
  }

  private func write(_ text: String, to descriptor: Int32) -> Int {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { sent += count } else if errno != EINTR { break }
    }
    return sent
  }

  // MARK: One entry, one line

  private static func escaped(_ line: String) -> String {
    if !line.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A }) { return line }
    var result = String.UnicodeScalarView()
    for scalar in line.unicodeScalars {
      switch scalar {
      case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private static func unescaped(_ line: String) -> String {
    if !line.utf8.contains(0x5C) { return line }
    var result = String.UnicodeScalarView()
    var isEscaping = false
    for scalar in line.unicodeScalars {
      if isEscaping {
        result.append(scalar == "n" ? "\n" : scalar)
        isEscaping = false
      } else if scalar == "\\" {
        isEscaping = true
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
