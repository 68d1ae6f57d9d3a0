import Interpreter
import Markup
import Syntax

/// Ways to mend a line that failed: what `:fix` offers.
///
/// Read off the error's code, its places and the line; whatever would not parse is not offered. More than one where the
/// line has more than one reading: then the learner chooses.
struct Repair {
  /// A piece to put in place of a span of the line.
  struct Edit {
    var span: Range<Int>
    var text: String
  }

  private let diagnostic: Diagnostic
  let source: Source
  private let session: Session

  /// Whole lines, best first; none where only the learner knows.
  static func lines(for diagnostic: Diagnostic, _ source: Source, _ session: Session) -> [String] {
    guard source.scalars.count < 2_000, diagnostic.inside == nil else { return [] }
    let repair = Repair(diagnostic: diagnostic, source: source, session: session)
    var lines: [String] = []
    for edits in repair.candidates() {
      let line = repair.applied(edits)
      guard line != source.text, !lines.contains(line), (try? Parser.parse(Source(line))) != nil else { continue }
      lines.append(line)
      if lines.count == 3 { break }
    }
    return lines
  }

  private func applied(_ edits: [Edit]) -> String {
    var line = ""
    var position = 0
    for edit in edits.sorted(by: { $0.span.lowerBound < $1.span.lowerBound }) {
      guard edit.span.lowerBound >= position, edit.span.upperBound <= source.scalars.count else { return source.text }
      line += source[position..<edit.span.lowerBound] + edit.text
      position = edit.span.upperBound
    }
    return line + source[position..<source.scalars.count]
  }

  // MARK: Edits

  private func insert(_ text: String, at offset: Int) -> Edit { Edit(span: offset..<offset, text: text) }

  private func wrap(_ span: Range<Int>, _ before: String, _ after: String) -> [Edit] {
    [insert(before, at: span.lowerBound), insert(after, at: span.upperBound)]
  }

  /// Takes a piece out, with the blanks behind it.
  func removal(_ span: Range<Int>) -> [Edit] {
    var end = span.upperBound
    while end < source.scalars.count, source.scalars[end] == " " { end += 1 }
    return [Edit(span: span.lowerBound..<end, text: "")]
  }

  private var first: Range<Int> { diagnostic.labels.first?.span ?? 0..<0 }
  private var tokens: [Token] { (try? Lexer.tokens(of: source)) ?? [] }
  private var end: Int {
    let tokens = tokens
    return tokens.dropLast().last?.span.upperBound ?? source.scalars.count
  }

  private func candidates() -> [[Edit]] {
    switch diagnostic.code {
    case "E101":
      if source[first] == "=>" { return [[Edit(span: first, text: "->")], [Edit(span: first, text: ">=")]] }
      return withoutCharacter(at: first)
    case "E102": return [removal(first)]
    case "E103", "E104": return bracketsOrQuotes()
    case "E105": return diagnostic.help?.en.contains("`inf`") ?? false ? [[Edit(span: first, text: "inf")]] : []
    case "E107": return comparison() + misplaced()
    case "E108": return sideBySide()
    case "E109": return coefficient()
    case "E110": return [[Edit(span: first, text: "==")]]
    case "E201": return names()
    case "E202": return parameter() + oneVector()
    case "E204":
      return diagnostic.labels.filter { $0.text?.en.contains("×") ?? false }.map { wrap($0.span, "flatten(", ")") }
    case "E206": return field()
    case "E207": return source[first] == "0" ? [[Edit(span: first, text: "1")]] : oneVector()
    case "E208": return index()
    case "E215": return missingValues()
    case "E218": return ridge()
    case "E230":
      // Labels -1 and 1 where 0 and 1 are wanted.
      return diagnostic.help?.en.contains("(target + 1) / 2") ?? false ? [wrap(first, "(", " + 1) / 2")] : []
    case "E301": return [[Edit(span: first, text: "0.1")]]
    case "E302": return start()
    case "E304": return file()
    case "E401": return command()
    default: return []
    }
  }

