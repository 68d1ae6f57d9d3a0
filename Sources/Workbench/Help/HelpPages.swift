import Descent
import Interpreter
import Losses
import Markup

/// Pages that are lists: each is read off the table it lists.
enum HelpPage {
  /// What a first question gets: what to type, where to look, the commands. It fits 80 columns and 24 rows.
  static func overview(_ session: Session) -> StyledText {
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
    ]
    text.append(list(examples.map { ($0.0, $0.1[language]) }, .function))
    text.append(Phrase(en: "Ask\n", zh: "提问\n")[language], .heading)
    let questions: [(String, Phrase)] = [
      ("?mse  ?descend  ?Σ  ?'  ?E203", Phrase(en: "a name, a sign, an error code", zh: "名字、符号、错误代码")),
      (":search outlier", Phrase(en: "by meaning; :define gives a term", zh: "按意思找；:define 查术语")),
      (":help TOPIC", Phrase(verbatim: Topics.table.map { name(of: $0, language) }.joined(separator: " "))),
    ]
    for (code, meaning) in questions {
      let margin = code.displayWidth + 4
      for (index, line) in meaning[language].wrapped(width: max(20, session.settings.width - margin - 1)).enumerated() {
        text.append("  " + (index == 0 ? code : String(repeating: " ", count: code.displayWidth)) + "  ", .function)
        text.append(line + "\n", .dim)
      }
    }
    text.append(Phrase(en: "Commands\n", zh: "命令\n")[language], .heading)
    for group in Command.Group.allCases {
      let rows = Command.table.filter { $0.group == group }.map { ":" + $0.names[0] }
      if rows.isEmpty { continue }
      let title = group.title[language]
      let margin = String(repeating: " ", count: max(1, 10 - title.displayWidth))
      for (index, line) in rows.joined(separator: "  ").wrapped(width: session.settings.width - 13).enumerated() {
        text.append("  " + (index == 0 ? title + margin : String(repeating: " ", count: 10)), .dim)
        text.append(line + "\n", .command)
      }
    }
    return text
  }

  static func name(of topic: Topic, _ language: Language) -> String {
    topic.names[min(language == .en ? 0 : 1, topic.names.count - 1)]
  }

  /// Two columns: what is typed, what it does.
  static func list(_ rows: [(String, String)], _ style: Style) -> StyledText {
    var table = Table(header: [], alignments: [.left, .left])
    for (code, meaning) in rows { table.rows.append([StyledText(code, style), StyledText(meaning, .dim)]) }
    return table.render(indent: 2)
  }

  /// Two columns, the second wrapped to the screen.
  static func paragraphs(_ rows: [(String, String)], _ style: Style, width: Int) -> StyledText {
    let first = min(24, rows.map { $0.0.displayWidth }.max() ?? 0)
    var text = StyledText()
    for (code, meaning) in rows {
      var lines = meaning.wrapped(width: max(20, width - first - 5))
      if code.displayWidth > first { lines.insert("", at: 0) }
      for (index, line) in lines.enumerated() {
        let label = index == 0 ? code : ""
        text.append("  " + label, style)
        text.append(String(repeating: " ", count: max(0, first - label.displayWidth)) + "  ")
        text.append(line + "\n", index == 0 ? .plain : .dim)
      }
    }
    return text
  }

  /// Rows of a label and a text that is wrapped behind it.
  struct Labelled {
    private let width: Int
    private let language: Language

    init(_ session: Session) {
      width = session.settings.width
      language = session.language
    }

    func row(_ label: Phrase, _ content: String) -> StyledText {
      var text = StyledText()
      for (index, line) in content.wrapped(width: max(20, width - 15)).enumerated() {
        let margin = index == 0 ? label[language] : ""
        var row = StyledText("  " + margin + String(repeating: " ", count: max(1, 12 - margin.displayWidth)), .dim)
        row.append(line)
        text.append(row.truncated(to: width) + "\n")
      }
      return text
    }
  }

  // MARK: Lists

  static func catalogue(_ session: Session) -> StyledText {
    var text = StyledText()
    var family: String?
    var rows: [(String, String)] = []
    func flush() {
      text.append(paragraphs(rows, .function, width: session.settings.width))
      rows = []
    }
    for entry in session.library?.catalogue.entries ?? [] {
      let title = entry.family.title[session.language]
      if title != family {
        flush()
        text.append(title + "\n", .heading)
        family = title
      }
      rows.append((entry.name, entry.summary[session.language]))
    }
    flush()
    return text
  }

  static func rules(_ session: Session) -> StyledText {
    var text = StyledText()
    for (title, sections) in [
      (Phrase(en: "Optimizers, for with=", zh: "优化器，用于 with="), RuleBook.standard.optimizers),
      (Phrase(en: "Schedules, for rate=", zh: "学习率计划，用于 rate="), RuleBook.standard.schedules),
    ] {
      text.append(title[session.language] + "\n", .heading)
      text.append(
        paragraphs(
          sections.map { ($0.name, $0.documentation.summary[session.language]) }, .function,
          width: session.settings.width))
    }
    return text
  }

  static func functions(_ session: Session) -> StyledText {
    let builtins = (session.library?.builtins.values ?? [:].values).sorted { $0.name < $1.name }
    return paragraphs(
      builtins.map { ($0.name, $0.doc[session.language]) }, .function, width: session.settings.width)
  }

  static func syntax(_ session: Session) -> StyledText {
    paragraphs(
      SyntaxHelp.entries.map { ($0.sign, $0.summary[session.language]) }, .keyword, width: session.settings.width)
  }

  static func errors(_ session: Session) -> StyledText {
    paragraphs(ErrorCodes.table.map { ($0.code, $0.title[session.language]) }, .error, width: session.settings.width)
      + StyledText(
        "  " + Phrase(en: ":why CODE shows one, with lines that are run", zh: ":why 代码 说明一个，并运行例子")[session.language]
          + "\n", .dim)
  }

  static func commands(_ session: Session) -> StyledText {
    var text = StyledText()
    for group in Command.Group.allCases {
      let rows = Command.table.filter { $0.group == group }
      if rows.isEmpty { continue }
      text.append(group.title[session.language] + "\n", .heading)
      text.append(
        paragraphs(
          rows.map {
            (":" + $0.names[0] + ($0.argument.isEmpty ? "" : " " + $0.argument), $0.summary[session.language])
          },
          .command, width: session.settings.width))
    }
    return text
  }

  static func settings(_ session: Session) -> StyledText {
    var table = Table(header: [], alignments: [.left, .left, .left, .left])
    for setting in Setting.table {
      table.rows.append([
        StyledText(setting.name, .command), StyledText(setting.get(session.settings), .strong),
        StyledText(setting.form, .dim),
        StyledText(setting.summary[session.language] + (setting.isKept ? " *" : ""), .dim),
      ])
    }
    return table.render(indent: 2)
      + StyledText(
        "  "
          + Phrase(en: ":set NAME VALUE changes one; * is kept for the next time", zh: ":set 名字 值 修改；带 * 的下次仍有效")[
            session.language] + "\n", .dim)
  }

  static func keys(_ session: Session) -> StyledText {
    let rows: [(String, Phrase)] = [
      ("Enter", Phrase(en: "runs the line; inside a bracket, a new row", zh: "运行这一行；括号没有闭合时换一行继续")),
      ("TAB", Phrase(en: "completes a name, a file, a column, \\alpha", zh: "补全名字、文件、列名、\\alpha")),
      ("→", Phrase(en: "at the end of the line: takes the dim hint", zh: "在行尾：采用淡色提示")),
      ("↑ ↓", Phrase(en: "earlier lines; rows of a long one", zh: "之前输入的行；多行时在各行间移动")),
      ("Ctrl-R", Phrase(en: "searches earlier lines", zh: "搜索之前输入的行")),
      ("Ctrl-A Ctrl-E", Phrase(en: "beginning and end of the line", zh: "行首、行尾")),
      ("Ctrl-← Ctrl-→", Phrase(en: "a word back or forward", zh: "前后移动一个词")),
      ("Ctrl-W Ctrl-K Ctrl-U", Phrase(en: "delete a word, to the end, the line", zh: "删除一个词、到行尾、整行")),
      ("Ctrl-L", Phrase(en: "clears the screen", zh: "清屏")),
      ("Ctrl-C", Phrase(en: "drops the line, stops a computation", zh: "放弃这一行，或停止计算")),
      ("Ctrl-D", Phrase(en: "leaves, on an empty line", zh: "空行时退出")),
      ("Alt-Enter", Phrase(en: "a new row without running", zh: "换行但不运行")),
    ]
    return list(rows.map { ($0.0, $0.1[session.language]) }, .keyword)
      + StyledText(
        "  "
          + Phrase(en: "~/.editrc changes keys; `bind -v` there is vi", zh: "按键可在 ~/.editrc 里修改；写 `bind -v` 用 vi 键位")[
            session.language] + "\n", .dim)
  }

  // MARK: Pages with lines that are run

  /// A sentence and lines, each with what it gives now, on a copy of the session.
  static func lesson(_ session: Session, _ sentence: Phrase, _ lines: [String]) -> StyledText {
    var text = StyledText()
    for line in sentence[session.language].wrapped(width: session.settings.width - 2) { text.append(line + "\n") }
    text.append(Run.lines(lines, session))
    return text
  }
}

/// Lines that are run as they are shown: examples can then never be out of date.
enum Run {
  static func lines(_ lines: [String], _ session: Session, allowsErrors: Bool = false) -> StyledText {
    var copy = session.withoutNames()
    copy.settings.height = min(session.settings.height, 14)
    copy.settings.width = session.settings.width - 2
    copy.settings.mayReadFiles = false  // to look something up must leave the folder as it was
    var text = StyledText()
    for line in lines {
      for (index, piece) in line.wrapped(width: session.settings.width - 4).enumerated() {
        text.append(index == 0 ? "  > " : "    ", .prompt)
        text.append(Highlighting.styled(piece) + "\n")
      }
      let reply = copy.submit(line)
      if reply.diagnostic != nil, !allowsErrors { break }
      for row in reply.output.lines where !row.isEmpty {
        text.append((StyledText("  ") + row).truncated(to: session.settings.width) + "\n")
      }
    }
    return text
  }
}
