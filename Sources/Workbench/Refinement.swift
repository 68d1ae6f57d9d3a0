import Interpreter
import Markup
import Syntax

/// What the session knows about an error that the parser and the evaluator cannot: the commands, and the habits of
/// other languages.
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
      } else if let habit = habits[word] {
        refined.help = habit
      }
    case "E107", "E108":
      if error.code == "E108", source.text.hasPrefix("d/d") {
        refined.help = Phrase(en: "a derivative is ∂(x^2)/∂x, or f' of a function f", zh: "求导写 ∂(x^2)/∂x；函数 f 的导数写 f'")
        break
      }
      guard let tokens = try? Lexer.tokens(of: source), let first = tokens.first, case .name(let word) = first.kind,
        let habit = habits[word]
      else { break }
      refined.labels = [.init(first.span)]
      refined.message = Phrase(en: "`\(word)` is not a word of this language", zh: "这里没有 `\(word)` 这种写法")
      refined.help = habit
    default: break
    }
    return refined
  }

  /// Words that other languages need and this one does not, with what is written here.
  private static let habits: [String: Phrase] = {
    let naming = Phrase(en: "a name gets its value by w = 3", zh: "给名字赋值直接写 w = 3")
    let function = Phrase(
      en: "a function is f(x) = x^2, or x -> x^2 without a name", zh: "函数写 f(x) = x^2；没有名字的写 x -> x^2")
    let loop = Phrase(en: "a loop is repeat 10 { w = w - 0.1*L'(w) }", zh: "循环写 repeat 10 { w = w - 0.1*L'(w) }")
    let module = Phrase(en: "nothing needs importing: type mse(…) at once", zh: "不需要导入，直接写 mse(…)")
    let vector = Phrase(en: "a vector is [1, 2, 3], a matrix [1, 2; 3, 4]", zh: "向量写 [1, 2, 3]，矩阵写 [1, 2; 3, 4]")
    return [
      "let": naming, "var": naming, "const": naming, "set": naming, "def": function, "lambda": function,
      "function": function, "func": function, "fn": function, "for": loop, "while": loop, "import": module,
      "from": module, "using": module, "array": vector, "tensor": vector, "list": vector, "vector": vector,
      "return": Phrase(en: "a function is worth its expression: f(x) = x^2", zh: "函数的值就是它的表达式：f(x) = x^2"),
      "True": Phrase(en: "it is written true", zh: "写作 true"),
      "False": Phrase(en: "it is written false", zh: "写作 false"),
      "None": Phrase(en: "leave out what has no value", zh: "没有值就不写"),
    ]
  }()
}
