import Foundation
import Interpreter
import Tensors
import Testing

@testable import Descent
@testable import Workbench

/// Fifty steps of every optimizer as PyTorch 2.15, Keras 3.15 and optax 0.2.8 make them in float64, each checked against
/// a 60-digit reference. `trajectories.json` is a selection; a checkout beside the whole set runs all of it.
private struct Trajectory: Decodable {
  struct Problem: Decodable {
    let name: String
    let x0: [Double]
    let X: [[Double]]?
    let y: [Double]?
  }
  struct Tolerance: Decodable {
    let rtol: Double
    let atol: Double
  }
  enum Setting: Decodable {
    case number(Double)
    case flag(Bool)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else {
        self = .number(try container.decode(Double.self))
      }
    }
  }
  let id: String
  let optimizer: String
  let framework: String
  let problem: Problem
  let params: [String: Setting]
  let trajectory: [[Double]]
  let tol: Tolerance
}

private struct Vectors: Decodable { let cases: [Trajectory] }

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

private func cases() throws -> [Trajectory] {
  let whole = folder.appending(path: "../../../shared/conformance/trajectories.json").standardized
  let data = try (try? Data(contentsOf: whole)) ?? Data(contentsOf: folder.appending(path: "trajectories.json"))
  return try JSONDecoder().decode(Vectors.self, from: data).cases
}

/// The problem's loss, as a learner would type it.
private func objective(_ problem: Trajectory.Problem) -> String {
  switch problem.name {
  case "quadratic": "L(w) = sum((w - 3)^2)"
  case "rosenbrock": "L(w) = (1 - w[1])^2 + 100 * (w[2] - w[1]^2)^2"
  case "linear_regression": "L(w) = mse(X @ w[1..2] + w[3], y)"
  // As in print; its second derivative is what Newton's method needs at w = 0.
  default: "L(w) = mean(softplus(z) - z * y) where z = X @ w[1..2] + w[3]"
  }
}

/// The descent that makes the trajectory.
private func line(_ case_: Trajectory) throws -> String {
  var params = case_.params
  var rate = ""
  if case .number(let lr) = params.removeValue(forKey: "lr") { rate = ", rate=\(lr)" }
  if case .number(let factor) = params["decay_rate"], case .number(let steps) = params["transition_steps"] {
    rate = rate.replacing("rate=", with: "rate=exponential(") + ", \(factor), steps=\(steps))"
  }
  let rule = try #require(RuleBook.standard.section(case_.optimizer)?.rule)
  let known = Set(rule.settings.map(\.name))
  var settings: [String] = []
  for (name, value) in params.sorted(by: { $0.key < $1.key }) where known.contains(name) {
    switch value {
    case .number(let number): settings.append("\(name)=\(number)")
    case .flag(let flag): settings.append("\(name)=\(flag)")
    }
  }
  if case_.framework != "reference" { settings.append("like=\"\(case_.framework)\"") }
  return "descend(L, w=start, steps=50\(rate), with=\(case_.optimizer)(\(settings.joined(separator: ", "))))"
}

@Test func everyOptimizerMakesTheStepsOfTheFrameworks() throws {
  let all = try cases()
  #expect(all.count >= 60)
  var seen: Set<String> = []
  for case_ in all {
    seen.insert(case_.optimizer)
    var session = Session()
    session.define("start", Tensor(vector: case_.problem.x0))
    if let X = case_.problem.X, let y = case_.problem.y {
      session.define("X", Tensor(shape: [X.count, X[0].count], elements: X.flatMap { $0 }))
      session.define("y", Tensor(vector: y))
    }
    _ = session.submit(objective(case_.problem))
    let reply = session.submit("(" + (try line(case_)) + ").w")
    let made = try #require(reply.value?.numbers, "\(case_.id): \(reply.output.plain.prefix(300))")
    let wanted = case_.trajectory.flatMap { $0 }
    #expect(made.count == wanted.count, "\(case_.id)")
    let worst = zip(made.elements, wanted).enumerated().first { _, pair in
      abs(pair.0 - pair.1) > case_.tol.atol + case_.tol.rtol * abs(pair.1)
    }
    #expect(worst == nil, "\(case_.id): entry \((worst?.offset ?? 0) / max(case_.problem.x0.count, 1))")
  }
  #expect(seen.count >= 25)
}

// MARK: Schedules

private struct ScheduleVectors: Decodable { let cases: [ScheduleCase] }
private struct ScheduleCase: Decodable {
  let id: String
  let schedule: String
  let framework: String
  let params: [String: ScheduleSetting]
  let values: [Double]
  let tol: Trajectory.Tolerance
}
private enum ScheduleSetting: Decodable {
  case text(String)
  case scales([String: Double])
  case other(String)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .text(String(flag))
    } else if let number = try? container.decode(Double.self) {
      self = .text(String(number))
    } else if let list = try? container.decode([Double].self) {
      self = .text("[" + list.map { String($0) }.joined(separator: ",") + "]")
    } else if let scales = try? container.decode([String: Double].self) {
      self = .scales(scales)
    } else {
      self = .other(try container.decode(String.self))
    }
  }

  var typed: String {
    switch self {
    case .text(let text), .other(let text): text
    case .scales: ""
    }
  }
}

