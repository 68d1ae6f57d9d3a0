import Interpreter
import Losses
import Tensors
import Workbench

/// A loss on given data, as a call in the language.
///
/// What a file calls a loss, a variant or an argument is translated by the entry itself: its aliases, its
/// `conformance:` lines, the variants it defines and the domains it declares. Nothing here knows a loss by name.
struct LossCase {
  private let loss: String
  private let variant: String
  private let framework: String
  private let arguments: [String: JSON]
  private let parameters: [String: JSON]
  private let reduction: String
  private let wanted: [String]?

  init(_ json: JSON) throws(Unsupported) {
    guard let loss = json["loss"]?.text, let arguments = json["args"]?.fields else {
      throw Unsupported("a loss needs its name and args")
    }
    self.loss = loss
    self.arguments = arguments
    variant = json["variant"]?.text ?? "canonical"
    framework = json["framework"]?.text ?? ""
    parameters = json["params"]?.fields ?? [:]
    reduction = json["reduction"]?.text ?? "mean"
    wanted = json["expected"]?["grad"]?.fields.map { $0.keys.sorted() }
  }

  func answer() throws(Unsupported) -> String { try question().answer() }

  // MARK: The call

  /// An entry, the rule that led to it, and its function in the variant asked for.
  private struct Target {
    var entry: Entry
    var rule: ConformanceRule?
    var like: String?
    var function: Function

    func has(_ parameter: String) -> Bool { function.parameters.contains { $0.name == parameter } }
    func setting(_ name: String) -> String? { rule?.settings.first { $0.name == name }?.value }
  }

  private func question() throws(Unsupported) -> Question {
    let target = try target()
    var variables: [(name: String, value: Tensor)] = []
    var places: [(parameter: String, text: String)] = []
    var gradients: [(argument: String, variable: String)] = []
    let rank = arguments["pred"]?.tensor?.rank ?? arguments.values.compactMap { $0.tensor?.rank }.max() ?? 0
    for (name, json) in arguments.sorted(by: { $0.key < $1.key }) {
      guard let tensor = json.tensor else { throw Unsupported("args.\(name) is no array of numbers") }
      guard let parameter = parameter(name, target) else {
        if name == "sample_weight" { continue }
        throw Unsupported("\(target.entry.name) has no argument \(name)")
      }
      let variable = "arg_" + name
      variables.append((variable, shifted(tensor, parameter, rank, target.entry)))
      places.append((parameter, variable))
      if wanted?.contains(name) ?? isDifferentiable(parameter, target) { gradients.append((name, variable)) }
    }
    for (name, json) in parameters.sorted(by: { $0.key < $1.key }) {
      if target.setting(name) == "-" { continue }
      guard let parameter = parameter(name, target) else {
        // A switch that is off, or a setting that is not given, needs no parameter.
        switch json {
        case .null, .bool(false): continue
        default: throw Unsupported("\(target.entry.name) has no parameter \(name)")
        }
      }
      var value = json
      if isIndex(parameter, target.entry), let number = json.number { value = .number(number + 1) }
      if let literal = Question.literal(value) { places.append((parameter, literal)) }
    }
    for (name, value) in target.rule?.settings ?? []
    where name != "like" && (value.hasPrefix("\"") || Double(value) != nil) {
      if !places.contains(where: { $0.parameter == name }) { places.append((name, value)) }
    }
    if let like = target.like { places.append(("like", "\"\(like)\"")) }
    if target.has("reduce"), let reduce = reduce(target) { places.append(("reduce", reduce)) }
    if variant == "sklearn_weighted", target.like == nil, target.has("divide") {
      places.append(("divide", "\"sum_w\""))
    }
    let order = target.function.parameters.map(\.name)
    let required = order.filter { name in
      places.contains { $0.parameter == name }
        && target.function.parameters.contains { $0.name == name && $0.fallback == nil }
    }
    let list =
      required.compactMap { name in places.first { $0.parameter == name }?.text }
      + places.filter { !required.contains($0.parameter) }.map { "\($0.parameter)=\($0.text)" }
    return Question(
      line: "\(target.entry.name)(\(list.joined(separator: ", ")))", variables: variables, gradients: gradients)
  }

