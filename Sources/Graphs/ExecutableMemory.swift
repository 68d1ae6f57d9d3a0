import Glibc

/// Machine code in memory, never writable and executable at a time.
final class ExecutableMemory {
  let start: UnsafeMutableRawPointer
  private let size: Int

  init?(_ bytes: [UInt8]) {
    size = (bytes.count + 4095) / 4096 * 4096
    guard let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED
    else { return nil }
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    guard mprotect(memory, size, PROT_READ | PROT_EXEC) == 0 else {
      munmap(memory, size)
      return nil
    }
    start = memory
  }

  deinit { munmap(start, size) }
}
