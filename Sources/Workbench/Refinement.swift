import Interpreter
import Markup
import Syntax

/// What the session knows about an error that the parser and the evaluator cannot: the commands, and the words that
/// other languages begin a line with.
enum Refinement {
  static func refined(_ error: Diagnostic, _ source: Source, _ session: Session) -> Diagnostic {
    guard error.inside == nil, let place = error.labels.first?.span, place.upperBound <= source.scalars.count else {
      return error
    }
    var refined = error
    switch error.code {
    case "E201":
      let word = source[place]
      if source.text.filter({ $0 != " " }) == word, Command.named(word) != nil {
        refined.help = Phrase(en: "commands start with a colon: :\(word)", zh: "命令以冒号开头：:\(word)")
      }
    case "E107", "E108":
      if error.code == "E108", source.text.hasPrefix("d/d") {
        refined.help = Phrase(en: "a derivative is ∂(x^2)/∂x, or f' of a function f", zh: "求导写 ∂(x^2)/∂x；函数 f 的导数写 f'")
        break
      }
      guard let tokens = try? Lexer.tokens(of: source), let first = tokens.first, case .name(let word) = first.kind,
        let habit = ForeignNames.words[word]
      else { break }
      refined.labels = [.init(first.span)]
      refined.message = Phrase(en: "`\(word)` is not a word of this language", zh: "这里没有 `\(word)` 这种写法")
      refined.help = habit
    default: break
    }
    return refined
  }
}
