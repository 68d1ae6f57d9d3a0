import Interpreter
import Markup
import Syntax
import Tensors

// Commands about what the session holds.

extension Command {
  static let varsCommand = Command(["vars"], "", Phrase(en: "your variables and functions", zh: "你定义的变量和函数")) {
    (session, _, _) in
    var text = StyledText()
    let names = session.environment.variables.keys.sorted()
    if names.isEmpty {
      text.append(Phrase(en: "nothing defined yet; try w = 3\n", zh: "还没有定义任何名字；试试 w = 3\n")[session.language], .dim)
    }
    for name in names {
      guard let value = session.environment.variables[name] else { continue }
      if case .function = value {} else { text.append(printedName(name) + " = ", .name) }
      let used = text.lines.last?.displayWidth ?? 0
      text.append(ValueText.inline(value, in: session, width: max(20, session.settings.width - used)))
      text.append("\n")
    }
    return Reply(text)
  }

  static let undoCommand = Command(["undo"], "", Phrase(en: "take the last definition back", zh: "撤销上一个定义")) {
    (session, _, _) in
    let done = session.undo()
    let phrase =
      done
      ? Phrase(en: "the last definition is undone", zh: "已撤销上一个定义") : Phrase(en: "nothing to undo", zh: "没有可以撤销的")
    return Reply(StyledText(phrase[session.language] + "\n", .dim))
  }
}