  // MARK: Which entry

  private func target() throws(Unsupported) -> Target {
    let catalogue = LossCatalogue.standard
    var found: (entry: Entry, rule: ConformanceRule)?
    for entry in catalogue.entries {
      for rule in entry.conformance where rule.loss == loss && (rule.variant == nil || rule.variant == variant) {
        if found == nil || rule.variant != nil { found = (entry, rule) }
      }
    }
    guard let entry = found?.entry ?? catalogue[loss], let function = catalogue.function(entry.name) else {
      throw Unsupported("no loss is called \(loss)")
    }
    var target = Target(entry: entry, rule: found?.rule, like: nil, function: function)
    if let like = target.setting("like") {
      target.like = String(like.filter { $0 != "\"" })
    } else if variant != "canonical", found?.rule.variant == nil {
      target.like = try like(entry)
    }
    if let like = target.like, let variant = function.variants?.different[like] { target.function = variant }
    return target
  }

  /// The entry's own variant of that name, or of the name's first words: `keras_weighted` is keras on weights.
  private func like(_ entry: Entry) throws(Unsupported) -> String? {
    var name = variant.hasPrefix("objective ") ? framework : variant
    while true {
      if entry.variants.contains(where: { $0.name == name }) { return name }
      guard let cut = name.lastIndex(of: "_") else { break }
      name = String(name[..<cut])
    }
    // Weights and means over the last axis need no definition of their own.
    if ["torch_weighted", "keras_weighted", "sklearn_weighted", "keras_lastaxis"].contains(variant) { return nil }
    if variant.hasPrefix("objective ") || entry.twins.contains(where: { $0.framework == name && $0.difference == nil })
    {
      return nil
    }
    throw Unsupported("\(entry.name) has no variant \(variant)")
  }

  // MARK: Arguments

  /// The parameter that an argument or setting of the file is here.
  private func parameter(_ name: String, _ target: Target) -> String? {
    if let renamed = target.setting(name), !renamed.hasPrefix("\"") { return renamed }
    if target.has(name) { return name }
    let required = target.function.parameters.filter { $0.fallback == nil }.map(\.name)
    switch name {
    case "pred" where !required.isEmpty: return required[0]
    case "target" where required.count > 1: return required[1]
    case "sample_weight" where isKerasWithoutVariant(target): return nil
    case "sample_weight", "weight": return target.has("weight") ? "weight" : nil
    default: return nil
    }
  }

  private func isKerasWithoutVariant(_ target: Target) -> Bool { variant == "keras_weighted" && target.like == nil }

  /// Class numbers count from 0 in the files and from 1 in the language.
  private func shifted(_ tensor: Tensor, _ parameter: String, _ rank: Int, _ entry: Entry) -> Tensor {
    guard isIndex(parameter, entry), entry.domain(of: parameter)?.kind != .label || tensor.rank < rank else {
      return tensor
    }
    return Tensor(shape: tensor.shape, elements: tensor.elements.map { $0 + 1 })
  }

  private func isIndex(_ parameter: String, _ entry: Entry) -> Bool {
    switch entry.domain(of: parameter)?.kind {
    case .index?, .indices?, .label?: true
    default: false
    }
  }

  private func isDifferentiable(_ parameter: String, _ target: Target) -> Bool {
    guard target.function.parameters.contains(where: { $0.name == parameter && $0.fallback == nil }) else {
      return false
    }
    switch target.entry.domain(of: parameter)?.kind {
    case .index?, .indices?, .label?, .sign?, .binary?, .group?, .count?, .length?: return false
    default: return parameter != "target"
    }
  }

  // MARK: Reductions

  private func reduce(_ target: Target) -> String? {
    let isKeras = target.like?.hasPrefix("keras") ?? false
    let base = reduction.hasSuffix("_lastmean") ? String(reduction.dropLast("_lastmean".count)) : reduction
    if isKerasWithoutVariant(target), arguments["sample_weight"] != nil {
      return "(x -> \(base)(row_mean(x) * arg_sample_weight))"
    }
    if base != reduction, !isKeras { return "(x -> \(base)(row_mean(x)))" }
    return ["mean", "sum", "none", "batchmean"].contains(base) ? base : nil
  }
}
