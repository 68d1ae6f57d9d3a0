import Markup
import Notation
import Syntax
import Tensors

/// A derivation as a page: what the names stand for, the chain, each link, the result.
struct DerivationText {
  /// How much of it is shown; a quiz leaves the factors to the reader.
  enum Level: String {
    case outline, steps, full, quiz
  }

  let derivation: Derivation
  let title: String
  let variable: String
  let level: Level
  let language: Language

  private var symbol: String { "∂\(title)/∂\(printedName(variable))" }

  var text: String {
    var lines = definitions
    var number = 0
    func step(_ name: Phrase, _ form: Phrase, _ content: [String], also: [Derivation.Rule] = []) {
      number += 1
      lines.append("")
      lines.append(" " + head("\(number)  " + name[language], form[language]))
      for rule in also { lines.append(" " + head("   " + rule.name[language], rule.form[language])) }
      lines += content.map { "      " + $0 }
    }
    let links = Array(derivation.links.reversed())
    if links.count > 1 {
      step(
        Phrase(en: "CHAIN RULE", zh: "链式法则"),
        Phrase(
          en: "\(title) sees \(printedName(variable)) only through \(derivation.links[0].name)",
          zh: "\(title) 只通过 \(derivation.links[0].name) 依赖 \(printedName(variable))"),
        [symbol + " = " + links.map(ratio).joined(separator: " · ")])
    }
    if level != .outline {
      for link in links {
        step(link.rules[0].name, link.rules[0].form, factor(link), also: Array(link.rules.dropFirst().prefix(3)))
        if case .matrix(let matrix, let slope, let product)? = link.factor, level != .quiz {
          let inner = "∂\(title)/∂\(printedName(link.inner))"
          step(
            Phrase(en: "MULTIPLY", zh: "相乘"),
            Phrase(en: "the matrix, transposed, times the slope so far", zh: "矩阵的转置乘以已得的梯度"),
            equations(
              inner,
              [
                "(∂\(link.name)/∂\(printedName(link.inner)))' @ ∂\(title)/∂\(link.name)",
                "\(transposed(matrix)) @ (\(slope))", product,
              ]))
        }
      }
    }
    if let cancelled = derivation.cancelled, level != .quiz {
      step(
        Phrase(en: "CANCEL", zh: "约分"), Phrase(en: "the factors of p(1 − p) cancel", zh: "p(1 − p) 的因子互相约去"),
        ["∂\(title)/∂\(printedName(cancelled.by)) = \(cancelled.text)"])
    }
    if let unit = derivation.sumsToOne, level != .quiz,
      let inner = derivation.links.first(where: { $0.isSoftmax })?.inner
    {
      step(
        Phrase(en: "SUM TO ONE", zh: "和为一"),
        Phrase(en: "\(unit.labels) = 1: labels are one-hot or probabilities", zh: "\(unit.labels) = 1：标签是独热或概率"),
        ["∂\(title)/∂\(printedName(inner)) = \(unit.text)"])
    }
    lines.append("")
    if level == .quiz {
      lines.append(
        " "
          + Phrase(
            en: "fill in each ?, from the last name to the first; level=steps has the answers",
            zh: "从后往前填出每个 ?；level=steps 给出答案")[language])
      return lines.joined(separator: "\n") + "\n"
    }
    lines += result
    if level == .full { lines += facts }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Parts

  private var definitions: [String] {
    let width = derivation.links.map(\.name.displayWidth).max() ?? 1
    func line(_ name: String, _ text: String) -> String {
      "  " + name + String(repeating: " ", count: width - name.displayWidth) + " = " + text
    }
    return derivation.links.map { line($0.name, $0.definition) }
      + derivation.data.map { name, tensor in
        let shape = Shapes.describe(tensor.shape)
        return line(name, Phrase(en: "data, \(shape)", zh: "数据 \(shape)")[language])
      }
  }

  private func head(_ name: String, _ form: String) -> String {
    name + String(repeating: " ", count: max(2, 22 - name.displayWidth)) + form
  }

  private func ratio(_ link: Derivation.Link) -> String { "∂\(link.name)/∂\(printedName(link.inner))" }

  private func transposed(_ matrix: String) -> String {
    matrix.hasPrefix("diag") ? "(\(matrix))" : "(\(matrix))'"
  }

  private func factor(_ link: Derivation.Link) -> [String] {
    if level == .quiz { return [ratio(link) + " = ?"] }
    guard let factor = link.factor else {
      return [Phrase(en: "this matrix is worked into the result", zh: "这个矩阵已并入结果")[language]]
    }
    let whole = ratio(link) + " = " + factor.text
    guard level == .full, !link.parts.isEmpty else { return [whole] }
    let width = link.parts.map(\.of.displayWidth).max() ?? 0
    let parts = link.parts.map { part in
      "  " + part.of + String(repeating: " ", count: width - part.of.displayWidth) + "   →   " + part.is
    }
    return [Phrase(en: "by \(printedName(link.inner)):", zh: "对 \(printedName(link.inner)) 求导：")[language]] + parts
      + [whole]
  }

  private var result: [String] {
    let label = Phrase(en: "result", zh: "结果")[language]
    return equations(" " + label + "  " + symbol, derivation.results)
  }

  /// `a = b = c` on a line, or one below the other.
  private func equations(_ left: String, _ rights: [String]) -> [String] {
    let one = left + " = " + rights.joined(separator: " = ")
    if one.displayWidth <= 72 { return [one] }
    let indent = String(repeating: " ", count: left.displayWidth)
    return rights.enumerated().map { ($0.offset == 0 ? left : indent) + " = " + $0.element }
  }

  private var facts: [String] {
    var lines: [String] = []
    let shaped = derivation.links.filter { !$0.shape.isEmpty }
    if !shaped.isEmpty {
      let list = shaped.map { "\($0.name) " + Shapes.describe($0.shape) }.joined(separator: " · ")
      lines.append(" " + Phrase(en: "shapes", zh: "形状")[language] + "  " + list)
    }
    if !derivation.domain.isEmpty {
      lines.append(" " + Phrase(en: "domain", zh: "定义域")[language] + "  " + derivation.domain.joined(separator: ", "))
    }
    return lines
  }
}

extension Derivation.Link {
  fileprivate var isSoftmax: Bool {
    if case .matrix? = factor { return true }
    return false
  }
}
