import Interpreter
import Markup
import Syntax

/// A session command: a word after `:`, in one row. The file of a command is found by its name.
package struct Command: Sendable {
  package let names: [String]
  package let argument: String
  package let summary: Phrase
  let run: @Sendable (inout Session, String, Source) throws(Diagnostic) -> Reply

  init(
    _ names: [String], _ argument: String = "", _ summary: Phrase,
    run: @escaping @Sendable (inout Session, String, Source) throws(Diagnostic) -> Reply
  ) {
    self.names = names
    self.argument = argument
    self.summary = summary
    self.run = run
  }

  /// Every command, in the order of the help page.
  package static let table: [Command] = [
    helpCommand, catalogueCommand, chooseCommand, lessonsCommand, learnCommand, playCommand, returnCommand, hintCommand,
    skipCommand, backCommand,
    gotoCommand, progressCommand, varsCommand, undoCommand, saveCommand, loadCommand, timeCommand, langCommand,
    setCommand, whyCommand, quitCommand,
  ]
}

extension Session {
  mutating func command(_ word: String, _ rest: String, _ source: Source) throws(Diagnostic) -> Reply {
    guard let command = Command.table.first(where: { $0.names.contains(word) }) else {
      let near = Suggestions.nearest(to: word, among: Command.table.flatMap(\.names)).map { ":" + $0 }
      let shown = Diagnostic.shorten(word)
      throw Diagnostic(
        "E401", Phrase(en: "there is no command `:\(shown)`", zh: "没有命令 `:\(shown)`"),
        at: [.init(0..<source.scalars.count)],
        help: near.isEmpty
          ? Phrase(en: ":help lists them", zh: ":help 列出全部命令")
          : Phrase(
            en: "did you mean \(near.joined(separator: ", "))?", zh: "是不是 \(near.joined(separator: "、"))？"))
    }
    return try command.run(&self, rest, source)
  }
}
