import Foundation
import Tensors
import Testing

@testable import conformance

// Values and gradients computed by PyTorch 2.15, Keras 3.15, TensorFlow 2.21, optax 0.2.8, scikit-learn 1.9, SciPy 1.17,
// XGBoost 3.2, LightGBM 4.7 and others in float64, each checked against a 60-digit reference. `conformance.json` is a
// selection, one case of each loss, variant and reduction; a checkout beside the whole set runs all of it.

private struct Figure: Sendable, CustomTestStringConvertible {
  let json: JSON
  var id: String { json["id"]?.text ?? "" }
  var testDescription: String { id }
}

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

private func figures(in url: URL) -> [Figure] {
  guard let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(JSON.self, from: data) else {
    return []
  }
  return (file["cases"]?.list ?? []).map(Figure.init)
}

/// The files of one kind: from the whole set where it is there, else from the selection.
private func figures(_ kind: String) -> [Figure] {
  let whole = folder.appending(path: "../../../shared/conformance").standardized
  let names = (try? FileManager.default.contentsOfDirectory(atPath: whole.path))?.sorted() ?? []
  let all = names.filter { $0.hasPrefix(kind) || $0.hasPrefix("flagged_" + kind) }.flatMap {
    figures(in: whole.appending(path: $0))
  }
  if !all.isEmpty { return all }
  let key = kind == "losses" ? "loss" : "activation"
  return figures(in: folder.appending(path: "conformance.json")).filter { $0.json[key] != nil }
}

private func agrees(_ got: Tensor, _ wanted: Tensor, _ figure: Figure) -> [Int] {
  let relative = figure.json["tol"]?["rtol"]?.number ?? 1e-9
  let absolute = figure.json["tol"]?["atol"]?.number ?? 1e-12
  guard got.count == wanted.count else { return [-1] }
  return got.elements.indices.filter { index in
    let (a, b) = (got.elements[index], wanted.elements[index])
    return !(a == b || a.isNaN && b.isNaN || abs(a - b) <= absolute + relative * abs(b))
  }
}

private func check(_ figure: Figure) throws {
  let answer = try JSONDecoder().decode(JSON.self, from: Data(Case.answer(figure.json).utf8))
  if let reason = answer["unsupported"]?.text {
    Issue.record("\(figure.id): \(reason)")
    return
  }
  if let wanted = figure.json["expected"]?["value"]?.tensor {
    let value = try #require(answer["value"]?.tensor)
    #expect(
      agrees(value, wanted, figure).isEmpty, "\(figure.id): \(value.elements.prefix(4)) ≠ \(wanted.elements.prefix(4))")
  }
  for (argument, json) in figure.json["expected"]?["grad"]?.fields ?? [:] {
    guard let wanted = json.tensor, let gradient = answer["grad"]?[argument]?.tensor else {
      Issue.record("\(figure.id): no gradient by \(argument)")
      continue
    }
    for index in agrees(gradient, wanted, figure) {
      // At a kink every library takes a subgradient of its own; ours has to be one too.
      guard index >= 0, let sides = try oneSided(figure, argument, index) else {
        Issue.record("\(figure.id) ∂\(argument): \(gradient.elements.prefix(4)) ≠ \(wanted.elements.prefix(4))")
        break
      }
      let slack = 1e-4 * max(1, sides.upperBound.magnitude)
      #expect(
        gradient.elements[index] >= sides.lowerBound - slack && gradient.elements[index] <= sides.upperBound + slack,
        "\(figure.id) ∂\(argument)[\(index)]: \(gradient.elements[index]) is no subgradient")
    }
  }
}

/// The one-sided differences around a kink; nil where the figure has none.
private func oneSided(_ figure: Figure, _ argument: String, _ index: Int) throws -> ClosedRange<Double>? {
  guard figure.json["flags"]?.list?.contains(where: { $0.text == "kink" }) ?? (figure.json["activation"] != nil) else {
    return nil
  }
  func total(_ h: Double) throws -> Double {
    var fields = figure.json.fields ?? [:]
    var arguments = fields["args"]?.fields ?? [:]
    guard var tensor = arguments[argument]?.tensor else { return .nan }
    tensor.elements[index] += h
    arguments[argument] = JSON(tensor)
    fields["args"] = .object(arguments)
    let answer = try JSONDecoder().decode(JSON.self, from: Data(Case.answer(.object(fields)).utf8))
    return answer["value"]?.tensor?.elements.reduce(0, +) ?? .nan
  }
  let h = 1e-7
  let here = try total(0)
  let slopes = [try (total(h) - here) / h, try (here - total(-h)) / h]
  guard let low = slopes.min(), let high = slopes.max(), low <= high else { return nil }
  return low...high
}

extension JSON {
  fileprivate init(_ tensor: Tensor) {
    func nested(_ shape: ArraySlice<Int>, _ elements: ArraySlice<Double>) -> JSON {
      guard let length = shape.first else { return .number(elements.first ?? 0) }
      let stride = elements.count / max(length, 1)
      return .list(
        (0..<length).map { index in
          let start = elements.startIndex + index * stride
          return nested(shape.dropFirst(), elements[start..<(start + stride)])
        })
    }
    self = nested(tensor.shape[...], tensor.elements[...])
  }
}

@Test(arguments: figures("losses")) private func lossAgreesWithItsFramework(_ figure: Figure) throws {
  try check(figure)
}

@Test(arguments: figures("activations")) private func activationAgreesWithItsFramework(_ figure: Figure) throws {
  try check(figure)
}

@Test func thereAreFigures() {
  #expect(figures("losses").count >= 150)
  #expect(figures("activations").count >= 26)
}

@Test func brokenCasesAreAnsweredNotCrashedOn() throws {
  let cases = [
    "{}", "[]", "3", "{\"id\":\"a\",\"loss\":\"mse\"}", "{\"id\":\"a\",\"loss\":\"nosuch\",\"args\":{}}",
    "{\"id\":\"a\",\"loss\":\"mse\",\"args\":{\"pred\":[1,[2]],\"target\":[1]}}",
    "{\"id\":\"a\",\"loss\":\"mse\",\"args\":{\"pred\":[1,2],\"target\":[1,2,3]}}",
    "{\"id\":\"a\",\"loss\":\"mse\",\"args\":{\"pred\":[],\"target\":[]}}",
    "{\"id\":\"a\",\"loss\":\"huber\",\"args\":{\"pred\":[1],\"target\":[1]},\"params\":{\"delta\":\"x\",\"what\":3}}",
    "{\"id\":\"a\",\"loss\":\"mse\",\"variant\":\"nosuch\",\"args\":{\"pred\":[1],\"target\":[1]}}",
    "{\"id\":\"a\",\"activation\":\"relu\",\"args\":{\"x\":\"y\"}}",
  ]
  for text in cases {
    let json = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    #expect(Case.answer(json).contains("unsupported"), "\(text)")
  }
}
