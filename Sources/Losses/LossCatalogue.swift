import Interpreter
import Markup
import Synchronization
import Syntax

/// Losses, activations and regularizers, read from the prelude: definitions of the language with their documentation
/// above them. An entry is parsed when it is first asked for.
package final class LossCatalogue: Sendable {
  private struct State {
    var index: PreludeIndex?
    var byName: [String: Int] = [:]
    var readers: [Int: EntryReader] = [:]
    var functions: [Int: Function?] = [:]
  }

  private let files: [(name: String, text: String)]
  private let state = Mutex(State())

  /// The catalogue in the binary.
  package static let standard = LossCatalogue(files: EmbeddedTexts.files)

  package init(files: [(name: String, text: String)]) { self.files = files }

  /// Every documented entry, family by family in the order of reading.
  package var entries: [Entry] {
    let all = indexed { state in state.index?.places.indices.filter { state.index?.places[$0].isDocumented ?? false } }
    let entries = (all ?? []).map { reader($0).entry }
    return entries.enumerated().sorted { ($0.element.family.order, $0.offset) < ($1.element.family.order, $1.offset) }
      .map(\.element)
  }

  package subscript(name: String) -> Entry? {
    guard let index = place(of: name) else { return nil }
    let isDocumented = indexed { $0.index?.places[index].isDocumented ?? false }
    return isDocumented ? reader(index).entry : nil
  }

  package func function(_ name: String) -> Function? {
    guard let index = place(of: name) else { return nil }
    if let known = state.withLock({ $0.functions[index] }) { return known }
    let reader = reader(index)
    let function = reader.function(check: ArgumentCheck.check(reader.entry))
    state.withLock { $0.functions[index] = .some(function) }
    return function
  }

  /// Names and aliases of the documented entries.
  package var names: [String] {
    indexed { state in
      (state.index?.places ?? []).filter(\.isDocumented).flatMap { [$0.name] + $0.aliases }
    }
  }

  // MARK: Reading

  private func indexed<Result: Sendable>(_ body: @Sendable (inout State) -> Result) -> Result {
    state.withLock { state in
      if state.index == nil {
        let index = PreludeIndex(files)
        for (position, place) in index.places.enumerated() {
          for name in [place.name] + place.aliases { state.byName[canonicalName(name)] = position }
        }
        state.index = index
      }
      return body(&state)
    }
  }

  private func place(of name: String) -> Int? { indexed { $0.byName[name] } }

  private func reader(_ position: Int) -> EntryReader {
    if let known = state.withLock({ $0.readers[position] }) { return known }
    let place = indexed { $0.index?.places[position] }
    guard let place else { preconditionFailure("entry \(position) is not in the index") }
    let file = files[place.file]
    let utf8 = file.text.utf8
    let start = utf8.index(utf8.startIndex, offsetBy: place.range.lowerBound)
    let end = utf8.index(utf8.startIndex, offsetBy: place.range.upperBound)
    let (family, kind) = LossCatalogue.head(file)
    let reader = EntryReader(file.text[start..<end], family: family, kind: kind)
    state.withLock { $0.readers[position] = reader }
    return reader
  }

  /// The first lines of a file: `# family: zh ‖ en`, `# kind: loss`, `# order: 1`.
  private static func head(_ file: (name: String, text: String)) -> (Family, Entry.Kind) {
    let name = String(file.name.prefix { $0 != "." })
    var title = Phrase(verbatim: name)
    var kind = Entry.Kind.loss
    var order = Int.max
    let lines = file.text.utf8.split(separator: UInt8(ascii: "\n"), maxSplits: 16).map(Substring.init)
    for line in lines.prefix(while: { $0.hasPrefix("# ") }) {
      let field = line.dropFirst(2).split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
      guard field.count == 2 else { continue }
      switch field[0] {
      case "family": title = EntryReader.pair(String(field[1]))
      case "kind": kind = Entry.Kind(rawValue: String(field[1])) ?? .loss
      case "order": order = Int(field[1]) ?? order
      default: break
      }
    }
    return (Family(name: name, title: title, order: order), kind)
  }
}
