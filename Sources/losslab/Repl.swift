import Markup
import Tensors
import Terminal
import Workbench

/// The prompt: reads a line, hands it to the session, shows the reply, until the learner leaves.
struct Repl {
  private var session: Session
  private var capabilities: Capabilities
  private var output: Output
  private let history: History?
  private let editor: LineEditor?
  /// The keys of a terminal whose lines are edited.
  private let keyboard: Keyboard?
  private let reader = LineReader()
  private var classroom = Classroom()
  private var preferences = Preferences()

  /// - Parameter language: the one asked for; without one the locale decides.
  /// - Returns: the exit status.
  static func start(_ language: Language?) -> Int32 {
    var program = Repl(language)
    let isFine = program.run()
    if let signal = Interrupts.termination { return 128 + signal }
    return isFine ? 0 : 1
  }

  private init(_ language: Language?) {
    capabilities = Capabilities.detect()
    Interrupts.install()
    output = .standard(capabilities.theme)
    var session = Surroundings.session(language ?? Surroundings.language, capabilities)
    if capabilities.isInteractive {
      preferences.restore(&session.settings, except: Surroundings.decided(hasLanguage: language != nil, capabilities))
    }
    output.theme = session.settings.theme
    self.session = session
    if capabilities.editsLines {
      let history = History(path: History.statePath("history"))
      self.history = history
      let keyboard = Keyboard()
      self.keyboard = keyboard
      editor = LineEditor(theme: session.settings.theme, history: history, keyboard: keyboard)
    } else {
      history = nil
      keyboard = nil
      editor = nil
    }
  }

  /// - Returns: whether everything went well; a script that failed somewhere says so with its exit status.
  private mutating func run() -> Bool {
    if !capabilities.isInteractive {
      var batch = Batch(language: session.language, json: false)
      batch.run(reader)
      return !batch.hasFailed
    }
    let problems = Preferences.runInit(&session)
    follow(session.settings)
    output.write(greeting + problems)
    while true {
      switch nextLine() {
      case .line(let line): if !submit(line) { return true }
      case .interrupted:
        if editor == nil { output.write("\n") }
      case .tooLong: output.write(StyledText("…\n", .warning))
      case .end:
        if editor == nil { output.write("\n") }
        return true
      }
      if Interrupts.termination != nil { return true }
    }
  }

  private func nextLine() -> LineInput {
    if let editor {
      editor.hooks = Assistance.hooks(session, lesson: classroom.steps)
      editor.language = session.language
      editor.showsHints = session.settings.hints
      return editor.readLine(prompt: prompt)
    }
    output.write(prompt)
    return reader.next()
  }

  private var prompt: StyledText { StyledText(classroom.label + ">", .prompt) + " " }

  private var greeting: StyledText {
    let keys = Phrase(
      en: ":learn starts the course, :help shows the rest, Ctrl-D leaves", zh: ":learn 开始课程，:help 查看用法，Ctrl-D 退出")[
        session.language]
    let heading = StyledText("LossLab", .heading)
    if heading.displayWidth + 2 + keys.displayWidth <= capabilities.width {
      return heading + StyledText("  " + keys + "\n", .dim)
    }
    return heading + "\n"
      + StyledText(keys.wrapped(width: capabilities.width - 2).map { "  " + $0 + "\n" }.joined(), .dim)
  }

  /// - Returns: whether to go on.
  private mutating func submit(_ line: String) -> Bool {
    capabilities.measure()
    session.settings.fit(width: capabilities.width, height: capabilities.height)
    let progress = capabilities.editsLines ? ProgressLine(session.settings, output) : nil
    session.report = nil
    if let progress { session.report = { progress.report($0) } }
    var reply = classroom.advance(line, &session) ?? session.submit(line)
    progress?.clear()
    Interrupts.take()
    follow(session.settings)
    let typed = [line] + (reply.ran.map { [$0] } ?? [])
    if reply.stepper == nil, reply.request == nil, !reply.isPage {
      // A value is shown before anything is written to files, which takes longer than most values.
      let isAlive = output.write(reply.output)
      Output.letReadersIn()
      keep(typed)
      return isAlive
    }
    keep(typed)
    if let stepper = reply.stepper {
      var loop = StepperLoop(stepper, session.settings, capabilities)
      if let keyboard { loop.run(output.theme, keyboard) } else { loop.run(output, reader) }
      return true
    }
    switch reply.request {
    case .lesson(let word, let argument): reply.output.append(classroom.command(word, argument, &session))
    case .history(let word):
      reply.output.append(typedLines(with: word))
      reply.isPage = true
    case .quit, nil: break
    }
    let isAlive =
      reply.isPage
      ? Pager.show(reply.output, output, keyboard, capabilities, language: session.language)
      : output.write(reply.output)
    return isAlive && reply.request != .quit
  }

  /// Puts settings to work that concern more than the session.
  private mutating func follow(_ settings: Settings) {
    output.theme = settings.theme
    editor?.theme = settings.theme
  }

  /// What outlives the session: the lines and the settings. Called before the next key is waited for.
  private mutating func keep(_ lines: [String]) {
    for line in lines where history?.add(line) ?? false { editor?.remember(line) }
    preferences.keep(session.settings)
  }

  /// `:history`: the last lines, numbered, or those with a word in them.
  private func typedLines(with word: String) -> StyledText {
    let lines = (history?.lines ?? []).enumerated().filter { word.isEmpty || $0.element.contains(word) }.suffix(200)
    if lines.isEmpty {
      return StyledText(Phrase(en: "no such line yet\n", zh: "还没有这样的行\n")[session.language], .dim)
    }
    var table = Table(header: [], alignments: [.right, .left])
    for (number, line) in lines {
      let flat = String(line.map { $0 == "\n" ? " " : $0 })
      table.rows.append([StyledText(String(number + 1), .dim), Highlighting.styled(flat)])
    }
    return table.render(indent: 2)
  }
}
