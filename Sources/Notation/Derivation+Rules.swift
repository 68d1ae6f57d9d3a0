import Graphs
import Markup
import Tensors

// What the links of a derivation are called, and the rules of differentiation they are taken by.

extension Derivation {
  /// Y for one-hot rows, X for other data.
  static func name(of tensor: Tensor, _ used: Set<String>) -> String {
    let isOneHot = tensor.rank == 2 && tensor.elements.allSatisfy { $0 == 0 || $0 == 1 }
    let wanted = isOneHot ? ["Y", "T"] : tensor.rank == 1 ? ["a", "b", "c", "d"] : ["X", "A", "B", "C", "D"]
    return wanted.first { !used.contains($0) } ?? free(used)
  }

  private static func free(_ used: Set<String>) -> String {
    for digit in "₁₂₃₄₅₆₇₈₉" where !used.contains("u\(digit)") { return "u\(digit)" }
    var number = 10
    while used.contains("u\(number)") { number += 1 }
    return "u\(number)"
  }

  static func name(_ primitive: Primitive.ID, _ used: Set<String>) -> String {
    let wanted: [String] =
      switch primitive {
      case .sigmoid, .softmax: ["p", "q"]
      case .subtract: ["r", "d"]
      case .add, .multiply, .matmul: ["z", "s"]
      default: []
      }
    return wanted.first { !used.contains($0) } ?? free(used)
  }

  static func rules(_ between: [Graph.ID], _ depends: Set<Graph.ID>, _ graph: Graph) -> [Rule] {
    var found: [Rule] = []
    func add(_ rule: Rule) { if !found.contains(rule) { found.append(rule) } }
    let hasSum = between.contains { graph[$0].primitive == .sum }
    for id in between {
      let node = graph[id]
      let varying = node.inputs.filter(depends.contains).count
      switch node.primitive {
      case .multiply, .matmul: if varying > 1 { add(table["product"] ?? linear) }
      case .divide: if node.inputs.count > 1, depends.contains(node.inputs[1]) { add(table["quotient"] ?? linear) }
      default: if let rule = table[node.primitive.row.name] { add(rule) }
      }
    }
    if hasSum {
      let isMean = between.contains { graph[$0].primitive == .divide && !depends.contains(graph[$0].inputs[1]) }
      found.removeAll { $0 == table["sum"] }
      found.insert(isMean ? mean : table["sum"] ?? linear, at: 0)
    }
    return found.isEmpty ? [linear] : found
  }

  private static let linear = Rule(
    name: Phrase(en: "LINEAR RULE", zh: "线性法则"), form: Phrase(verbatim: "(a·u + b)′ = a"))
  private static let mean = Rule(
    name: Phrase(en: "MEAN RULE", zh: "平均法则"), form: Phrase(en: "each element weighs 1/n", zh: "每个元素占 1/n"))

  private static func rule(_ en: String, _ zh: String, _ form: String) -> Rule {
    Rule(name: Phrase(en: en, zh: zh), form: Phrase(verbatim: form))
  }

  private static let table: [String: Rule] = [
    "^": rule("POWER RULE", "幂法则", "(uⁿ)′ = n·uⁿ⁻¹"), "exp": rule("EXP RULE", "指数法则", "(eᵘ)′ = eᵘ"),
    "log": rule("LOG RULE", "对数法则", "(ln u)′ = 1/u"), "xlogy": rule("LOG RULE", "对数法则", "(ln u)′ = 1/u"),
    "sigmoid": rule("SIGMOID RULE", "sigmoid 法则", "σ′ = σ·(1 − σ)"),
    "tanh": rule("TANH RULE", "tanh 法则", "tanh′ = 1 − tanh²"),
    "sqrt": rule("ROOT RULE", "平方根法则", "(√u)′ = 1/(2√u)"),
    "softplus": rule("SOFTPLUS RULE", "softplus 法则", "softplus′ = σ"),
    "sin": rule("SINE RULE", "正弦法则", "(sin u)′ = cos u"), "cos": rule("COSINE RULE", "余弦法则", "(cos u)′ = −sin u"),
    "product": rule("PRODUCT RULE", "乘积法则", "(u·v)′ = u′·v + u·v′"),
    "quotient": rule("QUOTIENT RULE", "商法则", "(u/v)′ = (u′·v − u·v′)/v²"),
    "abs": Rule(
      name: Phrase(en: "ABSOLUTE VALUE", zh: "绝对值"),
      form: Phrase(en: "|u|′ = sign u, taken as 0 at the kink", zh: "|u|′ = sign u，拐点处取 0")),
    "relu": Rule(
      name: Phrase(en: "RELU RULE", zh: "relu 法则"),
      form: Phrase(en: "1 above 0, 0 below, taken as 0 at the kink", zh: "0 以上为 1，0 以下为 0，拐点处取 0")),
    "if": Rule(
      name: Phrase(en: "CASES", zh: "分段"), form: Phrase(en: "each case by itself", zh: "每一段各自求导")),
    "sum": Rule(
      name: Phrase(en: "SUM RULE", zh: "求和法则"),
      form: Phrase(en: "the derivative of a sum is the sum of the derivatives", zh: "和的导数等于导数的和")),
    "logsumexp": Rule(
      name: Phrase(en: "SOFTMAX RULE", zh: "softmax 法则"),
      form: Phrase(verbatim: "∂ log Σ exp z / ∂zₖ = softmax(z)ₖ")),
    "softmax": Rule(
      name: Phrase(en: "SOFTMAX RULE", zh: "softmax 法则"), form: Phrase(verbatim: "∂pᵢ/∂zₖ = pᵢ·(δᵢₖ − pₖ)")),
    "log_softmax": Rule(
      name: Phrase(en: "SOFTMAX RULE", zh: "softmax 法则"), form: Phrase(verbatim: "∂ log pᵢ/∂zₖ = δᵢₖ − pₖ")),
  ]
}
