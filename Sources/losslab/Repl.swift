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
  private let reader = LineReader()
  private var classroom = Classroom()

  init(_ options: SessionOptions) {
    capabilities = Capabilities.detect()
    Interrupts.install()
    output = .standard(capabilities.theme)
    let session = Surroundings.session(options.language, capabilities)
    self.session = session
    if capabilities.editsLines {
      let history = History(path: History.statePath("history"))
      self.history = history
      editor = LineEditor(theme: capabilities.theme, history: history)
    } else {
      history = nil
      editor = nil
    }
  }

  /// - Returns: whether everything went well; a script that failed somewhere says so with its exit status.
  mutating func run() -> Bool {
    if !capabilities.isInteractive {
      var batch = Batch(language: session.language, json: false)
      batch.run(reader)
      return !batch.hasFailed
    }
    output.write(greeting)
    while true {
      switch nextLine() {
      case .line(let line):
        if history?.add(line) ?? false { editor?.remember(line) }
        if !submit(line) { return true }
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
      editor.hooks = hooks
      editor.language = session.language
      editor.showsHints = session.settings.hints
      return editor.readLine(prompt: prompt)
    }
    output.write(prompt)
    return reader.next()
  }

  /// What the editor may ask about the line being typed, answered by the session as it now stands.
  private var hooks: EditorHooks {
    var hooks = EditorHooks()
    hooks.highlight = Session.highlighted
    hooks.isUnfinished = Session.isUnfinished
    return hooks
  }

  private var prompt: StyledText { StyledText(classroom.label + ">", .prompt) + " " }

  private var greeting: StyledText {
    var text = StyledText("LossLab", .heading)
    text.append(
      Phrase(
        en: "  :learn starts the course, :help shows the rest, Ctrl-D leaves\n",
        zh: "  :learn 开始课程，:help 查看用法，Ctrl-D 退出\n")[session.language], .dim)
    return text
  }

  /// - Returns: whether to go on.
  private mutating func submit(_ line: String) -> Bool {
    capabilities.measure()
    session.settings.width = capabilities.width
    session.settings.height = capabilities.height
    let progress = capabilities.editsLines ? ProgressLine(session.settings, output) : nil
    session.report = nil
    if let progress { session.report = { progress.report($0) } }
    var reply = classroom.advance(line, &session) ?? session.submit(line)
    progress?.clear()
    Interrupts.take()
    if case .lesson(let word, let argument) = reply.request {
      reply.output.append(classroom.command(word, argument, &session))
    }
    if let stepper = reply.stepper {
      var loop = StepperLoop(stepper, session.settings, capabilities)
      if editor == nil { loop.run(output, reader) } else { loop.run(output.theme) }
      return true
    }
    if !output.write(reply.output) { return false }
    switch reply.request {
    case .quit: return false
    case .theme(let name):
      if let theme = Theme(rawValue: name) {
        output.theme = theme
        editor?.theme = theme
      }
    case .lesson, nil: break
    }
    return true
  }
}
