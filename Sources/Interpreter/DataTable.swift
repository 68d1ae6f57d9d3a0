import Markup
import Tensors

/// Named columns of one length, as read from a file. Missing cells are kept as such: a column with any of them is not
/// numbers until the learner says what to do.
package struct DataTable: Sendable {
  package struct Column: Sendable {
    package let name: String
    /// Cells as numbers, NaN where missing; empty for a column of texts.
    package let numbers: [Double]
    package let texts: [String]
    /// 0-based rows without a value.
    package let missing: [Int]

    package init(name: String, numbers: [Double], texts: [String], missing: [Int]) {
      self.name = name
      self.numbers = numbers
      self.texts = texts
      self.missing = missing
    }

    package var isNumeric: Bool { !numbers.isEmpty || texts.isEmpty }
  }

  package let source: String
  package let columns: [Column]
  package let rowCount: Int

  package init(source: String, columns: [Column], rowCount: Int) {
    self.source = source
    self.columns = columns
    self.rowCount = rowCount
  }

  package subscript(name: String) -> Column? { columns.first { $0.name == name } }

  /// The table without the rows in which one of the named columns (or any column) has no value.
  package func droppingMissing(in names: [String]? = nil) -> DataTable {
    var dropped = Set<Int>()
    for column in columns where names?.contains(column.name) ?? true { dropped.formUnion(column.missing) }
    return rows((0..<rowCount).filter { !dropped.contains($0) })
  }

  /// The rows at 0-based places, in the order given.
  package func rows(_ kept: [Int]) -> DataTable {
    let columns = columns.map { column in
      let missing = Set(column.missing)
      return Column(
        name: column.name, numbers: column.isNumeric ? kept.map { column.numbers[$0] } : [],
        texts: column.isNumeric ? [] : kept.map { column.texts[$0] },
        missing: kept.indices.filter { missing.contains(kept[$0]) })
    }
    return DataTable(source: source, columns: columns, rowCount: kept.count)
  }

  /// One row by its 0-based place; a missing number is NaN, as it is in the column.
  package func row(_ place: Int) -> Record {
    Record(
      columns.map { ($0.name, $0.isNumeric ? .number($0.numbers[place]) : .text($0.texts[place])) })
  }
}
