import Markup

/// Text → lesson, line by line; the format is described in `lessons/README.md`.
package struct LessonReader {
  private let lines: [Substring]
  private var position = 0
  private var steps: [Step] = []
  private var title: Phrase?
  private var ids: Set<String> = []
  private var proseCount = 0
  /// A Chinese division that still waits for its English twin.
  private var pendingChinese: (text: String, line: Int)?

  package static let byteLimit = 2 << 20
  package static let lineLimit = 10_000

  private init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false) }

  package static func lesson(_ text: String, id: String) throws(Finding) -> Lesson {
    guard text.utf8.count <= byteLimit else {
      throw Finding(1, 1, Phrase(en: "a lesson may have 2 MB at most", zh: "一课最多 2 MB"))
    }
    var reader = LessonReader(text)
    guard reader.lines.count <= lineLimit else {
      throw Finding(lineLimit, 1, Phrase(en: "a lesson may have \(lineLimit) lines at most", zh: "一课最多 \(lineLimit) 行"))
    }
    try reader.read()
    guard let title = reader.title else {
      throw Finding(1, 1, Phrase(en: "the first line is the title: # 标题 ‖ Title", zh: "第一行是标题：# 标题 ‖ Title"))
    }
    return Lesson(id: id, title: title, steps: reader.steps)
  }

  private mutating func read() throws(Finding) {
    while position < lines.count {
      let line = lines[position]
      let number = position + 1
      if let column = hiddenCharacter(line) {
        throw Finding(number, column, Phrase(en: "an invisible or control character", zh: "有看不见的字符或控制字符"))
      }
      if line.allSatisfy({ $0 == " " }) {
        position += 1
      } else if line.hasPrefix("#") {
        try heading(line, number)
      } else if line.hasPrefix(":::") {
        try division(line, number)
      } else if line.hasPrefix("```") {
        try fence(line, number)
      } else {
        throw Finding(
          number, 1,
          Phrase(
            en: "prose stands between ::: zh and :::, then ::: en and :::", zh: "正文写在 ::: zh 与 ::: 之间，随后是 ::: en 与 :::")
        )
      }
    }
    if let pending = pendingChinese {
      throw Finding(pending.line, 1, Phrase(en: "no ::: en follows this ::: zh", zh: "这段 ::: zh 后面没有 ::: en"))
    }
  }

  private func hiddenCharacter(_ line: Substring) -> Int? {
    for (index, scalar) in line.unicodeScalars.enumerated() where OutputGate.visible(scalar) != nil { return index + 1 }
    return nil
  }

  private mutating func add(_ id: String, _ line: Int, _ content: Step.Content) throws(Finding) {
    guard ids.insert(id).inserted else {
      throw Finding(line, 1, Phrase(en: "the id `\(id)` is used twice", zh: "id `\(id)` 用了两次"))
    }
    steps.append(Step(id: id, line: line, content: content))
  }

  // MARK: Headings and prose

  private mutating func heading(_ line: Substring, _ number: Int) throws(Finding) {
    let level = line.prefix { $0 == "#" }.count
    let text = try pair(line.dropFirst(level), number)
    if title == nil, level == 1 {
      title = text
    } else {
      proseCount += 1
      try add("h\(proseCount)", number, .heading(text))
    }
    position += 1
  }

  private mutating func division(_ line: Substring, _ number: Int) throws(Finding) {
    let words = line.dropFirst(3).split(separator: " ")
    guard let language = words.first.flatMap({ Language(rawValue: String($0)) }) else {
      throw Finding(number, 1, Phrase(en: "a division is ::: zh or ::: en", zh: "分栏写作 ::: zh 或 ::: en"))
    }
    var text: [Substring] = []
    position += 1
    while position < lines.count, lines[position] != ":::" {
      if let column = hiddenCharacter(lines[position]) {
        throw Finding(position + 1, column, Phrase(en: "an invisible or control character", zh: "有看不见的字符或控制字符"))
      }
      text.append(lines[position])
      position += 1
    }
    guard position < lines.count else {
      throw Finding(number, 1, Phrase(en: "this division is never closed", zh: "这一栏没有用 ::: 结束"))
    }
    position += 1
    let body = text.joined(separator: "\n")
    switch (language, pendingChinese) {
    case (.zh, nil): pendingChinese = (body, number)
    case (.en, let chinese?):
      pendingChinese = nil
      guard let stored = words.dropFirst().first(where: { $0.hasPrefix("zh=") })?.dropFirst(3) else {
        throw Finding(
          number, 1,
          Phrase(
            en: "say what this translates: ::: en zh=\(LessonReader.hash(chinese.text))",
            zh: "写明译自哪段：::: en zh=\(LessonReader.hash(chinese.text))"))
      }
      guard stored == LessonReader.hash(chinese.text) else {
        throw Finding(
          number, 1,
          Phrase(
            en:
              "the Chinese text has changed since this was translated; it is now zh=\(LessonReader.hash(chinese.text))",
            zh: "中文已改动，译文可能过时；现在是 zh=\(LessonReader.hash(chinese.text))"))
      }
      proseCount += 1
      try add("p\(proseCount)", chinese.line, .prose(Phrase(en: body, zh: chinese.text)))
    case (.zh, let first?):
      throw Finding(first.line, 1, Phrase(en: "no ::: en follows this ::: zh", zh: "这段 ::: zh 后面没有 ::: en"))
    case (.en, nil):
      throw Finding(number, 1, Phrase(en: "no ::: zh stands before this ::: en", zh: "这段 ::: en 前面没有 ::: zh"))
    }
  }

  /// FNV-1a over the text: what an English division remembers of the Chinese it was made from.
  package static func hash(_ text: String) -> String {
    var hash: UInt32 = 2_166_136_261
    for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let hex = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - hex.count) + hex
  }

  /// `中文 ‖ English`
  private func pair(_ text: some StringProtocol, _ number: Int) throws(Finding) -> Phrase {
    let halves = String(text).split(separator: "‖", omittingEmptySubsequences: false)
    guard halves.count == 2 else {
      throw Finding(number, 1, Phrase(en: "both languages are wanted: 中文 ‖ English", zh: "两种语言都要写：中文 ‖ English"))
    }
    let (zh, en) = (LessonReader.trimmed(halves[0]), LessonReader.trimmed(halves[1]))
    guard !zh.isEmpty, !en.isEmpty else {
      throw Finding(number, 1, Phrase(en: "one of the languages is empty", zh: "有一种语言是空的"))
    }
    return Phrase(en: en, zh: zh)
  }

  static func trimmed(_ text: some StringProtocol) -> String {
    var view = Substring(text)
    while view.first == " " { view = view.dropFirst() }
    while view.last == " " { view = view.dropLast() }
    return String(view)
  }

  // MARK: Fences

  private mutating func fence(_ line: Substring, _ number: Int) throws(Finding) {
    let words = line.dropFirst(3).split(separator: " ").map(String.init)
    var settings: [String: String] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { throw Finding(number, 1, Phrase(en: "settings are name=value", zh: "设置写作 名字=值")) }
      settings[String(parts[0])] = String(parts[1])
    }
    var body: [(text: String, line: Int)] = []
    position += 1
    while position < lines.count, lines[position] != "```" {
      if let column = hiddenCharacter(lines[position]) {
        throw Finding(position + 1, column, Phrase(en: "an invisible or control character", zh: "有看不见的字符或控制字符"))
      }
      body.append((String(lines[position]), position + 1))
      position += 1
    }
    guard position < lines.count else {
      throw Finding(number, 1, Phrase(en: "this block is never closed with ```", zh: "这个代码块没有用 ``` 结束"))
    }
    position += 1
    guard let id = settings["id"], !id.isEmpty else {
      throw Finding(number, 1, Phrase(en: "a block needs an id: ```cell id=first", zh: "代码块需要 id：```cell id=first"))
    }
    let tolerance = try number_(settings["tol"], or: 1e-6, number)
    switch words.first {
    case "cell": try add(id, number, .cell(Cell(lines: try cellLines(body), tolerance: tolerance)))
    case "ask": try add(id, number, .ask(try ask(body, settings, tolerance, number)))
    case "trace": try add(id, number, .trace(try trace(body, tolerance)))
    default:
      throw Finding(number, 1, Phrase(en: "blocks are cell, ask and trace", zh: "代码块只有 cell、ask 和 trace"))
    }
  }

  private func number_(_ text: String?, or fallback: Double, _ line: Int) throws(Finding) -> Double {
    guard let text else { return fallback }
    guard let value = Double(text), value.isFinite else {
      throw Finding(line, 1, Phrase(en: "`\(text)` is not a number", zh: "`\(text)` 不是数"))
    }
    return value
  }

  private func cellLines(_ body: [(text: String, line: Int)]) throws(Finding) -> [Cell.Line] {
    var result: [Cell.Line] = []
    for (text, line) in body {
      if text.hasPrefix("> ") {
        result.append(Cell.Line(input: String(text.dropFirst(2)), output: [], line: line))
      } else if result.isEmpty {
        throw Finding(line, 1, Phrase(en: "a cell begins with > and what is typed", zh: "单元以 > 加输入开头"))
      } else {
        result[result.count - 1].output.append(text)
      }
    }
    return result
  }

  private func ask(
    _ body: [(text: String, line: Int)], _ settings: [String: String], _ tolerance: Double, _ number: Int
  ) throws(Finding) -> Ask {
    var ask = Ask(
      kind: .value, tolerance: tolerance, question: Phrase(verbatim: ""), answers: [], wrong: [], options: [], hints: []
    )
    switch settings["check"] ?? "value" {
    case "value": break
    case "choice": ask.kind = .choice
    case "property", "expression":
      let lengths = try interval(settings["len"] ?? "2..6", number)
      let range = try interval(settings["range"] ?? "-5..5", number)
      guard lengths.lowerBound >= 1, lengths.upperBound <= 10_000 else {
        throw Finding(number, 1, Phrase(en: "len runs from 1 to 10000", zh: "len 应在 1 到 10000 之间"))
      }
      ask.kind = .property(
        variables: (settings["vars"] ?? "x").split(separator: ",").map(String.init),
        lengths: Int(lengths.lowerBound)...Int(lengths.upperBound), range: range,
        seed: UInt64(max(0, try number_(settings["seed"], or: 1, number))))
    default:
      throw Finding(
        number, 1,
        Phrase(
          en: "check= is value, expression, property or choice", zh: "check= 可为 value、expression、property 或 choice"))
    }
    for (text, line) in body {
      let rest = text.dropFirst(2)
      switch text.prefix(2) {
      case "? ": ask.question = try pair(rest, line)
      case "= ", "~ ": ask.answers.append((LessonReader.trimmed(rest), line))
      case "! ":
        let (answer, message) = try arrow(rest, line)
        guard let message else {
          throw Finding(
            line, 1,
            Phrase(en: "a wrong answer needs its message: ! x → 消息 ‖ message", zh: "错误答案要有说明：! x → 消息 ‖ message"))
        }
        ask.wrong.append(Ask.Wrong(answer: answer, message: message, line: line))
      case "* ", "- ":
        let (option, message) = try arrow(rest, line)
        ask.options.append(Ask.Option(text: try pair(option, line), isRight: text.hasPrefix("*"), message: message))
      default:
        if text.hasPrefix("hint ") {
          ask.hints.append(try pair(text.dropFirst(5), line))
        } else if !LessonReader.trimmed(text).isEmpty {
          throw Finding(
            line, 1,
            Phrase(en: "lines of a question begin with ? = ~ ! * - or hint", zh: "问题的每行以 ? = ~ ! * - 或 hint 开头"))
        }
      }
    }
    if ask.question.en.isEmpty { throw Finding(number, 1, Phrase(en: "a question begins with ?", zh: "问题以 ? 开头")) }
    if ask.kind == .choice {
      guard ask.options.count(where: { $0.isRight }) == 1 else {
        throw Finding(number, 1, Phrase(en: "exactly one option is marked *", zh: "恰好一个选项标 *"))
      }
    } else if ask.answers.isEmpty {
      throw Finding(number, 1, Phrase(en: "a question needs a model answer: = …", zh: "问题需要标准答案：= …"))
    }
    return ask
  }

  private func arrow(_ text: some StringProtocol, _ line: Int) throws(Finding) -> (String, Phrase?) {
    let parts = String(text).split(separator: "→", maxSplits: 1)
    guard parts.count == 2 else { return (LessonReader.trimmed(text), nil) }
    return (LessonReader.trimmed(parts[0]), try pair(parts[1], line))
  }

  private func interval(_ text: String, _ line: Int) throws(Finding) -> ClosedRange<Double> {
    let dots = text.firstRange(of: "..")
    guard let dots, let low = Double(text[..<dots.lowerBound]), let high = Double(text[dots.upperBound...]),
      low <= high,
      high.magnitude < 1e15, low.magnitude < 1e15
    else { throw Finding(line, 1, Phrase(en: "`\(text)` is not a range", zh: "`\(text)` 不是范围")) }
    return low...high
  }

  private func trace(_ body: [(text: String, line: Int)], _ tolerance: Double) throws(Finding) -> TraceBlock {
    var block = TraceBlock(
      lines: [], prediction: nil, expected: [], tolerance: tolerance, expectLine: 0, notes: [], pause: nil)
    for (text, line) in body {
      let words = text.split(separator: " ", maxSplits: 1).map(String.init)
      let rest = words.count > 1 ? words[1] : ""
      switch words.first {
      case ">": block.lines.append(Cell.Line(input: rest, output: [], line: line))
      case "predict":
        guard let colon = rest.lastIndex(of: ":") else {
          throw Finding(line, 1, Phrase(en: "outcomes follow a colon: … : *a | b", zh: "结果写在冒号后：… : *a | b"))
        }
        let outcomes = rest[rest.index(after: colon)...].split(separator: "|").map { LessonReader.trimmed($0) }
        guard let truth = outcomes.firstIndex(where: { $0.hasPrefix("*") }) else {
          throw Finding(line, 1, Phrase(en: "the true outcome is marked *", zh: "真实结果标 *"))
        }
        block.prediction = TraceBlock.Prediction(
          question: try pair(rest[..<colon], line),
          outcomes: outcomes.map { $0.hasPrefix("*") ? String($0.dropFirst()) : $0 },
          truth: truth, line: line)
      case "expect":
        block.expectLine = line
        for word in rest.split(separator: " ") {
          let parts = word.split(separator: "=")
          guard parts.count == 2, let value = Double(parts[1]) else {
            throw Finding(line, 1, Phrase(en: "expect takes name=value", zh: "expect 写作 名字=值"))
          }
          if parts[0] == "tol" { block.tolerance = value } else { block.expected.append((String(parts[0]), value)) }
        }
      case "note": block.notes.append(try pair(rest, line))
      case "pause": block.pause = try number_(rest, or: 0, line)
      case nil: break
      default:
        throw Finding(
          line, 1,
          Phrase(
            en: "lines of a trace begin with > predict expect note or pause",
            zh: "trace 的每行以 >、predict、expect、note 或 pause 开头"))
      }
    }
    guard !block.lines.isEmpty else {
      throw Finding(body.first?.line ?? position, 1, Phrase(en: "a trace runs something: > …", zh: "trace 要有运行的行：> …"))
    }
    return block
  }
}
