import Interpreter
import Markup
import Syntax
import Tensors

// Commands about the session itself.

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

  static let langCommand = Command(["lang"], "zh|en", Phrase(en: "Chinese or English", zh: "中文或英文")) {
    (session, rest, source) throws(Diagnostic) in
    guard let language = Language(rawValue: rest) else {
      throw Diagnostic(
        "E402", Phrase(en: "the languages are zh and en", zh: "可用的语言是 zh 和 en"), at: [.init(0..<source.scalars.count)],
        help: Phrase(verbatim: ":lang zh, :lang en"))
    }
    session.language = language
    return Reply(StyledText(Phrase(en: "English from here on\n", zh: "从现在起用中文\n")[language], .dim))
  }

  static let setCommand = Command(
    ["set"], "digits|width|glyphs|theme|hints|seed|memory",
    Phrase(en: "settings: digits 4, glyphs ascii, theme light", zh: "设置：digits 4、glyphs ascii、theme light")
  ) { (session, rest, source) throws(Diagnostic) in
    let words = rest.split(separator: " ").map(String.init)
    let value = words.count > 1 ? words[1] : ""
    if words.isEmpty { return Reply(current(session)) }
    switch words.first {
    case "digits":
      if let digits = Int(value), (1...17).contains(digits) {
        session.settings.digits = digits
        return Reply()
      }
    case "width":
      if let width = Int(value), (20...300).contains(width) {
        session.settings.width = width
        return Reply()
      }
    case "glyphs":
      if let glyphs = Settings.Glyphs(rawValue: value) {
        session.settings.glyphs = glyphs
        return Reply()
      }
    case "hints":
      if value == "on" || value == "off" {
        session.settings.hints = value == "on"
        return Reply()
      }
    case "seed":
      if let seed = Int(value), seed >= 0 {
        session.seed(seed)
        return Reply()
      }
    case "memory":
      if let bytes = Command.bytes(value) {
        session.settings.memoryLimit = bytes
        return Reply()
      }
    case "theme":
      if Theme(rawValue: value) != nil {
        var reply = Reply()
        reply.request = .theme(value)
        return reply
      }
    default: break
    }
    throw Diagnostic(
      "E402", Phrase(en: "this setting is not known or not in range", zh: "没有这个设置，或值不在范围内"),
      at: [.init(0..<source.scalars.count)],
      help: Phrase(
        verbatim:
          ":set digits 1..17, :set width 20..300, :set glyphs braille|blocks|ascii, :set theme dark|light|none, :set hints on|off, :set seed 0…, :set memory 512M|4G"
      )
    )
  }

  /// `:set` alone: the settings as they are.
  private static func current(_ session: Session) -> StyledText {
    let settings = session.settings
    let rows = [
      ("digits", String(settings.digits)), ("width", String(settings.width)), ("glyphs", settings.glyphs.rawValue),
      ("hints", settings.hints ? "on" : "off"), ("lang", settings.language.rawValue),
      ("memory", shortNumber(Double(settings.memoryLimit) / 1_073_741_824, digits: 3) + "G"),
    ]
    var text = StyledText()
    for (name, value) in rows {
      text.append(name + String(repeating: " ", count: 8 - name.count), .name)
      text.append(value + "\n")
    }
    return text
  }

  /// `512M`, `4G`, in powers of 1024; from a megabyte to what the machine has.
  private static func bytes(_ text: String) -> Int? {
    guard let unit = text.last, let exponent = ["M": 20, "G": 30][unit.uppercased()],
      let number = Double(text.dropLast()), number.isFinite
    else { return nil }
    let bytes = number * Double(1 << exponent)
    return bytes >= 1_048_576 && bytes <= Double(Machine.memory) ? Int(bytes) : nil
  }

  static let quitCommand = Command(["quit", "q", "exit"], "", Phrase(en: "leave (also Ctrl-D)", zh: "退出（也可按 Ctrl-D）")) {
    (_, _, _) in
    var reply = Reply()
    reply.request = .quit
    return reply
  }

  static let helpCommand = Command(
    ["help", "h"], "NAME", Phrase(en: "this page; ?name explains a name", zh: "本页；?名字 查看说明")
  ) {
    (session, rest, _) in
    Help.reply(rest, session)
  }

  static let whyCommand = Command(["why"], "CODE", Phrase(en: "what an error code means", zh: "错误代码的含义")) {
    (session, rest, source) throws(Diagnostic) in
    guard let explanation = ErrorCodes.table[rest.uppercased()] else {
      throw Diagnostic(
        "E402", Phrase(en: "no such error code", zh: "没有这个错误代码"), at: [.init(0..<source.scalars.count)],
        help: Phrase(en: "for example :why E203", zh: "例如 :why E203"))
    }
    return Reply(StyledText(explanation[session.language] + "\n"))
  }

  // MARK: Lessons, which the program around the session plays

  private static func lesson(_ names: [String], _ argument: String, _ summary: Phrase) -> Command {
    Command(names, argument, summary) { (_, rest, _) in
      var reply = Reply()
      reply.request = .lesson(names[0], rest)
      return reply
    }
  }

  static let lessonsCommand = lesson(["lessons"], "", Phrase(en: "the course", zh: "课程目录"))
  static let learnCommand = lesson(["learn"], "N", Phrase(en: "start or resume a lesson", zh: "开始或继续一课"))
  static let playCommand = lesson(["play"], "", Phrase(en: "leave the lesson to try things", zh: "暂离课程，自由试验"))
  static let returnCommand = lesson(["return"], "", Phrase(en: "go back to the lesson as it was", zh: "回到课程，恢复原状"))
  static let hintCommand = lesson(["hint"], "", Phrase(en: "a hint for the question", zh: "给当前问题一个提示"))
  static let skipCommand = lesson(["skip"], "", Phrase(en: "skip the question", zh: "跳过当前问题"))
  static let backCommand = lesson(["back"], "", Phrase(en: "one step back", zh: "后退一步"))
  static let gotoCommand = lesson(["goto"], "ID", Phrase(en: "jump to a step", zh: "跳到某一步"))
  static let progressCommand = lesson(["progress"], "", Phrase(en: "what you have done", zh: "学习进度"))
}
