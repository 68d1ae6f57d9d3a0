import Interpreter
import Losses
import Markup
import Plots
import Syntax

/// What there is to say about an entry of the catalogue, worked out once for the prompt (`?huber`) and for the book.
struct EntryPage {
  /// A labelled part: a sentence, a piece of the language, or several.
  struct Section {
    let label: Phrase
    let lines: [Phrase]
    let isCode: Bool

    init(_ label: Phrase, _ lines: [Phrase], isCode: Bool = false) {
      self.label = label
      self.lines = lines
      self.isCode = isCode
    }
  }

  let entry: Entry
  let session: Session

  var signature: String {
    session.library?.catalogue.function(entry.name)?.signature ?? String(entry.definition.prefix { $0 != "=" })
  }

  /// What every loss takes and a signature leaves out.
  var standard: String? {
    guard let function = session.library?.catalogue.function(entry.name) else { return nil }
    let names = function.parameters.filter(\.isMinor).map { $0.name + "=" }
    return names.isEmpty ? nil : names.joined(separator: " ")
  }

  var sections: [Section] {
    var result: [Section] = []
    func add(_ en: String, _ zh: String, _ lines: [Phrase?], isCode: Bool = false) {
      let kept = lines.compactMap { $0 }
      if !kept.isEmpty { result.append(Section(Phrase(en: en, zh: zh), kept, isCode: isCode)) }
    }
    add("use when", "适用", [entry.use])
    add("not when", "不适用", [entry.avoid])
    add("note", "说明", [entry.remark])
    add("definition", "定义", code(entry.definition), isCode: true)
    add("in books", "书上写作", [entry.textbook.map { Phrase(verbatim: $0) }], isCode: true)
    add("gradient", "梯度", [gradient.map { Phrase(verbatim: $0) }], isCode: true)
    add(
      "domain", "定义域",
      entry.domains.map { argument in argument.domain.kind.phrase.map { "\(argument.parameter): \($0)" } })
    add("shapes", "形状", [shapes])
    if !entry.traits.isEmpty {
      let traits = entry.traits.map(\.phrase)
      add(
        "traits", "性质",
        [Phrase(en: traits.map(\.en).joined(separator: "; "), zh: traits.map(\.zh).joined(separator: "；"))])
    }
    for twin in entry.twins {
      let verdict =
        twin.difference.map { Phrase(en: "differs: \($0.en)", zh: "不同：\($0.zh)") } ?? Phrase(en: "the same", zh: "相同")
      result.append(Section(Phrase(verbatim: twin.framework), [verdict.map { "\(twin.call) · \($0)" }]))
    }
    for variant in entry.variants {
      result.append(Section(Phrase(verbatim: "like=\"\(variant.name)\""), code(variant.definition), isCode: true))
    }
    add("also called", "别名", [Phrase(verbatim: entry.aliases.joined(separator: ", "))])
    add("source", "出处", [entry.source.map { Phrase(verbatim: $0) }])
    return result
  }

  /// What goes in and what comes out.
  private var shapes: Phrase? {
    switch (entry.kind, entry.granularity) {
    case (.loss, .element):
      Phrase(
        en: "arrays of one shape, or a number with any → a number; reduce=none: one per element",
        zh: "形状相同的数组，或一个数配任意数组 → 一个数；reduce=none 时每个元素一个")
    case (.loss, .row):
      Phrase(
        en: "[n, k]: n rows, one sample each; [k]: one sample → a number; reduce=none: one per row",
        zh: "[n, k]：n 行，每行一个样本；[k]：一个样本 → 一个数；reduce=none 时每行一个")
    case (.loss, .batch): Phrase(en: "all of the batch together → a number", zh: "整批一起算 → 一个数")
    default: nil
    }
  }

  private func code(_ definition: String) -> [Phrase] {
    definition.split(separator: "\n").map { Phrase(verbatim: String($0)) }
  }

  /// The gradient with respect to the first parameter, read off the graph.
  private var gradient: String? {
    guard entry.kind != .optimizer, let function = session.library?.catalogue.function(entry.name),
      let first = function.parameters.first
    else { return nil }
    let gradient = Function(
      name: nil,
      parameters: function.parameters.map { Function.Parameter($0.name, fallback: $0.fallback == nil ? nil : .absent) },
      body: .gradient(function, wrt: first.name))
    return FunctionFormula.text(of: gradient, in: session).map { "∂/∂\(first.name) = " + $0 }
  }

  /// The loss of one element against its prediction.
  func picture(width: Int, height: Int, title: Bool = true) -> StyledText? {
    var copy = session
    guard case .object(let object)? = copy.submit("plot(\(entry.plot))").value, let plot = object as? PlotObject else {
      return nil
    }
    var options = session.settings.picture
    options.width = width
    options.height = height
    guard !title, var chart = plot.picture as? LineChart else { return plot.picture.render(options) }
    chart.title = ""
    for index in chart.series.indices { chart.series[index].label = "" }
    return chart.render(options)
  }

  /// Each example with what it prints.
  var examples: [(line: String, output: StyledText)] {
    entry.examples.map { line in
      var copy = session
      return (line, copy.submit(line).output)
    }
  }
}
