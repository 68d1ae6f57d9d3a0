import Markup
import Testing

@testable import Plots

/// L = (w·x − 1)² at w = 0.5, x = 3: u = 1.5, v = 0.5, L = 0.25; ∂L/∂v = 2v = 1, ∂L/∂w = x = 3, ∂L/∂x = w = 0.5.
private let graph = ComputationGraph(
  title: "L",
  nodes: [
    .init(name: "w", operation: "", inputs: [], value: "0.5", gradient: "3"),
    .init(name: "x", operation: "", inputs: [], value: "3", gradient: "0.5"),
    .init(name: "u", operation: "×", inputs: [0, 1], value: "1.5", gradient: "1"),
    .init(name: "v", operation: "−1", inputs: [2], value: "0.5", gradient: "1"),
    .init(name: "L", operation: "^2", inputs: [3], value: "0.25", gradient: "1"),
  ],
  rules: [.init(operation: "×", derivative: "∂u/∂w = x", value: "3", upstream: "1", product: "3")])

@Test func aGraphThatFitsIsDrawnAsWires() {
  let text = graph.render(PictureOptions(width: 80)).characters
  #expect(
    text.contains(
      """
       w ── 0.5 ─┐
            ←3   ├─[ × ]─ u 1.5 ──[ −1 ]─ v 0.5 ──[ ^2 ]─ L 0.25
       x ── 3 ───┘          ←1              ←1              ←1
            ←0.5
      """))
}

@Test func aGraphThatIsTooWideIsDrawnInParts() {
  let text = graph.render(PictureOptions(width: 40)).characters
  #expect(
    text.contains(
      """
       w ── 0.5 ─┐
            ←3   ├─[ × ]─ u 1.5
       x ── 3 ───┘          ←1
            ←0.5

       u ── 1.5 ──[ −1 ]─ v 0.5
            ←1              ←1

       v ── 0.5 ──[ ^2 ]─ L 0.25
            ←1              ←1
      """))
}

/// Every operation of a part, and every part, fits: whatever the width, no line is cut.
@Test func noWireIsCut() {
  for width in 24...80 {
    for ascii in [false, true] {
      let lines = ComputationWires(graph.nodes, ascii: ascii).lines(width: width)
      #expect(lines?.allSatisfy { $0.displayWidth <= width } ?? (width < 30))
    }
  }
}

@Test func aGraphThatDoesNotFitIsATree() {
  let lines = graph.render(PictureOptions(width: 22)).lines.map(\.characters)
  #expect(lines.contains(" L = 0.25  ←1   [ ^2 ]"))
  #expect(lines.contains("       ├─ w = 0.5  ←3"))
  #expect(lines.contains("       └─ x = 3  ←0.5"))
}

@Test func aGraphInASCIIHoldsNothingElse() {
  for width in [20, 40, 80] {
    let text = graph.render(PictureOptions(width: width, glyphs: .ascii))
    #expect(text.characters.unicodeScalars.allSatisfy { $0.value < 0x80 })
    for line in text.lines { #expect(line.displayWidth <= width) }
  }
}

@Test func aValueUsedTwiceIsDrawnOnce() {
  var shared = graph
  shared.nodes[2].inputs = [0, 0]
  let text = shared.render(PictureOptions(width: 80)).characters
  #expect(text.contains("(w) "))
  #expect(!text.contains("x ──"))
}

@Test func theDescriptionGoesForwardAndBack() {
  #expect(
    graph.describe(.en)
      == "L: forward u = [×](w, x) = 1.5; v = [−1](u) = 0.5; L = [^2](v) = 0.25. Backward ∂L/∂w = 3, ∂L/∂x = 0.5.")
}
