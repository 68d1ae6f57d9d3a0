import Markup

/// What the catalogue knows of one name: everything that stands in its `.loss` file.
package struct Entry: Sendable {
  package enum Kind: String, Sendable { case loss, activation, regularizer, optimizer, schedule }
  /// What one number of `reduce=none` belongs to.
  package enum Granularity: String, Sendable { case element, row, batch }

  /// What another library calls it, and how its version differs; nil where it is the same.
  package struct Twin: Sendable {
    package let framework: String
    package let call: String
    package let difference: Phrase?
  }

  /// A definition that `like=` chooses.
  package struct Variant: Sendable {
    package let name: String
    package let definition: String
  }

  package let name: String
  package let kind: Kind
  package let family: Family
  package let summary: Phrase
  package let use: Phrase?
  package let avoid: Phrase?
  package let remark: Phrase?
  package let aliases: [String]
  package let twins: [Twin]
  package let granularity: Granularity
  /// What may stand in each argument, by parameter.
  package let domains: [(parameter: String, domain: Domain)]
  package let traits: [Trait]
  package let textbook: String?
  package let source: String?
  package let examples: [String]
  /// Lines for the picture: what to plot, where the first parameter alone is not it.
  package let picture: String?
  /// What another form of the same loss is called: of scores, where this one is of probabilities, and the reverse.
  package let counterpart: String?
  /// The targets, and what outliers in them mean, that `choose` recommends it for.
  package let choices: [(target: String, attitude: String?)]
  /// How cases of published figures are put to it: see `ConformanceRule`.
  package let conformance: [ConformanceRule]
  /// The definition as written: `huber(prediction, target, delta=1) = …`.
  package let definition: String
  package let variants: [Variant]

  /// What `plot(…)` shows of it.
  package var plot: String { picture ?? "x -> \(name)(x, 0), x=-3..3" }

  package func domain(of parameter: String) -> Domain? { domains.first { $0.parameter == parameter }?.domain }
}

/// The file an entry stands in: losses that answer one question, in an order to be read in.
package struct Family: Sendable, Hashable {
  /// The file's name without its ending.
  package let name: String
  package let title: Phrase
  package let order: Int
}

/// Something an entry promises and the tests hold it to.
package enum Trait: Sendable, Hashable {
  /// In the first argument.
  case convex
  /// The gradient is continuous; with a number, it is Lipschitz with that constant.
  case smooth(Double?)
  /// The values are: with that constant, or with some.
  case lipschitz(Double?)
  case nonnegative
  /// Not above this.
  case bounded(Double)
  /// f(a, b) = f(b, a)
  case symmetric
  /// Zero where prediction and target agree.
  case exactAtTarget
  /// Part of it is a constant to the gradient, which therefore is not the slope of the value.
  case frozen

  init?(_ text: String) {
    let parts = text.split(whereSeparator: { $0 == "(" || $0 == ")" }).map(String.init)
    let number = parts.count > 1 ? Double(parts[1]) : nil
    switch parts.first {
    case "convex": self = .convex
    case "smooth": self = .smooth(number)
    case "lipschitz": self = .lipschitz(number)
    case "nonnegative": self = .nonnegative
    case "bounded": self = .bounded(number ?? 1)
    case "symmetric": self = .symmetric
    case "zero_at_target": self = .exactAtTarget
    case "frozen": self = .frozen
    default: return nil
    }
  }

  package var phrase: Phrase {
    func with(_ number: Double?, _ symbol: String) -> String {
      number.map { " (\(symbol) = \($0 == $0.rounded() ? String(Int($0)) : String($0)))" } ?? ""
    }
    return switch self {
    case .convex: Phrase(en: "convex", zh: "凸")
    case .smooth(let number): Phrase(en: "smooth" + with(number, "L"), zh: "光滑" + with(number, "L"))
    case .lipschitz(let number): Phrase(en: "Lipschitz" + with(number, "K"), zh: "利普希茨连续" + with(number, "K"))
    case .nonnegative: Phrase(en: "never negative", zh: "非负")
    case .bounded(let number): Phrase(en: "at most \(with(number, "max").dropFirst())", zh: "有上界\(with(number, "max"))")
    case .symmetric: Phrase(en: "symmetric", zh: "对称")
    case .exactAtTarget: Phrase(en: "0 when exact", zh: "预测正确时为 0")
    case .frozen: Phrase(en: "weights constant to the gradient", zh: "权重在求导时当作常数")
    }
  }
}

/// `conformance: NAME/VARIANT: from=to name="constant"`: which published cases this entry computes, and what their
/// arguments are called here.
package struct ConformanceRule: Sendable {
  package let loss: String
  /// nil for every variant without a rule of its own.
  package let variant: String?
  package let settings: [(name: String, value: String)]

  init(_ text: String) {
    // A variant may hold a colon of its own (`objective reg:logistic`), so the settings start at `: ` or the end.
    var head = text
    var tail = ""
    if let range = text.firstRange(of: ": ") {
      head = String(text[..<range.lowerBound])
      tail = String(text[range.upperBound...])
    }
    let names = head.split(separator: "/", maxSplits: 1).map(String.init)
    loss = names.first ?? ""
    variant = names.count > 1 ? names[1] : nil
    settings = tail.split(separator: " ").compactMap { setting in
      let sides = setting.split(separator: "=", maxSplits: 1).map(String.init)
      return sides.count == 2 ? (sides[0], sides[1]) : nil
    }
  }
}
