import Foundation
import Interpreter
import Tensors
import Testing

@testable import Workbench

/// Values and gradients computed by PyTorch 2.15, Keras 3.15, optax 0.2.8, scikit-learn 1.9 and SciPy 1.17 in float64.
/// `conformance.json` is a selection; a checkout beside the whole set runs all of it.
private struct Case {
  let id: String
  let loss: String
  let arguments: [String: Tensor]
  let parameters: [String: Double]
  let reduction: String
  let value: Tensor
  let gradients: [String: Tensor]
  let relative: Double
  let absolute: Double
}

/// What the frameworks' losses are called here.
private let ours: [String: String] = [
  "mse": "mse", "mae": "mae", "huber": "huber", "log_cosh": "log_cosh", "quantile": "quantile",
  "binary_cross_entropy_with_logits": "bce_logits", "hinge": "hinge", "perceptron": "perceptron",
  "softmax_cross_entropy": "softmax_cross_entropy", "l1_penalty": "l1", "l2_penalty": "l2",
]

private func tensor(_ json: Any) -> Tensor? {
  if let number = json as? NSNumber { return Tensor(number.doubleValue) }
  if let text = json as? String { return Double(text).map { Tensor($0) } }
  guard let list = json as? [Any] else { return nil }
  let parts = list.compactMap(tensor)
  guard parts.count == list.count else { return nil }
  return Tensor(shape: [parts.count] + (parts.first?.shape ?? []), elements: parts.flatMap(\.elements))
}

private func cases() throws -> [Case] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  let whole = folder.appending(path: "../../../shared/conformance").standardized
  var texts: [Data] = []
  for family in ["regression", "binary", "multiclass", "regularizer"] {
    if let data = try? Data(contentsOf: whole.appending(path: "losses_\(family).json")) { texts.append(data) }
  }
  var list: [[String: Any]] = []
  for data in texts {
    let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    list += (json?["cases"] as? [[String: Any]] ?? []).filter { $0["variant"] as? String == "canonical" }
  }
  if list.isEmpty {
    let data = try Data(contentsOf: folder.appending(path: "conformance.json"))
    list = try JSONSerialization.jsonObject(with: data) as? [[String: Any]] ?? []
  }
  return list.compactMap { json in
    guard let id = json["id"] as? String, let loss = json["loss"] as? String, ours[loss] != nil,
      let arguments = (json["args"] as? [String: Any])?.compactMapValues(tensor),
      let expected = json["expected"] as? [String: Any], let value = expected["value"].flatMap(tensor),
      let gradients = (expected["grad"] as? [String: Any])?.compactMapValues(tensor),
      let tolerance = json["tol"] as? [String: Double]
    else { return nil }
    let parameters = (json["params"] as? [String: Any] ?? [:]).compactMapValues { ($0 as? NSNumber)?.doubleValue }
    // Label smoothing belongs to a later definition.
    if parameters["label_smoothing"] ?? 0 != 0 { return nil }
    return Case(
      id: id, loss: loss, arguments: arguments, parameters: parameters,
      reduction: json["reduction"] as? String ?? "mean",
      value: value, gradients: gradients, relative: tolerance["rtol"] ?? 1e-9, absolute: tolerance["atol"] ?? 1e-12)
  }
}

private func line(_ case_: Case) -> String {
  let name = ours[case_.loss] ?? ""
  if case_.loss == "l1_penalty" { return "l1(w, strength=\(case_.parameters["l1"] ?? 1))" }
  if case_.loss == "l2_penalty" { return "l2(w, strength=\(case_.parameters["l2"] ?? 1))" }
  let settings = case_.parameters.filter { ["delta", "tau"].contains($0.key) }.map { ", \($0.key)=\($0.value)" }
    .joined()
  return "\(name)(pred, target\(settings), reduce=\(case_.reduction))"
}

private func agree(_ a: Tensor, _ b: Tensor, _ case_: Case) -> Bool {
  a.count == b.count
    && zip(a.elements, b.elements).allSatisfy { x, y in
      x == y || x.isNaN && y.isNaN || abs(x - y) <= case_.absolute + case_.relative * abs(y)
    }
}

@Test func valuesAndGradientsAgreeWithTheFrameworks() throws {
  let all = try cases()
  #expect(all.count >= 40)
  for case_ in all {
    var session = Session()
    for (name, value) in case_.arguments { session.define(name, value) }
    let reply = session.submit(line(case_))
    let value = try #require(reply.value?.numbers, "\(case_.id): \(reply.output.plain)")
    #expect(
      agree(value, case_.value, case_), "\(case_.id): \(value.elements.prefix(4)) ≠ \(case_.value.elements.prefix(4))")
    // At ties and kinks every framework chooses its own subgradient, and they differ; here it is 0 by rule.
    if case_.id.contains("/ties/") || case_.id.contains("/kink/") { continue }
    for (name, expected) in case_.gradients where case_.arguments[name] != nil {
      let reply = session.submit("∂(sum(\(line(case_))))/∂\(name)")
      let gradient = try #require(reply.value?.numbers, "\(case_.id): \(reply.output.plain)")
      #expect(agree(gradient, expected, case_), "\(case_.id) ∂\(name)")
    }
  }
}
