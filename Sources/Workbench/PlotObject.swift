import Interpreter
import Markup
import Plots

/// A picture as a value.
struct PlotObject: Presentable {
  let chart: LineChart

  var kind: String { "plot" }
  var fieldNames: [String] { [] }
  func field(_ name: String) -> Value? { nil }
  func element(_ index: Int) -> Value? { nil }

  func text(_ settings: Settings) -> StyledText { chart.render(settings.picture) }

  var json: String {
    let curves = chart.series.map { curve -> String in
      let x = curve.x.map(JSONText.number).joined(separator: ",")
      let y = curve.y.map(JSONText.number).joined(separator: ",")
      return "{\"label\":\(JSONText.string(curve.label)),\"x\":[\(x)],\"y\":[\(y)]}"
    }
    return "{\"series\":[\(curves.joined(separator: ","))]}"
  }

  func description(_ language: Language) -> String { chart.describe(language) }
}

extension Settings {
  /// A picture that leaves room for the prompt.
  var picture: PictureOptions {
    let kind: Plots.Glyphs = glyphs == .ascii ? .ascii : glyphs == .blocks ? .blocks : .braille
    return PictureOptions(width: min(width, 100), height: max(8, min(height - 3, 20)), glyphs: kind, language: language)
  }
}
