import Markup

// Environments whose cells matter: cases are choices, matrices are matrices.

extension LaTeXReader {
  // MARK: cases and matrices

  func environmentName() -> String? {
    guard peek(1).kind == .symbol(.openBrace), case .name(let name) = peek(2).kind else { return nil }
    return name
  }

  mutating func grid() throws(Diagnostic) -> [Token] {
    let opener = peek
    let kind = environmentName() ?? ""
    advance()
    _ = try rawGroup()
    var rows: [[[Token]]] = [[]]
    let ends: (Token) -> Bool = { $0.isCommand(among: ["&", "\\", "end"]) }
    while true {
      // Cells end at marks that are blanks elsewhere.
      let cell = try descend { (reader) throws(Diagnostic) in try reader.sequence(until: ends) }
      if !cell.isEmpty { rows[rows.count - 1].append(cell) }
      if accept(command: "&") { continue }
      if accept(command: "\\") {
        if !rows[rows.count - 1].isEmpty { rows.append([]) }
        continue
      }
      guard accept(command: "end") else { throw Diagnostic.unclosed(opener, source) }
      _ = try rawGroup()
      break
    }
    if rows.last?.isEmpty ?? false { rows.removeLast() }
    guard let first = rows.first, !first.isEmpty else {
      throw Diagnostic.latexExpected(Phrase(en: "a row", zh: "一行"), peek, source)
    }
    return kind == "cases" ? cases(rows, at: opener.span) : matrix(rows, at: opener.span)
  }

  private func cases(_ rows: [[[Token]]], at span: Range<Int>) -> [Token] {
    var tokens: [Token] = []
    for (number, row) in rows.enumerated() {
      if number + 1 < rows.count, row.count > 1 {
        var condition = row[1]
        if case .symbol(.comma)? = condition.last?.kind { condition.removeLast() }
        tokens += [symbol(.openParenthesis, at: span), token(.name("if"), at: span)] + condition
        tokens += [token(.name("then"), at: span)] + ended(row[0]) + [token(.name("else"), at: span)]
      } else {
        tokens += ended(row[0])
        return tokens + rows.prefix(number).map { _ in symbol(.closeParenthesis, at: span) }
      }
    }
    return tokens
  }

  /// A cell without the comma that print puts before its condition.
  private func ended(_ cell: [Token]) -> [Token] {
    if case .symbol(.comma)? = cell.last?.kind { return Array(cell.dropLast()) }
    return cell
  }

  private func matrix(_ rows: [[[Token]]], at span: Range<Int>) -> [Token] {
    var tokens = [symbol(.openBracket, at: span)]
    for (number, row) in rows.enumerated() {
      if number > 0 { tokens.append(symbol(.semicolon, at: span)) }
      for (column, cell) in row.enumerated() {
        if column > 0 { tokens.append(symbol(.comma, at: span)) }
        tokens += cell
      }
    }
    return tokens + [symbol(.closeBracket, at: span)]
  }
}
