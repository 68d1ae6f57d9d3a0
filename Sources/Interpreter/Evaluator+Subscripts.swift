import Markup
import Syntax
import Tensors

// `y_i` and `yᵢ`: an element, where the whole name has no value and the part before the subscript has.

extension Evaluator {
  /// A name taken apart at its last subscript, `y_hat_i` into `y_hat` and `i`, `x_ij` into `x` and `i`, `j`.
  static func subscripts(of name: String) -> (base: String, subscripts: [String])? {
    let below = name.unicodeScalars.reversed().prefix { Unicode.Scalar.below[$0] != nil }.reversed()
    if !below.isEmpty, below.count < name.unicodeScalars.count {
      let parts = below.compactMap { Unicode.Scalar.below[$0] }
      var base = name.unicodeScalars
      base.removeLast(below.count)
      return (String(base), parts.allSatisfy { $0.allSatisfy(\.isNumber) } ? [parts.joined()] : parts)
    }
    guard let bar = name.lastIndex(of: "_"), bar != name.startIndex else { return nil }
    let rest = name[name.index(after: bar)...]
    guard !rest.isEmpty, rest.count <= 3 || rest.allSatisfy(\.isNumber) else { return nil }
    let parts = rest.allSatisfy(\.isNumber) ? [String(rest)] : rest.map { String($0) }
    return (String(name[..<bar]), parts)
  }

  /// The element that a name with a subscript stands for; nil where its base is no vector or its subscript has no value.
  func subscripted(_ name: String, _ frame: Frame, at span: Range<Int>) throws(Diagnostic) -> Value? {
    guard let parts = Evaluator.subscripts(of: name), var value = bound(parts.base, frame),
      let shape = shape(of: value), parts.subscripts.count <= shape.count
    else { return nil }
    var axis = 0
    for subscript_ in parts.subscripts {
      if frame.wholes.contains(subscript_) {
        axis += 1
        continue
      }
      guard
        let index = Double(subscript_).map({ Value.number($0) }) ?? frame.locals[subscript_]
          ?? environment.variables[subscript_],
        self.shape(of: index)?.count ?? 2 <= 1
      else { return nil }
      value = try element(index, of: value, axis: axis, at: span)
      axis += self.shape(of: index)?.count ?? 0
    }
    let shown = parts.subscripts.joined(separator: ",")
    note(
      Phrase(
        en: "`\(printedName(name))` read as \(printedName(parts.base))[\(shown)]",
        zh: "`\(printedName(name))` 读作 \(printedName(parts.base))[\(shown)]"))
    return value
  }

  /// A variable of the session's own: constants like e are no subscripts.
  private func own(_ name: String) -> Value? { environment.variables[name] == nil ? nil : environment[name] }
}
