import Glibc
import Interpreter
import Syntax
import Tensors
import Workbench

/// Times one task and prints what it found.
///
/// A measurement is the median over batches of at least 2 ms each, after two calls that warm up; it ends after the
/// budget of seconds, but not before five batches. That is the rule of the programs it is compared with.
struct Harness {
  let task: String
  let threads: Int

  /// A session as the prompt has it, on the threads asked for.
  func session() -> Session {
    var session = Session()
    session.settings.threads = threads
    return session
  }

  /// Lines that prepare something; a line that fails ends the run.
  func submit(_ lines: [String], to session: inout Session) {
    for line in lines {
      let reply = session.submit(line)
      if reply.diagnostic != nil { fail(reply.output.characters) }
    }
  }

  /// The time of a line typed again and again: all that the prompt does but showing the value.
  func measure(n: Int, _ line: String, in session: inout Session) {
    do {
      let seconds = try median(budget: n <= 1_000_000 ? 0.25 : 0.6) { () throws(Diagnostic) in
        try session.evaluate(line)
      }
      report(n: n, seconds: seconds)
    } catch {
      fail(error.message.en)
    }
  }

  func median<Failure: Error>(budget: Double = 0.25, _ body: () throws(Failure) -> Void) throws(Failure) -> Double {
    try body()
    try body()
    let once = Harness.now()
    try body()
    let inner = max(1, Int(2e-3 / max(Harness.now() - once, 1e-9) + 0.999))
    var samples: [Double] = []
    let start = Harness.now()
    repeat {
      let before = Harness.now()
      for _ in 0..<inner { try body() }
      samples.append((Harness.now() - before) / Double(inner))
    } while samples.count < 61 && (Harness.now() - start < budget || samples.count < 5)
    return Harness.median(of: samples)
  }

  static func median(of samples: [Double]) -> Double {
    let sorted = samples.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  func report(n: Int, seconds: Double, more: String = "") {
    Harness.write(
      """
      {"task":"\(task)","peer":"losslab","n":\(n),"threads":\(threads),"dtype":"float64","seconds_per_op":\(seconds)\(more)}
      """, to: STDOUT_FILENO)
  }

  func fail(_ reason: String) -> Never {
    Harness.complain("\(task): \(reason)")
    exit(1)
  }

  static func complain(_ text: String) { write(text, to: STDERR_FILENO) }

  /// At once, so that whoever reads sees each measurement as it is made.
  private static func write(_ text: String, to file: Int32) {
    let bytes = Array((text + "\n").utf8)
    _ = Glibc.write(file, bytes, bytes.count)
  }

  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
