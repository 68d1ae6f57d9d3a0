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
    catchUp()
    _ = ownStart
    lines.append(line)
    withFile(O_RDWR | O_CREAT | O_APPEND) { descriptor, place in
      // What a full disk or a power cut left of a line is ended first, or it would take this one with it.
      var last: UInt8 = 0x0A
      if place.size > 0 { pread(descriptor, &last, 1, place.size - 1) }
      let text = (last == 0x0A ? "" : "\n") + History.escaped(line) + "\n"
      known = FilePlace(file: place.file, size: place.size + off_t(write(text, to: descriptor)))
    }
    return true
  }

  /// Takes in what other sessions have added, before this one's own lines.
  package func catchUp() {
    let start = ownStart
    guard let path else { return }
    var information = stat()
    guard stat(path, &information) == 0,
      FilePlace(file: information.st_ino, size: information.st_size) != known
    else { return }
    withFile(O_RDONLY) { descriptor, place in
      let isSame = place.file == known.file && place.size >= known.size
      let new = History.read(descriptor, from: isSame ? known.size : 0)
      known = place
      if isSame {
        lines.insert(contentsOf: new, at: start)
      } else {  // rewritten by another session, with our lines in it
        lines = new + lines[start...].filter { !new.contains($0) }
      }
      ownStart = isSame ? start + new.count : new.count
    }
  }

  private func load() -> [String] {
    var lines: [String] = []
    withFile(O_RDONLY) { descriptor, place in
      lines = History.read(descriptor, from: 0)
      known = place
    }
    if lines.count > 2 * History.limit { shorten(to: lines.suffix(History.limit)) }
    return lines.suffix(History.limit)
  }

  // MARK: The file

  /// Opens and locks the file; nothing where there is none. A file that another session has replaced meanwhile is
  /// opened again, or a line would be written into one that nobody reads.
  private func withFile(_ flags: Int32, _ body: (Int32, FilePlace) -> Void) {
    guard let path else { return }
    for _ in 0..<10 {
      let descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
      guard descriptor >= 0 else { return }
      defer { close(descriptor) }
      var (opened, current) = (stat(), stat())
      guard fstat(descriptor, &opened) == 0, opened.st_mode & S_IFMT == S_IFREG else { return }
      while flock(descriptor, LOCK_EX) != 0 { if errno != EINTR { return } }
      guard stat(path, &current) == 0, fstat(descriptor, &opened) == 0, current.st_ino == opened.st_ino else {
        continue
      }
      if opened.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
      body(descriptor, FilePlace(file: opened.st_ino, size: opened.st_size))
      return
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

  /// Keeps the latest lines only: beside the file, then in its place, so that a kill leaves the one or the other.
  private func shorten(to kept: ArraySlice<String>) {
    guard let path else { return }
    withFile(O_RDONLY) { _, _ in
      let new = path + ".new"
      unlink(new)
      let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { return }
      let text = kept.reduce(into: "") { $0 += History.escaped($1) + "\n" }
      let isWhole = write(text, to: descriptor) == text.utf8.count && fsync(descriptor) == 0
      close(descriptor)
      if !isWhole || rename(new, path) != 0 { unlink(new) }
    }
    withFile(O_RDONLY) { _, place in known = place }
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
