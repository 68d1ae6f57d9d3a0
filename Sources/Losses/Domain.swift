import Markup

/// What an argument of a loss may hold, in the words of the prelude's `domain:` field: `prediction probability [n,k]`.
package struct Domain: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Any number.
    case real
    /// Any number; probabilities here are a mistake.
    case score
    /// Above 0.
    case positive
    /// Above 0 and not below the argument before; may be infinite.
    case upper
    /// From 0.
    case nonnegative
    /// Above -1, where log(1 + x) is defined.
    case aboveMinusOne = "above_minus_one"
    /// 0, 1, 2, …
    case count
    /// How many elements of a row count: 1, 2, …
    case length
    /// From 0 to 1.
    case probability
    /// At most 0: logarithms of probabilities.
    case logProbability = "log_probability"
    /// Rows of probabilities that add up to 1.
    case distribution
    /// Labels from 0 to 1.
    case binary
    /// Labels −1 and 1.
    case sign
    /// Class numbers from 1.
    case index
    /// Class numbers from 1, or one row of probabilities per sample.
    case label
    /// Numbers of classes that belong to a sample, filled up with 0.
    case indices
    /// Labels that only matter by being equal or not.
    case group
    /// Rows x1, y1, x2, y2 with x1 < x2 and y1 < y2.
    case box
    /// Neither 0 rows nor NaN: directions.
    case direction
  }

  package let kind: Kind
  /// The lengths of the axes by name: `n` samples, `k` classes, `d` features.
  package let shape: [String]
  /// A parameter that, when true, makes it something else: `target distribution n×k unless log_target`.
  package let exception: String?

  /// `probability`, `score [n,k]`
  init?(_ words: some Collection<String>) {
    guard let first = words.first, let kind = Kind(rawValue: first) else { return nil }
    self.kind = kind
    shape =
      words.dropFirst().first.map {
        $0.split(whereSeparator: { "[]×".contains($0) }).map(String.init)
      } ?? ["n"]
    let rest = Array(words.dropFirst(2))
    exception = rest.count == 2 && rest[0] == "unless" ? rest[1] : nil
  }
}

extension Domain.Kind {
  package var phrase: Phrase {
    switch self {
    case .real: Phrase(en: "any number", zh: "任意数")
    case .score: Phrase(en: "any score", zh: "任意得分")
    case .positive: Phrase(en: "above 0", zh: "大于 0")
    case .upper: Phrase(en: "not below the lower bound; may be inf", zh: "不小于下界，可以是 inf")
    case .nonnegative: Phrase(en: "0 or more", zh: "不小于 0")
    case .aboveMinusOne: Phrase(en: "above -1", zh: "大于 -1")
    case .count: Phrase(en: "counts 0, 1, 2, …", zh: "计数 0、1、2……")
    case .length: Phrase(en: "lengths from 1", zh: "从 1 起的长度")
    case .probability: Phrase(en: "probabilities from 0 to 1", zh: "0 到 1 之间的概率")
    case .logProbability: Phrase(en: "logarithms of probabilities", zh: "概率的对数")
    case .distribution: Phrase(en: "rows of probabilities that add up to 1", zh: "每行和为 1 的概率")
    case .binary: Phrase(en: "labels 0 or 1", zh: "标签 0 或 1")
    case .sign: Phrase(en: "labels -1 or 1", zh: "标签 -1 或 1")
    case .index: Phrase(en: "class numbers from 1", zh: "从 1 数起的类别号")
    case .label: Phrase(en: "class numbers from 1, or one-hot rows", zh: "从 1 数起的类别号，或独热行")
    case .indices: Phrase(en: "class numbers from 1, filled up with 0", zh: "从 1 数起的类别号，用 0 补齐")
    case .group: Phrase(en: "labels; equal means the same group", zh: "标签，相等即同组")
    case .box: Phrase(en: "boxes x1, y1, x2, y2", zh: "框 x1、y1、x2、y2")
    case .direction: Phrase(en: "rows that are not all 0", zh: "不全为 0 的行")
    }
  }
}
