import Markup

// What the line should look like: the prompt, the line in colours, what could follow it, and what is said under it.

extension LineEditor {
  func frame(isFinal: Bool = false) -> EditorFrame {
    let scalars = scalars
    var styles = styles(of: scalars)
    let position = isFinal ? scalars.count : cursor
    if theme != .none, !isFinal { Brackets.mark(&styles, in: scalars, cursor: position) }
    search?.mark(&styles, at: position)
    let size = display.size
    var frame = EditorFrame(columns: size.columns)
    frame.append(search?.prompt(language) ?? prompt)
    frame.append(line: scalars, styles: styles, cursor: position)
    if isFinal { return frame }
    if let hint = hint(for: scalars, at: position) {
      frame.append(hint: StyledText(hint.continuation, .hint) + (hint.continuation.isEmpty ? "" : "   ") + hint.note)
    }
    for row in rowsBelow(room: size.rows - frame.rows.count) { frame.append(below: row) }
    return frame
  }

  /// The styles of a line, found once while it stays the same: Enter shows it once more before it runs.
  private func styles(of scalars: [Unicode.Scalar]) -> [Style] {
    guard theme != .none, scalars.count < 5_000 else { return [Style](repeating: .plain, count: scalars.count) }
    if scalars == styled.line { return styled.styles }
    var styles: [Style] = []
    styles.reserveCapacity(scalars.count)
    for run in hooks.highlight(String(scalars: scalars)).runs {
      styles += repeatElement(run.style, count: run.text.unicodeScalars.count)
    }
    if styles.count != scalars.count { styles = [Style](repeating: .plain, count: scalars.count) }
    styled = (scalars, styles)
    return styles
  }

  private func rowsBelow(room: Int) -> [StyledText] {
    if let notice { return [notice] }
    return menu?.rows(room: room, columns: display.size.columns, language) ?? []
  }

  /// How the line could go on, by what was typed before and by the owner.
  func hint(for scalars: [Unicode.Scalar], at position: Int) -> Hint? {
    guard showsHints, theme != .none, menu == nil, search == nil, !scalars.isEmpty, scalars.count < 2_000 else {
      return nil
    }
    let text = String(scalars: scalars)
    var hint = hooks.hint(text, position) ?? Hint()
    if position < scalars.count {
      hint.continuation = ""
    } else if let line = hintSearch.line(startingWith: text, in: history.lines) {
      hint.continuation = String(line.unicodeScalars.dropFirst(scalars.count))
    }
    return hint.continuation.isEmpty && hint.note.isEmpty ? nil : hint
  }
}
