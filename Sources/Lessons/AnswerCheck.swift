import Interpreter
import Markup
import Syntax
import Tensors
import Workbench

/// Whether an answer is right: by value, or as a function on drawn vectors, so that any right form passes.
enum AnswerCheck {
  enum Verdict: Sendable {
    case right
    case wrong(Phrase)
    /// It could not be evaluated; the session's own error text says why.
    case failed(StyledText, in: Session)
  }

  /// How many draws a property must survive.
  private static let draws = 6

  static func verdict(_ answer: String, to ask: Ask, in session: Session) -> Verdict {
    if ask.kind == .choice { return choice(answer, ask) }
    if let difference = compare(answer, ask.answers[0].text, ask, session) {
      switch difference {
      case .right: return .right
      case .failed: return difference
      case .wrong:
        for wrong in ask.wrong {
          if case .right? = compare(answer, wrong.answer, ask, session) { return .wrong(wrong.message) }
        }
        return difference
      }
    }
    return .right
  }

  private static func choice(_ answer: String, _ ask: Ask) -> Verdict {
    let text = answer.lowercased()
    let letters = Array("abcdefgh")
    let index = Int(text).map { $0 - 1 } ?? text.first.flatMap { text.count == 1 ? letters.firstIndex(of: $0) : nil }
    guard let index, ask.options.indices.contains(index) else {
      return .wrong(
        Phrase(en: "type the number of your choice, 1 to \(ask.options.count)", zh: "请输入选项的编号，1 到 \(ask.options.count)")
      )
    }
    let option = ask.options[index]
    return option.isRight ? .right : .wrong(option.message ?? Phrase(en: "not this one", zh: "不是这一项"))
  }

  private static func compare(_ answer: String, _ model: String, _ ask: Ask, _ session: Session) -> Verdict? {
    guard case .property(let variables, let lengths, let range, let seed) = ask.kind else {
      return compare(answer, model, ask.tolerance, session, session, suffix: nil)
    }
    var source = RandomSource(seed: seed)
    for _ in 0..<draws {
      let length = lengths.lowerBound + source.below(lengths.count)
      var copy = session
      for name in variables {
        let elements = (0..<length).map { _ in
          range.lowerBound + (range.upperBound - range.lowerBound) * source.uniform()
        }
        copy.define(name, Tensor(vector: elements))
      }
      let verdict = compare(answer, model, ask.tolerance, copy, copy, suffix: length)
      if case .right? = verdict { continue }
      return verdict
    }
    return .right
  }

  private static func compare(
    _ answer: String, _ model: String, _ tolerance: Double, _ first: Session, _ second: Session, suffix length: Int?
  ) -> Verdict? {
    var (mine, theirs) = (first, second)
    let reply = mine.submit(answer)
    if reply.diagnostic != nil { return .failed(reply.output, in: mine) }
    let expected = theirs.submit(model)
    guard let value = reply.value, let wanted = expected.value else {
      return .wrong(Phrase(en: "this gives no value", zh: "这没有得出值"))
    }
    guard let difference = value.difference(from: wanted, tolerance: tolerance) else { return .right }
    guard let length else { return .wrong(difference) }
    return .wrong(Phrase(en: "n = \(length): \(difference.en)", zh: "n = \(length)：\(difference.zh)"))
  }
}
