/// A word of the language, with where it stood.
package struct Token: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case number(Double)
    /// A name in its canonical spelling: `ŷ` is `y_hat`.
    case name(String)
    case text(String)
    /// `²`, `⁻¹`: an exponent set above the line.
    case superscript(Double)
    case symbol(Symbol)
    /// A LaTeX command without its backslash, `frac`; only on the way through `LaTeXReader`.
    case command(String)
    case end
  }

  package var kind: Kind
  package var span: Range<Int>
  var isNumber: Bool {
    if case .number = kind { return true }
    return false
  }

  /// Whether blanks stand before it: `f(x)` calls, `2x` multiplies, `w x` is refused.
  package var spaced: Bool
}

/// Everything that is not a number, a name or a text. Several spellings may share one symbol.
package enum Symbol: String, Sendable, Hashable {
  case plus = "+"
  case minus = "-"
  case times = "*"
  /// What LaTeX writes as nothing or as `\cdot`: a product of numbers or of matrices, as the operands have it.
  case impliedTimes = "·"
  case divide = "/"
  case matrixProduct = "@"
  case power = "^"
  case root = "√"
  case equals = "="
  case equal = "=="
  case unequal = "≠"
  case less = "<"
  case lessOrEqual = "≤"
  case greater = ">"
  case greaterOrEqual = "≥"
  case range = ".."
  case dot = "."
  case comma = ","
  case semicolon = ";"
  case colon = ":"
  case bar = "|"
  case pipe = "|>"
  case arrow = "->"
  case prime = "'"
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBracket = "["
  case closeBracket = "]"
  case openBrace = "{"
  case closeBrace = "}"
  case underscore = "_"
  case sum = "Σ"
  case product = "Π"
  case nabla = "∇"
  case partial = "∂"
}
