import Markup
import Tensors

/// How a session shows things.
package struct Settings: Sendable {
  /// What pictures may be drawn with.
  package enum Glyphs: String, Sendable, CaseIterable { case braille, blocks, ascii }

  package var language: Language = .en
  /// Significant digits of printed numbers.
  package var digits = 6
  /// Columns of the screen.
  package var width = 80
  package var height = 24
  package var glyphs: Glyphs = .braille
  /// Whether the prompt shows dimly how a line could go on.
  package var hints = true
  /// Seconds a line may run; nil without limit.
  package var timeLimit: Double?
  /// Bytes a line may use.
  package var memoryLimit = Machine.memory / 2
  /// Threads for large arrays.
  package var threads = Machine.processors
  /// Where `load` finds data by name, before the working folder.
  package var dataFolders: [String] = []
  /// Lessons from elsewhere may not read or write files of their own choosing.
  package var mayReadFiles = true

  package init() {}
}
