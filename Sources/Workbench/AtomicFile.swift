import Glibc

/// Small files that are either as they were or as they should be, whatever happens between, and only their owner's.
package enum AtomicFile {
  /// The text of a regular file of at most `limit` bytes; links are not followed.
  package static func read(_ path: String, limit: Int = 16 << 20) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while bytes.count < limit {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count > 0 { bytes.append(contentsOf: piece[..<count]) } else if count == 0 || errno != EINTR { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes by temporary file, fsync, rename and fsync of the folder.
  /// - Returns: false if it could not be written; the file is then as it was.
  @discardableResult package static func write(_ text: String, to path: String) -> Bool {
    let temporary = path + ".\(getpid()).tmp"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return false }
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent)
      }
      if count > 0 { sent += count } else if errno != EINTR { break }
    }
    let isWhole = sent == bytes.count && fsync(descriptor) == 0
    close(descriptor)
    guard isWhole, rename(temporary, path) == 0 else {
      unlink(temporary)
      return false
    }
    let folder = open(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
    return true
  }
}
