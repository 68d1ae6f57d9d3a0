import Foundation
import Interpreter
import Losses
import Syntax
import Tensors
import Testing

@testable import Workbench

/// Arguments inside the domains an entry declares, drawn from a seed.
struct Samples {
  let entry: Entry
  let function: Function
  private var source: RandomSource

  init(_ name: String, seed: UInt64 = 1, in catalogue: LossCatalogue = .standard) throws {
    entry = try #require(catalogue[name])
    let value = try #require(StandardLibrary(catalogue: catalogue)[entry.name])
    guard case .function(let function) = value else { throw NotAFunction() }
    self.function = function
    source = RandomSource(seed: seed)
  }

  struct NotAFunction: Error {}

  /// The parameters without defaults.
  var required: [String] { function.parameters.filter { $0.fallback == nil && !$0.isVariadic }.map(\.name) }

  /// The first parameter: what is learned.
  var first: String { required[0] }

  /// Whether a derivative by this parameter means anything.
  func isDifferentiable(_ parameter: String) -> Bool {
    switch entry.domain(of: parameter)?.kind {
    case .real?, .score?, .positive?, .nonnegative?, .aboveMinusOne?, .logProbability?, .direction?, .box?: true
    case .probability?, .distribution?: parameter == first
    default: false
    }
  }

  mutating func arguments() -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: required.map { ($0, tensor($0)) })
  }

  mutating func tensor(_ parameter: String) -> Tensor {
    let domain = entry.domain(of: parameter)
    let lengths = ["n": 3, "m": 4, "k": 3, "d": 2, "t": 4, "l": 2, "four": 4, "-": 0]
    let shape = (domain?.shape ?? ["n"]).compactMap { $0 == "-" ? nil : lengths[$0] ?? Int($0) ?? 3 }
    return Samples.tensor(domain?.kind ?? .real, shape, &source)
  }

  static func tensor(_ kind: Domain.Kind, _ shape: Shape, _ source: inout RandomSource) -> Tensor {
    let count = shape.reduce(1, *)
    let last = shape.last ?? 1
    var elements: [Double] = []
    switch kind {
    case .real, .score, .direction: elements = (0..<count).map { _ in source.normal() * 1.5 }
    case .positive, .nonnegative: elements = (0..<count).map { _ in 0.2 + 3 * source.uniform() }
    case .upper: elements = (0..<count).map { _ in 4 + 3 * source.uniform() }
    case .aboveMinusOne: elements = (0..<count).map { _ in -0.5 + 4 * source.uniform() }
    case .count: elements = (0..<count).map { _ in (4 * source.uniform()).rounded(.down) }
    case .probability: elements = (0..<count).map { _ in 0.05 + 0.9 * source.uniform() }
    case .logProbability: elements = (0..<count).map { _ in -0.1 - 2 * source.uniform() }
    case .binary: elements = (0..<count).map { $0 % 2 == 0 ? 1 : 0 }
    case .sign: elements = (0..<count).map { $0 % 2 == 0 ? 1 : -1 }
    case .index, .label, .group, .length: elements = (0..<count).map { Double($0 % 2 + 1) }
    case .indices: elements = (0..<count).map { $0 % last == 0 ? Double($0 / last % 3 + 1) : 0 }
    case .distribution:
      for _ in 0..<(count / max(last, 1)) {
        let row = (0..<last).map { _ in 0.1 + source.uniform() }
        elements += row.map { $0 / row.reduce(0, +) }
      }
    case .box:
      for _ in 0..<(count / 4) {
        let (x, y) = (source.uniform(), source.uniform())
        elements += [x, y, x + 0.5 + source.uniform(), y + 0.5 + source.uniform()]
      }
    }
    return Tensor(shape: shape, elements: elements)
  }

  /// `huber(prediction, target, …)` over the variables `v_prediction`, `v_target`.
  func call(_ settings: String = "") -> String {
    "\(entry.name)(\(required.map { "v_" + $0 }.joined(separator: ", "))\(settings))"
  }

  static func session(_ arguments: [String: Tensor], _ catalogue: LossCatalogue = .standard) -> Session {
    var session = Session(catalogue: catalogue)
    for (name, value) in arguments { session.define("v_" + name, value) }
    return session
  }

  /// What a line is worth; records an issue and gives nil on an error.
  static func numbers(_ line: String, _ session: Session) -> Tensor? {
    var session = session
    let reply = session.submit(line)
    if let numbers = reply.value?.numbers { return numbers }
    Issue.record("\(line): \(reply.output.plain.prefix(300))")
    return nil
  }
}
