import Markup

/// What a cell of a picture is divided into.
package enum Glyphs: String, Sendable, CaseIterable {
  case braille, blocks, ascii

  /// Dots in a cell: across, down.
  package var dots: (across: Int, down: Int) {
    switch self {
    case .braille: (2, 4)
    case .blocks: (1, 2)
    case .ascii: (1, 2)
    }
  }
}

/// A grid of dots, several to a cell, each belonging to a series.
package struct Canvas: Sendable {
  package let columns: Int
  package let rows: Int
  package let glyphs: Glyphs
  /// The series of each dot, -1 where none.
  private var dots: [Int16]

  package var width: Int { columns * glyphs.dots.across }
  package var height: Int { rows * glyphs.dots.down }

  package init(columns: Int, rows: Int, glyphs: Glyphs) {
    self.columns = columns
    self.rows = rows
    self.glyphs = glyphs
    dots = [Int16](repeating: -1, count: max(0, columns * glyphs.dots.across * rows * glyphs.dots.down))
  }

  /// Sets a dot, counted from the upper left; the first series to claim it keeps it.
  package mutating func set(_ x: Int, _ y: Int, series: Int) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    if dots[y * width + x] < 0 { dots[y * width + x] = Int16(clamping: series) }
  }

  /// Which steps along a line are drawn, by arc length: what tells curves apart without colour.
  package enum Dash: Int, Sendable, CaseIterable {
    case solid, dashed, dotted, dashDotted

    func isDrawn(_ step: Int) -> Bool {
      switch self {
      case .solid: true
      case .dashed: step % 8 < 5
      case .dotted: step % 3 == 0
      case .dashDotted: [0, 1, 2, 3, 6].contains(step % 9)
      }
    }

    /// The sample shown beside a curve's name.
    package func key(ascii: Bool) -> String {
      switch self {
      case .solid: ascii ? "--" : "━━"
      case .dashed: ascii ? "- " : "╍╍"
      case .dotted: ascii ? ".." : "┅┅"
      case .dashDotted: ascii ? "-." : "─·"
      }
    }
  }

  /// A straight line between two dots (Bresenham, 1965); `travelled` carries the dash pattern from piece to piece.
  package mutating func line(
    _ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int, series: Int, dash: Dash, travelled: inout Int
  ) {
    let dx = abs(x1 - x0)
    let dy = -abs(y1 - y0)
    let sx = x0 < x1 ? 1 : -1
    let sy = y0 < y1 ? 1 : -1
    var (x, y, error) = (x0, y0, dx + dy)
    while true {
      if dash.isDrawn(travelled) { set(x, y, series: series) }
      if x == x1, y == y1 { return }
      travelled += 1
      let doubled = 2 * error
      if doubled >= dy {
        error += dy
        x += sx
      }
      if doubled <= dx {
        error += dx
        y += sy
      }
    }
  }

  /// A line between unrounded places: cut at the edges first, so that it keeps its slope however far it runs outside.
  mutating func line(_ from: Dot, _ to: Dot, series: Int, dash: Dash, travelled: inout Int) {
    guard let (a, b) = clipped(from, to) else { return }
    line(
      Int(a.x.rounded()), Int(a.y.rounded()), Int(b.x.rounded()), Int(b.y.rounded()), series: series, dash: dash,
      travelled: &travelled)
  }

  /// A polyline, broken at nil; a point alone is a dot.
  mutating func polyline(_ places: [Dot?], series: Int, dash: Dash) {
    var travelled = 0
    for (index, place) in places.enumerated() {
      guard let place else { continue }
      if index > 0, let before = places[index - 1] {
        line(before, place, series: series, dash: dash, travelled: &travelled)
      } else if index + 1 == places.count || places[index + 1] == nil {
        set(place, series: series)
      }
    }
  }

  mutating func set(_ place: Dot, series: Int) {
    let (x, y) = (place.x.rounded(), place.y.rounded())
    guard x >= 0, y >= 0, x < Double(width), y < Double(height) else { return }
    set(Int(x), Int(y), series: series)
  }

  /// Liang & Barsky (1984): the part of a line inside the canvas.
  private func clipped(_ from: Dot, _ to: Dot) -> (Dot, Dot)? {
    let (right, bottom) = (Double(width - 1), Double(height - 1))
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    var (enter, leave) = (0.0, 1.0)
    // Half a dot of margin: a place that rounds to the edge is inside.
    for (step, room) in [
      (-dx, from.x + 0.499), (dx, right + 0.499 - from.x), (-dy, from.y + 0.499), (dy, bottom + 0.499 - from.y),
    ] {
      if step == 0 {
        if room < 0 { return nil }
      } else if step < 0 {
        enter = max(enter, room / step)
      } else {
        leave = min(leave, room / step)
      }
    }
    guard enter <= leave, enter.isFinite, leave.isFinite else { return nil }
    if enter == 0, leave == 1 { return (from, to) }
    func point(_ share: Double) -> Dot {
      Dot(
        x: min(max(from.x + share * dx, -0.49), right + 0.49), y: min(max(from.y + share * dy, -0.49), bottom + 0.49))
    }
    return (enter == 0 ? from : point(enter), leave == 1 ? to : point(leave))
  }

  /// The glyph of a cell and the series with most dots in it; a tie goes to the first series.
  package func cell(_ column: Int, _ row: Int) -> (character: Character, series: Int)? {
    let (across, down) = glyphs.dots
    var bits = 0
    var owner: Int16 = 0
    var most = 0
    for dy in 0..<down {
      for dx in 0..<across {
        let series = dot(row * down + dy, column * across + dx)
        guard series >= 0 else { continue }
        bits |= bit(dx, dy)
        var count = 0
        for y in 0..<down {
          for x in 0..<across where dot(row * down + y, column * across + x) == series { count += 1 }
        }
        if count > most || count == most && series < owner { (owner, most) = (series, count) }
      }
    }
    guard bits != 0 else { return nil }
    switch glyphs {
    case .braille: return (Character(Unicode.Scalar(UInt32(0x2800 + bits)) ?? " "), Int(owner))
    case .blocks: return (bits == 3 ? "█" : bits == 1 ? "▀" : "▄", Int(owner))
    case .ascii: return (bits == 3 ? ":" : bits == 1 ? "'" : ".", Int(owner))
    }
  }

  private func dot(_ y: Int, _ x: Int) -> Int16 { dots[y * width + x] }

  private func bit(_ dx: Int, _ dy: Int) -> Int {
    switch glyphs {
    case .braille: dy < 3 ? 1 << (dy + 3 * dx) : 0x40 << dx
    case .blocks, .ascii: 1 << dy
    }
  }
}
