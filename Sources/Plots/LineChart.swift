import Glibc
import Markup

/// How a picture is to be drawn.
package struct PictureOptions: Sendable {
  package var width: Int
  package var height: Int
  package var glyphs: Glyphs
  package var language: Language

  package init(width: Int = 80, height: Int = 20, glyphs: Glyphs = .braille, language: Language = .en) {
    self.width = width
    self.height = height
    self.glyphs = glyphs
    self.language = language
  }
}

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

  package enum Scale: Sendable { case automatic, linear, logarithmic }

  package var title: String
  package var xLabel: String
  package var series: [Series]
  package var marks: [Mark] = []
  package var scale: Scale

  package init(title: String, xLabel: String, series: [Series], scale: Scale = .linear) {
    self.title = title
    self.xLabel = xLabel
    self.series = series
    self.scale = scale
  }
}

extension LineChart {
  /// Whether the vertical axis is logarithmic: as asked, or because the values span two decades.
  package var isLogarithmic: Bool {
    let values = series.flatMap(\.y).filter(\.isFinite)
    switch scale {
    case .linear: return false
    case .logarithmic: return values.contains { $0 > 0 }
    case .automatic:
      guard values.count > 2, values.allSatisfy({ $0 > 0 }) else { return false }
      let sorted = values.sorted()
      return sorted[sorted.count * 95 / 100] / sorted[sorted.count * 5 / 100] >= 100
    }
  }

  /// The finite extent of both axes, never empty, never overflowing; nil without a finite point.
  func extent(logarithmic: Bool) -> (x: ClosedRange<Double>, y: ClosedRange<Double>)? {
    var x: (Double, Double) = (.infinity, -.infinity)
    var y: (Double, Double) = (.infinity, -.infinity)
    for curve in series {
      for (a, b) in zip(curve.x, curve.y) where a.isFinite {
        x = (min(x.0, a), max(x.1, a))
        if b.isFinite, !logarithmic || b > 0 { y = (min(y.0, b), max(y.1, b)) }
      }
    }
    guard x.0 <= x.1, y.0 <= y.1 else { return nil }
    func padded(_ low: Double, _ high: Double) -> ClosedRange<Double> {
      if high > low { return max(low, -8e307)...min(high, 8e307) }
      let pad = max(low.magnitude * 0.05, 1e-300)
      return (low - pad)...(high + (low == 0 ? 1 : pad))
    }
    var vertical = padded(y.0, y.1)
    if logarithmic, vertical.lowerBound <= 0 { vertical = (y.0 / 2)...(y.1 * 2) }
    return (padded(x.0, x.1), vertical)
  }

  package func render(_ options: PictureOptions) -> StyledText {
    let logarithmic = isLogarithmic
    let language = options.language
    guard let extent = extent(logarithmic: logarithmic) else {
      return StyledText(
        Phrase(en: "nothing to draw: no finite value\n", zh: "没有有限的值可画\n")[language], .warning)
    }
    let ascii = options.glyphs == .ascii
    let rows = max(3, options.height - 4)
    let yTicks =
      logarithmic
      ? Ticks.logarithmic(
        from: extent.y.lowerBound, to: extent.y.upperBound, target: min(7, max(3, rows / 4)), ascii: ascii)
      : Ticks.linear(from: extent.y.lowerBound, to: extent.y.upperBound, target: min(7, max(3, rows / 4)))
    let labelWidth = yTicks.ticks.map { $0.label.displayWidth }.max() ?? 1
    let names = series.map { $0.label }.filter { !$0.isEmpty }
    let room = min(names.map { $0.displayWidth + 4 }.max() ?? 0, options.width / 3)
    let columns = max(8, options.width - labelWidth - 3 - room)
    var canvas = Canvas(columns: columns, rows: rows, glyphs: options.glyphs)
    let map = ScreenMap(extent: extent, width: canvas.width, height: canvas.height, logarithmic: logarithmic)
    for (index, curve) in series.enumerated() { draw(curve, index, map, on: &canvas) }
    var frame = Frame(canvas: canvas, map: map, ascii: ascii, labelWidth: labelWidth)
    frame.place(marks)
    frame.label(series, room: room)
    var text = StyledText()
    let header = title + (logarithmic ? Phrase(en: "  (log scale)", zh: "  （对数刻度）")[language] : "")
    if !header.isEmpty { text.append(StyledText(" " + header, .strong).truncated(to: options.width) + "\n") }
    text.append(frame.render(yTicks, xLabel: xLabel, target: max(2, columns / 12)))
    text.append(events(language, logarithmic))
    return text
  }

