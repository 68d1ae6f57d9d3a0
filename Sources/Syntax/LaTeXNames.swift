/// The LaTeX commands that are read, by what becomes of them.
package enum LaTeXNames {
  /// Commands that stand for a letter or a constant.
  package static let letters: [String: String] = Dictionary(
    uniqueKeysWithValues: SymbolNames.greek.map { ($0.name, $0.sign) }
  )
  .merging([
    "vartheta": "ϑ", "omicron": "ο", "varsigma": "ς", "Sigma": "Sigma", "Pi": "Pi", "infty": "inf",
  ]) { $1 }

  static let operators: [String: Symbol] = [
    "cdot": .impliedTimes, "times": .times, "ast": .times, "odot": .times, "circ": .times, "div": .divide,
    "le": .lessOrEqual,
    "leq": .lessOrEqual, "leqslant": .lessOrEqual, "ge": .greaterOrEqual, "geq": .greaterOrEqual,
    "geqslant": .greaterOrEqual, "lt": .less, "gt": .greater, "ne": .unequal, "neq": .unequal, "leftarrow": .equals,
    "gets": .equals, "triangleq": .equals, "to": .arrow, "mapsto": .arrow, "rightarrow": .arrow,
  ]

  /// Functions that take what follows them, with or without brackets.
  static let functions: [String: String] = [
    "log": "log", "ln": "ln", "lg": "log10", "exp": "exp", "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin",
    "arccos": "acos", "arctan": "atan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "max": "max", "min": "min",
    "argmax": "argmax", "argmin": "argmin",
  ]

  /// `\operatorname{ReLU}` by the names used here.
  static let operatorNames: [String: String] = [
    "ReLU": "relu", "sgn": "sign", "Softmax": "softmax", "Sigmoid": "sigmoid", "Var": "var", "logit": "logit",
  ]

  /// What is put over a letter, and what the name is then called.
  static let accents: [String: String] = [
    "hat": "_hat", "widehat": "_hat", "bar": "_bar", "overline": "_bar", "tilde": "_tilde", "widetilde": "_tilde",
    "dot": "_dot",
  ]

  /// Typefaces, which do not change what a name means.
  static let faces: Set<String> = [
    "mathrm", "mathbf", "mathit", "mathsf", "mathcal", "mathbb", "mathfrak", "boldsymbol", "bm", "vec", "text",
    "textrm",
    "textbf", "textit", "rm", "bf", "pmb",
  ]

  static let blanks: Set<String> = [
    ",", ";", ":", "!", " ", ">", "quad", "qquad", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits",
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr",
    "middle", "mathopen", "mathclose", "nonumber", "notag", "(", ")", "[", "]", "$", "&", "\\",
  ]

  /// Environments whose cells matter.
  static let grids: Set<String> = ["cases", "bmatrix", "pmatrix", "matrix", "vmatrix", "smallmatrix"]

  /// Whether a word is a name or a value rather than a word of the grammar.
  static func isOperand(_ word: String) -> Bool {
    if ["at", "wrt", "step"].contains(word) { return false }
    return !Parser.isKeyword(word) || word == "true" || word == "false"
  }

  static let others = [
    "frac", "dfrac", "tfrac", "sqrt", "sum", "prod", "partial", "nabla", "operatorname", "lVert", "rVert", "lvert",
    "rvert", "begin", "end", "top",
  ]

  static let all: [String] =
    Array(letters.keys) + Array(operators.keys) + Array(functions.keys) + Array(accents.keys) + Array(faces)
    + blanks.filter { $0.count > 1 } + others
}
