import Markup

/// What a picture cannot show as a place on a line: named under the axis, never lost.
struct EventStrip {
  enum Kind: Int, CaseIterable {
    case notANumber, infinite, nonPositive, clipped

    func mark(ascii: Bool, isNegative: Bool = false) -> Character {
      switch self {
      case .notANumber: "N"
      case .infinite: ascii ? "I" : "∞"
      case .nonPositive: "0"
      case .clipped: ascii ? (isNegative ? "v" : "^") : (isNegative ? "▼" : "▲")
      }
    }

    var name: Phrase {
      switch self {
      case .notANumber: Phrase(verbatim: "NaN")
      case .infinite: Phrase(en: "infinite", zh: "无穷")
      case .nonPositive: Phrase(en: "≤ 0, not on a log axis", zh: "≤ 0，对数轴上无法画出")
      case .clipped: Phrase(en: "beyond the axis", zh: "超出坐标轴")
      }
    }
  }

  private struct Event {
    var kind: Kind
    var label: String
    var x: Double
    var y: Double
  }

  private var events: [Event] = []
  /// How much the horizontal axis spans: what "next to each other" is measured by.
  var span = 0.0
  /// How many events of each kind and curve there are, in the order they came.
  private var groups: [(kind: Kind, label: String, count: Int)] = []

  /// How many places of one kind are named.
  private static let shown = 4

  mutating func add(_ kind: Kind, _ label: String, x: Double, y: Double) {
    let group: Int
    if let last = groups.last, last.kind == kind, last.label == label {
      group = groups.count - 1
    } else if let known = groups.firstIndex(where: { $0.kind == kind && $0.label == label }) {
      group = known
    } else {
      group = groups.count
      groups.append((kind, label, 0))
    }
    groups[group].count += 1
    if groups[group].count <= 400 { events.append(Event(kind: kind, label: label, x: x, y: y)) }
  }

  var isEmpty: Bool { events.isEmpty }

  /// The mark of each column in the row under the axis.
  func marks(_ frame: Frame) -> [Int: Character] {
    var marks: [Int: Character] = [:]
    for event in events {
      guard let cell = frame.cell(of: Dot(x: frame.map.x.position(event.x), y: 0)) else { continue }
      if marks[cell.column] == nil {
        marks[cell.column] = event.kind.mark(ascii: frame.glyphs == .ascii, isNegative: event.y < 0)
      }
    }
    return marks
  }

  /// One sentence per kind and curve: `▲ 35 @ step 1874`, `N NaN @ 3, 4, 7 … (12×)`.
  func sentences(_ language: Language, xLabel: String, ascii: Bool) -> [String] {
    groups.map { kind, label, count in
      let own = events.filter { $0.kind == kind && $0.label == label }
      let shown = kind == .clipped ? peaks(own) : own
      let places = shown.prefix(EventStrip.shown).map { event in
        kind == .clipped ? "\(Ticks.short(event.y)) @ \(Ticks.short(event.x))" : Ticks.short(event.x)
      }
      let owner = label.isEmpty ? "" : label + ": "
      var list = places.joined(separator: ", ")
      if count > places.count { list += (shown.count > places.count ? " …" : "") + " (\(count)×)" }
      var name = kind.name[language]
      if ascii {
        name = name.replacing("≤", with: "<=")
        list = list.replacing("…", with: "...").replacing("×", with: "x")
      }
      let mark = kind.mark(ascii: ascii, isNegative: own.first.map { $0.y < 0 } ?? false)
      return kind == .clipped
        ? "\(mark) \(owner)\(name), \(xLabel): \(list)" : "\(mark) \(owner)\(name), \(xLabel) = \(list)"
    }
  }

  /// The largest of each run of neighbours: both sides of a pole are one event.
  private func peaks(_ events: [Event]) -> [Event] {
    guard events.count > EventStrip.shown else { return events }
    var peaks: [Event] = []
    var last = -Double.infinity
    for event in events {
      if event.x - last > span / 30 {
        peaks.append(event)
      } else if event.y.magnitude > peaks[peaks.count - 1].y.magnitude {
        peaks[peaks.count - 1] = event
      }
      last = event.x
    }
    return peaks
  }

  func legend(_ language: Language, xLabel: String, ascii: Bool, width: Int) -> StyledText {
    var text = StyledText()
    for sentence in sentences(language, xLabel: xLabel, ascii: ascii) {
      for line in sentence.wrapped(width: max(10, width - 2)) { text.append("  " + line + "\n", .warning) }
    }
    return text
  }
}

extension String {
  /// The text with every `old` as `new`; the standard library has this only with Foundation.
  func replacing(_ old: Character, with new: String) -> String {
    reduce(into: "") { $0 += $1 == old ? new : String($1) }
  }
}
