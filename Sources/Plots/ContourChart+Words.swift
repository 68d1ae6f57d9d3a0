import Markup

/// A contour picture in words, and as a page.
extension ContourChart {
  package func describe(_ language: Language) -> String {
    let levels = ContourLevels(field)
    let extent = extent
    let s = { (value: Double) in Ticks.short(value) }
    let high = field.values.filter(\.isFinite).max() ?? .nan
    var text = ""
    if let lowest = field.lowest {
      let (list, name) = (levels.heights.map(levels.label).joined(separator: ", "), title.isEmpty ? "f" : title)
      let ranges =
        "\(xLabel) = \(s(extent.x.lowerBound))..\(s(extent.x.upperBound)), \(yLabel) = \(s(extent.y.lowerBound))..\(s(extent.y.upperBound))"
      text +=
        Phrase(
          en:
            "\(name) over \(ranges): lowest \(s(lowest.value)) near (\(s(lowest.x)), \(s(lowest.y))), highest \(s(high)); lines at \(list)\(levels.base == 0 ? "" : " above the lowest").",
          zh:
            "\(name)，\(ranges)：最低 \(s(lowest.value))，在 (\(s(lowest.x)), \(s(lowest.y))) 附近，最高 \(s(high))；等高线\(levels.base == 0 ? "" : "（高出最低值）") \(list)。"
        )[language]
    }
    if let path, path.count > 0 {
      let last = path.count - 1
      text +=
        Phrase(
          en:
            " The path takes \(last) steps from (\(s(path.x[0])), \(s(path.y[0]))), f = \(s(path.values[0])), to (\(s(path.x[last])), \(s(path.y[last]))), f = \(s(path.values[last])).",
          zh:
            "路径共 \(last) 步，从 (\(s(path.x[0])), \(s(path.y[0])))、f = \(s(path.values[0])) 走到 (\(s(path.x[last])), \(s(path.y[last])))、f = \(s(path.values[last]))。"
        )[language]
    }
    let missing = field.values.count { !$0.isFinite }
    if missing > 0 {
      text +=
        Phrase(
          en: " \(missing) of \(field.values.count) grid points have no finite value.",
          zh: "\(field.values.count) 个格点中有 \(missing) 个没有有限的值。")[language]
    }
    return text
  }

  package func svg(_ language: Language) -> String {
    let extent = extent
    let levels = ContourLevels(field)
    let (spanX, spanY) = (extent.x.upperBound - extent.x.lowerBound, extent.y.upperBound - extent.y.lowerBound)
    var size = (width: 480.0, height: 480 * spanY / spanX)
    if size.height > 480 { size = (480 * spanX / spanY, 480) }
    if !(size.width >= 120 && size.height >= 120) { size = (480, 360) }
    var page = SVG.Plot(
      title: title, xLabel: xLabel, yLabel: yLabel, names: [], extent: extent, logarithmic: false,
      xTicks: .linearWithOffset(from: extent.x.lowerBound, to: extent.x.upperBound, target: 6),
      yTicks: .linearWithOffset(from: extent.y.lowerBound, to: extent.y.upperBound, target: 6), size: size)
    for (index, height) in levels.heights.enumerated() {
      let pieces = dots(
        MarchingSquares.pieces(of: field, at: levels.base + height, height: levels.transform), page.map)
      var places: [Dot?] = []
      for piece in pieces { places += [piece.from, piece.to, nil] }
      page.segments(places, series: index)
      if let middle = pieces.dropFirst(pieces.count / 3).first { page.label(levels.label(height), at: middle.from) }
    }
    if let path {
      page.polyline(Decimation.reduced(path.x, path.y, page.map), series: 3, dash: .solid, width: 1.2)
      if path.count <= 400 {
        for step in 0..<path.count { page.point(path.x[step], path.y[step], series: 3, radius: 2.5) }
      }
      if path.count > 0 { page.mark(path.x[0], path.y[0], "S") }
    }
    if let lowest { page.mark(lowest.x, lowest.y, "*") }
    page.note(describe(language))
    return page.document
  }
}
