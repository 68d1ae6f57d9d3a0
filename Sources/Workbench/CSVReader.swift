import Interpreter
import Markup
import Syntax

/// Comma-separated values (RFC 4180): quotes, commas and newlines inside them, CRLF or LF, a byte order mark. Errors
/// name line and column; nothing is guessed or dropped.
struct CSVReader {
  struct Failure: Error {
    let line: Int
    let column: Int
    let message: Phrase
  }

  /// Cells that mean "no value".
  private static let missing: Set<String> = ["", "NA", "N/A", "NaN", "nan", "null", "None", "?", "-"]
  static let cellLimit = 20_000_000

  static func table(_ text: String, source: String) throws(Failure) -> DataTable {
    let rows = try cells(text)
    guard let header = rows.first, !(header.count == 1 && header[0].isEmpty) else {
      throw Failure(line: 1, column: 1, message: Phrase(en: "the file is empty", zh: "文件是空的"))
    }
    var seen: Set<String> = []
    for (index, name) in header.enumerated() {
      if name.isEmpty {
        throw Failure(line: 1, column: index + 1, message: Phrase(en: "a column without a name", zh: "有一列没有名字"))
      }
      if !seen.insert(name).inserted {
        throw Failure(
          line: 1, column: index + 1,
          message: Phrase(
            en: "two columns are called `\(Diagnostic.shorten(name))`", zh: "有两列都叫 `\(Diagnostic.shorten(name))`"))
      }
    }
    let body = rows.dropFirst()
    for (index, row) in body.enumerated() where row.count != header.count {
      throw Failure(
        line: index + 2, column: min(row.count, header.count) + 1,
        message: Phrase(
          en: "this row has \(row.count) cell\(row.count == 1 ? "" : "s"), the header \(header.count)",
          zh: "这一行有 \(row.count) 个单元格，表头有 \(header.count) 个"))
    }
    let columns = header.indices.map { index -> DataTable.Column in
      let texts = body.map { trimmed($0[index]) }
      let absent = texts.indices.filter { missing.contains(texts[$0]) }
      let gaps = Set(absent)
      var numbers: [Double] = []
      for (row, cell) in texts.enumerated() {
        if gaps.contains(row) {
          numbers.append(.nan)
        } else if let number = decimal(cell) {
          numbers.append(number)
        } else {
          return DataTable.Column(name: trimmed(header[index]), numbers: [], texts: texts, missing: absent)
        }
      }
      return DataTable.Column(name: trimmed(header[index]), numbers: numbers, texts: [], missing: absent)
    }
    return DataTable(source: source, columns: columns, rowCount: body.count)
  }

  /// A plain decimal number; `0x10`, `inf` and `1e999` are texts.
  private static func decimal(_ cell: String) -> Double? {
    guard cell.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || "+-.eE".utf8.contains($0) }), let value = Double(cell),
      value.isFinite
    else { return nil }
    return value
  }

  private static func trimmed(_ cell: String) -> String {
    var view = Substring(cell)
    while let first = view.first, first == " " || first == "\t" { view = view.dropFirst() }
    while let last = view.last, last == " " || last == "\t" { view = view.dropLast() }
    return String(view)
  }

  private static func cells(_ text: String) throws(Failure) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell = String.UnicodeScalarView()
    var isQuoted = false
    var wasQuoted = false
    var line = 1
    var quoteLine = 1
    var count = 0
    func failure(_ message: Phrase, line: Int, _ column: Int) -> Failure {
      Failure(line: line, column: column, message: message)
    }
    var scalars = text.unicodeScalars.makeIterator()
    var pending: Unicode.Scalar?
    var isFirst = true
    while let scalar = pending ?? scalars.next() {
      pending = nil
      if isFirst, scalar.value == 0xFEFF {
        isFirst = false
        continue
      }
      isFirst = false
      if scalar.value == 0 {
        throw failure(Phrase(en: "a NUL byte: this is not text", zh: "有 NUL 字节：这不是文本"), line: line, row.count + 1)
      }
      if scalar.value == 0xFFFD {
        throw failure(Phrase(en: "bytes that are not UTF-8", zh: "有不是 UTF-8 的字节"), line: line, row.count + 1)
      }
      if isQuoted {
        if scalar == "\"" {
          pending = scalars.next()
          if pending == "\"" {
            cell.append("\"")
            pending = nil
          } else {
            isQuoted = false
            wasQuoted = true
          }
        } else {
          if scalar == "\n" { line += 1 }
          cell.append(scalar)
        }
        continue
      }
      switch scalar {
      case "\"":
        guard cell.isEmpty, !wasQuoted else {
          throw failure(
            Phrase(en: "a quote inside a cell; double it and quote the whole cell", zh: "单元格中间有引号；请写成两个并给整格加引号"),
            line: line, row.count + 1)
        }
        isQuoted = true
        quoteLine = line
      case ",", "\n":
        row.append(String(cell))
        cell = String.UnicodeScalarView()
        wasQuoted = false
        count += 1
        guard count <= cellLimit else {
          throw failure(Phrase(en: "more than \(cellLimit) cells", zh: "超过 \(cellLimit) 个单元格"), line: line, 1)
        }
        if scalar == "\n" {
          if !(row.count == 1 && row[0].isEmpty) || rows.isEmpty { rows.append(row) }
          row = []
          line += 1
        }
      case "\r":
        pending = scalars.next()
        if pending != "\n" {
          pending = pending ?? nil; row.append(String(cell)); cell = .init(); rows.append(row); row = []; line += 1
        }
      default:
        guard !wasQuoted else {
          throw failure(Phrase(en: "text after a closing quote", zh: "右引号后面还有文字"), line: line, row.count + 1)
        }
        cell.append(scalar)
      }
    }
    if isQuoted {
      throw failure(Phrase(en: "a quote that is never closed", zh: "引号没有配对"), line: quoteLine, row.count + 1)
    }
    if !cell.isEmpty || !row.isEmpty || wasQuoted {
      row.append(String(cell))
      rows.append(row)
    }
    return rows
  }
}
