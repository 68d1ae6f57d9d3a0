import Interpreter
import Markup
import Syntax
import Tensors

/// What builtins that draw ask of their arguments.
extension Call {
  var settings: Settings { evaluator.surroundings as? Settings ?? Settings() }

  func function(_ name: String) throws(Diagnostic) -> Function {
    guard case .function(let function) = try operand(name) else {
      throw Diagnostic.wrongKind(
        try operand(name), Phrase(en: "\(self.function) takes a function here", zh: "\(self.function) 这里需要函数"),
        at: place(name))
    }
    return function
  }

  func vector(_ name: String) throws(Diagnostic) -> [Double] {
    let value = try operand(name)
    let tensor = try evaluator.tensor(value, at: place(name))
    // A column is a vector too.
    guard tensor.rank == 1 || tensor.rank == 2 && tensor.shape[1] == 1 else {
      throw Diagnostic.wrongKind(
        value, Phrase(en: "\(function) takes a vector here", zh: "\(function) 这里需要向量"), at: place(name))
    }
    return tensor.elements
  }

  func text(_ name: String) throws(Diagnostic) -> String? {
    guard let value = values[name] else { return nil }
    guard case .text(let text) = value else {
      throw Diagnostic.wrongKind(
        value, Phrase(en: "\(name)= takes a text in quotes", zh: "\(name)= 需要带引号的文本"), at: place(name))
    }
    return text
  }

  /// A range with two different, finite ends.
  func range(_ value: Value, called name: String) throws(Diagnostic) -> Interval {
    guard case .range(let range) = value else {
      throw Diagnostic.wrongKind(
        value, Phrase(en: "a picture needs a range from low to high", zh: "画图需要从小到大的范围"), at: place(name),
        help: Phrase(verbatim: "\(name)=-3..3"))
    }
    guard range.lower.isFinite, range.upper.isFinite, range.upper > range.lower else {
      throw diagnostic(
        "E205", Phrase(en: "a picture needs a range from low to high, both finite", zh: "画图的范围应从小到大，两端有限"), at: name,
        help: Phrase(verbatim: "\(name)=-3..3"))
    }
    return range
  }

  /// Two vectors of one length, or an error that names both.
  func sameLength(_ a: String, _ b: String) throws(Diagnostic) -> ([Double], [Double]) {
    let (first, second) = (try vector(a), try vector(b))
    guard first.count == second.count else {
      throw Diagnostic(
        "E203",
        Phrase(
          en: "\(function) takes two vectors of one length", zh: "\(function) 需要两个等长的向量"),
        at: [
          .init(place(a), Diagnostic.shapeText([first.count])), .init(place(b), Diagnostic.shapeText([second.count])),
        ])
    }
    return (first, second)
  }

  /// What an argument is called on a picture: the name it was given by, if it was a name.
  func written(_ name: String) -> String? { evaluator.name(at: place(name)) }
}
