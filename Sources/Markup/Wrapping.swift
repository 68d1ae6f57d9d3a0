extension StringProtocol {
  /// Breaks a paragraph into lines of at most `width` columns.
  ///
  /// Latin words break at spaces, Chinese between any two characters except before closing punctuation, which may
  /// hang one character over instead of starting a line (GB/T 15834's rule that no line starts with 。，、).
  package func wrapped(width: Int) -> [String] {
    let limit = Swift.max(2, width)
    let noStart: Set<Character> = ["，", "。", "、", "；", "：", "？", "！", "）", "》", "”", "’", "」", "』", "】", "…", "—"]
    let noEnd: Set<Character> = ["（", "《", "“", "‘", "「", "『", "【"]
    var lines: [String] = []
    for paragraph in split(separator: "\n", omittingEmptySubsequences: false) {
      var units: [(text: String, width: Int)] = []
      var word = ""
      func flush() {
        if !word.isEmpty { units.append((word, word.displayWidth)) }
        word = ""
      }
      for character in paragraph {
        if character == " " {
          flush()
          units.append((" ", 1))
        } else if character.displayWidth == 2 {
          if noStart.contains(character), word.isEmpty, let last = units.indices.last, units[last].text != " " {
            units[last].text.append(character)
            units[last].width += 2
          } else if noEnd.contains(character) {
            flush()
            word.append(character)
          } else if let first = word.last, noEnd.contains(first) {
            word.append(character)
            flush()
          } else {
            flush()
            word.append(character)
            flush()
          }
        } else {
          word.append(character)
        }
      }
      flush()
      var line = ""
      var used = 0
      for unit in units {
        if used + unit.width > limit, used > 0 {
          lines.append(line.trimmingTrailingSpaces)
          line = ""
          used = 0
          if unit.text == " " { continue }
        }
        if unit.width > limit {
          for character in unit.text {
            if used + character.displayWidth > limit {
              lines.append(line)
              line = ""
              used = 0
            }
            line.append(character)
            used += character.displayWidth
          }
          continue
        }
        line += unit.text
        used += unit.width
      }
      lines.append(line.trimmingTrailingSpaces)
    }
    return lines
  }

  package var trimmingTrailingSpaces: String {
    var end = endIndex
    while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
    return String(self[startIndex..<end])
  }
}
