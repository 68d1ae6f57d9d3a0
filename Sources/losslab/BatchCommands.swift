import ArgumentParser
import Glibc
import Markup
import Terminal
import Workbench

/// `losslab eval EXPR…`
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Evaluate expressions, or lines from standard input.",
    discussion: "Prints each value; errors go to standard error. Exits with 1 if any failed. Definitions persist.")

  @OptionGroup var options: SessionOptions
  @Flag(help: "Print one JSON object per expression.") var json = false
  @Option(help: "Seconds an expression may run.") var timeout: Double?
  @Argument(parsing: .allUnrecognized, help: "Expressions in the language of the prompt.")
  var expressions: [String] = []

  func run() throws {
    var batch = Batch(language: options.language, json: json, timeLimit: timeout)
    // `--` before an expression that begins with a minus is a habit of shells, not part of it.
    let expressions = expressions.first == "--" ? Array(expressions.dropFirst()) : expressions
    if expressions.isEmpty {
      batch.run(LineReader())
    } else {
      for expression in expressions { batch.evaluate(expression) }
    }
    if batch.hasFailed { throw ExitCode(1) }
  }
}

/// `losslab run FILE`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run", abstract: "Run a script, one line at a time.")

  @OptionGroup var options: SessionOptions
  @Option(help: "Seconds a line may run.") var timeout: Double?
  @Argument(help: "A file of lines as typed at the prompt.") var file: String

  func run() throws {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ValidationError("\(file): \(String(cString: strerror(errno)))") }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      throw ValidationError("\(file): not a regular file")
    }
    var batch = Batch(language: options.language, json: false, timeLimit: timeout)
    batch.run(LineReader(descriptor: descriptor))
    if batch.hasFailed { throw ExitCode(1) }
  }
}

/// Lines without a prompt: values to standard output, errors to standard error.
struct Batch {
  private var session: Session
  private let json: Bool
  private let output: Output
  private let errors: Output
  private(set) var hasFailed = false
  private(set) var hasEnded = false

  init(language: Language, json: Bool, timeLimit: Double? = nil) {
    let capabilities = Capabilities.detect()
    Interrupts.install()
    session = Surroundings.session(language, capabilities)
    session.settings.timeLimit = timeLimit
    self.json = json
    output = .standard(capabilities.theme)
    errors = .error(isatty(2) == 1 ? capabilities.theme : .none)
  }

  mutating func run(_ reader: LineReader) {
    var pending = ""
    while !hasEnded {
      switch reader.next() {
      case .line(let line):
        // A definition may run over several lines while a bracket is open.
        pending += pending.isEmpty ? line : "\n" + line
        if !json, pending.utf8.count < 100_000, Session.isUnfinished(pending) { continue }
        evaluate(pending)
        pending = ""
      case .interrupted, .end:
        if !pending.isEmpty { evaluate(pending) }
        return
      case .tooLong(let bytes):
        hasFailed = true
        let phrase = Phrase(
          en: "a line of \(bytes) bytes is longer than the limit of \(LineReader.limit)",
          zh: "一行有 \(bytes) 字节，超过上限 \(LineReader.limit)")
        errors.write(StyledText("error[E106] " + phrase[session.language] + "\n", .error))
      }
    }
  }

  mutating func evaluate(_ line: String) {
    let reply = session.submit(line)
    if reply.diagnostic != nil { hasFailed = true }
    if Interrupts.termination != nil { hasEnded = true }
    Interrupts.take()
    if reply.request == .quit { hasEnded = true }
    if json {
      if reply.value == nil, reply.diagnostic == nil, reply.output.isEmpty { return }
      if !output.writeLine(verbatim: JSONText.line(line, reply, session.language)) { hasEnded = true }
      return
    }
    // Notes go where errors go, so that standard output holds values only.
    if !reply.notes.isEmpty { _ = errors.write(reply.notes) }
    if !(reply.diagnostic == nil ? output : errors).write(reply.body) { hasEnded = true }
  }
}
