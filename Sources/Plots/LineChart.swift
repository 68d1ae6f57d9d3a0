import Glibc
import Markup

/// Curves and points over common axes.
package struct LineChart: Sendable {
  package struct Series: Sendable {
    package var label: String
    package var x: [Double]
    package var y: [Double]
    /// Points alone, or joined by lines; NaN breaks a line.
    package var isJoined: Bool

    package init(label: String, x: [Double], y: [Double], isJoined: Bool = true) {
      self.label = label
      self.x = x
      self.y = y
      self.isJoined = isJoined
    }
  }

  /// A character at a place, such as `*` for a minimum.
  package struct Mark: Sendable {
    package var x: Double
    package var y: Double
    package var character: Character

    package init(x: Double, y: Double, character: Character) {
      self.x = x
      self.y = y
      self.character = character
    }
  }

  package enum VerticalScale: Sendable { case automatic, linear, logarithmic }

  package var title: String
  package var xLabel: String
  package var series: [Series]
  package var marks: [Mark] = []
  package var scale: VerticalScale
  /// Whether isolated spikes are cut off at the edge, and named.
  package var clipsSpikes = true
  /// What the vertical axis shows, where it is not to be all values; the rest is cut off, and named.
  package var yRange: ClosedRange<Double>?

  package init(title: String, xLabel: String, series: [Series], scale: VerticalScale = .linear) {
    self.title = title
    self.xLabel = xLabel
    self.series = series
    self.scale = scale
  }
}

extension LineChart: Picture {
  // MARK: Axes

  /// Whether the vertical axis is logarithmic: as asked, or because all values are positive and span two decades even
  /// without the twentieth at either end.
  package var isLogarithmic: Bool { isLogarithmic(series.map(SeriesFacts.init)) }

  private func isLogarithmic(_ facts: [SeriesFacts]) -> Bool {
    switch scale {
    case .linear: return false
    case .logarithmic: return facts.contains { $0.lowestPositive < .infinity }
    case .automatic:
      if facts.contains(where: \.hasNonPositive) { return false }
      var sample: [Double] = []
      for curve in series {
        // Evenly spaced values tell the quantiles of a long curve well enough.
        for index in stride(from: 0, to: curve.y.count, by: max(1, curve.y.count / 4096)) where curve.y[index].isFinite
        {
          sample.append(curve.y[index])
        }
      }
      guard sample.count > 2 else { return false }
      sample.sort()
      return sample[sample.count * 95 / 100] / sample[sample.count * 5 / 100] >= 100
    }
  }

  /// The finite extent of both axes, never empty, never overflowing; nil without a finite point.
  func extent(logarithmic: Bool) -> (x: ClosedRange<Double>, y: ClosedRange<Double>)? {
    extent(series.map(SeriesFacts.init), logarithmic: logarithmic, clipped: [])
  }

  /// - Parameter clipped: for each series the places that do not count, in order.
  private func extent(
    _ facts: [SeriesFacts], logarithmic: Bool, clipped: [[Int]]
  ) -> (x: ClosedRange<Double>, y: ClosedRange<Double>)? {
    var x: (Double, Double) = (.infinity, -.infinity)
    var y: (Double, Double) = (.infinity, -.infinity)
    for (number, curve) in series.enumerated() {
      let own = facts[number]
      x = (min(x.0, own.x.low), max(x.1, own.x.high))
      let left = number < clipped.count ? clipped[number] : []
      if left.isEmpty {
        y = (min(y.0, logarithmic ? own.lowestPositive : own.y.low), max(y.1, own.y.high))
        continue
      }
      var next = left.startIndex
      for (number, block) in own.blocks.enumerated() {
        let points = own.points(of: number)
        if block.isFinite, !logarithmic, next == left.endIndex || left[next] >= points.upperBound {
          y = (min(y.0, block.y.low), max(y.1, block.y.high))
          continue
        }
        for index in points {
          if next < left.endIndex, left[next] == index {
            next += 1
            continue
          }
          let value = curve.y[index]
          guard curve.x[index].isFinite, value.isFinite, !logarithmic || value > 0 else { continue }
          y = (min(y.0, value), max(y.1, value))
        }
      }
    }
    for mark in marks where mark.x.isFinite && mark.y.isFinite && (!logarithmic || mark.y > 0) {
      x = (min(x.0, mark.x), max(x.1, mark.x))
      y = (min(y.0, mark.y), max(y.1, mark.y))
    }
    guard x.0 <= x.1, y.0 <= y.1 || yRange != nil else { return nil }
    var vertical = LineChart.padded(y.0, y.1)
    if let yRange, yRange.upperBound > yRange.lowerBound, !logarithmic || yRange.lowerBound > 0 {
      vertical = LineChart.padded(yRange.lowerBound, yRange.upperBound)
    } else if logarithmic, y.0 == y.1 {
      vertical = (y.0 / 2)...(y.1 * 2)
    }
    return (LineChart.padded(x.0, x.1), vertical)
  }

