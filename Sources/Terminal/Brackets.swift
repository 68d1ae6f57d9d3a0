import Markup

/// The bracket at the cursor and its partner.
enum Brackets {
  private static let partners: [Unicode.Scalar: Unicode.Scalar] = [
    "(": ")", "[": "]", "{": "}", "（": "）", "［": "］", "【": "】", "｛": "｝",
  ]
  private static let folded: [Unicode.Scalar: Unicode.Scalar] = [
    "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "｛": "{", "｝": "}",
  ]

  /// Marks the pair one of which stands before the cursor or under it; a bracket without its partner is an error only
  /// where a line cannot mend it any more, at a closing one.
  static func mark(_ styles: inout [Style], in scalars: [Unicode.Scalar], cursor: Int) {
    guard scalars.count < 5_000 else { return }
    func isCode(_ index: Int) -> Bool { styles[index] != .string && styles[index] != .comment }
    func kind(_ index: Int) -> (isOpening: Bool, scalar: Unicode.Scalar)? {
      let scalar = folded[scalars[index]] ?? scalars[index]
      switch scalar {
      case "(", "[", "{": return (true, scalar)
      case ")", "]", "}": return (false, scalar)
      default: return nil
      }
    }
    var open: [Int] = []
    var pairs: [(Int, Int)] = []
    for index in scalars.indices where isCode(index) {
      guard let bracket = kind(index) else { continue }
      if bracket.isOpening {
        open.append(index)
      } else if let last = open.last, let opening = kind(last), partners[opening.scalar] == bracket.scalar {
        open.removeLast()
        pairs.append((last, index))
      } else {
        styles[index] = .error
      }
    }
    for position in [cursor - 1, cursor] {
      if let pair = pairs.first(where: { $0.0 == position || $0.1 == position }) {
        styles[pair.0] = .bracket
        styles[pair.1] = .bracket
        return
      }
    }
  }
}