  // MARK: The text of a line

  /// What is open at the end is closed there; what was never opened goes.
  private func bracketsOrQuotes() -> [[Edit]] {
    guard diagnostic.isUnfinished else {
      if diagnostic.code == "E104" { return [[insert("\\", at: first.lowerBound)]] }
      return [removal(first)]
    }
    var open = ""
    var tokens = self.tokens
    if diagnostic.code == "E104" {
      open = "\""
      tokens = (try? Lexer.tokens(of: Source(source[0..<first.lowerBound]))) ?? []
    }
    var closers: [String] = []
    for token in tokens {
      switch token.kind {
      case .symbol(.openParenthesis): closers.append(")")
      case .symbol(.openBracket): closers.append("]")
      case .symbol(.openBrace): closers.append("}")
      case .symbol(.closeParenthesis), .symbol(.closeBracket), .symbol(.closeBrace): _ = closers.popLast()
      default: break
      }
    }
    let rest = closers.reversed().joined()
    let place = diagnostic.code == "E104" ? source.scalars.count : end
    if diagnostic.code == "E104", rest.hasPrefix(")"), source.scalars.last == ")" {
      // The bracket that was meant to close the call was swallowed by the text.
      return [[insert("\"", at: source.scalars.count - 1)], [insert(open + rest, at: place)]]
    }
    return [[insert(open + rest, at: place)], [insert("|", at: place)]]
  }

  /// `a < b < c` → `a < b and b < c`
  private func comparison() -> [[Edit]] {
    let tokens = tokens
    guard let second = tokens.firstIndex(where: { $0.span == first }), second > 0 else { return [] }
    let middle = tokens[second - 1]
    guard case .symbol(let symbol) = tokens[second].kind,
      [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal].contains(symbol)
    else { return [] }
    return [[insert(" and " + source[middle.span], at: middle.span.upperBound)]]
  }

  /// `y[2:4]` → `y[2..4]`; of two operators in a row the second goes.
  private func misplaced() -> [[Edit]] {
    let tokens = tokens
    guard let place = tokens.firstIndex(where: { $0.span == first }), place > 0 else { return [] }
    let operators: Set<Symbol> = [.plus, .minus, .times, .divide, .matrixProduct, .power, .comma]
    switch (tokens[place - 1].kind, tokens[place].kind) {
    case (_, .symbol(.colon)): return [[Edit(span: first, text: "..")]]
    case (_, .symbol(.semicolon)) where first.upperBound == end: return [removal(first)]
    case (.number, .symbol(.comma)) where isThousand(tokens, after: place): return [removal(first)]
    case (.symbol(let before), .symbol(let symbol)) where operators.contains(before) && operators.contains(symbol):
      return [removal(first)]
    default: return []
    }
  }

  /// `1,000`
  private func isThousand(_ tokens: [Token], after comma: Int) -> Bool {
    guard comma + 1 < tokens.count, case .number = tokens[comma + 1].kind else { return false }
    let next = tokens[comma + 1].span
    return next.lowerBound == first.upperBound && next.count == 3
  }

  /// `w x` → `w*x` or `w(x)`; `let w = 3` → `w = 3`; `3 4` → `3*4`.
  private func sideBySide() -> [[Edit]] {
    let tokens = tokens.filter { $0.kind != .end }
    guard let left = tokens.firstIndex(where: { $0.span.lowerBound == first.lowerBound }) else { return [] }
    guard left + 1 < tokens.count else { return [] }
    let gap = tokens[left].span.upperBound..<tokens[left + 1].span.lowerBound
    let right = tokens[left + 1]
    if ["let", "var", "const", "def", "set"].contains(source[tokens[left].span]) {
      return [[Edit(span: tokens[left].span.lowerBound..<right.span.lowerBound, text: "")]]
    }
    var edits = [[Edit(span: gap, text: "*")]]
    if case .name(let name) = tokens[left].kind {
      if right.kind == .symbol(.openParenthesis) || right.kind == .symbol(.openBracket) {
        edits.append([Edit(span: gap, text: "")])
      } else {
        edits.append([Edit(span: gap, text: "("), insert(")", at: right.span.upperBound)])
      }
      if case .function = session.environment[name] { edits.reverse() }
    }
    return edits
  }

