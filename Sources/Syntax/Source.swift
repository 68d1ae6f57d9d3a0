/// One line as typed, as Unicode scalars: every span in a token, a tree or a diagnostic is a range of their offsets.
///
/// Scalars rather than characters: the offsets are integers, indexing is constant time, and a hostile line of a
/// million combining marks costs no more than any other.
package struct Source: Sendable, Hashable {
  package let text: String
  package let scalars: [Unicode.Scalar]
  /// Part of the program rather than typed: its names mean what the library says, whatever a learner redefines.
  package let isLibrary: Bool

  /// The longest line read, in scalars.
  package static let limit = 4_000_000

  package init(_ text: String, isLibrary: Bool = false) {
    self.text = text
    self.isLibrary = isLibrary
    scalars = Array(text.unicodeScalars)
  }

  package subscript(span: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[span.clamped(to: 0..<scalars.count)])
    return String(view)
  }
}
