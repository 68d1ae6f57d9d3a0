import Syntax

/// What stands before the cursor: the word being typed, and the calls, the text or the chain of fields it is in.
///
/// Read from tokens alone, because a line that is still being typed seldom parses.
struct LineContext {
  /// A call whose bracket is still open.
  struct OpenCall {
    let callee: String
    /// The first argument when it is a plain name: `descend(L, …` takes the parameters of L.
    var firstArgument: String?
    /// Arguments without a name that are finished or begun.
    var positional = 0
    var named: Set<String> = []
    /// The parameter whose value is being typed: `delta` in `delta=1`.
    var current: String?
    /// Nothing of the argument at the cursor has been typed.
    var isEmpty = true
  }

  /// Innermost last; nil for a bracket that calls nothing.
  private(set) var brackets: [OpenCall?] = []
  /// The name that touches the cursor, as typed, and where it starts.
  private(set) var word = ""
  private(set) var wordStart: Int
  /// Names before the last dots: `t`, `gradient` in `t.gradient.w`.
  private(set) var path: [String] = []
  /// The text in quotes that is still open.
  private(set) var openText: String?

  var call: OpenCall? { brackets.last ?? nil }

  init(_ before: String) {
    var source = Source(before)
    wordStart = source.scalars.count
    var tokens: [Token]
    do {
      tokens = try Lexer.tokens(of: source)
    } catch {
      guard error.code == "E104", let quote = error.labels.first?.span.lowerBound, error.isUnfinished else { return }
      openText = source[(quote + 1)..<source.scalars.count]
      wordStart = quote + 1
      source = Source(source[0..<quote])
      tokens = (try? Lexer.tokens(of: source)) ?? []
    }
    if tokens.last?.kind == .end { tokens.removeLast() }
    read(tokens)
    guard openText == nil else {
      if var inner = call {
        inner.isEmpty = false
        brackets[brackets.count - 1] = inner
      }
      return
    }
    // A name at the cursor is still being typed, unless a comment or blanks stand between.
    guard let last = tokens.last, case .name = last.kind, last.span.upperBound == source.scalars.count else {
      if tokens.last?.kind == .symbol(.dot), tokens.last?.span.upperBound == source.scalars.count {
        path = LineContext.path(before: tokens.count - 1, tokens, source)
      }
      return
    }
    word = source[last.span]
    wordStart = last.span.lowerBound
    if tokens.count > 1, tokens[tokens.count - 2].kind == .symbol(.dot) {
      path = LineContext.path(before: tokens.count - 2, tokens, source)
    }
  }

  private mutating func read(_ tokens: [Token]) {
    for (index, token) in tokens.enumerated() {
      let next = index + 1 < tokens.count ? tokens[index + 1].kind : nil
      switch token.kind {
      case .symbol(.openParenthesis), .symbol(.openBracket), .symbol(.openBrace):
        touch(token, next)
        var opened: OpenCall?
        if token.kind == .symbol(.openParenthesis), !token.spaced, index > 0,
          case .name(let name) = tokens[index - 1].kind, !Parser.isKeyword(name)
        {
          opened = OpenCall(callee: name)
          if index > 1, tokens[index - 2].kind == .symbol(.pipe) { opened?.positional = 1 }
        }
        brackets.append(opened)
      case .symbol(.closeParenthesis), .symbol(.closeBracket), .symbol(.closeBrace):
        if !brackets.isEmpty { brackets.removeLast() }
      case .symbol(.comma):
        change { call in
          if call.current == nil, !call.isEmpty { call.positional += 1 }
          call.current = nil
          call.isEmpty = true
        }
      default: touch(token, next)
      }
    }
    change { call in if call.current == nil, !call.isEmpty { call.positional += 1 } }
  }

  /// Something of an argument has been typed.
  private mutating func touch(_ token: Token, _ next: Token.Kind?) {
    change { call in
      guard call.isEmpty else { return }
      call.isEmpty = false
      guard case .name(let name) = token.kind else { return }
      if next == .symbol(.equals) {
        call.current = name
        call.named.insert(name)
      } else if call.positional == 0 {
        call.firstArgument = name
      }
    }
  }

  private mutating func change(_ body: (inout OpenCall) -> Void) {
    guard var inner = call else { return }
    body(&inner)
    brackets[brackets.count - 1] = inner
  }

  private static func path(before dot: Int, _ tokens: [Token], _ source: Source) -> [String] {
    var names: [String] = []
    var index = dot
    while index > 0, tokens[index].kind == .symbol(.dot), case .name(let name) = tokens[index - 1].kind {
      names.insert(name, at: 0)
      index -= 2
      if index < 0 { break }
    }
    return names
  }
}
