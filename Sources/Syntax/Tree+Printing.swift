/// The plain notation of a tree: what a line means, in as few brackets as the grammar allows. Typed back it gives the
/// same tree.
extension Tree {
  package func printed() -> String { printed(root) }

  /// A piece as typed, or in plain notation where it was typed as LaTeX.
  package func shown(_ id: ID) -> String { isLaTeX ? printed(id) : text(id) }

  /// The same as the body of a function without a name: `x -> a where …` would take the `where` away from it.
  package func shownBody(_ id: ID) -> String {
    switch self[id] {
    case .local, .pipe: "(" + shown(id) + ")"
    default: shown(id)
    }
  }

  package func printed(_ id: ID) -> String { Printer(tree: self).text(id).text }
}

private struct Printer {
  let tree: Tree

  /// How tightly the outermost operator holds, loosest first.
  enum Strength: Int, Comparable {
    case statement, lambda, or, and, not, comparison, range, sum, big, product, prefix, power, postfix

    static func < (a: Strength, b: Strength) -> Bool { a.rawValue < b.rawValue }
  }

  struct Piece {
    var text: String
    var strength: Strength

    func within(_ minimum: Strength) -> String { strength < minimum ? "(" + text + ")" : text }
  }

  /// Chains to the left are walked in a loop; everything else is at most as deep as the parser allows.
  func text(_ id: Tree.ID) -> Piece {
    switch tree[id] {
    case .number(let value): return number(value)
    case .name(let name): return Piece(text: printedName(name), strength: .postfix)
    case .text(let text): return Piece(text: quoted(text), strength: .postfix)
    case .bool(let bool): return Piece(text: bool ? "true" : "false", strength: .postfix)
    case .answer: return Piece(text: "ans", strength: .postfix)
    case .all: return Piece(text: ":", strength: .postfix)
    case .negate(let inner): return Piece(text: "-" + text(inner).within(.prefix), strength: .prefix)
    case .root(let inner): return Piece(text: "√" + text(inner).within(.prefix), strength: .prefix)
    case .not(let inner): return Piece(text: "not " + text(inner).within(.comparison), strength: .not)
    case .magnitude(let inner): return Piece(text: "|" + text(inner).text + "|", strength: .postfix)
    case .prime(let inner): return Piece(text: text(inner).within(.postfix) + "'", strength: .postfix)
    case .field(let inner, let name): return Piece(text: text(inner).within(.postfix) + "." + name, strength: .postfix)
    case .binary: return chain(id)
    case .call(let callee, let arguments):
      return Piece(text: text(callee).within(.postfix) + list(arguments), strength: .postfix)
    case .index(let base, let subscripts):
      let inside = subscripts.map { text($0).text }.joined(separator: ", ")
      return Piece(text: text(base).within(.postfix) + "[" + inside + "]", strength: .postfix)
    case .record(let fields): return Piece(text: list(fields), strength: .postfix)
    case .list(let items):
      return Piece(text: "[" + items.map { text($0).text }.joined(separator: ", ") + "]", strength: .postfix)
    case .rows(let rows):
      let lines = rows.map { $0.map { text($0).text }.joined(separator: ", ") }
      return Piece(text: "[" + lines.joined(separator: "; ") + "]", strength: .postfix)
    case .range(let lower, let upper, let step):
      let end = step.map { " step " + text($0).within(.sum) } ?? ""
      return Piece(text: text(lower).within(.sum) + ".." + text(upper).within(.sum) + end, strength: .range)
    case .conditional(let condition, let then, let otherwise):
      return Piece(
        text: "if \(text(condition).within(.lambda)) then \(text(then).within(.lambda)) else "
          + text(otherwise).within(.lambda), strength: .lambda)
    case .lambda(let names, let body):
      let parameters =
        names.count == 1 ? printedName(names[0]) : "(" + names.map(printedName).joined(separator: ", ") + ")"
      return Piece(text: parameters + " -> " + text(body).within(.lambda), strength: .lambda)
    case .big(let big, let body): return self.big(big, body)
    case .gradient(let function, let with, let arguments): return gradient(function, with, arguments)
    case .pipe(let argument, let function):
      return Piece(
        text: text(argument).within(.lambda) + " |> " + text(function).within(.postfix), strength: .statement)
    case .local(let body, let definitions):
      let bound = definitions.map { printedName($0.name ?? "") + " = " + text($0.value).within(.lambda) }
      return Piece(text: text(body).within(.lambda) + " where " + bound.joined(separator: ", "), strength: .statement)
    case .define(let name, let value):
      return Piece(text: printedName(name) + " = " + text(value).text, strength: .statement)
    case .defineFunction(let name, let parameters, let body):
      let names = parameters.map { parameter in
        printedName(parameter.name) + (parameter.fallback.map { " = " + text($0).text } ?? "")
      }
      return Piece(
        text: "\(printedName(name))(\(names.joined(separator: ", "))) = \(text(body).text)", strength: .statement)
    case .repeat(let count, let lines):
      return Piece(
        text: "repeat \(text(count).within(.sum)) { \(lines.map { text($0).text }.joined(separator: "; ")) }",
        strength: .statement)
    case .claim(let derivative, let written):
      return Piece(text: text(derivative).text + " = " + text(written).text, strength: .statement)
    case .command(let word, let rest): return Piece(text: ":" + word + " " + rest, strength: .statement)
    case .help(let topic): return Piece(text: "?" + topic, strength: .statement)
    case .empty: return Piece(text: "", strength: .postfix)
    }
  }

