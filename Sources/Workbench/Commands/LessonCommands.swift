import Markup

// Commands about lessons, which the program around the session plays.

extension Command {
  private static func lesson(
    _ names: [String], _ argument: String, _ summary: Phrase, kind: ArgumentKind = .none
  ) -> Command {
    Command(names, argument, summary, kind: kind, in: .lesson) { (_, rest, _) in
      var reply = Reply()
      reply.request = .lesson(names[0], rest)
      return reply
    }
  }

  static let lessonsCommand = lesson(["lessons"], "", Phrase(en: "the course", zh: "课程目录"))
  static let learnCommand = lesson(["learn"], "N", Phrase(en: "start or resume a lesson", zh: "开始或继续一课"), kind: .lesson)
  static let playCommand = lesson(["play"], "", Phrase(en: "leave the lesson to try things", zh: "暂离课程，自由试验"))
  static let returnCommand = lesson(["return"], "", Phrase(en: "go back to the lesson as it was", zh: "回到课程，恢复原状"))
  static let hintCommand = lesson(["hint"], "", Phrase(en: "a hint for the question", zh: "给当前问题一个提示"))
  static let skipCommand = lesson(["skip"], "", Phrase(en: "skip the question", zh: "跳过当前问题"))
  static let backCommand = lesson(["back"], "", Phrase(en: "one step back", zh: "后退一步"))
  static let gotoCommand = lesson(["goto"], "ID", Phrase(en: "jump to a step", zh: "跳到某一步"), kind: .step)
  static let progressCommand = lesson(["progress"], "", Phrase(en: "what you have done", zh: "学习进度"))
}
