import ArgumentParser
import Markup
import Terminal

/// `losslab`: the prompt, and the batch commands beside it.
struct LosslabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "losslab",
    abstract: "Learn what a loss function does. 在终端里学懂损失函数。",
    discussion: "Without a command: the interactive prompt, or a script from a pipe, one line at a time.",
    subcommands: [EvalCommand.self, RunCommand.self, CheckCommand.self, CatalogueCommand.self])

  @OptionGroup var options: SessionOptions

  func run() throws {
    var program = Repl(options)
    let isFine = program.run()
    if let signal = Interrupts.termination { throw ExitCode(128 + signal) }
    if !isFine { throw ExitCode(1) }
  }
}

/// What every way of starting understands.
struct SessionOptions: ParsableArguments {
  @Option(help: "zh or en; otherwise the locale decides.") var lang: String?

  func validate() throws {
    if let lang, Language(rawValue: lang) == nil { throw ValidationError("--lang takes zh or en") }
  }

  /// The language asked for, or that of the locale.
  var language: Language { lang.flatMap(Language.init) ?? Surroundings.language }
}