  /// `1/2x` → `1/2*x` or `1/(2*x)`
  private func coefficient() -> [[Edit]] {
    let tokens = tokens.filter { $0.span.lowerBound >= first.lowerBound && $0.span.upperBound <= first.upperBound }
    for index in tokens.indices.dropLast().reversed() {
      guard case .number = tokens[index].kind, tokens[index].span.upperBound == tokens[index + 1].span.lowerBound else {
        continue
      }
      let times = insert("*", at: tokens[index].span.upperBound)
      return [[times], [insert("(", at: tokens[index].span.lowerBound), times, insert(")", at: first.upperBound)]]
    }
    return []
  }

  // MARK: Names

  private func names() -> [[Edit]] {
    if source.text.filter({ $0 != " " }) == source[first], Command.named(source[first]) != nil {
      return [[insert(":", at: first.lowerBound)]]
    }
    let suggestions = NameSuggestions(session)
    if let dotted = suggestions.dottedName(in: source, at: first) {
      return [[Edit(span: dotted.span, text: dotted.name)]]
    }
    return suggestions.names(for: source[first]).map { [Edit(span: first, text: $0)] }
  }

  private func parameter() -> [[Edit]] {
    // The name stands before `=` before the value that the error points at.
    let tokens = tokens
    for (index, token) in tokens.enumerated() where index > 0 {
      guard case .name(let name) = tokens[index - 1].kind, token.kind == .symbol(.equals),
        index + 1 < tokens.count,
        tokens[index + 1].span.lowerBound == first.lowerBound || tokens[index - 1].span.lowerBound == first.lowerBound
      else { continue }
      guard let call = LineContext(source[0..<tokens[index - 1].span.lowerBound]).call,
        case .function(let function) = session.environment[call.callee]
      else { return [] }
      return ForeignParameters.suggestions(for: name, among: function.parameters.map(\.name)).map {
        [Edit(span: tokens[index - 1].span, text: $0)]
      }
    }
    return []
  }

  /// `mean(1, 2, 3)` → `mean([1, 2, 3])`
  private func oneVector() -> [[Edit]] {
    let tokens = tokens
    guard let argument = tokens.firstIndex(where: { $0.span.lowerBound == first.lowerBound }),
      let open = tokens[..<argument].lastIndex(where: { $0.kind == .symbol(.openParenthesis) }), open > 0,
      case .name(let name) = tokens[open - 1].kind, case .function(let function) = session.environment[name],
      function.foldsVector,
      let close = tokens[argument...].first(where: { $0.kind == .symbol(.closeParenthesis) }),
      !tokens[open..<argument].contains(where: { $0.kind == .symbol(.equals) || $0.kind == .symbol(.openBracket) })
    else { return [] }
    return [wrap(tokens[open].span.upperBound..<close.span.lowerBound, "[", "]")]
  }

  private func field() -> [[Edit]] {
    guard let dot = source[first].lastIndex(of: ".") else { return [] }
    let text = source[first]
    let name = String(text[text.index(after: dot)...])
    let base = String(text[..<dot])
    guard let value = session.environment[canonicalName(base)] else { return [] }
    return Suggestions.nearest(to: name, among: value.fieldCandidates.map(\.name)).map {
      [Edit(span: first, text: base + "." + $0)]
    }
  }

  private func index() -> [[Edit]] {
    if source[first] == "0" { return [[Edit(span: first, text: "1")]] }
    // The bound is the last number of the message.
    let digits = diagnostic.message.en.split(whereSeparator: { !$0.isNumber }).last.flatMap { Int($0) }
    guard let last = digits, last > 0, diagnostic.message.en.contains("…") else { return [] }
    return [[Edit(span: first, text: String(last))]]
  }

