import Interpreter
import Markup
import Syntax

/// An optimizer, or a schedule that remembers: the lines that are computed at every step, as written in
/// `Prelude/*.loss`. The head of `optimizers.loss` says what the lines may name.
package struct Rule: Sendable {
  package enum Kind: Sendable, Hashable { case optimizer, schedule }

  /// `m = beta1 * m + (1 - beta1) * g`
  package struct Line: Sendable {
    package let name: String
    package let tree: Tree
    package let body: Tree.ID
  }

  package struct Setting: Sendable {
    package let name: String
    package let fallback: Value
  }

  /// The rule as another library computes it.
  package struct Variant: Sendable {
    package let like: String
    /// Defaults that differ.
    package var settings: [Setting] = []
    /// Its own lines; empty where only the defaults differ, or nothing.
    package var starts: [Line] = []
    package var lines: [Line] = []
  }

  package let name: String
  package let kind: Kind
  package let settings: [Setting]
  package let documentation: Documentation
  /// What is kept from step to step starts at; 0 where nothing is said.
  package var starts: [Line] = []
  package var lines: [Line] = []
  /// Whether all parameters are moved as one vector.
  package var isJoint = false
  package var variants: [Variant] = []

  /// The learning rate taken when none is given.
  package var defaultRate: Double { documentation.fields["rate"].flatMap(Double.init) ?? 0.1 }
}

/// The `##` lines above a definition.
package struct Documentation: Sendable {
  package var summary: Phrase
  package var fields: [String: String] = [:]
  package var examples: [String] = []
  /// `exponential_decay = exponential({lr}, {decay_rate})`: how published figures of other libraries are asked of it.
  package var conformance: [String] = []

  package var use: Phrase? { fields["use"].map(Documentation.pair) }
  package var aliases: [String] { (fields["aliases"] ?? "").split(separator: " ").map(String.init) }
  package var source: String? { fields["source"] }

  init(_ comments: [Substring], name: String) {
    summary = Phrase(verbatim: name)
    for comment in comments {
      let text = comment.drop { $0 == " " }
      let key = text.prefix { $0.isLowercase && $0.isASCII }
      if !key.isEmpty, text.dropFirst(key.count).hasPrefix(": ") {
        let value = String(text.dropFirst(key.count + 2))
        switch key {
        case "example": examples.append(value)
        case "conformance": conformance.append(value)
        default: fields[String(key)] = value
        }
      } else {
        summary = Documentation.pair(String(text))
      }
    }
  }

  /// `zh ‖ en`
  private static func pair(_ text: String) -> Phrase {
    let halves = text.split(separator: "‖", maxSplits: 1).map { half in
      String(half.drop { $0 == " " }).trimmingTrailingSpaces
    }
    return halves.count == 2 ? Phrase(en: halves[1], zh: halves[0]) : Phrase(verbatim: text)
  }
}
