import Glibc

/// Files read and written whole.
package enum WholeFile {
  package enum Unreadable: Error, Sendable, Hashable {
    case missing
    case forbidden
    /// A folder, a device, a pipe: reading one might never end.
    case notRegular
    case tooLarge
    case interrupted
  }

  /// The text of a regular file of at most `limit` bytes.
  /// - Parameter followsLinks: false for files of our own, in whose place someone may have put a link.
  package static func text(
    _ path: String, limit: Int, followsLinks: Bool = true, isInterrupted: () -> Bool = { false }
  ) throws(Unreadable) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else { throw errno == EACCES || errno == EPERM ? .forbidden : .missing }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
    guard information.st_size <= limit else { throw .tooLarge }
    var bytes = [UInt8](repeating: 0, count: Int(information.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
      }
      if count > 0 { filled += count } else if count == 0 || errno != EINTR { break }
      if isInterrupted() { throw .interrupted }
    }
    return String(decoding: bytes[..<filled], as: UTF8.self)
  }

  /// The first bytes of a file, as text; "" where there are none.
  package static func head(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// Who may read what is written.
  package enum Access: Sendable {
    /// Only its owner, whatever the umask says.
    case owner
    /// Those who could before; for a new file, what the umask leaves.
    case asBefore
  }

  /// Writes beside the file, whole and down to the disk, and then in its place: a crash or a full disk leaves the old one or
  /// the new.
  /// - Returns: why it failed, in the system's words; nil if the new file is there.
  @discardableResult
  package static func replace(_ path: String, with text: String, access: Access) -> String? {
    func reason() -> String { String(cString: strerror(errno)) }
    var mode: mode_t = 0o600
    if access == .asBefore {
      var information = stat()
      mode = stat(path, &information) == 0 ? information.st_mode & 0o777 : 0o644
    }
    let temporary = path + ".\(getpid()).tmp"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { return reason() }
    var failure = write(text, to: descriptor) && fsync(descriptor) == 0 ? nil : reason()
    close(descriptor)
    if failure == nil, rename(temporary, path) != 0 { failure = reason() }
    if failure != nil {
      unlink(temporary)
      return failure
    }
    // The new name is on the disk when its folder is.
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if opened >= 0 {
      fsync(opened)
      close(opened)
    }
    return nil
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent)
      }
      if count > 0 { sent += count } else if errno != EINTR { return false }
    }
    return true
  }
}
