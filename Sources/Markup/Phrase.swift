/// The two languages every sentence exists in.
package enum Language: String, Sendable, CaseIterable {
  case zh, en
}

/// One sentence, in both languages.
///
/// A phrase cannot be built with one language missing, so the compiler is the test for untranslated text.
package struct Phrase: Sendable, Hashable {
  package let en: String
  package let zh: String

  package init(en: String, zh: String) {
    self.en = en
    self.zh = zh
  }

  /// The same text in both languages: a formula, a name, a piece of code.
  package init(verbatim text: String) { self.init(en: text, zh: text) }

  package subscript(language: Language) -> String {
    switch language {
    case .en: en
    case .zh: zh
    }
  }

  package static func + (left: Phrase, right: Phrase) -> Phrase {
    Phrase(en: left.en + right.en, zh: left.zh + right.zh)
  }

  package func map(_ transform: (String) -> String) -> Phrase { Phrase(en: transform(en), zh: transform(zh)) }
}
