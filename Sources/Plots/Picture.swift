import Markup

/// How a picture is to be drawn.
package struct PictureOptions: Sendable {
  package var width: Int
  package var height: Int
  package var glyphs: Glyphs
  package var language: Language
  /// Whether grounds may be coloured.
  package var hasColour: Bool

  package init(
    width: Int = 80, height: Int = 20, glyphs: Glyphs = .braille, language: Language = .en,
    hasColour: Bool = false
  ) {
    self.width = width
    self.height = height
    self.glyphs = glyphs
    self.language = language
    self.hasColour = hasColour
  }

  var isASCII: Bool { glyphs == .ascii }
  /// What stands where a line is cut.
  var ellipsis: String { isASCII ? "~" : "…" }
}

/// Numbers made visible: for a screen, for a page, and in words for whoever sees neither.
package protocol Picture: Sendable {
  /// The picture in characters, never wider than `options.width`.
  func render(_ options: PictureOptions) -> StyledText
  /// One sentence, and the numbers.
  func describe(_ language: Language) -> String
  /// A complete SVG document.
  func svg(_ language: Language) -> String
}

extension Picture {
  /// The picture as text on a page of its own.
  package func page(_ language: Language) -> String {
    render(PictureOptions(width: 80, height: 24, language: language)).plain
  }
}

/// Whether the head of a file says that it is a picture saved from here.
package enum SavedPicture {
  package static func isOurs(_ head: String) -> Bool { head.contains(SVG.signature) }
}

/// Numbers as sentences and tables show them: four significant digits.
package enum PictureNumber {
  package static func text(_ value: Double) -> String { Ticks.short(value) }
}
