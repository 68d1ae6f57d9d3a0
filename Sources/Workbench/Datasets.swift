/// The data of the course, by file name.
enum Datasets {
  static let texts: [String: String] = Dictionary(
    EmbeddedTexts.files.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
}