  /// A range that is not empty: a constant gets a twentieth of itself on either side.
  static func padded(_ low: Double, _ high: Double) -> ClosedRange<Double> {
    guard low <= high else { return 0...1 }
    if high > low { return max(low, -8e307)...min(high, 8e307) }
    let pad = low == 0 ? 1 : max(low.magnitude * 0.05, 1e-300)
    return (low - pad)...(high + pad)
  }

  /// What is cut off in each series, in order: outside the range asked for, or spikes where the axis is linear.
  private func clipped(_ facts: [SeriesFacts], _ logarithmic: Bool) -> [[Int]] {
    zip(series, facts).map { curve, facts in
      if let yRange { return curve.y.indices.filter { curve.y[$0].isFinite && !yRange.contains(curve.y[$0]) } }
      return clipsSpikes && !logarithmic && curve.isJoined ? Spikes.indices(in: curve.y, facts) : []
    }
  }

  private func dash(_ index: Int) -> Canvas.Dash {
    let joined = series.prefix(index).count { $0.isJoined }
    return Canvas.Dash(rawValue: joined % Canvas.Dash.allCases.count) ?? .solid
  }

  private func header(_ language: Language, _ logarithmic: Bool, _ ticks: Ticks, ascii: Bool) -> String {
    var notes: [String] = []
    if logarithmic { notes.append(Phrase(en: "log scale", zh: "对数刻度")[language]) }
    if scale == .logarithmic, !logarithmic {
      notes.append(
        Phrase(en: "no value above 0, so the scale is linear", zh: "没有大于 0 的值，改用线性刻度")[language])
    }
    if let offset = ticks.offset {
      notes.append(Phrase(en: "values are \(offset) + …", zh: "数值为 \(offset) + …")[language])
    }
    guard !notes.isEmpty else { return title }
    let list = notes.joined(separator: ", ")
    return title + (title.isEmpty ? "" : "  ") + (language == .zh && !ascii ? "（\(list)）" : "(\(list))")
  }

  // MARK: Drawing

  package func render(_ options: PictureOptions) -> StyledText {
    let facts = series.map(SeriesFacts.init)
    let logarithmic = isLogarithmic(facts)
    let language = options.language
    let clipped = clipped(facts, logarithmic)
    guard let extent = extent(facts, logarithmic: logarithmic, clipped: clipped) else {
      return Frame.message(
        Phrase(en: "nothing to draw: no finite value", zh: "没有有限的值可画")[language], width: options.width)
        + events(facts, logarithmic, clipped).legend(
          language, xLabel: xLabel, ascii: options.isASCII, width: options.width)
    }
    let rows = max(3, options.height - 4)
    let yTicks = ticks(extent.y, logarithmic, rows: rows, ascii: options.isASCII)
    let keys = names(ascii: options.isASCII)
    // Names stand beside the ends of the curves, unless they would take a third of the screen.
    let widest = keys.map { $0.displayWidth + 1 }.max() ?? 0
    let isBeside = widest <= options.width / 3 && keys.count <= rows
    let room = max(isBeside ? widest : 0, min(xLabel.displayWidth, 8) + 2)
    let columns = Frame.columns(in: options.width, yTicks, room: min(room, options.width / 3))
    var canvas = Canvas(columns: columns, rows: rows, glyphs: options.glyphs)
    let map = ScreenMap(extent: extent, width: canvas.width, height: canvas.height, logarithmic: logarithmic)
    for index in series.indices where mark(index) == nil { draw(index, facts[index], map, on: &canvas) }
    var frame = Frame(canvas: canvas, map: map, yTicks: yTicks)
    for index in series.indices.reversed() { placePoints(index, in: &frame) }
    place(clipped, in: &frame)
    for mark in marks {
      if let at = frame.cell(mark.x, mark.y) { frame.put(mark.character, at.column, at.row, .strong) }
    }
    if isBeside { label(&frame, options.isASCII) }
    var text = StyledText()
    let header = header(language, logarithmic, yTicks, ascii: options.isASCII)
    for line in header.isEmpty ? [] : header.wrapped(width: max(8, options.width - 2)) {
      text.append(StyledText(" " + line, .strong).truncated(to: options.width, ellipsis: options.ellipsis) + "\n")
    }
    let strip = events(facts, logarithmic, clipped)
    text.append(frame.render(xLabel: xLabel, width: options.width, strip: strip.marks(frame)))
    if !isBeside { text.append(legend(keys, options.width)) }
    text.append(strip.legend(language, xLabel: xLabel, ascii: options.isASCII, width: options.width))
    return text
  }

