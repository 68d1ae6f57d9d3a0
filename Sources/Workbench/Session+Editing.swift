import Markup
import Syntax

extension Session {
  /// Whether a line ends inside a bracket or before the right side of a definition, so that a prompt should ask for more.
  package static func isUnfinished(_ line: String) -> Bool { Syntax.isUnfinished(line) }

  /// A line with the styles of its words; the same characters, whatever they are.
  package static func highlighted(_ line: String) -> StyledText {
    let source = Source(line)
    guard let first = source.scalars.first(where: { $0 != " " }) else { return StyledText(line) }
    if first == ":" || first == "?" || first == "：" || first == "？" { return StyledText(line, .command) }
    guard source.scalars.count < 5_000, let tokens = try? Lexer.tokens(of: source) else { return StyledText(line) }
    var text = StyledText()
    var position = 0
    for (index, token) in tokens.enumerated() where token.kind != .end {
      let gap = source[position..<token.span.lowerBound]
      text.append(gap, gap.contains("#") ? .comment : .plain)
      text.append(source[token.span], style(token, next: tokens[min(index + 1, tokens.count - 1)]))
      position = token.span.upperBound
    }
    let rest = source[position..<source.scalars.count]
    text.append(rest, rest.contains("#") ? .comment : .plain)
    return text
  }

  private static func style(_ token: Token, next: Token) -> Style {
    switch token.kind {
    case .number, .superscript: .number
    case .text: .string
    case .name(let name) where Parser.isKeyword(name): .keyword
    case .name: next.kind == .symbol(.openParenthesis) && !next.spaced ? .function : .name
    case .symbol(.sum), .symbol(.product), .symbol(.nabla), .symbol(.partial): .keyword
    case .symbol: .operator
    case .command: .keyword
    case .end: .plain
    }
  }
}
