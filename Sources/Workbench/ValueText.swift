import Interpreter
import Markup
import Notation
import Syntax
import Tensors

/// Something a session can show and put into JSON: a trace, a picture.
package protocol Presentable: Object {
  func text(_ settings: Settings) -> StyledText
  var json: String { get }
  /// What it is in words and numbers, for whoever does not see it.
  func description(_ language: Language) -> String
}

/// How values look at the prompt.
package enum ValueText {
  package static func render(_ value: Value, in session: Session) -> StyledText {
    let settings = session.settings
    var text = StyledText()
    switch value {
    case .nothing, .traced: return text
    case .number(let number): text.append(shortNumber(number, digits: settings.digits), .number)
    case .bool(let bool): text.append(bool ? "true" : "false", .keyword)
    case .text(let string):
      // Code and formulas are to be copied: no quotes around them.
      let isListing = string.contains("\n") || string.contains("\\")
      text.append(isListing ? string : "\"" + string + "\"", .string)
    case .range(let interval):
      text.append("\(shortNumber(interval.lower))..\(shortNumber(interval.upper))", .number)
      if let step = interval.step { text.append(" step \(shortNumber(step))", .number) }
    case .tensor(let tensor): text = self.tensor(tensor, settings)
    case .function(let function): text = self.function(function, session)
    case .record(let record): return self.record(record, session)
    case .table(let table): return self.table(table, settings)
    case .object(let object):
      if let presentable = object as? any Presentable { text = presentable.text(settings) }
    }
    text.endLine()
    return text
  }

  // MARK: Tensors

  /// How many elements of a row and how many rows are shown before the middle is left out.
  private static func elided(_ count: Int, _ limit: Int) -> [Int?] {
    if count <= limit { return Array(0..<count) }
    return Array(0..<(limit / 2)) + [nil] + Array((count - limit / 2)..<count)
  }

  private static func tensor(_ tensor: Tensor, _ settings: Settings) -> StyledText {
    let digits = settings.digits
    func row(_ start: Int, _ length: Int) -> [String] {
      elided(length, 16).map { $0.map { shortNumber(tensor.elements[start + $0], digits: digits) } ?? "…" }
    }
    switch tensor.rank {
    case 1:
      var text = StyledText("[" + row(0, tensor.count).joined(separator: ", ") + "]", .number)
      if tensor.count > 16 { text.append("   " + Shapes.describe(tensor.shape), .dim) }
      return text
    case 2:
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      if rows * columns == 0 { return StyledText(Shapes.describe(tensor.shape), .dim) }
      let lines = elided(rows, 12).map { $0.map { row($0 * columns, columns) } ?? ["…"] }
      let count = lines.map(\.count).max() ?? 0
      let widths = (0..<count).map { column in
        lines.map { column < $0.count && $0.count == count ? $0[column].displayWidth : 0 }.max() ?? 0
      }
      var text = StyledText()
      for (index, line) in lines.enumerated() {
        text.append(index == 0 ? "[" : " ")
        for (column, cell) in line.enumerated() {
          text.append(String(repeating: " ", count: max(0, widths[column] - cell.displayWidth)) + cell, .number)
          if column + 1 < line.count { text.append(", ") }
        }
        text.append(index + 1 < lines.count ? ";\n" : "]")
      }
      if rows > 12 || columns > 16 { text.append("   " + Shapes.describe(tensor.shape), .dim) }
      return text
    default:
      let head = tensor.elements.prefix(8).map { shortNumber($0, digits: digits) }.joined(separator: ", ")
      var text = StyledText(Shapes.describe(tensor.shape), .dim)
      text.append(" " + head + (tensor.count > 8 ? ", …" : ""), .number)
      return text
    }
  }

  // MARK: Functions, records, tables

  private static func function(_ function: Function, _ session: Session) -> StyledText {
    let names = function.parameters.map(\.name).joined(separator: ", ")
    var text = StyledText(function.name ?? "", .function)
    if function.name == nil {
      text.append(function.parameters.count == 1 ? names : "(" + names + ")")
      text.append(" -> ", .operator)
    }
    switch function.body {
    case .defined(let tree, let body, _):
      if let name = function.name { text.append(function.signature.dropFirst(name.count) + " = ") }
      text.append(function.name == nil ? tree.shownBody(body) : tree.shown(body))
    case .builtin(let builtin):
      text.append(String(function.signature.dropFirst(builtin.name.count)))
      text.append("   " + builtin.doc[session.language], .dim)
    case .gradient, .jacobian, .hessian:
      let required = function.parameters.filter { $0.fallback == nil }.map(\.name)
      if function.name != nil { text.append("(" + required.joined(separator: ", ") + ")") }
      if let formula = FunctionFormula.text(of: function, in: session) {
        text.append((function.name == nil ? "" : " = ") + formula)
      } else if function.name == nil {
        text.append("…")
      }
    }
    return text
  }

  private static func record(_ record: Record, _ session: Session) -> StyledText {
    let width = record.fields.map { printedName($0.name).displayWidth }.max() ?? 0
    var text = StyledText()
    for field in record.fields {
      let name = printedName(field.name)
      text.append(name + String(repeating: " ", count: width - name.displayWidth), .name)
      text.append(" = ", .operator)
      if case .record = field.value {
        text.append(inline(field.value, in: session, width: max(20, session.settings.width - width - 3)) + "\n")
        continue
      }
      for (number, line) in render(field.value, in: session).lines.enumerated() where !line.isEmpty || number == 0 {
        text.append((number == 0 ? "" : String(repeating: " ", count: width + 3)))
        text.append(line + "\n")
      }
    }
    return text
  }

  // MARK: On one line

  /// A value in at most one line of so many columns: for lists of variables and records inside records.
  static func inline(_ value: Value, in session: Session, width: Int) -> StyledText {
    let full: StyledText
    switch value {
    case .record(let record):
      var text = StyledText("(")
      for (number, field) in record.fields.enumerated() {
        text.append((number == 0 ? "" : ", ") + printedName(field.name) + " = ")
        text.append(inline(field.value, in: session, width: width))
      }
      full = text + ")"
    case .tensor(let tensor) where tensor.rank == 2 && tensor.count <= 36:
      let columns = tensor.shape[1]
      let rows = (0..<tensor.shape[0]).map { row in
        (0..<columns).map { shortNumber(tensor.elements[row * columns + $0], digits: session.settings.digits) }
          .joined(separator: ", ")
      }
      full = StyledText("[" + rows.joined(separator: "; ") + "]", .number)
    case .tensor(let tensor) where tensor.rank > 1: full = StyledText(value.described[session.language])
    case .object, .table: full = StyledText(value.described[session.language])
    default: full = render(value, in: session).lines.first ?? StyledText()
    }
    if full.displayWidth <= width { return full }
    if case .tensor = value { return StyledText(value.described[session.language]) }
    return StyledText(String(full.characters.prefix(width - 1)) + "…")
  }

  private static func table(_ table: DataTable, _ settings: Settings) -> StyledText {
    let names = table.columns.map { StyledText($0.name, .name) }
    var shown = Table(header: names, alignments: table.columns.map { $0.isNumeric ? .right : .left })
    for row in 0..<min(table.rowCount, 6) {
      shown.rows.append(
        table.columns.map { column in
          if column.missing.contains(row) { return StyledText("–", .dim) }
          return column.isNumeric
            ? StyledText(shortNumber(column.numbers[row], digits: settings.digits), .number)
            : StyledText(column.texts[row])
        })
    }
    var text = StyledText()
    for line in shown.render().lines where !line.isEmpty {
      text.append(
        line.displayWidth > settings.width ? StyledText(String(line.characters.prefix(settings.width - 1)) + "…") : line
      )
      text.append("\n")
    }
    let missing = table.columns.filter { !$0.missing.isEmpty }
    let size = Phrase(
      en: "\(count(table.rowCount, "row")), \(count(table.columns.count, "column"))",
      zh: "\(table.rowCount) 行，\(table.columns.count) 列")
    text.append(size[settings.language], .dim)
    if !missing.isEmpty {
      let list = missing.map { "\($0.name) \($0.missing.count)" }.joined(separator: ", ")
      text.append(Phrase(en: "; missing values: \(list)", zh: "；缺失值：\(list)")[settings.language], .warning)
    }
    text.append("\n")
    return text
  }
}

/// `1 row`, `2 rows`.
private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)" + (number == 1 ? "" : "s") }
