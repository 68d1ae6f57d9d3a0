import Descent
import Interpreter
import Losses
import Markup
import Syntax

/// `:help`, `?`, `?name`: read from the definitions themselves.
enum Help {
  static func reply(_ topic: String, _ session: Session) -> Reply {
    let name = canonicalName(topic)
    if name.isEmpty { return Reply(overview(session)) }
    guard let library = session.library else { return Reply() }
    if let entry = library.catalogue[name] { return Reply(loss(entry, session)) }
    if let explanation = ErrorCodes.table[name.uppercased()] {
      return Reply(StyledText(explanation[session.language] + "\n"))
    }
    if let syntax = SyntaxHelp.table[name] { return Reply(StyledText(syntax[session.language] + "\n")) }
    if let own = session.environment.variables[name] { return Reply(ValueText.render(own, in: session)) }
    if let section = RuleBook.standard.section(name) { return Reply(RulePage.text(section, session)) }
    if case .function(let function) = library[name], case .builtin(let builtin) = function.body {
      return Reply(self.builtin(builtin, session))
    }
    let near = Suggestions.nearest(to: name, among: library.names)
    let shown = Diagnostic.shorten(topic)
    var text = StyledText()
    text.append(Phrase(en: "nothing is called `\(shown)`", zh: "没有叫 `\(shown)` 的东西")[session.language], .warning)
    if !near.isEmpty {
      let list = near.joined(separator: ", ")
      text.append(Phrase(en: "; did you mean \(list)?", zh: "；是不是 \(list)？")[session.language])
    }
    return Reply(text + "\n")
  }

  // MARK: Pages

  private static func overview(_ session: Session) -> StyledText {
    let language = session.language
    var text = StyledText()
    text.append(Phrase(en: "Type an expression and press Enter.\n", zh: "输入表达式，按回车。\n")[language], .heading)
    let examples: [(String, Phrase)] = [
      ("mse([1,2,3], [2,3,4])", Phrase(en: "a loss", zh: "一个损失")),
      ("L(w) = mse(w*[1,2,3], [2,4,6])", Phrase(en: "a function", zh: "一个函数")),
      ("L'(0.5)", Phrase(en: "its gradient", zh: "它的梯度")),
      ("t = descend(L, w=0, rate=0.05, steps=20)", Phrase(en: "gradient descent", zh: "梯度下降")),
      ("steps(t, 3)", Phrase(en: "one step with its numbers", zh: "代入数字看一步")),
      ("plot(L, x=-1..5)", Phrase(en: "a picture", zh: "一张图")),
      ("?huber", Phrase(en: "what a name means", zh: "一个名字的说明")),
    ]
    var table = Table(header: [], alignments: [.left, .left])
    for (code, meaning) in examples {
      table.rows.append([StyledText(code, .function), StyledText(meaning[language], .dim)])
    }
    text.append(table.render(indent: 2))
    text.append(Phrase(en: "Commands\n", zh: "命令\n")[language], .heading)
    var commands = Table(header: [], alignments: [.left, .left])
    for command in Command.table {
      let usage = ":" + command.names[0] + (command.argument.isEmpty ? "" : " " + command.argument)
      commands.rows.append([StyledText(usage, .command), StyledText(command.summary[language], .dim)])
    }
    text.append(commands.render(indent: 2))
    text.append(Phrase(en: "Losses\n", zh: "损失函数\n")[language], .heading)
    let names = session.library?.catalogue.entries.map(\.name) ?? []
    for line in names.joined(separator: "  ").wrapped(width: session.settings.width - 4) {
      text.append("  " + line + "\n", .function)
    }
    return text
  }

  private static func loss(_ entry: Entry, _ session: Session) -> StyledText {
    let language = session.language
    let width = session.settings.width
    let page = EntryPage(entry: entry, session: session)
    var text = StyledText()
    text.append(entry.name, .heading)
    text.append(page.signature.dropFirst(entry.name.count) + "\n", .dim)
    for line in entry.summary[language].wrapped(width: width - 2) { text.append("  " + line + "\n") }
    let column = 13
    for section in page.sections {
      let label = section.label[language]
      text.append("  " + label + String(repeating: " ", count: max(1, column - 2 - label.displayWidth)), .dim)
      // A label wider than its column stands on a line of its own.
      if label.displayWidth > column - 3 { text.append("\n" + String(repeating: " ", count: column)) }
      var isFirst = true
      for line in section.lines {
        let pieces = section.isCode ? [line[language]] : line[language].wrapped(width: max(20, width - column))
        for piece in pieces {
          if !isFirst { text.append(String(repeating: " ", count: column)) }
          isFirst = false
          text.append(piece + "\n", section.isCode ? .function : .plain)
        }
      }
    }
    if let standard = page.standard {
      let label = Phrase(en: "also takes", zh: "还可以写")[language]
      text.append("  " + label + String(repeating: " ", count: max(1, column - 2 - label.displayWidth)), .dim)
      text.append(standard + "\n", .function)
    }
    if let picture = page.picture(width: min(width, 64), height: 12) { text.append(picture) }
    for example in page.examples {
      text.append("  > ", .prompt)
      text.append(example.line + "\n")
      for line in example.output.lines where !line.isEmpty { text.append(StyledText("  ") + line + "\n") }
    }
    return text
  }

  private static func builtin(_ builtin: Builtin, _ session: Session) -> StyledText {
    var text = StyledText()
    text.append(builtin.function.signature + "\n", .heading)
    text.append("  " + builtin.doc[session.language] + "\n")
    if !builtin.example.isEmpty {
      var copy = session
      text.append("  > ", .prompt)
      text.append(builtin.example + "\n")
      for line in copy.submit(builtin.example).output.lines where !line.isEmpty {
        text.append(StyledText("  ") + line + "\n")
      }
    }
    return text
  }
}

/// What signs and words of the language mean.
enum SyntaxHelp {
  static let table: [String: Phrase] = [
    "Σ": Phrase(
      en: "Σ sums the whole product that follows: Σ (a-b)^2, Σ_{i=1}^n y[i]. An unbound n is the common length.",
      zh: "Σ 对其后的整个乘积求和：Σ (a-b)^2、Σ_{i=1}^n y[i]。没有定义的 n 是共同长度。"),
    "grad": Phrase(
      en: "grad f is a function: the gradient of f. grad f at 2, f'(2), ∇f, ∂f/∂w say the same.",
      zh: "grad f 是一个函数：f 的梯度。grad f at 2、f'(2)、∇f、∂f/∂w 都是同一件事。"),
    "∂": Phrase(en: "∂f/∂w is the derivative of f with respect to w.", zh: "∂f/∂w 是 f 对 w 的导数。"),
    "∇": Phrase(en: "∇f is the gradient of f.", zh: "∇f 是 f 的梯度。"),
    "repeat": Phrase(
      en: "repeat 10 { w = w - 0.1 * f'(w) } runs the lines ten times.",
      zh: "repeat 10 { w = w - 0.1 * f'(w) } 把这些行运行十遍。"),
    "if": Phrase(
      en: "if c then a else b; element by element when c is a vector.", zh: "if c then a else b；c 是向量时逐元素选择。"),
    "ans": Phrase(en: "the value of the line before", zh: "上一行的结果"),
  ]
}
