import Markup
import Workbench

/// Plays one lesson over a session: a pure state machine, lines in, text out.
package struct Player: Sendable {
  package let lesson: Lesson
  package private(set) var session: Session
  /// The step being shown; equal to the number of steps at the end.
  package private(set) var position: Int
  /// Steps whose content has been shown and is done with.
  package private(set) var record: LessonRecord
  private var isAsking = false
  private var hintsShown = 0
  private var attempts = 0
  /// The lesson as it was when `:play` left it.
  private var paused: Session?

  package init(_ lesson: Lesson, session: Session, record: LessonRecord = LessonRecord()) {
    self.lesson = lesson
    self.session = session
    self.record = record
    position = lesson.steps.firstIndex { $0.id == record.step } ?? 0
    // Variables of the steps before are made again, silently.
    for step in lesson.steps[..<position] { run(step) }
  }

  package var isPlaying: Bool { paused != nil }
  package var isFinished: Bool { position >= lesson.steps.count }
  package var language: Language {
    get { session.language }
    set { session.language = newValue }
  }

  /// Replaces the settings of the screen, which may change at any time.
  package mutating func fit(width: Int, height: Int) {
    session.settings.width = width
    session.settings.height = height
  }

  private mutating func run(_ step: Step) {
    switch step.content {
    case .cell(let cell): for line in cell.lines { _ = session.submit(line.input) }
    case .trace(let block): for line in block.lines { _ = session.submit(line.input) }
    default: break
    }
  }

  // MARK: Showing

  /// The title and the first step, or where the learner left off.
  package mutating func start() -> StyledText {
    var text = StyledText("\n  \(lesson.id)  \(lesson.title[language])\n", .heading)
    if position > 0 {
      text.append(
        Phrase(
          en: "  continued at step \(position + 1) of \(lesson.steps.count)\n",
          zh: "  接着第 \(position + 1) 步，共 \(lesson.steps.count) 步\n")[language], .dim)
    } else {
      text.append(
        Phrase(
          en: "  Enter goes on; :back, :hint, :skip, :play, :lessons, :quit\n",
          zh: "  回车继续；:back 后退，:hint 提示，:skip 跳过，:play 自由试验，:quit 退出\n")[language], .dim)
    }
    text.append("\n")
    text.append(show())
    return text
  }

  /// Shows the step at hand; headings lead on to what follows them.
  private mutating func show() -> StyledText {
    var text = StyledText()
    isAsking = false
    hintsShown = 0
    attempts = 0
    while position < lesson.steps.count {
      let step = lesson.steps[position]
      record.step = step.id
      switch step.content {
      case .heading(let heading):
        text.append("  " + heading[language] + "\n\n", .heading)
        position += 1
        continue
      case .prose(let prose): text.append(Prose.render(prose[language], width: session.settings.width))
      case .cell(let cell): text.append(execute(cell.lines))
      case .ask(let ask):
        isAsking = true
        text.append(question(ask))
      case .trace(let block):
        if let prediction = block.prediction {
          isAsking = true
          for line in block.lines { text.append(echo(line.input)) }
          text.append(self.prediction(prediction))
        } else {
          text.append(execute(block.lines))
        }
      }
      return text
    }
    record.step = nil
    record.isFinished = true
    text.append(
      Phrase(en: "  End of the lesson. :lessons shows what comes next.\n", zh: "  本课结束。:lessons 查看接下来的课程。\n")[language],
      .success)
    return text
  }

  private func echo(_ input: String) -> StyledText {
    StyledText("  > ", .prompt) + Session.highlighted(input) + "\n"
  }

  private mutating func execute(_ lines: [Cell.Line]) -> StyledText {
    var text = StyledText()
    for line in lines {
      text.append(echo(line.input))
      text.append(session.submit(line.input).output)
    }
    text.append("\n")
    return text
  }

  private func question(_ ask: Ask) -> StyledText {
    var text = Prose.render(ask.question[language], width: session.settings.width)
    for (index, option) in ask.options.enumerated() { text.append("    \(index + 1)  \(option.text[language])\n") }
    return text
  }

  private func prediction(_ prediction: TraceBlock.Prediction) -> StyledText {
    var text = Prose.render(prediction.question[language], width: session.settings.width)
    for (index, outcome) in prediction.outcomes.enumerated() { text.append("    \(index + 1)  \(named(outcome))\n") }
    return text
  }

  private func named(_ outcome: String) -> String {
    switch Outcome(rawValue: outcome) {
    case .converge: Phrase(en: "it converges", zh: "收敛")[language]
    case .diverge: Phrase(en: "it diverges", zh: "发散")[language]
    case .stall: Phrase(en: "it gets nowhere", zh: "停滞不前")[language]
    case nil: outcome
    }
  }

  // MARK: Lines

  /// What a typed line leads to, commands of the session included.
  package mutating func advance(_ input: String) -> Reply {
    let isEmpty = input.allSatisfy { $0 == " " || $0 == "　" }
    if input.drop(while: { $0 == " " }).first.map({ ":?：？".contains($0) }) ?? false || paused != nil && !isEmpty {
      return mended(input) ?? session.submit(input)
    }
    if isEmpty {
      if paused != nil {
        return Reply(
          StyledText(Phrase(en: "  :return goes back to the lesson\n", zh: "  :return 回到课程\n")[language], .dim))
      }
      if isAsking {
        return Reply(
          StyledText(
            Phrase(en: "  type an answer; :hint helps, :skip goes on\n", zh: "  请输入答案；:hint 有提示，:skip 可跳过\n")[language],
            .dim))
      }
      return Reply(next())
    }
    guard isAsking, position < lesson.steps.count else { return session.submit(input) }
    if let reply = walk(input) { return reply }
    switch lesson.steps[position].content {
    case .ask(let ask): return Reply(answer(input, ask))
    case .trace(let block): return Reply(predict(input, block))
    default: return session.submit(input)
    }
  }

  /// `:fix` where an answer is wanted: the line it makes is the answer.
  private mutating func mended(_ input: String) -> Reply? {
    guard isAsking, paused == nil else { return nil }
    var trial = session
    guard let line = trial.submit(input).ran else { return nil }
    var reply = advance(line)
    reply.output = echo(line) + reply.output
    reply.ran = line
    return reply
  }

  /// A descent to be walked through is no answer to a question: it is looked at, and the question stays.
  private mutating func walk(_ input: String) -> Reply? {
    guard input.contains("step(") || input.contains("step（") else { return nil }
    var trial = session
    let reply = trial.submit(input)
    guard reply.stepper != nil else { return nil }
    session = trial
    return reply
  }

  private mutating func next() -> StyledText {
    guard position < lesson.steps.count else { return show() }
    record.done.insert(lesson.steps[position].id)
    position += 1
    return show()
  }

  private mutating func answer(_ input: String, _ ask: Ask) -> StyledText {
    let id = lesson.steps[position].id
    switch AnswerCheck.verdict(input, to: ask, in: session) {
    case .right:
      record.attempts[id, default: 0] += 1
      var text = StyledText(Phrase(en: "  Right.\n\n", zh: "  答对了。\n\n")[language], .success)
      text.append(next())
      return text
    case .failed(let output, let trial):
      session.takeFailure(from: trial)  // :fix and :why are about it
      return output
    case .wrong(let message):
      attempts += 1
      record.attempts[id, default: 0] += 1
      var text = StyledText(Phrase(en: "  Not yet: ", zh: "  还不对：")[language], .warning)
      text.append(message[language] + "\n")
      if attempts >= 2, hintsShown < ask.hints.count {
        text.append(Phrase(en: "  :hint has a hint\n", zh: "  :hint 有提示\n")[language], .dim)
      }
      return text
    }
  }

  private mutating func predict(_ input: String, _ block: TraceBlock) -> StyledText {
    guard let prediction = block.prediction, let choice = Int(input), prediction.outcomes.indices.contains(choice - 1)
    else {
      let count = block.prediction?.outcomes.count ?? 0
      return StyledText(
        Phrase(en: "  type a number from 1 to \(count)\n", zh: "  请输入 1 到 \(count) 的编号\n")[language], .dim)
    }
    let isRight = choice - 1 == prediction.truth
    record.attempts[lesson.steps[position].id, default: 0] += 1
    var text = StyledText(Phrase(en: "  Let us see.\n", zh: "  来看看。\n")[language], .dim)
    for line in block.lines.dropLast() { _ = session.submit(line.input) }
    if let last = block.lines.last { text.append(session.submit(last.input).output) }
    if let line = block.predictedLine, line != block.lines.last?.input {
      var trial = session
      text.append(echo(line))
      text.append(trial.submit(line).output)
    }
    let truth = named(prediction.outcomes[prediction.truth])
    let verdict =
      isRight
      ? Phrase(en: "  As you said: \(truth).\n\n", zh: "  如你所料：\(truth)。\n\n")
      : Phrase(en: "  No: \(truth).\n\n", zh: "  并非如此：\(truth)。\n\n")
    text.append(verdict[language], isRight ? .success : .warning)
    text.append(next())
    return text
  }

  // MARK: Commands

  /// The commands that steer a lesson; nil for one that is not the player's.
  package mutating func command(_ word: String, _ argument: String) -> StyledText? {
    switch word {
    case "back":
      var target = position - 1
      while target > 0, case .heading = lesson.steps[target].content { target -= 1 }
      position = max(0, target)
      return show()
    case "goto":
      guard let target = lesson.steps.firstIndex(where: { $0.id == argument }) else {
        let ids = lesson.steps.map(\.id).joined(separator: " ")
        return StyledText(
          Phrase(en: "  no step is called that; there are: \(ids)\n", zh: "  没有这一步；可选：\(ids)\n")[language], .warning)
      }
      position = target
      return show()
    case "skip":
      guard position < lesson.steps.count else { return show() }
      if isAsking { record.skipped.insert(lesson.steps[position].id) }
      var text = StyledText()
      if case .ask(let ask) = lesson.steps[position].content, isAsking, let model = ask.answers.first?.text {
        text.append(Phrase(en: "  One answer: \(model)\n\n", zh: "  一种答案：\(model)\n\n")[language], .dim)
      }
      position += 1
      return text + show()
    case "hint": return hint()
    case "play":
      if paused == nil { paused = session }
      return StyledText(
        Phrase(
          en: "  The lesson waits; try anything. :return restores it, :return keep keeps what you make.\n",
          zh: "  课程在这里等你，随便试。:return 恢复原状，:return keep 保留你的改动。\n")[language], .dim)
    case "return":
      guard let before = paused else {
        return StyledText(Phrase(en: "  you are in the lesson\n", zh: "  你就在课程里\n")[language], .dim)
      }
      if argument != "keep" {
        let language = session.language
        session = before
        session.language = language
      }
      paused = nil
      return show()
    case "progress":
      let done = record.done.count
      return StyledText(
        Phrase(
          en:
            "  lesson \(lesson.id): step \(min(position + 1, lesson.steps.count)) of \(lesson.steps.count), \(done) done, \(record.skipped.count) skipped\n",
          zh:
            "  第 \(lesson.id) 课：第 \(min(position + 1, lesson.steps.count)) 步，共 \(lesson.steps.count) 步；完成 \(done)，跳过 \(record.skipped.count)\n"
        )[language],
        .dim)
    default: return nil
    }
  }

  private mutating func hint() -> StyledText {
    guard position < lesson.steps.count, case .ask(let ask) = lesson.steps[position].content, isAsking else {
      return StyledText(Phrase(en: "  there is no question here\n", zh: "  这里没有问题\n")[language], .dim)
    }
    guard hintsShown < ask.hints.count else {
      return StyledText(
        Phrase(en: "  no more hints; :skip shows an answer\n", zh: "  没有更多提示；:skip 会给出一种答案\n")[language], .dim)
    }
    hintsShown += 1
    record.hints[lesson.steps[position].id] = hintsShown
    return StyledText("  " + ask.hints[hintsShown - 1][language] + "\n", .note)
  }
}
