/// Where every entry of the prelude stands, found by one pass over the bytes: a session starts without parsing any.
struct PreludeIndex: Sendable {
  struct Place: Sendable {
    let file: Int
    let range: Range<Int>
    let name: String
    let aliases: [String]
    /// Has documentation: part of the catalogue rather than a step of other definitions.
    let isDocumented: Bool
  }

  private(set) var places: [Place] = []

  init(_ files: [(name: String, text: String)]) {
    for (index, file) in files.enumerated() {
      var text = file.text
      text.withUTF8 { scan($0, file: index) }
    }
  }

  private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, file: Int) {
    var documentation: Int?
    var aliases: [String] = []
    var open: (start: Int, end: Int, name: String, aliases: [String], isDocumented: Bool)?
    func close(_ places: inout [Place]) {
      guard let entry = open else { return }
      places.append(
        Place(
          file: file, range: entry.start..<entry.end, name: entry.name, aliases: entry.aliases,
          isDocumented: entry.isDocumented))
      open = nil
    }
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
      if line.isEmpty || line[0] == UInt8(ascii: " ") || line.begins("like ") {
        if !line.isEmpty { open?.end = end }
      } else if line.begins("##") {
        close(&places)
        if documentation == nil { documentation = start }
        if line.begins("## aliases: ") { aliases += line.words(from: 12) }
      } else if line[0] != UInt8(ascii: "#") {
        close(&places)
        let name = line.prefix { $0 != UInt8(ascii: "(") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "=") }
        open = (documentation ?? start, end, String(decoding: name, as: UTF8.self), aliases, documentation != nil)
        documentation = nil
        aliases = []
      } else {
        close(&places)
      }
      start = end + 1
    }
    close(&places)
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func begins(_ text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { self[$0] == text.utf8Start[$0] }
  }

  fileprivate func words(from offset: Int) -> [String] {
    self[offset...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
  }
}
