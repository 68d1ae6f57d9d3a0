import ArgumentParser
import Markup

/// `losslab`: the prompt, and the batch commands beside it.
struct LosslabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "losslab",
    abstract: "Learn what a loss function does. 在终端里学懂损失函数。",
    discussion: "Without a command: the interactive prompt, or a script from a pipe, one line at a time.",
    subcommands: [EvalCommand.self, RunCommand.self, CheckCommand.self, CatalogueCommand.self])

  @OptionGroup var options: SessionOptions

  func run() throws {
    let status = Repl.start(options.lang.flatMap(Language.init))
    if status != 0 { throw ExitCode(status) }
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
