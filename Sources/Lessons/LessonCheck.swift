import Interpreter
import Markup
import Workbench

/// Proves a lesson in one language: outputs are what the session prints, model answers pass, wrong ones fail with their
/// message, predictions come true.
package enum LessonCheck {
  package static func findings(_ text: String, id: String, language: Language) -> [Finding] {
    let lesson: Lesson
    do throws(Finding) {
      lesson = try LessonReader.lesson(text, id: id)
    } catch {
      return [error]
    }
    var session = Session(language: language)
    session.settings.timeLimit = 30
    var findings: [Finding] = []
    for step in lesson.steps {
      switch step.content {
      case .heading, .prose: break
      case .cell(let cell): check(cell, &session, &findings)
      case .ask(let ask): check(ask, step, session, &findings)
      case .trace(let block): check(block, &session, &findings)
      }
    }
    return findings
  }

  private static func check(_ cell: Cell, _ session: inout Session, _ findings: inout [Finding]) {
    for line in cell.lines {
      let reply = session.submit(line.input)
      if reply.diagnostic != nil, line.output.isEmpty {
        findings.append(
          Finding(line.line, 3, Phrase(en: "this fails: \(reply.output.plain)", zh: "这一行出错：\(reply.output.plain)")))
      }
      guard !line.output.isEmpty else { continue }
      let printed = reply.output.plain.split(separator: "\n").filter { !$0.hasPrefix("note:") && !$0.hasPrefix("注意：") }
      let wanted = line.output.filter { !$0.isEmpty }
      let agrees =
        printed.count == wanted.count && zip(printed, wanted).allSatisfy { isSame(String($0), $1, cell.tolerance) }
      if !agrees {
        let shown = printed.joined(separator: "\n")
        findings.append(Finding(line.line, 3, Phrase(en: "the output is now:\n\(shown)", zh: "现在的输出是：\n\(shown)")))
      }
    }
  }

  /// Words and numbers in turn; numbers agree within the tolerance.
  static func isSame(_ a: String, _ b: String, _ tolerance: Double) -> Bool {
    if a == b { return true }
    let separators: Set<Character> = [" ", "[", "]", ",", ";", "="]
    let (mine, theirs) = (a.split { separators.contains($0) }, b.split { separators.contains($0) })
    guard mine.count == theirs.count else { return false }
    return zip(mine, theirs).allSatisfy { x, y in
      if x == y { return true }
      guard let p = Double(x), let q = Double(y) else { return false }
      return (p - q).magnitude <= tolerance * max(1, p.magnitude, q.magnitude)
    }
  }

  private static func check(_ ask: Ask, _ step: Step, _ session: Session, _ findings: inout [Finding]) {
    for answer in ask.answers {
      switch AnswerCheck.verdict(answer.text, to: ask, in: session) {
      case .right: break
      case .wrong(let message):
        findings.append(
          Finding(answer.line, 3, Phrase(en: "this answer should pass: \(message.en)", zh: "这个答案应当通过：\(message.zh)")))
      case .failed(let output, _):
        findings.append(
          Finding(answer.line, 3, Phrase(en: "this answer fails: \(output.plain)", zh: "这个答案出错：\(output.plain)")))
      }
    }
    for wrong in ask.wrong {
      switch AnswerCheck.verdict(wrong.answer, to: ask, in: session) {
      case .wrong(let message) where message == wrong.message: break
      case .right: findings.append(Finding(wrong.line, 3, Phrase(en: "this wrong answer passes", zh: "这个错误答案竟然通过")))
      case .wrong(let message):
        findings.append(
          Finding(
            wrong.line, 3, Phrase(en: "another message comes first: \(message.en)", zh: "先出现的是另一条说明：\(message.zh)")))
      case .failed(let output, _):
        findings.append(
          Finding(wrong.line, 3, Phrase(en: "this cannot be evaluated: \(output.plain)", zh: "这一行无法求值：\(output.plain)"))
        )
      }
    }
    if ask.kind == .choice {
      for option in ask.options where !option.isRight && option.message == nil {
        findings.append(
          Finding(
            step.line, 1,
            Phrase(en: "a wrong option has no message: \(option.text.en)", zh: "有错误选项没有说明：\(option.text.zh)")))
      }
    }
  }

  private static func check(_ block: TraceBlock, _ session: inout Session, _ findings: inout [Finding]) {
    let before = session
    var last: Reply?
    for line in block.lines {
      let reply = session.submit(line.input)
      if reply.diagnostic != nil {
        findings.append(
          Finding(line.line, 3, Phrase(en: "this fails: \(reply.output.plain)", zh: "这一行出错：\(reply.output.plain)")))
      }
      last = reply
    }
    for (name, value) in block.expected {
      guard case .object(let object)? = last?.value, let found = object.field(name)?.numbers?.elements.last else {
        findings.append(
          Finding(block.expectLine, 1, Phrase(en: "there is no `\(name)` in the trace", zh: "轨迹里没有 `\(name)`")))
        continue
      }
      if !((found - value).magnitude <= block.tolerance * max(1, value.magnitude)) {
        findings.append(
          Finding(
            block.expectLine, 1,
            Phrase(en: "\(name) ends at \(found), not \(value)", zh: "\(name) 最后是 \(found)，不是 \(value)")))
      }
    }
    guard let prediction = block.prediction, let line = block.predictedLine else { return }
    var trial = before
    for line in block.lines.dropLast() { _ = trial.submit(line.input) }
    guard let outcome = Outcome(of: trial.submit(line).value) else {
      findings.append(
        Finding(
          prediction.line, 1,
          Phrase(en: "the prediction cannot be confirmed by running `\(line)`", zh: "运行 `\(line)` 无法验证这个预测")))
      return
    }
    if prediction.outcomes[prediction.truth] != outcome.rawValue {
      findings.append(
        Finding(
          prediction.line, 1,
          Phrase(en: "running `\(line)` shows: \(outcome.rawValue)", zh: "运行 `\(line)` 的结果是：\(outcome.rawValue)")))
    }
  }

  /// The text with the translation hashes brought up to date.
  package static func blessed(_ text: String) -> String {
    var result: [String] = []
    var chinese: [Substring]?
    var latest = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("::: zh") {
        chinese = []
      } else if line == ":::", let body = chinese {
        latest = body.joined(separator: "\n")
        chinese = nil
      } else if chinese != nil {
        chinese?.append(line)
      }
      result.append(line.hasPrefix("::: en") ? "::: en zh=" + LessonReader.hash(latest) : String(line))
    }
    return result.joined(separator: "\n")
  }
}
