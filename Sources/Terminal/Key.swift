/// What arrives from a keyboard.
enum Key: Hashable {
  case scalar(Unicode.Scalar)
  case special(SpecialKey)
  /// Text between the marks of a bracketed paste, or so much at once that nobody can have typed it.
  case paste(String)
  /// The terminal's answer to the question where its cursor stands, from 1.
  case cursorReport(row: Int, column: Int)
  /// An escape sequence that is none of ours, whole.
  case unknown(String)
}

/// Keys that terminals send as escape sequences.
///
/// libedit's maps have 256 entries, for characters below U+0100. The C1 controls among them are never typed as text, so
/// each of these keys reaches libedit as one of those: a key is then one character in emacs mode and in both modes of
/// vi, where an arrow would otherwise begin with the Escape that leaves insertion.
enum SpecialKey: UInt8, CaseIterable {
  case up = 0x80
  case down, left, right, home, end, delete, wordLeft, wordRight, deleteWord, pageUp, pageDown, textStart, textEnd
  case backTab, lineBreak, paste
  /// Nothing: a key that is not ours, swallowed whole.
  case ignored

  /// The part of a CSI sequence after its bracket, or of an SS3 sequence after its O.
  init?(sequence: Substring) {
    switch sequence {
    case "A": self = .up
    case "B": self = .down
    case "C": self = .right
    case "D": self = .left
    case "H", "1~", "7~": self = .home
    case "F", "4~", "8~": self = .end
    case "3~": self = .delete
    case "5~": self = .pageUp
    case "6~": self = .pageDown
    case "Z": self = .backTab
    case "1;5C", "1;3C", "5C": self = .wordRight
    case "1;5D", "1;3D", "5D": self = .wordLeft
    case "1;5H", "1;2H": self = .textStart
    case "1;5F", "1;2F": self = .textEnd
    case "3;5~", "3;3~": self = .deleteWord
    // Shift-Enter and Ctrl-Enter, of terminals that tell them apart
    case "13;2u", "27;2;13~", "13;5u", "27;5;13~": self = .lineBreak
    case "1;2A": self = .up
    case "1;2B": self = .down
    case "1;2C": self = .right
    case "1;2D": self = .left
    default: return nil
    }
  }
}
