/// Names close to a mistyped one.
package enum Suggestions {
  /// Up to three candidates, nearest first: within a third of the length in edits, or the same but for case.
  package static func nearest(to name: String, among candidates: some Sequence<String>) -> [String] {
    let typed = Array(name.lowercased().prefix(40))
    guard typed.count > 1 else { return [] }
    let allowed = max(1, typed.count / 3)
    var scored: [(distance: Int, name: String)] = []
    var seen: Set<String> = []
    for candidate in candidates where seen.insert(candidate).inserted {
      let letters = Array(candidate.lowercased())
      guard abs(letters.count - typed.count) <= allowed else { continue }
      let distance = editDistance(typed, letters)
      if distance <= allowed { scored.append((distance, candidate)) }
    }
    // Of names that differ in case alone (`Huber`, `huber`) the plain one is enough.
    let plain = Set(scored.map(\.name).filter { $0 == $0.lowercased() })
    return scored.filter { plain.contains($0.name) || !plain.contains($0.name.lowercased()) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
  }

  /// Insertions, deletions, replacements and swaps of neighbours (Damerau, 1964; the restricted form).
  static func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var before = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], before[j - 2] + 1) }
      }
      before = previous
      previous = row
    }
    return previous[b.count]
  }
}