  private func list(_ arguments: [Argument]) -> String {
    "("
      + arguments.map { argument in
        (argument.name.map { printedName($0) + " = " } ?? "") + text(argument.value).text
      }.joined(separator: ", ") + ")"
  }

  // MARK: Operators

  private func strength(_ symbol: BinaryOperator) -> Strength {
    switch symbol {
    case .or: .or
    case .and: .and
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
    case .add, .subtract: .sum
    case .multiply, .impliedMultiply, .divide, .matrixProduct: .product
    case .power: .power
    }
  }

  private func chain(_ id: Tree.ID) -> Piece {
    var links: [Tree.ID] = []
    var left = id
    while case .binary(_, let next, _) = tree[left] {
      links.append(left)
      left = next
    }
    var piece = text(left)
    for link in links.reversed() {
      guard case .binary(let symbol, _, let right) = tree[link] else { continue }
      let own = strength(symbol)
      if symbol == .power {
        // 2^-1 and 2^x^y need no brackets, 2^(2x) does: a number touching a name is a product.
        piece = Piece(text: piece.within(.postfix) + "^" + text(right).within(.prefix), strength: .power)
        continue
      }
      let tighter = Strength(rawValue: own.rawValue + 1) ?? own
      // A Σ takes the whole product that follows: it may end a product, not begin one.
      let first = piece.strength == .big && own == .product ? "(" + piece.text + ")" : piece.within(own)
      let second = text(right)
      let isLast = second.strength == .big && own == .product
      let shown = isLast ? second.text : second.within(own == .product ? .prefix : tighter)
      let spaces = own == .product && symbol == .divide ? "" : " "
      piece = Piece(
        text: first + spaces + (symbol == .impliedMultiply ? "*" : symbol.rawValue) + spaces + shown,
        strength: isLast ? .big : own)
    }
    return piece
  }

  private func big(_ big: Big, _ body: Tree.ID) -> Piece {
    var text = big.kind == .sum ? "Σ" : "Π"
    if let index = big.index {
      if let lower = big.lower {
        text += "_{\(index)=\(self.text(lower).text)}"
      } else {
        text += "_" + index
      }
    }
    if let upper = big.upper {
      let end = self.text(upper)
      text += end.strength == .postfix ? "^" + end.text : "^{\(end.text)}"
    }
    let term = self.text(body)
    return Piece(text: text + " " + (term.strength == .big ? term.text : term.within(.product)), strength: .big)
  }

  private func gradient(_ function: Tree.ID, _ with: String?, _ arguments: [Argument]?) -> Piece {
    let name = text(function).within(.postfix)
    var piece: String
    if let with { piece = "∂\(name)/∂\(printedName(with))" } else { piece = "grad " + name }
    if let arguments { piece += " at " + list(arguments) }
    return Piece(text: piece, strength: .prefix)
  }

  // MARK: Words

  private func number(_ value: Double) -> Piece {
    var text = value.description
    if text.hasSuffix(".0") { text.removeLast(2) }
    return Piece(text: text, strength: .postfix)
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"", "\\": result += "\\" + String(character)
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}
