import Interpreter
import Markup
import Plots

/// A picture as a value: it shows itself, and the numbers behind it are its fields.
struct PlotObject: Presentable {
  let picture: any Picture
  let fields: Record

  init(_ picture: any Picture, _ fields: [(name: String, value: Value)] = []) {
    self.picture = picture
    self.fields = Record(fields)
  }

  var kind: String { "plot" }
  var fieldNames: [String] { fields.fields.map(\.name) }
  func field(_ name: String) -> Value? { fields[name] }
  func element(_ index: Int) -> Value? { nil }

  func text(_ settings: Settings) -> StyledText { picture.render(settings.picture) }

  var json: String {
    guard let chart = picture as? LineChart else { return JSONText.value(.record(fields)) }
    let curves = chart.series.map { curve -> String in
      let x = curve.x.map(JSONText.number).joined(separator: ",")
      let y = curve.y.map(JSONText.number).joined(separator: ",")
      return "{\"label\":\(JSONText.string(curve.label)),\"x\":[\(x)],\"y\":[\(y)]}"
    }
    return "{\"series\":[\(curves.joined(separator: ","))]}"
  }

  func description(_ language: Language) -> String { picture.describe(language) }
}

extension Settings {
  /// A picture as wide as the screen that leaves room for the prompt.
  package var picture: PictureOptions {
    let kind: Plots.Glyphs = glyphs == .ascii ? .ascii : glyphs == .blocks ? .blocks : .braille
    let rows = max(8, min(height - 3, max(20, min(width / 4, 32))))
    return PictureOptions(
      width: min(width, 300), height: rows, glyphs: kind, language: language,
      hasColour: shadesGrounds && theme != .none)
  }
}
