import Interpreter
import Markup
import Syntax

/// A session command: a word after `:`, in one row. The file of a command is found by its name.
package struct Command: Sendable {
  /// What stands behind the word: completion offers it.
  enum ArgumentKind: Sendable {
    case none, lesson, step, setting, language, code, topic, term, expression, file
  }

  /// The line of the help page a command stands in.
  enum Group: Sendable, CaseIterable {
    case question, work, lesson, program

    var title: Phrase {
      switch self {
      case .question: Phrase(en: "ask", zh: "提问")
      case .work: Phrase(en: "work", zh: "计算")
      case .lesson: Phrase(en: "learn", zh: "课程")
      case .program: Phrase(en: "program", zh: "程序")
      }
    }
  }

  package let names: [String]
  package let argument: String
  package let summary: Phrase
  let kind: ArgumentKind
  let group: Group
  let run: @Sendable (inout Session, String, Source) throws(Diagnostic) -> Reply

  init(
    _ names: [String], _ argument: String = "", _ summary: Phrase, kind: ArgumentKind = .none, in group: Group = .work,
    run: @escaping @Sendable (inout Session, String, Source) throws(Diagnostic) -> Reply
  ) {
    self.names = names
    self.argument = argument
    self.summary = summary
    self.kind = kind
    self.group = group
    self.run = run
  }

  package static func named(_ word: String) -> Command? { table.first { $0.names.contains(word) } }

  /// Every command, in the order of the help page.
  package static let table: [Command] = [
    helpCommand, searchCommand, defineCommand, glossaryCommand, whyCommand, fixCommand, catalogueCommand, chooseCommand,
    varsCommand, undoCommand,
    saveCommand, loadCommand, timeCommand, historyCommand, lessonsCommand, learnCommand, hintCommand, skipCommand,
    backCommand, gotoCommand, playCommand, returnCommand, progressCommand, langCommand, setCommand, quitCommand,
  ]
}

extension Session {
  mutating func command(_ word: String, _ rest: String, _ source: Source) throws(Diagnostic) -> Reply {
    guard let command = Command.named(word) else {
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
