import Markup
import Syntax

/// The styles of a line while it is typed.
package enum Highlighting {
  /// Lines longer than this are shown plain: a paste of a megabyte must not wait for its colours.
  private static let limit = 5_000

  /// The same characters with styles, whatever they are; what cannot be read is left plain.
  package static func styled(_ line: String) -> StyledText {
    let source = Source(line)
    guard source.scalars.count <= limit, let first = source.scalars.first(where: { $0 != " " }) else {
      return StyledText(line)
    }
    if first == ":" || first == "：" { return command(line) }
    if first == "?" || first == "？" { return StyledText(line, .command) }
    do {
      return styled(try Lexer.tokens(of: source), source, upTo: source.scalars.count)
    } catch {
      // Up to the place that cannot be read the line is as clear as ever.
      let place = min(error.labels.first?.span.lowerBound ?? 0, source.scalars.count)
      let readable = Source(source[0..<place])
      var text = styled((try? Lexer.tokens(of: readable)) ?? [], readable, upTo: place)
      text.append(source[place..<source.scalars.count], error.isUnfinished ? .string : .error)
      return text
    }
  }

  private static func styled(_ tokens: [Token], _ source: Source, upTo end: Int) -> StyledText {
    var text = StyledText()
    var position = 0
    for (index, token) in tokens.enumerated() where token.kind != .end {
      let gap = source[position..<token.span.lowerBound]
      text.append(gap, gap.contains("#") ? .comment : .plain)
      text.append(source[token.span], style(token, next: tokens[min(index + 1, tokens.count - 1)]))
      position = token.span.upperBound
    }
    let rest = source[position..<end]
    text.append(rest, rest.contains("#") || rest.contains("＃") ? .comment : .plain)
    return text
  }

  /// A command's word and what it is given.
  private static func command(_ line: String) -> StyledText {
    let lead = line.prefix { $0 == " " }
    let word = line.dropFirst(lead.count).prefix { $0 != " " }
    var text = StyledText(String(lead))
    text.append(String(word), .command)
    text.append(String(line.dropFirst(lead.count + word.count)), .name)
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
