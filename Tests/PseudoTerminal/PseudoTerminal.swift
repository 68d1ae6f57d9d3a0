import Glibc

/// A program on a terminal of its own: keys in, screen out.
///
/// `posix_spawn` rather than `fork`: a forked Swift process with threads may deadlock before it executes anything.
package final class PseudoTerminal {
  private let master: Int32
  private let process: pid_t
  /// Everything the program has written.
  package private(set) var output = ""
  /// What a person would see.
  package private(set) var screen: ScreenModel
  private var bytes: [UInt8] = []
  private var pending: [UInt8] = []
  private var status: Int32?

  /// - Parameter environment: the whole environment of the program.
  package init?(
    _ path: String, _ arguments: [String] = [], environment: [String: String], columns: UInt16 = 80, rows: UInt16 = 24,
    rewraps: Bool = false
  ) {
    screen = ScreenModel(columns: Int(columns), rows: Int(rows), rewraps: rewraps)
    var (master, slave): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    var name = [CChar](repeating: 0, count: 128)
    guard openpty(&master, &slave, &name, nil, &size) == 0 else { return nil }
    close(slave)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    // Opened after setsid, the terminal becomes the controlling one.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    posix_spawn_file_actions_addclose(&actions, master)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    // Tests run on threads that block signals; the program must not inherit that.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, a GNU extension the module does not show
    posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    let failed = posix_spawn(&pid, path, &actions, &attributes, &argv, &envp)
    for pointer in argv + envp { free(pointer) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    guard failed == 0 else {
      close(master)
      return nil
    }
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    self.master = master
    process = pid
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      waitpid(process, &status_, 0)
    }
    if !isHungUp { close(master) }
  }

  private var isHungUp = false

  /// Closes the window: the system sends the program a SIGHUP.
  package func hangUp() {
    isHungUp = true
    close(master)
  }

  /// Whether lines are edited by the system, echoed, and interrupted by Ctrl-C: how a shell leaves a terminal.
  package var isSane: Bool {
    var modes = termios()
    guard tcgetattr(master, &modes) == 0 else { return false }
    let wanted = tcflag_t(ICANON | ECHO | ISIG)
    return modes.c_lflag & wanted == wanted && modes.c_oflag & tcflag_t(OPOST) != 0
  }

  private var status_: Int32 = 0

  package func send(_ keys: String) { send(bytes: Array(keys.utf8)) }

  /// Writes what the program will read, reading meanwhile: with both pipes full, both sides would wait for ever.
  package func send(bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      var ready = pollfd(fd: master, events: Int16(POLLIN | POLLOUT), revents: 0)
      guard Glibc.poll(&ready, 1, 5_000) > 0 else { return }
      if ready.revents & Int16(POLLIN) != 0, !read(milliseconds: 0) { return }
      guard ready.revents & Int16(POLLOUT) != 0 else { continue }
      let count = bytes[sent...].prefix(1024).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      if count < 0, errno == EAGAIN {
        usleep(500)
        continue
      }
      if count <= 0 { return }
      sent += count
    }
  }

  /// Types and takes the time until the program has written `text`; nil if it never does. Nothing else is done meanwhile.
  package func exchange(_ keys: String, until text: String, seconds: Double = 5) -> Duration? {
    while poll(for: 0) { _ = read(milliseconds: 0) }
    let wanted = Array(text.utf8)
    var (arrived, piece): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65536))
    let start = ContinuousClock.now
    if keys.utf8.count < 64 {
      let bytes = Array(keys.utf8)
      guard write(master, bytes, bytes.count) == bytes.count else { return nil }
    } else {
      send(keys)
    }
    while arrived.firstRange(of: wanted) == nil {
      guard ContinuousClock.now - start < .seconds(seconds) else { return nil }
      guard poll(for: 100) else { continue }
      let count = Glibc.read(master, &piece, piece.count)
      if count <= 0 { return nil }
      arrived += piece[..<count]
    }
    return ContinuousClock.now - start
  }

  private func poll(for milliseconds: Int32) -> Bool {
    var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&ready, 1, milliseconds) > 0
  }

  package func resize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    screen.resize(columns: Int(columns), rows: Int(rows))
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Reads until the screen is as asked for; false after `seconds`.
  package func waitForScreen(seconds: Double = 20, _ isReady: (ScreenModel) -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !isReady(screen) {
      guard ContinuousClock.now < deadline, read(milliseconds: 50) else { return isReady(screen) }
    }
    return true
  }

  package func signal(_ number: Int32) { kill(process, number) }

  /// Reads until `text` appears after what was seen before; false after `seconds`.
  @discardableResult package func wait(for text: String, seconds: Double = 20) -> Bool {
    let start = searched
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let range = visible.dropFirst(start).firstRange(of: text) {
        searched = visible.distance(from: visible.startIndex, to: range.upperBound)
        return true
      }
      guard ContinuousClock.now < deadline, read(milliseconds: 100) else { return false }
    }
  }

  private var searched = 0

  /// The exit status, or nil if the program is still running after `seconds`.
  package func waitForExit(seconds: Double = 10) -> Int32? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      if isHungUp { usleep(5_000) } else if !read(milliseconds: 20) { usleep(2_000) }
      if waitpid(process, &status_, WNOHANG) == process {
        status = status_
        return status_ & 0x7F == 0 ? (status_ >> 8) & 0xFF : -(status_ & 0x7F)
      }
    }
    return nil
  }

  /// - Returns: false when the program has closed its end.
  private func read(milliseconds: Int32) -> Bool {
    var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard Glibc.poll(&ready, 1, milliseconds) > 0 else { return true }
    var piece = [UInt8](repeating: 0, count: 65536)
    let count = Glibc.read(master, &piece, piece.count)
    guard count > 0 else { return false }
    bytes.append(contentsOf: piece[..<count])
    output = String(decoding: bytes, as: UTF8.self)
    // A character may come in two pieces.
    pending += piece[..<count]
    var whole = pending.count
    while whole > 0, pending.count - whole < 4, pending[whole - 1] & 0xC0 == 0x80 { whole -= 1 }
    if whole > 0, pending[whole - 1] >= 0xC0, !pending[(whole - 1)...].isWholeCharacter {
      whole -= 1
    } else {
      whole = pending.count
    }
    screen.feed(String(decoding: pending[..<whole], as: UTF8.self))
    pending.removeFirst(whole)
    let answers = screen.takeAnswers()
    if !answers.isEmpty { send(answers) }
    return true
  }

  /// What was written, without escape sequences and carriage returns.
  package var visible: String {
    var result = String.UnicodeScalarView()
    var scalars = output.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      if scalar == "\u{1B}" {
        guard scalars.next() == "[" else { continue }
        while let next = scalars.next(), !(0x40...0x7E).contains(next.value) {}
      } else if scalar != "\r", scalar != "\u{8}" {
        result.append(scalar)
      }
    }
    return String(result)
  }
}

extension ArraySlice<UInt8> {
  fileprivate var isWholeCharacter: Bool {
    guard let lead = first else { return true }
    return count >= (lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2)
  }
}
