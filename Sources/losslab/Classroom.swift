import Lessons
import Markup
import Terminal
import Workbench

/// The lesson that is being played in a prompt, if any, and the progress file behind it.
struct Classroom {
  private(set) var player: Player?
  private var progress: Progress?

  /// Read when a lesson first asks for it: a prompt without lessons pays nothing.
  private mutating func loadedProgress() -> Progress {
    if let progress { return progress }
    let loaded = Progress(path: History.statePath("progress.json"))
    progress = loaded
    return loaded
  }

  private var files: [(name: String, text: String)] { LessonLibrary.files }

  // MARK: Commands about lessons

  /// What `:learn 2`, `:back` and the like lead to.
  mutating func command(_ word: String, _ argument: String, _ session: inout Session) -> StyledText {
    switch word {
    case "lessons": return table(session.language)
    case "learn": return learn(argument, &session)
    case "progress" where player == nil: return table(session.language)
    default:
      guard var current = player else {
        return StyledText(
          Phrase(en: "no lesson is open; :learn 0 starts the tour\n", zh: "没有打开的课程；:learn 0 开始导览\n")[session.language],
          .dim)
      }
      let text = current.command(word, argument) ?? StyledText()
      keep(current)
      return text
    }
  }

  private mutating func learn(_ argument: String, _ session: inout Session) -> StyledText {
    let progress = loadedProgress()
    let id = argument.isEmpty ? next(progress) : argument
    guard let lesson = LessonLibrary.lesson(id) else {
      let known = files.map { LessonLibrary.id(of: $0.name) }.joined(separator: ", ")
      return StyledText(
        Phrase(en: "there is no lesson `\(id)`; there are \(known)\n", zh: "没有第 `\(id)` 课；现有 \(known)\n")[
          session.language], .warning)
    }
    var record = progress[lesson.id]
    if record.isFinished { record.step = nil }
    var player = Player(lesson, session: session, record: record)
    var text = StyledText()
    if let copy = progress.damagedCopy {
      text.append(
        Phrase(en: "the progress file was damaged; it is kept as \(copy)\n", zh: "进度文件已损坏，原件保留在 \(copy)\n")[
          session.language], .warning)
    }
    text.append(player.start())
    keep(player)
    return text
  }

  /// The lesson after the last finished one.
  private func next(_ progress: Progress) -> String {
    let ids = files.map { LessonLibrary.id(of: $0.name) }
    return ids.first { !progress[$0].isFinished } ?? ids.first ?? "00"
  }

  private mutating func table(_ language: Language) -> StyledText {
    let progress = loadedProgress()
    var table = Table(header: [], alignments: [.right, .left, .left])
    for file in files {
      let id = LessonLibrary.id(of: file.name)
      guard let lesson = LessonLibrary.lesson(id) else { continue }
      let record = progress[id]
      let state: Phrase
      if record.isFinished {
        state = Phrase(en: "finished", zh: "已完成")
      } else if record.done.isEmpty {
        state = Phrase(verbatim: "")
      } else {
        state = Phrase(
          en: "\(record.done.count) of \(lesson.steps.count) steps", zh: "\(record.done.count)/\(lesson.steps.count) 步")
      }
      table.rows.append([
        StyledText(id, .number), StyledText(lesson.title[language], .strong), StyledText(state[language], .dim),
      ])
    }
    return table.render(indent: 2)
      + StyledText(
        Phrase(en: "  :learn 0 opens one; :learn goes on where you are\n", zh: "  :learn 0 打开一课；:learn 接着学\n")[
          language], .dim)
  }

  // MARK: Lines in a lesson

  /// A line for the lesson; nil if none is open.
  mutating func advance(_ line: String, _ session: inout Session) -> Reply? {
    guard var current = player else { return nil }
    current.language = session.language
    current.fit(width: session.settings.width, height: session.settings.height)
    let reply = current.advance(line)
    session = current.session
    keep(current)
    return reply
  }

  private mutating func keep(_ current: Player) {
    player = current
    progress?.save(current.lesson.id, current.record)
    if current.isFinished { player = nil }
  }

  /// The steps `:goto` can go to.
  var steps: [String] { player?.lesson.steps.map(\.id) ?? [] }

  /// What stands before the prompt's sign.
  var label: String {
    guard let player else { return "loss" }
    return player.isPlaying ? "play" : player.lesson.id
  }
}
