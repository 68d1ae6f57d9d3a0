/// Bytes → keys. Knows UTF-8, the escape sequences of terminals and the marks of a bracketed paste.
struct KeyDecoder {
  private var bytes: [UInt8] = []
  private var start = 0
  private var isPasting = false
  /// More typed characters at once than fingers manage are a paste without marks.
  private static let burst = 64

  /// Whether what has arrived is the beginning of something longer.
  var isInside: Bool { start < bytes.count }

  /// Whether the end mark of a paste has just come: what else came with it follows at once.
  var isPasteEnding: Bool { isPasting && bytes.suffix(64).firstRange(of: KeyDecoder.pasteEnd) != nil }

  mutating func feed(_ arrived: some Collection<UInt8>) {
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      start = 0
    }
    bytes.append(contentsOf: arrived)
  }

  mutating func clear() {
    bytes = []
    start = 0
    isPasting = false
  }

  /// The next key, if all of it has arrived.
  /// - Parameter isQuiet: nothing has followed for a while: a lone Escape is a key of its own, and a paste whose end
  ///   mark has come is over.
  mutating func next(isQuiet: Bool = false) -> Key? {
    if isPasting { return paste(isQuiet: isQuiet) }
    while start < bytes.count {
      let lead = bytes[start]
      if lead == 0x1B {
        if let key = escape(isQuiet: isQuiet) { return key }
        if !isPasting { return nil }
        return paste(isQuiet: isQuiet)
      }
      if bytes.count - start >= KeyDecoder.burst, lead >= 0x20, let text = typedBurst() { return .paste(text) }
      if lead < 0x80 {
        start += 1
        return .scalar(Unicode.Scalar(lead))
      }
      let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
      let available = bytes[start...].prefix(length)
      var decoder = UTF8()
      var iterator = available.makeIterator()
      if case .scalarValue(let scalar) = decoder.decode(&iterator), available.count == length {
        start += length
        return .scalar(scalar)
      }
      let isBroken = length == 1 || available.dropFirst().contains { $0 & 0xC0 != 0x80 }
      if available.count < length, !isBroken { return nil }
      start += 1  // a stray byte is no key
    }
    return nil
  }

  /// The characters up to the next control, if they are many.
  private mutating func typedBurst() -> String? {
    let end = bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x7F } ?? bytes.count
    var stop = end
    if end == bytes.count {  // the last character may still be on its way
      while stop > start, bytes[stop - 1] & 0xC0 == 0x80 { stop -= 1 }
      if stop > start, bytes[stop - 1] >= 0xC0 { stop -= 1 } else { stop = end }
    }
    guard stop - start >= KeyDecoder.burst else { return nil }
    defer { start = stop }
    return String(decoding: bytes[start..<stop], as: UTF8.self)
  }

  // MARK: Escape sequences

  /// nil: not all of it is here, or a paste has begun.
  private mutating func escape(isQuiet: Bool) -> Key? {
    func take(_ count: Int) -> String {
      defer { start += count }
      return String(decoding: bytes[start..<start + count], as: UTF8.self)
    }
    guard start + 1 < bytes.count else {
      if !isQuiet { return nil }
      start += 1
      return .scalar("\u{1B}")
    }
    switch bytes[start + 1] {
    case UInt8(ascii: "["):
      var end = start + 2
      // Parameters, intermediates and one final byte (ECMA-48, 5.4).
      while end < bytes.count, (0x20...0x3F).contains(bytes[end]), end - start < 64 { end += 1 }
      guard end < bytes.count else { return nil }
      guard (0x40...0x7E).contains(bytes[end]) else {
        start = end  // broken off by something else, which is read next
        return .special(.ignored)
      }
      let sequence = take(end + 1 - start)
      return csi(sequence)
    case UInt8(ascii: "O"):
      guard start + 2 < bytes.count else { return nil }
      let sequence = take(3)
      return SpecialKey(sequence: sequence.dropFirst(2)).map(Key.special) ?? .unknown(sequence)
    case 0x0D, 0x0A:
      start += 2
      return .special(.lineBreak)
    default:
      start += 1  // Meta and a character: libedit knows these
      return .scalar("\u{1B}")
    }
  }

  private mutating func csi(_ sequence: String) -> Key? {
    let body = sequence.dropFirst(2)
    if body == "200~" {
      isPasting = true
      return nil
    }
    if body == "201~" { return .special(.ignored) }
    if body.last == "R" {
      let numbers = body.dropLast().split(separator: ";").compactMap { Int($0) }
      if numbers.count == 2 { return .cursorReport(row: numbers[0], column: numbers[1]) }
    }
    return SpecialKey(sequence: body).map(Key.special) ?? .unknown(sequence)
  }

  // MARK: Pastes

  private static let pasteEnd = Array("\u{1B}[201~".utf8)
  private static let pasteStart = Array("\u{1B}[200~".utf8)

  /// The pasted text, once its end mark has come and nothing has followed it for a moment.
  ///
  /// Text copied from a page may contain the end mark, followed by lines meant to run. Terminals ought to remove it; here
  /// the paste ends at the *last* end mark of what arrives in one go, so that such a line is text like the rest.
  private mutating func paste(isQuiet: Bool) -> Key? {
    guard isQuiet, let end = lastIndex(of: KeyDecoder.pasteEnd) else { return nil }
    var text: [UInt8] = []
    var position = start
    while position < end {
      if bytes[position] == 0x1B, isMark(at: position) {
        position += KeyDecoder.pasteEnd.count
      } else {
        text.append(bytes[position])
        position += 1
      }
    }
    start = end + KeyDecoder.pasteEnd.count
    isPasting = false
    return .paste(String(decoding: text, as: UTF8.self))
  }

  private func isMark(at position: Int) -> Bool {
    let mark = bytes[position...].prefix(KeyDecoder.pasteEnd.count)
    return mark.elementsEqual(KeyDecoder.pasteEnd) || mark.elementsEqual(KeyDecoder.pasteStart)
  }

  private func lastIndex(of mark: [UInt8]) -> Int? {
    var position = bytes.count - mark.count
    while position >= start {
      if bytes[position] == mark[0], bytes[position...].prefix(mark.count).elementsEqual(mark) { return position }
      position -= 1
    }
    return nil
  }
}
