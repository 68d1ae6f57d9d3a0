import Descent
import Interpreter
import Markup
import Syntax

/// `sgd()`, `momentum(0.9)`: an optimizer as a value, one builtin per row of the table.
enum OptimizerBuiltins {
  static let rows: [Builtin] = Optimizers.table.map { row in
    Builtin(
      row.name, row.settings.map { Function.Parameter($0.name, fallback: .value(.number($0.fallback))) }, doc: row.doc,
      example: "descend(w -> (w - 3)^2, w=0, steps=3, with=\(row.name))"
    ) { (call) throws(Diagnostic) in
      var settings: [Double] = []
      for setting in row.settings {
        let value = try call.evaluator.number(call.operand(setting.name), at: call.place(setting.name))
        guard value >= 0, value < 1 else {
          throw call.diagnostic(
            "E301",
            Phrase(en: "\(setting.name) must be from 0 to below 1", zh: "\(setting.name) 应在 0 与 1 之间（不含 1）"),
            at: setting.name)
        }
        settings.append(value)
      }
      return .object(OptimizerObject(optimizer: row.make(settings)))
    }
  }
}

struct OptimizerObject: Presentable {
  let optimizer: any Optimizer
  var kind: String { "record" }
  var fieldNames: [String] { [] }
  func field(_ name: String) -> Value? { nil }
  func element(_ index: Int) -> Value? { nil }
  func text(_ settings: Settings) -> StyledText {
    StyledText(optimizer.name, .function) + StyledText("   " + optimizer.rule.joined(separator: ",  "), .dim)
  }
  var json: String { "{\"optimizer\":" + JSONText.string(optimizer.name) + "}" }
  func description(_ language: Language) -> String { optimizer.rule.joined(separator: ", ") }
}