  private func draw(_ curve: Series, _ index: Int, _ map: ScreenMap, on canvas: inout Canvas) {
    if !curve.isJoined {
      for (x, y) in zip(curve.x, curve.y) {
        if let point = map.dot(x, y) { canvas.set(point.x, point.y, series: index) }
      }
      return
    }
    let joined = series.prefix(index).count { $0.isJoined }
    let dash = Canvas.Dash(rawValue: joined % Canvas.Dash.allCases.count) ?? .solid
    var travelled = 0
    var previous: (x: Int, y: Int)?
    for (x, y) in Decimation.reduced(curve.x, curve.y, map) {
      guard let point = map.dot(x, y) else {
        previous = nil
        continue
      }
      if let from = previous {
        canvas.line(from.x, from.y, point.x, point.y, series: index, dash: dash, travelled: &travelled)
      } else {
        canvas.set(point.x, point.y, series: index)
      }
      previous = point
    }
  }

  /// One line that names every value the picture cannot show.
  private func events(_ language: Language, _ logarithmic: Bool) -> StyledText {
    var parts: [String] = []
    for curve in series {
      func places(_ test: (Double) -> Bool) -> String? {
        let hits = zip(curve.x, curve.y).filter { test($0.1) }.map { $0.0 }
        guard let first = hits.first else { return nil }
        let shown = Ticks.short(first)
        return hits.count == 1 ? "\(xLabel) = \(shown)" : "\(xLabel) = \(shown)… (\(hits.count)×)"
      }
      let prefix = curve.label.isEmpty || series.count == 1 ? "" : curve.label + ": "
      if let at = places(\.isNaN) { parts.append("N \(prefix)NaN, \(at)") }
      if let at = places(\.isInfinite) {
        parts.append("∞ \(prefix)\(Phrase(en: "infinite", zh: "无穷")[language]), \(at)")
      }
      if logarithmic, let at = places({ $0 <= 0 }) { parts.append("0 \(prefix)≤ 0, \(at)") }
    }
    return parts.isEmpty ? StyledText() : StyledText("  " + parts.joined(separator: "   ") + "\n", .warning)
  }

  /// The picture in words and numbers.
  package func describe(_ language: Language) -> String {
    var sentences: [String] = []
    for curve in series {
      let points = zip(curve.x, curve.y).filter { $0.1.isFinite }
      guard let low = points.min(by: { $0.1 < $1.1 }), let high = points.max(by: { $0.1 < $1.1 }),
        let first = points.first,
        let last = points.last
      else { continue }
      let name = curve.label.isEmpty ? title : curve.label
      let s = Ticks.short
      sentences.append(
        Phrase(
          en:
            "\(name): from \(s(first.1)) at \(xLabel) = \(s(first.0)) to \(s(last.1)) at \(xLabel) = \(s(last.0)); lowest \(s(low.1)) at \(s(low.0)), highest \(s(high.1)) at \(s(high.0)).",
          zh:
            "\(name)：\(xLabel) = \(s(first.0)) 处为 \(s(first.1))，\(xLabel) = \(s(last.0)) 处为 \(s(last.1))；最低 \(s(low.1))（在 \(s(low.0))），最高 \(s(high.1))（在 \(s(high.0))）。"
        )[language])
    }
    return sentences.joined(separator: " ")
  }
}

extension Ticks {
  /// A number in a sentence: four significant digits.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value.isNaN ? "NaN" : value == 0 ? "0" : value < 0 ? "-∞" : "∞" }
    let power = Int(log10(value.magnitude).rounded(.down)) - 3
    let scale = pow(10, Double(-power))
    guard scale.isFinite, scale > 0 else { return value.description }
    return label(Int((value * scale).rounded()), power)
  }
}