/// The framework's schedule in our words.
private func schedule(_ case_: ScheduleCase) -> String? {
  let p = case_.params.mapValues(\.typed)
  func of(_ name: String) -> String { p[name] ?? "0" }
  switch case_.schedule {
  case "step": return "step_decay(\(of("lr")), \(of("step_size")), \(of("gamma")))"
  case "multistep": return "multistep(\(of("lr")), \(of("milestones")), \(of("gamma")))"
  case "constant_factor": return "constant_factor(\(of("lr")), \(of("factor")), \(of("total_iters")))"
  case "linear_factor":
    return "linear_factor(\(of("lr")), \(of("start_factor")), \(of("end_factor")), \(of("total_iters")))"
  case "exponential": return "exponential(\(of("lr")), \(of("gamma")))"
  case "exponential_decay":
    return
      "exponential(\(of("lr")), \(of("decay_rate")), steps=\(of("decay_steps")), begin=\(of("transition_begin")), staircase=\(p["staircase"] ?? "false"), end=\(of("end_value")))"
  case "polynomial": return "polynomial(\(of("lr")), \(of("total_iters")), power=\(of("power")))"
  case "polynomial_decay":
    return "polynomial(\(of("lr")), \(of("decay_steps")), power=\(of("power")), end=\(of("end_learning_rate")))"
  case "polynomial_schedule":
    return "polynomial(\(of("init_value")), \(of("transition_steps")), power=\(of("power")), end=\(of("end_value")))"
  case "linear_schedule": return "linear(\(of("init_value")), \(of("transition_steps")), end=\(of("end_value")))"
  case "inverse_time_decay": return "inverse_time(\(of("lr")), \(of("decay_rate")), steps=\(of("decay_steps")))"
  case "piecewise_constant":
    if case .scales(let scales)? = case_.params["boundaries_and_scales"] {
      let sorted = scales.sorted { (Double($0.key) ?? 0) < (Double($1.key) ?? 0) }
      let boundaries = sorted.map(\.key).joined(separator: ",")
      let factors = sorted.map { String($0.value) }.joined(separator: ",")
      return "piecewise_scale(\(of("init_value")), [\(boundaries)], [\(factors)])"
    }
    return "piecewise_constant(\(of("boundaries")), \(of("values")))"
  case "cosine_annealing": return "cosine_annealing(\(of("lr")), \(of("T_max")), end=\(of("eta_min")))"
  case "cosine_warm_restarts":
    return "cosine_restarts(\(of("lr")), \(of("T_0")), stretch=\(of("T_mult")), end=\(of("eta_min")))"
  case "cosine_decay":
    if p["warmup_target"] != nil {
      return
        "warmup_cosine(\(of("warmup_target")), \(of("warmup_steps")), \(of("warmup_steps")) + \(of("decay_steps")))"
    }
    return
      "cosine(\(of("lr")), \(of("decay_steps")), end=\(of("alpha")) * \(of("lr")), power=\(p["exponent"] ?? "1"))"
  case "cosine_decay_restarts":
    return
      "cosine_restarts(\(of("lr")), \(of("first_decay_steps")), stretch=\(of("t_mul")), shrink=\(of("m_mul")), end=\(of("alpha")) * \(of("lr")))"
  case "cyclic_triangular": return "cyclic(\(of("base_lr")), \(of("max_lr")), \(of("step_size_up")))"
  case "cyclic_triangular2": return "cyclic(\(of("base_lr")), \(of("max_lr")), \(of("step_size_up")), shrink=0.5)"
  case "one_cycle":
    return
      "one_cycle(\(of("max_lr")), \(of("total_steps")), \(of("pct_start")), \(of("div_factor")), \(of("final_div_factor")))"
  case "warmup_cosine_decay":
    return "warmup_cosine(\(of("peak_value")), \(of("warmup_steps")), \(of("decay_steps")), end=\(of("end_value")))"
  default: return nil
  }
}

@Test func everyScheduleGivesTheRatesOfTheFrameworks() throws {
  let whole = folder.appending(path: "../../../shared/conformance/schedules.json").standardized
  let data = try (try? Data(contentsOf: whole)) ?? Data(contentsOf: folder.appending(path: "schedules.json"))
  let all = try JSONDecoder().decode(ScheduleVectors.self, from: data).cases
  #expect(all.count >= 12)
  for case_ in all {
    let typed = try #require(schedule(case_), "\(case_.id)")
    var session = Session()
    // A loss with slope 1 moves by the rate itself: the schedule as the compiled step sees it.
    let reply = session.submit("map(k -> (\(typed))(k), 0..\(case_.values.count - 1))")
    let made = try #require(reply.value?.numbers?.elements, "\(case_.id): \(reply.output.plain.prefix(300))")
    let moved = session.submit("(descend(w -> w, w=0, rate=\(typed), steps=\(case_.values.count))).w")
    let places = try #require(moved.value?.numbers?.elements, "\(case_.id): \(moved.output.plain.prefix(300))")
    var total = 0.0
    for (index, wanted) in case_.values.enumerated() {
      #expect(abs(made[index] - wanted) <= case_.tol.atol + case_.tol.rtol * abs(wanted), "\(case_.id) t=\(index)")
      total += made[index]
      #expect(abs(places[index + 1] + total) <= 1e-12 * max(1, total), "\(case_.id) t=\(index), compiled")
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