  private func ticks(_ range: ClosedRange<Double>, _ logarithmic: Bool, rows: Int, ascii: Bool) -> Ticks {
    let target = Frame.target(rows: rows)
    guard logarithmic else {
      return Ticks.linearWithOffset(from: range.lowerBound, to: range.upperBound, target: target)
    }
    let decades = log10(range.upperBound / range.lowerBound)
    return Ticks.logarithmic(
      from: range.lowerBound, to: range.upperBound, target: target, ascii: ascii,
      minor: Double(rows) >= 4 * decades)
  }

  private func draw(_ index: Int, _ facts: SeriesFacts, _ map: ScreenMap, on canvas: inout Canvas) {
    let curve = series[index]
    if curve.isJoined {
      canvas.polyline(Decimation.reduced(curve.x, curve.y, map, facts), series: index, dash: dash(index))
    } else {
      for (x, y) in zip(curve.x, curve.y) {
        if let place = map.place(x, y) { canvas.set(place, series: index) }
      }
    }
  }

  /// Few points are characters, which can be seen and told apart; many are dots.
  private func mark(_ index: Int) -> Character? {
    guard !series[index].isJoined, series[index].x.count <= 200 else { return nil }
    let before = series.prefix(index).count { !$0.isJoined }
    return Array("o+x*")[before % 4]
  }

  private func placePoints(_ index: Int, in frame: inout Frame) {
    guard let mark = mark(index) else { return }
    for (x, y) in zip(series[index].x, series[index].y) {
      if let cell = frame.cell(x, y) { frame.put(mark, cell.column, cell.row, .series(index)) }
    }
  }

  /// A mark at the edge where a spike was cut off.
  private func place(_ clipped: [[Int]], in frame: inout Frame) {
    for (curve, places) in zip(series, clipped) {
      for place in places {
        guard let at = frame.cell(of: Dot(x: frame.map.x.position(curve.x[place]), y: 0)) else { continue }
        let isNegative = curve.y[place] < 0
        frame.put(
          EventStrip.Kind.clipped.mark(ascii: frame.glyphs == .ascii, isNegative: isNegative), at.column,
          isNegative ? frame.rows - 1 : 0, .warning)
      }
    }
  }

  // MARK: Names

  /// `━━ GD`, for every curve that has a name.
  private func names(ascii: Bool) -> [StyledText] {
    series.indices.filter { !series[$0].label.isEmpty }.map { key($0, ascii) }
  }

  private func key(_ index: Int, _ ascii: Bool) -> StyledText {
    let sample =
      series[index].isJoined ? dash(index).key(ascii: ascii) : mark(index).map(String.init) ?? (ascii ? ":" : "⠿")
    return StyledText(sample + " " + series[index].label, .series(index))
  }

  /// Puts each name beside the end of its curve, or on the nearest free row.
  private func label(_ frame: inout Frame, _ ascii: Bool) {
    for (index, curve) in series.enumerated() where !curve.label.isEmpty {
      let end = zip(curve.x.suffix(64), curve.y.suffix(64)).compactMap { frame.cell($0.0, $0.1) }.last
      _ = frame.name(key(index, ascii), nearest: end?.row ?? frame.rows / 2)
    }
  }

