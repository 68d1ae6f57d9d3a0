import Graphs
import Markup
import Syntax
import Tensors

// Calls whose arguments are too many, too few, or by names nobody has.

extension Diagnostic {
  static func tooMany(_ count: Int, _ function: Function, at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E202",
      Phrase(
        en: "\(function.name ?? "this function") takes \(arguments(function.parameters.count)), not \(count)",
        zh: "\(function.name ?? "这个函数") 有 \(function.parameters.count) 个参数，给了 \(count) 个"), at: [Label(span)],
      help: function.foldsVector
        ? severalNumbers : Phrase(en: "it is \(function.signature)", zh: "写法：\(function.signature)"))
  }

  static let axes = Phrase(
    en: "axis=1 runs down the rows, axis=2 along each row", zh: "axis=1 沿各行向下，axis=2 沿每一行向右")
  /// `mean(1, 2, 3)`
  static let severalNumbers = Phrase(
    en: "several numbers are one vector: [1, 2, 3]", zh: "几个数要写成一个向量：[1, 2, 3]")

  private static func arguments(_ count: Int) -> String {
    switch count {
    case 0: "no argument"
    case 1: "one argument"
    default: "\(count) arguments"
    }
  }

  static func missing(_ parameter: String, _ function: Function, _ count: Int, at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E202",
      Phrase(
        en: "\(function.name ?? "this function") needs `\(parameter)` too",
        zh: "\(function.name ?? "这个函数") 还缺 `\(parameter)`"),
      at: [Label(span)], help: Phrase(en: "it is \(function.signature)", zh: "写法：\(function.signature)"))
  }

  static func unknownParameter(_ name: String, _ function: Function, at span: Range<Int>) -> Diagnostic {
    let hint = suggestion(for: name, among: function.parameters.map(\.name))
    return Diagnostic(
      "E202",
      Phrase(
        en: "\(function.name ?? "this function") has no parameter `\(name)`",
        zh: "\(function.name ?? "这个函数") 没有参数 `\(name)`"), at: [Label(span)],
      help: hint
        + Phrase(
          en: (hint.en.isEmpty ? "it is " : "The call is ") + function.signature, zh: "写法：\(function.signature)"))
  }

  /// A name that may be a parameter of a builtin or of the function it is given: `descend(L, w=0, lr=0.1)`.
  static func unknownParameter(
    _ name: String, _ function: Function, within outer: Function, at span: Range<Int>
  ) -> Diagnostic {
    let options = outer.parameters.filter { $0.fallback != nil && $0.name != "…" }.map(\.name)
    let names = function.parameters.map(\.name)
    let caller = outer.name ?? ""
    let callee = (en: function.name ?? "the function", zh: function.name.map { " \($0) " } ?? "这个函数")
    let (theirs, own) = (options.joined(separator: ", "), names.joined(separator: ", "))
    return Diagnostic(
      "E202",
      Phrase(
        en: "neither \(caller) nor \(callee.en) has a parameter `\(name)`",
        zh: "\(caller) 和\(callee.zh)都没有参数 `\(name)`"), at: [Label(span)],
      help: suggestion(for: name, among: options + names)
        + Phrase(
          en: "\(caller) takes \(theirs); \(callee.en) takes \(own)",
          zh: "\(caller) 的参数有 \(theirs)；\(function.name ?? "这个函数")的参数有 \(own)"))
  }

  private static func suggestion(for name: String, among parameters: [String]) -> Phrase {
    ForeignParameters.suggestions(for: name, among: parameters).first.map {
      Phrase(en: "did you mean \($0)=? ", zh: "是不是 \($0)=？")
    } ?? Phrase(verbatim: "")
  }

  static func givenTwice(_ name: String, at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E202", Phrase(en: "`\(name)` is given twice", zh: "`\(name)` 给了两次"), at: [Label(span)],
      help: Phrase(en: "keep one of them", zh: "只留一个"))
  }
}
