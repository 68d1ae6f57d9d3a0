import Markup

/// Candidates under the line; TAB goes through them.
struct CompletionMenu {
  let candidates: [Candidate]
  /// What the candidate in the line stands in for.
  var replaced: Range<Int>
  var chosen: Int?

  /// As many rows as fit, around the chosen one.
  func rows(room: Int, columns: Int, _ language: Language) -> [StyledText] {
    guard room > 0 else { return [] }
    let hidden = candidates.count > min(room, 12)
    let height = min(candidates.count, hidden ? max(1, min(room, 12) - 1) : candidates.count)
    let first = max(0, min((chosen ?? 0) - height / 2, candidates.count - height))
    let visible = candidates[first..<first + height]
    let width = min(visible.map(\.text.displayWidth).max() ?? 0, max(8, columns / 2))
    var rows: [StyledText] = []
    for (index, candidate) in zip(first..., visible) {
      var name = StyledText(candidate.text, index == chosen ? .selected : .function).truncated(to: width)
      name.append(String(repeating: " ", count: max(0, width - name.displayWidth)))
      rows.append(StyledText("  ") + name + StyledText("  " + candidate.description, .dim))
    }
    if hidden, room > 1 {
      let rest = candidates.count - height
      rows.append(StyledText("  " + Phrase(en: "… \(rest) more", zh: "… 还有 \(rest) 个")[language], .dim))
    }
    return rows
  }
}

extension LineEditor {
  /// TAB: what all candidates share is typed, and a list shows them; more TABs choose from it.
  func complete(backward: Bool) {
    if menu != nil { return choose(backward: backward) }
    let scalars = scalars
    let completion = hooks.complete(String(scalars: scalars), cursor)
    guard let first = completion.candidates.first else { return display.beep() }
    let replaced = completion.replaced.clamped(to: 0..<scalars.count)
    if completion.candidates.count == 1 { return replace(replaced, with: first.text) }
    var common = Array(first.text.unicodeScalars)
    for candidate in completion.candidates.dropFirst() {
      common = zip(common, candidate.text.unicodeScalars).prefix { $0 == $1 }.map(\.0)
    }
    var list = CompletionMenu(candidates: completion.candidates, replaced: replaced)
    if common.count > replaced.count, common.starts(with: scalars[replaced]) {
      replace(replaced, with: String(scalars: common))
      list.replaced = replaced.lowerBound..<replaced.lowerBound + common.count
    }
    menu = list
  }

  private func choose(backward: Bool) {
    guard var list = menu else { return }
    let count = list.candidates.count
    let next = list.chosen.map { ($0 + (backward ? count - 1 : 1)) % count } ?? (backward ? count - 1 : 0)
    let text = list.candidates[next].text
    replace(list.replaced, with: text)
    list.replaced = list.replaced.lowerBound..<list.replaced.lowerBound + text.unicodeScalars.count
    list.chosen = next
    menu = list
  }
}