  /// The names in lines below, where there is no room beside the curves.
  private func legend(_ keys: [StyledText], _ width: Int) -> StyledText {
    var text = StyledText()
    var used = 0
    for key in keys {
      if used > 0, used + key.displayWidth + 3 > width {
        text.append("\n")
        used = 0
      }
      text.append(used == 0 ? " " : "   ")
      text.append(key.truncated(to: max(4, width - 1)))
      used += key.displayWidth + 3
    }
    text.endLine()
    return text
  }

  // MARK: Words

  private func events(_ facts: [SeriesFacts], _ logarithmic: Bool, _ clipped: [[Int]]) -> EventStrip {
    var strip = EventStrip()
    strip.span = (facts.map(\.x.high).max() ?? 0) - (facts.map(\.x.low).min() ?? 0)
    for (number, curve) in series.enumerated() {
      let label = series.count == 1 ? "" : curve.label
      for index in clipped[number] { strip.add(.clipped, label, x: curve.x[index], y: curve.y[index]) }
      guard facts[number].hasNonFinite || logarithmic && facts[number].hasNonPositive else { continue }
      for (block, range) in facts[number].blocks.enumerated()
      where !range.isFinite || logarithmic && range.y.low <= 0 {
        for index in facts[number].points(of: block) {
          let y = curve.y[index]
          // A place that is no number breaks the line and is no event: a jump of a function.
          if y.isFinite && (!logarithmic || y > 0) || curve.x[index].isNaN { continue }
          strip.add(
            y.isNaN ? .notANumber : y.isInfinite ? .infinite : .nonPositive, label, x: curve.x[index], y: y)
        }
      }
    }
    return strip
  }

  package func describe(_ language: Language) -> String {
    let facts = series.map(SeriesFacts.init)
    let logarithmic = isLogarithmic(facts)
    var sentences = series.compactMap { curve in
      CurveDescription(curve.x, curve.y, isJoined: curve.isJoined)?.sentence(
        curve.label.isEmpty ? title : curve.label, xLabel: xLabel, language)
    }
    sentences += events(facts, logarithmic, clipped(facts, logarithmic)).sentences(
      language, xLabel: xLabel, ascii: false
    ).map {
      $0 + (language == .en ? "." : "。")
    }
    if sentences.isEmpty { return Phrase(en: "An empty picture.", zh: "一张空图。")[language] }
    return sentences.joined(separator: language == .en ? " " : "")
  }

  package func svg(_ language: Language) -> String {
    let facts = series.map(SeriesFacts.init)
    let logarithmic = isLogarithmic(facts)
    let clipped = clipped(facts, logarithmic)
    guard let extent = extent(facts, logarithmic: logarithmic, clipped: clipped) else {
      return SVG.text(render(PictureOptions(language: language)))
    }
    let yTicks = ticks(extent.y, logarithmic, rows: 24, ascii: false)
    let xTicks = Ticks.linearWithOffset(from: extent.x.lowerBound, to: extent.x.upperBound, target: 7)
    var page = SVG.Plot(
      title: header(language, logarithmic, yTicks, ascii: false),
      xLabel: xLabel + (xTicks.offset.map { " = \($0) + …" } ?? ""),
      names: series.map(\.label), extent: extent, logarithmic: logarithmic, xTicks: xTicks, yTicks: yTicks)
    for (index, curve) in series.enumerated() {
      if curve.isJoined {
        page.polyline(Decimation.reduced(curve.x, curve.y, page.map, facts[index]), series: index, dash: dash(index))
      } else {
        for (x, y) in zip(curve.x, curve.y) { page.point(x, y, series: index) }
      }
      page.name(curve.label, series: index, dash: curve.isJoined ? dash(index) : nil)
    }
    for mark in marks { page.mark(mark.x, mark.y, String(mark.character)) }
    for sentence in events(facts, logarithmic, clipped).sentences(language, xLabel: xLabel, ascii: false) {
      page.note(sentence)
    }
    return page.document
  }
}
