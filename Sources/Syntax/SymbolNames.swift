/// The names of signs as LaTeX and its readers know them: `\alpha` is α, `\sum` is Σ, `\hat y` is ŷ.
package enum SymbolNames {
  /// Every name with its sign, in the order of a list: Greek letters, then operators.
  package static let table: [(name: String, sign: String)] = greek + operators

  static let greek: [(name: String, sign: String)] = [
    ("alpha", "α"), ("beta", "β"), ("gamma", "γ"), ("delta", "δ"), ("epsilon", "ε"), ("varepsilon", "ε"),
    ("zeta", "ζ"), ("eta", "η"), ("theta", "θ"), ("iota", "ι"), ("kappa", "κ"), ("lambda", "λ"), ("mu", "μ"),
    ("nu", "ν"), ("xi", "ξ"), ("pi", "π"), ("rho", "ρ"), ("sigma", "σ"), ("tau", "τ"), ("upsilon", "υ"),
    ("phi", "φ"), ("varphi", "φ"), ("chi", "χ"), ("psi", "ψ"), ("omega", "ω"), ("Gamma", "Γ"), ("Delta", "Δ"),
    ("Theta", "Θ"), ("Lambda", "Λ"), ("Xi", "Ξ"), ("Phi", "Φ"), ("Psi", "Ψ"), ("Omega", "Ω"), ("ell", "ℓ"),
  ]

  private static let operators: [(name: String, sign: String)] = [
    ("sum", "Σ"), ("Sigma", "Σ"), ("prod", "Π"), ("nabla", "∇"), ("partial", "∂"), ("sqrt", "√"), ("infty", "∞"),
    ("cdot", "·"), ("times", "×"), ("div", "÷"), ("leq", "≤"), ("le", "≤"), ("geq", "≥"), ("ge", "≥"), ("neq", "≠"),
    ("ne", "≠"), ("to", "→"), ("mapsto", "↦"), ("prime", "′"),
  ]

  private static let signs = Dictionary(table.map { ($0.name, $0.sign) }, uniquingKeysWith: { first, _ in first })

  /// The sign of a name without its backslash.
  package static func sign(_ name: String) -> String? { signs[name] }

  /// A name under a hat. Where Unicode has no such letter in one piece, `_hat` is written out: terminals disagree on
  /// the columns of combining marks, and both spellings are one name.
  package static func hatted(_ letter: String) -> String {
    let marked = printedName(letter + "_hat")
    return marked.unicodeScalars.count == 1 ? marked : letter + "_hat"
  }

  /// `_1` as ₁, `^2` as ²; nil for anything but digits.
  package static func shifted(_ digits: some StringProtocol, up: Bool) -> String? {
    let row = Array(up ? "⁰¹²³⁴⁵⁶⁷⁸⁹" : "₀₁₂₃₄₅₆₇₈₉")
    var result = ""
    for digit in digits {
      guard let value = digit.wholeNumberValue, digit.isASCII, row.indices.contains(value) else { return nil }
      result.append(row[value])
    }
    return result.isEmpty ? nil : result
  }
}
