/// How the receiving end looks: a terminal with colours, or a pipe.
package enum Theme: String, Sendable, CaseIterable {
  case dark, light, none
}

extension StyledText {
  /// The characters without any styling.
  package var plain: String { OutputGate.sanitize(characters) }

  /// The text for a terminal: SGR colours by theme, reset at the end of every styled run.
  package func ansi(_ theme: Theme) -> String {
    if theme == .none { return plain }
    var result = ""
    for run in runs {
      let text = OutputGate.sanitize(run.text)
      let code = run.style.sgr(theme)
      result += code.isEmpty ? text : "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }
    return result
  }
}

extension Style {
  /// From dark blue to yellow, each lighter than the one before: in the order of cividis (Nuñez, Anderton & Renslow,
  /// 2018), which readers with any colour vision see in the same order, as its nearest in the 256-colour cube.
  private static let bands: [(ground: Int, line: Int, mark: Int)] = [
    (17, 250, 231), (18, 250, 231), (24, 252, 231), (60, 254, 231), (102, 16, 16), (143, 236, 16), (185, 238, 16),
    (227, 240, 16),
  ]

  /// The SGR parameters of a style. The curve colours are Okabe and Ito's set, which readers with any of the common
  /// colour deficiencies can tell apart (Okabe & Ito, 2008), as their nearest in the 256-colour cube.
  package func sgr(_ theme: Theme) -> String {
    if theme == .none { return "" }
    let dark = theme == .dark
    switch self {
    case .plain: return ""
    case .strong: return "1"
    case .emphasis: return "3"
    case .heading: return dark ? "1;38;5;75" : "1;38;5;25"
    case .dim, .comment, .hint: return dark ? "38;5;245" : "38;5;243"
    case .number: return dark ? "38;5;178" : "38;5;130"
    case .name: return ""
    case .function: return dark ? "38;5;75" : "38;5;25"
    case .keyword: return dark ? "38;5;175" : "38;5;125"
    case .operator: return dark ? "38;5;250" : "38;5;240"
    case .string: return dark ? "38;5;108" : "38;5;28"
    case .command: return dark ? "38;5;175" : "38;5;125"
    case .error: return dark ? "1;38;5;209" : "1;38;5;160"
    case .warning: return dark ? "38;5;178" : "38;5;130"
    case .note: return dark ? "38;5;110" : "38;5;24"
    case .caret: return dark ? "1;38;5;209" : "1;38;5;160"
    case .success: return dark ? "38;5;79" : "38;5;29"
    case .prompt: return dark ? "1;38;5;75" : "1;38;5;25"
    case .bracket: return dark ? "1;4;38;5;231" : "1;4;38;5;16"
    case .selected: return "7"
    case .band(let index):
      let band = Style.bands[min(max(index, 0), 7)]
      return "48;5;\(band.ground);38;5;\(band.line)"
    case .bandMark(let index):
      let band = Style.bands[min(max(index, 0), 7)]
      return "48;5;\(band.ground);1;38;5;\(band.mark)"
    case .series(let index): return "38;5;\([75, 178, 35, 166, 175, 74][((index % 6) + 6) % 6])"
    }
  }
}