  private func missingValues() -> [[Edit]] {
    let text = source[first]
    guard let dot = text.firstIndex(of: "."), !text.contains("(") else { return [] }
    return [[Edit(span: first, text: "drop_missing(\(text[..<dot]))" + text[dot...])]]
  }

  /// `inverse(A)` → `inverse(A + 1e-6 * eye(2))`
  private func ridge() -> [[Edit]] {
    guard let help = diagnostic.help?.en, let start = help.firstRange(of: "A + "),
      let end = help.firstRange(of: " (ridge)")
    else { return [] }
    return [[insert(" + " + help[start.upperBound..<end.lowerBound], at: first.upperBound)]]
  }

  // MARK: The workbench

  /// A starting value for every parameter that has none.
  private func start() -> [[Edit]] {
    let tokens = tokens
    guard let open = tokens.firstIndex(where: { $0.kind == .name("descend") }), open + 2 < tokens.count,
      let close = tokens.last(where: { $0.kind == .symbol(.closeParenthesis) })
    else { return [] }
    var name = "w"
    if case .name(let goal) = tokens[open + 2].kind {
      if case .function(let function) = session.environment[goal] {
        name = function.parameters.first?.name ?? name
      } else {
        name = goal
      }
    }
    return [[insert(", \(name)=0", at: close.span.lowerBound)]]
  }

  private func file() -> [[Edit]] {
    let typed = source[first].filter { !"\"“”＂".contains($0) }
    return Suggestions.nearest(to: typed, among: Datasets.texts.keys).map { [Edit(span: first, text: "\"\($0)\"")] }
  }

  private func command() -> [[Edit]] {
    let word = source.text.drop { $0 == " " }.dropFirst().prefix { $0 != " " }
    let start = source.scalars.count - source.text.drop { $0 == " " }.unicodeScalars.count
    let span = (start + 1)..<(start + 1 + word.unicodeScalars.count)
    let names = Suggestions.nearest(to: String(word), among: Command.table.flatMap(\.names))
    return names.map { [Edit(span: span, text: $0)] }
  }
}

/// What a name without a value may have been meant to be, across libraries and languages.
struct NameSuggestions {
  private let session: Session

  init(_ session: Session) { self.session = session }

  /// Prefixes under which other libraries keep their functions.
  static let modules: Set<String> = [
    "nn", "torch", "tf", "keras", "np", "numpy", "jnp", "jax", "optax", "F", "functional", "sklearn", "metrics",
    "losses", "scipy", "math", "optim", "optimizers", "linalg", "special", "stats",
  ]

  /// `nn.MSELoss`, `tf.keras.losses.Huber`: our name for the whole.
  func dottedName(in source: Source, at span: Range<Int>) -> (span: Range<Int>, name: String)? {
    guard NameSuggestions.modules.contains(source[span]), let tokens = try? Lexer.tokens(of: source),
      var index = tokens.firstIndex(where: { $0.span == span })
    else { return nil }
    var last: Token?
    while index + 2 < tokens.count, tokens[index + 1].kind == .symbol(.dot), case .name = tokens[index + 2].kind {
      last = tokens[index + 2]
      index += 2
    }
    guard let last, case .name(let written) = last.kind else { return nil }
    let library = session.environment.library
    let name: String
    if library[written] != nil {
      name = library.canonicalName(written) ?? written
    } else if let near = Suggestions.nearest(to: written, among: library.names).first {
      name = library.canonicalName(near) ?? near
    } else {
      return nil
    }
    return (span.lowerBound..<last.span.upperBound, name)
  }

  /// Up to three of our names, nearest first.
  func names(for written: String) -> [String] {
    let library = session.environment.library
    var names: [String] = []
    for near in Suggestions.nearest(
      to: canonicalName(written), among: Array(session.environment.variables.keys) + library.names)
    {
      let name = library.canonicalName(near) ?? near
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
