import Foundation
import Tensors
import Testing

@testable import Workbench
@testable import conformance

// Fifty steps of every optimizer, and the rates of every schedule, as PyTorch 2.15, Keras 3.15 and optax 0.2.8 make them
// in float64, each checked against a 60-digit reference. The files here are selections; a checkout beside the whole set
// runs all of it. How a case is written in the language is the conformance tool's to know.

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

private func figures(_ name: String) throws -> [JSON] {
  let whole = folder.appending(path: "../../../shared/conformance/" + name).standardized
  let data = try (try? Data(contentsOf: whole)) ?? Data(contentsOf: folder.appending(path: name))
  return try JSONDecoder().decode(JSON.self, from: data)["cases"]?.list ?? []
}

/// Which entry differs first from what the framework has; nil where none does.
private func difference(_ made: Tensor, _ wanted: Tensor, _ figure: JSON) -> Int? {
  let relative = figure["tol"]?["rtol"]?.number ?? 1e-9
  let absolute = figure["tol"]?["atol"]?.number ?? 1e-12
  guard made.count == wanted.count else { return -1 }
  return made.elements.indices.first { index in
    abs(made.elements[index] - wanted.elements[index]) > absolute + relative * abs(wanted.elements[index])
  }
}

/// What the tool says of a case.
private func answer(_ figure: JSON, _ field: String) throws -> Tensor {
  let line = Case.answer(figure)
  let answer = try JSONDecoder().decode(JSON.self, from: Data(line.utf8))
  return try #require(answer[field]?.tensor, "\(line.prefix(300))")
}

@Test func everyOptimizerMakesTheStepsOfTheFrameworks() throws {
  let all = try figures("trajectories.json")
  #expect(all.count >= 60)
  for figure in all {
    let wanted = try #require(figure["trajectory"]?.tensor)
    let first = difference(try answer(figure, "trajectory"), wanted, figure)
    #expect(first == nil, "\(figure["id"]?.text ?? ""): entry \((first ?? 0) / max(wanted.shape.last ?? 1, 1))")
  }
  #expect(Set(all.compactMap { $0["optimizer"]?.text }).count >= 25)
}

@Test func everyScheduleGivesTheRatesOfTheFrameworks() throws {
  let all = try figures("schedules.json")
  #expect(all.count >= 12)
  for figure in all {
    let id = figure["id"]?.text ?? ""
    let wanted = try #require(figure["values"]?.tensor)
    let made = try answer(figure, "values")
    #expect(difference(made, wanted, figure) == nil, "\(id)")
    // A loss with slope 1 moves by the rate itself: the schedule as the compiled step sees it.
    var session = Session()
    let call = try ScheduleCase(figure).call()
    let moved = session.submit("(descend(w -> w, w=0, rate=\(call), steps=\(wanted.count))).w")
    let places = try #require(moved.value?.numbers?.elements, "\(id): \(moved.output.plain.prefix(300))")
    var total = 0.0
    for index in wanted.elements.indices {
      total += made.elements[index]
      #expect(abs(places[index + 1] + total) <= 1e-12 * max(1, total), "\(id) t=\(index), compiled")
    }
  }
}

/// The rules of scikit-learn 1.9 (`sklearn/linear_model/_sgd_fast.pyx`), worked by hand: 1/(α(t₀ + t − 1)) with
/// t₀ = 1/(η₀α), η₀ = 1/α^¼, and η₀/t^p with t from 1.
@Test func sklearnSchedulesFollowTheirFormulas() throws {
  var session = Session()
  let optimal = session.submit("map(optimal(0.0001), 0..2)").value?.numbers?.elements ?? []
  for t in 0..<3 { #expect(abs(optimal[t] - 1 / (0.1 + 0.0001 * Double(t))) < 1e-12) }
  let scaled = session.submit("map(invscaling(0.1, power=0.5), [0, 3])").value?.numbers?.elements ?? []
  #expect(scaled == [0.1, 0.05])
}

/// torch.optim.lr_scheduler.ReduceLROnPlateau(patience=2, factor=0.5): the third step in a row without improvement is
/// the last at the old rate.
@Test func plateausSlowTheDescent() throws {
  var session = Session()
  _ = session.submit("t = descend(w -> 1 + 0 * w, w=0, rate=reduce_on_plateau(0.1, factor=0.5, patience=2), steps=8)")
  let rates = session.submit("t.rate").value?.numbers?.elements ?? []
  #expect(rates == [0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025])
}
