import Interpreter
import Syntax

/// What could follow at the end of a line, shown dim behind it.
package struct Hint: Sendable, Hashable {
  /// What → types: always something that can be typed on from.
  package var continuation: String
  /// Shown behind it and never typed: what a call still wants.
  package var note: String

  package init(_ continuation: String = "", note: String = "") {
    self.continuation = continuation
    self.note = note
  }

  private static let limit = 5_000

  /// The hint for a cursor at the end of `line`; nil where there is nothing to say.
  package static func at(_ line: String, in session: Session) -> Hint? {
    guard line.utf8.count < limit, let first = line.unicodeScalars.first(where: { $0 != " " }) else { return nil }
    if first == ":" || first == "：" { return command(line) }
    if first == "?" || first == "？" { return nil }
    let context = LineContext(line)
    guard context.openText == nil else { return nil }
    if context.word.unicodeScalars.count > 1, context.path.isEmpty, let rest = restOfName(context, session) {
      return rest
    }
    guard let call = context.call, case .function(let function) = session.environment[call.callee] else { return nil }
    return remaining(of: function, call)
  }

  // MARK: Calls

  /// The parameters a call has not been given yet, as the rest of its signature.
  private static func remaining(of function: Function, _ call: LineContext.OpenCall) -> Hint? {
    var missing: [Function.Parameter] = []
    var positional = call.positional
    for parameter in function.parameters where !parameter.isMinor {
      if parameter.isVariadic {
        if positional == 0 { missing.append(parameter) }
        positional = 0
      } else if call.named.contains(parameter.name) {
        continue
      } else if positional > 0, parameter.name != "…" {
        positional -= 1
      } else {
        missing.append(parameter)
      }
    }
    let list = missing.map(function.text(of:)).joined(separator: ", ")
    if call.isEmpty { return list.isEmpty && function.parameters.isEmpty ? Hint(")") : Hint(note: list + ")") }
    if missing.contains(where: { $0.fallback == nil && !$0.isVariadic }) { return Hint(", ", note: list + ")") }
    return Hint(")", note: list.isEmpty ? "" : "  " + list)
  }

  /// The rest of the only function a name can become, with its signature.
  private static func restOfName(_ context: LineContext, _ session: Session) -> Hint? {
    let typed = context.word
    var only: String?
    for name in session.environment.variables.keys where name.hasPrefix(typed) && name != only {
      if only != nil { return nil }
      only = name
    }
    for name in session.environment.library.names where name.hasPrefix(typed) && name != only {
      if session.environment.library.canonicalName(name) != nil { continue }
      if only != nil { return nil }
      only = name
    }
    guard let only, case .function(let function) = session.environment[only] else { return nil }
    let rest = String(only.unicodeScalars.dropFirst(typed.unicodeScalars.count))
    return Hint(
      rest + "(", note: function.parameters.filter { !$0.isMinor }.map(function.text(of:)).joined(separator: ", ") + ")"
    )
  }

  // MARK: Commands

  private static func command(_ line: String) -> Hint? {
    let typed = line.drop { $0 == " " }.dropFirst()
    let word = typed.prefix { $0 != " " }
    if word.isEmpty { return nil }
    if word.count == typed.count {
      if let exact = Command.named(String(word)) {
        return exact.argument.isEmpty ? nil : Hint(" ", note: exact.argument)
      }
      let names = Command.table.map { $0.names[0] }.filter { $0.hasPrefix(word) }
      guard names.count == 1, let command = Command.named(names[0]) else { return nil }
      return Hint(
        String(names[0].dropFirst(word.count)), note: command.argument.isEmpty ? "" : " " + command.argument)
    }
    guard let command = Command.named(String(word)), typed.dropFirst(word.count).allSatisfy({ $0 == " " }),
      !command.argument.isEmpty
    else { return nil }
    return Hint(note: command.argument)
  }
}
