import Markup
import Tensors

/// How a session shows things and what it allows.
package struct Settings: Sendable {
  /// What pictures may be drawn with.
  package enum Glyphs: String, Sendable, CaseIterable { case braille, blocks, ascii }

  package var language: Language = .en
  /// Significant digits of printed numbers.
  package var digits = 6
  /// Columns of the screen.
  package var width = 80
  package var height = 24
  /// A width the learner asked for, whatever the screen has.
  package var fixedWidth: Int?
  package var glyphs: Glyphs = .braille
  package var theme: Theme = .dark
  /// Whether the screen is one whose grounds may be coloured: text that is compared, saved or piped has none.
  package var shadesGrounds = false
  /// Whether the prompt shows what could follow while a line is typed.
  package var hints = true
  /// Where the session's stream of random numbers starts.
  package var seed = 1
  /// Seconds a line may run; nil without limit.
  package var timeLimit: Double?
  /// Bytes a line may use.
  package var memoryLimit = Machine.memory / 2
  /// Threads for large arrays.
  package var threads = Machine.processors
  /// Where `load` finds data by name, before the working folder.
  package var dataFolders: [String] = []
  /// Lessons from elsewhere may not read or write files of their own choosing.
  package var mayReadFiles = true
  /// What the learner has set by name: of this, what is kept outlives the session.
  package var chosen: Set<String> = []

  package init() {}

  /// Takes the size of the screen.
  package mutating func fit(width: Int, height: Int) {
    self.width = fixedWidth ?? width
    self.height = height
  }
}

/// One thing `:set` changes: its name, what may stand behind it, how it is read and written. Everything about a setting
/// is its row.
package struct Setting: Sendable {
  package let name: String
  package let summary: Phrase
  /// What may stand behind the name, for the list and for errors.
  package let form: String
  /// What completion offers.
  let choices: [String]
  /// Kept from one session to the next: what depends on the person or the terminal rather than on the work at hand.
  package let isKept: Bool
  let get: @Sendable (Settings) -> String
  /// False for a value that is not allowed; the settings are then as they were.
  let set: @Sendable (inout Settings, String) -> Bool

  package static let table: [Setting] = [
    choice(
      "lang", Phrase(en: "language of everything on the screen", zh: "界面语言"), \.language, isKept: true),
    choice(
      "theme", Phrase(en: "colours for a dark or a light screen", zh: "配色：深色或浅色背景，或不用颜色"), \.theme, isKept: true),
    Setting(
      name: "hints", summary: Phrase(en: "dim hints while typing", zh: "输入时的淡色提示"), form: "on|off",
      choices: ["on", "off"], isKept: true, get: { $0.hints ? "on" : "off" },
      set: { settings, value in
        guard value == "on" || value == "off" else { return false }
        settings.hints = value == "on"
        return true
      }),
    choice("glyphs", Phrase(en: "what pictures are drawn with", zh: "画图用的字符"), \.glyphs, isKept: true),
    number("digits", Phrase(en: "significant digits of numbers", zh: "数的有效位数"), \.digits, 1...17, ["4", "6", "17"]),
    number(
      "seed", Phrase(en: "where random numbers start", zh: "随机数的种子"), \.seed, 0...2_147_483_647, ["1", "42"]),
    Setting(
      name: "width", summary: Phrase(en: "columns used", zh: "使用的列数"), form: "auto|20..300", choices: ["auto", "80"],
      isKept: false, get: { $0.fixedWidth.map(String.init) ?? "auto" },
      set: { settings, value in
        if value == "auto" {
          settings.fixedWidth = nil
          return true
        }
        guard let width = Int(value), (20...300).contains(width) else { return false }
        settings.fixedWidth = width
        settings.width = width
        return true
      }),
    Setting(
      name: "memory", summary: Phrase(en: "what a line may use", zh: "一行最多使用的内存"), form: "1M..\(Machine.memory >> 20)M",
      choices: ["512M", "1G"], isKept: false, get: { "\($0.memoryLimit >> 20)M" },
      set: { settings, value in
        guard let unit = value.last, let shift = ["M": 20, "G": 30][unit.uppercased()],
          let number = Int(value.dropLast()), number < 1 << 20,
          (1 << 20...max(1 << 20, Machine.memory)).contains(number << shift)
        else { return false }
        settings.memoryLimit = number << shift
        return true
      }),
    number(
      "threads", Phrase(en: "processors used for large arrays", zh: "处理大数组用的处理器数"), \.threads, 1...256, ["1", "2"]),
    Setting(
      name: "timeout", summary: Phrase(en: "seconds a line may run", zh: "一行最多运行几秒"), form: "none|0.1..86400",
      choices: ["none", "10", "60"], isKept: false,
      get: { $0.timeLimit.map { $0 == $0.rounded() ? String(Int($0)) : String($0) } ?? "none" },
      set: { settings, value in
        if value == "none" {
          settings.timeLimit = nil
          return true
        }
        guard let seconds = Double(value), (0.1...86_400).contains(seconds) else { return false }
        settings.timeLimit = seconds
        return true
      }),
  ]

  package static func named(_ name: String) -> Setting? { table.first { $0.name == name } }

  // MARK: Kinds of rows

  private static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ summary: Phrase, _ path: WritableKeyPath<Settings, Choice> & Sendable, isKept: Bool
  ) -> Setting where Choice.RawValue == String {
    let choices = Choice.allCases.map(\.rawValue)
    return Setting(
      name: name, summary: summary, form: choices.joined(separator: "|"), choices: choices, isKept: isKept,
      get: { $0[keyPath: path].rawValue },
      set: { settings, value in
        guard let choice = Choice(rawValue: value) else { return false }
        settings[keyPath: path] = choice
        return true
      })
  }

  private static func number(
    _ name: String, _ summary: Phrase, _ path: WritableKeyPath<Settings, Int> & Sendable, _ range: ClosedRange<Int>,
    _ choices: [String]
  ) -> Setting {
    Setting(
      name: name, summary: summary, form: "\(range.lowerBound)..\(range.upperBound)", choices: choices, isKept: false,
      get: { String($0[keyPath: path]) },
      set: { settings, value in
        guard let number = Int(value), range.contains(number) else { return false }
        settings[keyPath: path] = number
        return true
      })
  }
}

extension Settings {
  /// What outlives the session, one `name = value` a line.
  package var kept: String {
    Setting.table.filter { $0.isKept && chosen.contains($0.name) }.map { "\($0.name) = \($0.get(self))\n" }.joined()
  }

  /// Takes over what an earlier session kept; a line that says nothing is passed over.
  package mutating func restore(_ kept: String, except skipped: Set<String> = []) {
    for line in kept.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
      guard parts.count == 2, !skipped.contains(parts[0]), let setting = Setting.named(parts[0]), setting.isKept else {
        continue
      }
      if setting.set(&self, parts[1]) { chosen.insert(setting.name) }
    }
  }
}
