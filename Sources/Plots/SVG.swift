import Markup

/// Pictures as SVG documents that stand alone: no script, no fonts or styles from elsewhere.
enum SVG {
  /// Okabe & Ito (2008), as on the screen.
  static let colours = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"]
  static let fonts = "font-family=\"Helvetica, Arial, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', sans-serif\""

  /// By which a file is known to be ours, and may be written again.
  static let signature = "drawn by LossLab"

  static func escape(_ text: String) -> String {
    OutputGate.sanitize(text).reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }

  /// A coordinate with two decimals.
  static func number(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e9 else { return "0" }
    let hundredths = Int((value * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  static func document(width: Double, height: Double, _ elements: [String]) -> String {
    let size = "width=\"\(number(width))\" height=\"\(number(height))\""
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <!-- \(signature) -->
      <svg xmlns="http://www.w3.org/2000/svg" \(size) viewBox="0 0 \(number(width)) \(number(height))" \(fonts)>
      <rect width="100%" height="100%" fill="#ffffff"/>

      """ + elements.joined(separator: "\n") + "\n</svg>\n"
  }

  static func label(
    _ text: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int = 12, colour: String = "#333333"
  ) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(size)\" text-anchor=\"\(anchor)\" fill=\"\(colour)\">"
      + escape(text) + "</text>"
  }

  static func line(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, _ colour: String = "#888888") -> String {
    "<line x1=\"\(number(x0))\" y1=\"\(number(y0))\" x2=\"\(number(x1))\" y2=\"\(number(y1))\" stroke=\"\(colour)\"/>"
  }

  /// Text set in columns, for pictures that are made of characters: every character at its own column, so that the
  /// drawing holds whatever font shows it.
  static func text(_ text: StyledText) -> String {
    let (cell, row) = (8.0, 18.0)
    var elements: [String] = []
    var width = 0
    for (number, line) in text.lines.enumerated() {
      var column = 0
      for run in line.runs {
        let colour = colour(run.style)
        for character in run.text {
          if character != " " {
            elements.append(
              "<text x=\"\(self.number(Double(column) * cell + 12))\" y=\"\(self.number(Double(number) * row + 24))\""
                + " font-size=\"13\" font-family=\"'DejaVu Sans Mono', Menlo, monospace\" fill=\"\(colour)\">"
                + escape(String(character)) + "</text>")
          }
          column += character.displayWidth
        }
      }
      width = max(width, column)
    }
    return document(width: Double(width) * cell + 24, height: Double(text.lines.count) * row + 24, elements)
  }

  private static func colour(_ style: Style) -> String {
    switch style {
    case .series(let index): colours[((index % 6) + 6) % 6]
    case .dim, .comment, .hint: "#777777"
    case .warning, .error: "#B04000"
    case .success: "#007050"
    default: "#222222"
    }
  }

  /// A plot with axes: 640 × 400 and what its names need on the right.
  struct Plot {
    private(set) var map: ScreenMap
    private var elements: [String] = []
    private var notes: [String] = []
    private var nameRows: [Double] = []
    private let origin = (x: 72.0, y: 44.0)
    private let size: (width: Double, height: Double)
    private let pageWidth: Double

    init(
      title: String, xLabel: String, yLabel: String = "", names: [String],
      extent: (x: ClosedRange<Double>, y: ClosedRange<Double>), logarithmic: Bool, xTicks: Ticks, yTicks: Ticks,
      size wanted: (width: Double, height: Double)? = nil
    ) {
      let size = wanted ?? (520, 300)
      map = ScreenMap(
        extent: extent, width: Int(size.width) + 1, height: Int(size.height) + 1, logarithmic: logarithmic)
      let widest = names.map(\.displayWidth).max() ?? 0
      pageWidth = origin.x + size.width + 40 + (widest > 0 ? Double(widest) * 7.5 + 34 : 0)
      self.size = size
      if !title.isEmpty { elements.append(SVG.label(title, origin.x, 24, size: 15, colour: "#000000")) }
      for tick in yTicks.ticks {
        let y = origin.y + Double(map.y.dots - 1) - map.y.position(tick.value)
        if !tick.label.isEmpty {
          elements.append(SVG.line(origin.x, y, origin.x + size.width, y, "#e4e4e4"))
          elements.append(SVG.label(tick.label, origin.x - 8, y + 4, anchor: "end"))
        }
        elements.append(SVG.line(origin.x - 4, y, origin.x, y))
      }
      let bottom = origin.y + size.height
      for tick in xTicks.ticks {
        let x = origin.x + map.x.position(tick.value)
        elements.append(SVG.line(x, origin.y, x, bottom, "#f0f0f0"))
        elements.append(SVG.line(x, bottom, x, bottom + 4))
        elements.append(SVG.label(tick.label, x, bottom + 18, anchor: "middle"))
      }
      elements.append(
        "<rect x=\"\(number(origin.x))\" y=\"\(number(origin.y))\" width=\"\(number(size.width))\""
          + " height=\"\(number(size.height))\" fill=\"none\" stroke=\"#888888\"/>")
      elements.append(SVG.label(xLabel, origin.x + size.width / 2, bottom + 36, anchor: "middle"))
      if !yLabel.isEmpty { elements.append(SVG.label(yLabel, origin.x - 8, origin.y - 10, anchor: "end")) }
      elements.append(
        "<clipPath id=\"inside\"><rect x=\"\(number(origin.x))\" y=\"\(number(origin.y))\""
          + " width=\"\(number(size.width))\" height=\"\(number(size.height))\"/></clipPath>")
    }

    private func page(_ dot: Dot) -> (x: Double, y: Double) { (origin.x + dot.x, origin.y + dot.y) }

    static func dashes(_ dash: Canvas.Dash) -> String {
      switch dash {
      case .solid: ""
      case .dashed: " stroke-dasharray=\"8 5\""
      case .dotted: " stroke-dasharray=\"2 4\""
      case .dashDotted: " stroke-dasharray=\"8 4 2 4\""
      }
    }

    mutating func polyline(_ places: [Dot?], series: Int, dash: Canvas.Dash, width: Double = 1.8, opacity: Double = 1) {
      for piece in places.split(separator: nil) {
        if piece.count == 1, let dot = piece.first ?? nil {
          // A point between two gaps has no line to be seen by.
          let at = page(dot)
          elements.append(
            "<circle clip-path=\"url(#inside)\" cx=\"\(number(at.x))\" cy=\"\(number(at.y))\" r=\"\(number(width))\""
              + " fill=\"\(SVG.colours[series % 6])\"/>")
          continue
        }
        let points = piece.compactMap { $0 }.map { dot -> String in
          let at = page(dot)
          return SVG.number(at.x) + "," + SVG.number(at.y)
        }
        elements.append(
          "<polyline clip-path=\"url(#inside)\" fill=\"none\" stroke=\"\(SVG.colours[series % 6])\""
            + " stroke-width=\"\(SVG.number(width))\" stroke-linejoin=\"round\" opacity=\"\(SVG.number(opacity))\""
            + "\(Plot.dashes(dash)) points=\"\(points.joined(separator: " "))\"/>")
      }
    }

    /// Many short pieces as one path: two places and a nil each.
    mutating func segments(_ places: [Dot?], series: Int) {
      var path = ""
      for piece in places.split(separator: nil) {
        for (index, dot) in piece.compactMap({ $0 }).enumerated() {
          let at = page(dot)
          path += (index == 0 ? "M" : "L") + SVG.number(at.x) + " " + SVG.number(at.y)
        }
      }
      elements.append(
        "<path fill=\"none\" stroke=\"\(SVG.colours[series % 6])\" stroke-width=\"1.2\" d=\"\(path)\"/>")
    }

    mutating func point(_ x: Double, _ y: Double, series: Int, radius: Double = 3) {
      guard let dot = map.place(x, y) else { return }
      let at = page(dot)
      elements.append(
        "<circle cx=\"\(number(at.x))\" cy=\"\(number(at.y))\" r=\"\(number(radius))\""
          + " fill=\"\(SVG.colours[((series % 6) + 6) % 6])\" fill-opacity=\"0.75\"/>")
    }

    mutating func bar(_ x0: Double, _ x1: Double, _ y: Double, series: Int) {
      guard let a = map.place(x0, y), let b = map.place(x1, y), let zero = map.place(x0, map.y.range.lowerBound) else {
        return
      }
      let (from, to, ground) = (page(a), page(b), page(zero))
      elements.append(
        "<rect x=\"\(number(from.x + 0.5))\" y=\"\(number(from.y))\" width=\"\(number(to.x - from.x - 1))\""
          + " height=\"\(number(ground.y - from.y))\" fill=\"\(SVG.colours[series % 6])\" fill-opacity=\"0.8\"/>")
    }

    /// A rectangle between two places in dots, behind what is drawn later.
    mutating func area(_ from: Dot, _ to: Dot, series: Int, opacity: Double) {
      let (a, b) = (page(from), page(to))
      elements.append(
        "<rect x=\"\(number(a.x))\" y=\"\(number(a.y))\" width=\"\(number(b.x - a.x))\" height=\"\(number(b.y - a.y))\""
          + " fill=\"\(SVG.colours[series % 6])\" fill-opacity=\"\(number(opacity))\"/>")
    }

    mutating func mark(_ x: Double, _ y: Double, _ text: String) {
      guard let dot = map.place(x, y) else { return }
      label(text, at: dot)
    }

    mutating func label(_ text: String, at dot: Dot) {
      let at = page(dot)
      elements.append(
        "<text x=\"\(number(at.x))\" y=\"\(number(at.y + 4))\" font-size=\"12\" text-anchor=\"middle\" fill=\"#000000\""
          + " stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\">\(escape(text))</text>")
    }

    /// A name in the column on the right.
    mutating func name(_ text: String, series: Int, dash: Canvas.Dash?) {
      guard !text.isEmpty else { return }
      let y = origin.y + 14 + Double(nameRows.count) * 20
      nameRows.append(y)
      let x = origin.x + size.width + 16
      let colour = SVG.colours[series % 6]
      if let dash {
        elements.append(
          "<line x1=\"\(number(x))\" y1=\"\(number(y - 4))\" x2=\"\(number(x + 26))\" y2=\"\(number(y - 4))\""
            + " stroke=\"\(colour)\" stroke-width=\"2\"\(Plot.dashes(dash))/>")
      } else {
        elements.append("<circle cx=\"\(number(x + 13))\" cy=\"\(number(y - 4))\" r=\"3\" fill=\"\(colour)\"/>")
      }
      elements.append(SVG.label(text, x + 32, y, colour: colour))
    }

    /// A sentence under the picture.
    mutating func note(_ text: String) { notes += text.wrapped(width: Int((pageWidth - origin.x) / 6.2)) }

    var document: String {
      let bottom = origin.y + size.height + 56
      let lines = notes.enumerated().map { SVG.label($1, origin.x, bottom + Double($0) * 16, size: 11) }
      return SVG.document(
        width: pageWidth, height: bottom + Double(notes.count) * 16, elements + lines)
    }
  }
}
