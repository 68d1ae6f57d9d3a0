import Glibc
import Markup

/// How often values fall into bins of one width, whose edges are round numbers.
package struct Histogram: Picture {
  package var title: String
  package var xLabel: String
  package let values: [Double]
  /// The finite ones in order, for quartiles, bins and the median.
  private let sorted: [Double]
  /// How many bins are wanted; nil lets the spread of the values decide.
  package var wantedBins: Int?

  package init(title: String, xLabel: String, values: [Double], bins: Int? = nil) {
    self.title = title
    self.xLabel = xLabel
    self.values = values
    sorted = values.filter(\.isFinite).sorted()
    wantedBins = bins
  }

  package struct Bins: Sendable, Hashable {
    /// One more than there are bins; a value on an edge belongs to the bin on its right, on the last to the last bin.
    package let edges: [Double]
    package let labels: [String]
    package let counts: [Int]

    /// At most so many, by putting neighbours together: no bin is left out of a narrow picture.
    func grouped(into room: Int) -> Bins {
      let size = (counts.count + max(1, room) - 1) / max(1, room)
      guard size > 1 else { return self }
      let starts = Array(stride(from: 0, to: counts.count, by: size))
      return Bins(
        edges: starts.map { edges[$0] } + [edges[counts.count]],
        labels: starts.map { labels[$0] } + [labels[counts.count]],
        counts: starts.map { counts[$0..<min($0 + size, counts.count)].reduce(0, +) })
    }
  }

  /// At most this many bins: more are columns of noise.
  private static let limit = 60

  /// The bins, of the width Freedman & Diaconis (1981) advise, 2·IQR/∛n, rounded to 1, 2 or 5 times a power of ten.
  package var bins: Bins? {
    guard let low = sorted.first, let high = sorted.last else { return nil }
    let range = LineChart.padded(low, high)
    let span = range.upperBound - range.lowerBound
    guard span.isFinite, span > 1e-300 else { return nil }
    if let wantedBins { return equalBins(range, wantedBins) }
    let spread = sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]
    // Sturges (1926) where the quartiles coincide.
    var width = spread > 0 ? 2 * spread / cbrt(Double(sorted.count)) : span / (log2(Double(sorted.count)) + 1)
    width = min(max(width, span / Double(Histogram.limit)), low == high ? span : span / 3)
    var power = Int(log10(width).rounded(.down))
    var digit =
      [1, 2, 5].min { a, b in
        (log10(Double(a)) + Double(power) - log10(width)).magnitude
          < (log10(Double(b)) + Double(power) - log10(width)).magnitude
      } ?? 1
    if log10(width) - Double(power) > log10(7.1) { (digit, power) = (1, power + 1) }
    let step = Double("\(digit)e\(power)") ?? width
    let first = (low / step).rounded(.down)
    var count = (high / step).rounded(.down) - first + 1
    // A largest value on an edge closes the last bin instead of opening another.
    if count > 1, high == (first + count - 1) * step { count -= 1 }
    guard first.magnitude < 1e15, count >= 1, count <= 1000 else { return nil }
    let edges = (0...Int(count)).map { Double("\((Int(first) + $0) * digit)e\(power)") ?? 0 }
    guard edges.allSatisfy(\.isFinite) else { return nil }
    return Bins(
      edges: edges, labels: (0...Int(count)).map { Ticks.label((Int(first) + $0) * digit, power) },
      counts: counted(edges) { $0 / step - first })
  }

  /// As many as are asked for, from the lowest value to the highest, whatever their edges are.
  private func equalBins(_ range: ClosedRange<Double>, _ count: Int) -> Bins {
    let span = range.upperBound - range.lowerBound
    let edges = (0..<count).map { range.lowerBound + span * Double($0) / Double(count) } + [range.upperBound]
    return Bins(
      edges: edges, labels: edges.map { Ticks.short($0) },
      counts: counted(edges) { ($0 - range.lowerBound) / span * Double(count) })
  }

  /// - Parameter place: about which bin a value belongs to; it rounds, the edges decide.
  private func counted(_ edges: [Double], _ place: (Double) -> Double) -> [Int] {
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for value in sorted {
      var bin = Int(min(max(place(value), 0), Double(counts.count - 1)))
      while bin + 1 < counts.count, value >= edges[bin + 1] { bin += 1 }
      while bin > 0, value < edges[bin] { bin -= 1 }
      counts[bin] += 1
    }
    return counts
  }

  package func render(_ options: PictureOptions) -> StyledText {
    let language = options.language
    // A first guess at the room beside the labels, which a count more or less hardly changes.
    guard let all = bins, let most = all.grouped(into: options.width - 14).counts.max() else {
      let phrase =
        !sorted.isEmpty
        ? Phrase(en: "the values lie too far apart or too close together to count", zh: "这些值相距太远或太近，无法分格")
        : Phrase(en: "nothing to count: no finite value", zh: "没有有限的值可数")
      return Frame.message(phrase[language], width: options.width)
    }
    let rows = max(3, options.height - 5)
    let yTicks = Ticks.linear(from: 0, to: Double(most), target: Frame.target(rows: rows))
    // Counts are whole numbers: no tick between two of them.
    let whole = Ticks(ticks: yTicks.ticks.filter { $0.value == $0.value.rounded() })
    let room = Frame.columns(in: options.width, whole, room: min(xLabel.displayWidth, 8) + 3)
    let bins = all.grouped(into: options.width - 14)
    let binWidth = max(1, min(8, room / bins.counts.count))
    let columns = min(room, bins.counts.count * binWidth + 1)
    let canvas = Canvas(columns: columns, rows: rows, glyphs: options.glyphs)
    // The edge of bin i stands exactly at the first dot of its first column.
    let dots = Double(binWidth * options.glyphs.dots.across)
    let share = Double(canvas.width - 1) / dots
    let step = bins.edges[1] - bins.edges[0]
    let map = ScreenMap(
      extent: (bins.edges[0]...(bins.edges[0] + step * share), 0...Double(most)), width: canvas.width,
      height: canvas.height, logarithmic: false)
    var frame = Frame(canvas: canvas, map: map, yTicks: whole)
    let eighths = Array(" ▁▂▃▄▅▆▇█")
    for (bin, count) in bins.counts.enumerated() {
      let filled = Int((Double(count) / Double(most) * Double(rows * 8)).rounded())
      for row in 0..<rows {
        let part = min(8, max(0, max(count > 0 ? 1 : 0, filled) - row * 8))
        guard part > 0 else { continue }
        let glyph: Character = options.isASCII ? (part >= 4 ? "#" : "_") : eighths[part]
        for column in 0..<max(1, binWidth - (binWidth > 2 ? 1 : 0)) {
          frame.put(glyph, bin * binWidth + column, rows - 1 - row, .series(0))
        }
      }
    }
    var text = StyledText()
    if !title.isEmpty {
      text.append(StyledText(" " + title, .strong).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    let edgeTicks = Ticks(ticks: zip(bins.edges, bins.labels).map { Ticks.Tick(value: $0, label: $1) })
    text.append(
      frame.render(
        // Edges that are no round numbers are not worth a label.
        xTicks: wantedBins == nil ? thinned(edgeTicks, binWidth) : nil, xLabel: xLabel, width: options.width))
    for line in summary(language).wrapped(width: max(10, options.width - 2)) {
      text.append("  " + line + "\n", .dim)
    }
    text.append(
      events.legend(language, xLabel: "i", ascii: options.isASCII, width: options.width))
    return text
  }

  /// Every so many edges, so that two blanks are left between their labels; always counted from a round one.
  private func thinned(_ ticks: Ticks, _ binWidth: Int) -> Ticks {
    let widest = ticks.ticks.map(\.label.count).max() ?? 1
    guard let every = [1, 2, 5, 10, 20, 50].first(where: { $0 * binWidth >= widest + 2 }) else { return ticks }
    let step = ticks.ticks.count > 1 ? ticks.ticks[1].value - ticks.ticks[0].value : 1
    return Ticks(
      ticks: ticks.ticks.filter {
        Int(($0.value / step).rounded()).quotientAndRemainder(dividingBy: every).remainder == 0
      })
  }

  private var events: EventStrip {
    var strip = EventStrip()
    for (index, value) in values.enumerated() where !value.isFinite {
      strip.add(value.isNaN ? .notANumber : .infinite, "", x: Double(index + 1), y: value)
    }
    return strip
  }

  private func summary(_ language: Language) -> String {
    let finite = sorted
    guard !finite.isEmpty else { return "" }
    let count = Double(finite.count)
    let mean = finite.reduce(0) { $0 + $1 / count }
    let deviation = finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / count }.squareRoot()
    let middle = finite.count / 2
    let median = finite.count % 2 == 1 ? finite[middle] : (finite[middle - 1] + finite[middle]) / 2
    let s = { (value: Double) in Ticks.short(value) }
    return Phrase(
      en:
        "n = \(finite.count) · mean \(s(mean)) · std \(s(deviation)) · median \(s(median)) · from \(s(finite[0])) to \(s(finite[finite.count - 1]))",
      zh:
        "n = \(finite.count) · 均值 \(s(mean)) · 标准差 \(s(deviation)) · 中位数 \(s(median)) · 范围 \(s(finite[0])) 到 \(s(finite[finite.count - 1]))"
    )[language]
  }

  package func describe(_ language: Language) -> String {
    guard let bins, let most = bins.counts.max(), let at = bins.counts.firstIndex(of: most) else {
      return Phrase(en: "An empty histogram.", zh: "空直方图。")[language]
    }
    let name = title.isEmpty ? "" : title + (language == .en ? ": " : "：")
    return name
      + Phrase(
        en:
          "\(summary(.en)); fullest bin \(bins.labels[at])..\(bins.labels[at + 1]) with \(most); counts \(bins.counts.map(String.init).joined(separator: " ")) in steps of \(Ticks.short(bins.edges[1] - bins.edges[0])) from \(bins.labels[0]).",
        zh:
          "\(summary(.zh))；最满的一格 \(bins.labels[at])..\(bins.labels[at + 1]) 有 \(most) 个；从 \(bins.labels[0]) 起每格 \(Ticks.short(bins.edges[1] - bins.edges[0]))，计数 \(bins.counts.map(String.init).joined(separator: " "))。"
      )[language]
  }

  package func svg(_ language: Language) -> String {
    guard let bins, let most = bins.counts.max() else { return SVG.text(render(PictureOptions(language: language))) }
    let extent = (bins.edges[0]...bins.edges[bins.edges.count - 1], 0...(Double(most) * 1.02))
    var page = SVG.Plot(
      title: title, xLabel: xLabel, names: [], extent: extent, logarithmic: false,
      xTicks: .linearWithOffset(from: extent.0.lowerBound, to: extent.0.upperBound, target: 7),
      yTicks: .linear(from: 0, to: Double(most), target: 6))
    for (index, count) in bins.counts.enumerated() where count > 0 {
      page.bar(bins.edges[index], bins.edges[index + 1], Double(count), series: 0)
    }
    page.note(summary(language))
    for sentence in events.sentences(language, xLabel: "i", ascii: false) { page.note(sentence) }
    return page.document
  }
}
