import Markup
import Syntax

extension Session {
  /// Whether a line ends inside a bracket or before the right side of a definition, so that a prompt should ask for more.
  package static func isUnfinished(_ line: String) -> Bool { Syntax.isUnfinished(line) }

  /// A line with the styles of its words; the same characters, whatever they are.
  package static func highlighted(_ line: String) -> StyledText { Highlighting.styled(line) }
}
