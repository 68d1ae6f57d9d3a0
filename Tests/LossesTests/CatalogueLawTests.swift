import Descent
import Graphs
import Interpreter
import Losses
import Notation
import Syntax
import Tensors
import Testing

@testable import Workbench

// Laws over every entry of the catalogue: a new one gets all of them by being in the prelude.

private let entries = LossCatalogue.standard.entries
private let names = entries.map(\.name)
private let losses = entries.filter { $0.kind == .loss }.map(\.name)
private let reducible = entries.filter { $0.kind == .loss && $0.granularity != .batch }.map(\.name)

// MARK: Mathematics

@Test(arguments: names) func gradientEqualsCentralDifference(_ name: String) throws {
  var samples = try Samples(name)
  if samples.entry.traits.contains(.frozen) { return }
  let arguments = samples.arguments()
  for parameter in samples.required where samples.isDifferentiable(parameter) {
    let session = Samples.session(arguments)
    let line = "sum(\(samples.call()))"
    guard let exact = Samples.numbers("∂(\(line))/∂v_\(parameter)", session), let start = arguments[parameter] else {
      continue
    }
    #expect(exact.shape == start.shape)
    for index in start.elements.indices {
      func value(_ h: Double) -> Double {
        var moved = arguments
        moved[parameter]?.elements[index] += h
        return Samples.numbers(line, Samples.session(moved))?.elements[0] ?? .nan
      }
      let h = 1e-3
      let numeric = (8 * (value(h / 2) - value(-h / 2)) - (value(h) - value(-h))) / (6 * h)
      let scale = max(1, exact.elements[index].magnitude)
      #expect(abs(numeric - exact.elements[index]) < 1e-6 * scale, "\(name) ∂\(parameter)[\(index)]")
    }
  }
}

/// What `derive` and `grad f` print is the gradient written shorter, and nothing else.
@Test(arguments: names, [false, true]) func theTidiedGradientIsTheGradient(_ name: String, _ folds: Bool) throws {
  var samples = try Samples(name)
  let arguments = samples.arguments()
  guard samples.isDifferentiable(samples.first) else { return }
  let values = try samples.required.map { try #require(arguments[$0]) }
  let traced: FunctionGraph
  do throws(Diagnostic) {
    traced = try FunctionGraph(
      samples.function, in: Evaluator(environment: Session().environment), examples: values.map(Value.init),
      keeping: [], at: 0..<0)
  } catch {
    // Where labels decide how long a loop is, there is no formula.
    #expect(error.code == "E217")
    return
  }
  let graph = traced.graph
  let result = graph.expression(traced.results[0].id)
  let gradient = try graph.gradient(
    of: result.shape.isEmpty ? result : result.apply(.sum),
    withRespectTo: [graph.expression(traced.parameters[0].input)])[0]
  var tidying = Tidying(graph, folds: folds)
  let program = try Program(graph, outputs: [gradient.id, tidying.tidied(gradient.id)])
  let found = try program.run(
    traced.parameters.map { parameter in
      parameter.fallback.map(Tensor.init) ?? arguments[parameter.name] ?? Tensor(0)
    })
  for (exact, tidied) in zip(found[0].elements, found[1].elements) {
    #expect(abs(exact - tidied) <= 1e-9 * max(1, abs(exact)))
  }
}

/// Where a loss has a corner, what we take for its slope lies between the slopes on either side.
@Test(arguments: reducible) func theGradientAtACornerIsASubgradient(_ name: String) throws {
  var samples = try Samples(name)
  guard samples.entry.granularity == .element, samples.isDifferentiable(samples.first),
    samples.entry.domain(of: samples.first)?.shape == ["n"]
  else { return }
  var arguments = samples.arguments()
  let target = samples.required.count > 1 ? arguments[samples.required[1]] : nil
  var corners: [[Double]] = [[-1, 0, 1]]
  if let target, target.count == 3 { corners.append(target.elements) }
  if samples.entry.domain(of: samples.first)?.kind != .real && samples.entry.domain(of: samples.first)?.kind != .score {
    return
  }
  for corner in corners {
    arguments[samples.first] = Tensor(vector: corner)
    let line = samples.call(", reduce=none")
    func values(_ h: Double) -> [Double] {
      var moved = arguments
      moved[samples.first] = Tensor(vector: corner.map { $0 + h })
      return Samples.numbers(line, Samples.session(moved))?.elements ?? []
    }
    let h = 1e-6
    let (before, here, after) = (values(-h), values(0), values(h))
    let slope =
      Samples.numbers("∂(sum(\(line)))/∂v_\(samples.first)", Samples.session(arguments))?.elements ?? []
    for index in corner.indices where abs(after[index] - before[index]) < 1e-3 {
      let sides = [(here[index] - before[index]) / h, (after[index] - here[index]) / h].sorted()
      let slack = 1e-3 * max(1, abs(sides[1]))
      #expect(
        slope[index] >= sides[0] - slack && slope[index] <= sides[1] + slack,
        "\(name) at \(corner[index]): \(slope[index])")
    }
  }
}

@Test(arguments: names) func textbookFormEqualsTheOneComputed(_ name: String) throws {
  var samples = try Samples(name)
  guard let textbook = samples.entry.textbook else { return }
  let arguments = samples.arguments()
  var session = Samples.session(arguments)
  let signature = samples.entry.definition.prefix { $0 != "=" || false }
  let parameters = samples.entry.definition.dropFirst(name.count).prefix { $0 != ")" } + ")"
  #expect(!signature.isEmpty)
  #expect(session.submit("textbook\(parameters) = \(textbook)").diagnostic == nil)
  let printed = Samples.numbers(samples.call().replacing(name + "(", with: "textbook(", maxReplacements: 1), session)
  let isPerElement = samples.entry.kind == .loss && samples.entry.granularity != .batch
  let stable = Samples.numbers(samples.call(isPerElement ? ", reduce=none" : ""), session)
  for (a, b) in zip(printed?.elements ?? [], stable?.elements ?? []) {
    #expect(abs(a - b) <= 1e-9 * max(1, abs(b)), "\(name)")
  }
  #expect(printed?.count == stable?.count)
}

@Test(arguments: reducible) func reductionsAgreeWithEachOther(_ name: String) throws {
  var samples = try Samples(name)
  let session = Samples.session(samples.arguments())
  guard let elements = Samples.numbers(samples.call(", reduce=none"), session),
    let sum = Samples.numbers(samples.call(", reduce=sum"), session),
    let mean = Samples.numbers(samples.call(", reduce=mean"), session),
    let batch = Samples.numbers(samples.call(", reduce=batchmean"), session)
  else { return }
  let total = elements.elements.reduce(0, +)
  let scale = max(1, abs(total))
  #expect(abs(total - sum.elements[0]) < 1e-9 * scale)
  #expect(abs(total / Double(elements.count) - mean.elements[0]) < 1e-9 * scale)
  #expect(abs(total / Double(elements.shape.first ?? 1) - batch.elements[0]) < 1e-9 * scale)
}

@Test(arguments: reducible) func weightsOfOneChangeNothing(_ name: String) throws {
  var samples = try Samples(name)
  guard samples.function.parameters.contains(where: { $0.name == "weight" && $0.fallback != nil }) else { return }
  let session = Samples.session(samples.arguments())
  guard let elements = Samples.numbers(samples.call(", reduce=none"), session), let length = elements.shape.first,
    let plain = Samples.numbers(samples.call(), session)
  else { return }
  for divide in ["n", "sum_w"] {
    let weighted = Samples.numbers(samples.call(", weight=ones(\(length)), divide=\"\(divide)\""), session)
    #expect(abs((weighted?.elements[0] ?? .nan) - plain.elements[0]) < 1e-9 * max(1, abs(plain.elements[0])))
  }
}

@Test(arguments: names) func traitsHoldOnSamples(_ name: String) throws {
  for seed in 1...4 as ClosedRange<UInt64> {
    var samples = try Samples(name, seed: seed)
    let start = samples.arguments()
    var other = start
    other[samples.first] = samples.tensor(samples.first)
    guard let a = start[samples.first], let b = other[samples.first] else { continue }
    let middle = Tensor(shape: a.shape, elements: zip(a.elements, b.elements).map { ($0 + $1) / 2 })
    let line = samples.entry.kind == .activation ? samples.call() : "sum(\(samples.call()))"
    func value(_ x: Tensor, _ line: String) -> [Double] {
      var arguments = start
      arguments[samples.first] = x
      return Samples.numbers(line, Samples.session(arguments))?.elements ?? [.nan]
    }
    let reducible = samples.entry.kind == .loss && samples.entry.granularity == .element
    let own = reducible ? samples.call(", reduce=none") : line
    let (fa, fb) = (value(a, own), value(b, own))
    func steps() -> [Double] { zip(a.elements, b.elements).map { abs($0 - $1) } }
    for trait in samples.entry.traits {
      switch trait {
      case .convex:
        for (half, ends) in zip(value(middle, own), zip(fa, fb)) {
          #expect(half <= (ends.0 + ends.1) / 2 + 1e-9 * max(1, abs(ends.0)), "\(name) is not convex")
        }
      case .nonnegative: #expect(fa.allSatisfy { $0 >= -1e-12 }, "\(name) is negative")
      case .bounded(let limit): #expect(fa.allSatisfy { $0 <= limit + 1e-12 }, "\(name) exceeds \(limit)")
      case .lipschitz(let constant):
        guard let constant, fa.count == a.count else { continue }
        for (gap, step) in zip(zip(fa, fb).map { abs($0 - $1) }, steps()) {
          #expect(gap <= constant * step * (1 + 1e-9) + 1e-12, "\(name) is steeper than \(constant)")
        }
      case .smooth(let constant):
        guard let constant, fa.count == a.count else { continue }
        let gradient = "∂(sum(\(own)))/∂v_\(samples.first)"
        for (gap, step) in zip(zip(value(a, gradient), value(b, gradient)).map({ abs($0 - $1) }), steps()) {
          #expect(gap <= constant * step * (1 + 1e-9) + 1e-12, "\(name)'s slope changes faster than \(constant)")
        }
      case .frozen: continue
      case .symmetric:
        guard samples.required.count >= 2 else { continue }
        var swapped = start
        (swapped[samples.required[0]], swapped[samples.required[1]]) =
          (start[samples.required[1]], start[samples.required[0]])
        let back = Samples.numbers(own, Samples.session(swapped))?.elements ?? []
        #expect(zip(fa, back).allSatisfy { abs($0 - $1) < 1e-9 * max(1, abs($0)) }, "\(name) is not symmetric")
      case .exactAtTarget:
        guard samples.required.count >= 2 else { continue }
        var exact = start
        exact[samples.required[0]] = start[samples.required[1]]
        let zero = Samples.numbers(own, Samples.session(exact))?.elements ?? []
        #expect(zero.allSatisfy { abs($0) < 1e-12 }, "\(name) is not 0 at the target")
      }
    }
  }
}

/// Never NaN inside the domain; an infinity is only allowed where it is the truth (a probability of 0).
@Test(arguments: names) func extremesAreNumbers(_ name: String) throws {
  var samples = try Samples(name)
  let start = samples.arguments()
  guard let own = start[samples.first] else { return }
  let edges: [Double]
  switch samples.entry.domain(of: samples.first)?.kind {
  case .real?, .score?: edges = [-1e8, -40, 0, 40, 1e8]
  case .positive?: edges = [1e-8, 1e8]
  case .nonnegative?: edges = [0, 1e8]
  case .probability?: edges = [0, 1]
  case .logProbability?: edges = [-1e8, -1e-8]
  default: return
  }
  for edge in edges {
    var arguments = start
    arguments[samples.first] = Tensor(
      shape: own.shape, elements: own.elements.indices.map { $0 == 0 ? edge : own.elements[$0] })
    let value = Samples.numbers(samples.call(), Samples.session(arguments))
    #expect(value?.elements.contains(where: \.isNaN) == false, "\(name) at \(edge)")
  }
}

// MARK: Documentation

@Test(arguments: names) func documentationExistsInBothLanguages(_ name: String) throws {
  let entry = try #require(LossCatalogue.standard[name])
  let texts =
    [entry.summary, entry.use, entry.avoid, entry.remark].compactMap { $0 } + entry.twins.compactMap(\.difference)
  for phrase in texts {
    #expect(phrase.zh != phrase.en, "\(phrase.en)")
    #expect(phrase.zh.unicodeScalars.contains { $0.value > 0x2E80 }, "\(phrase.zh)")
    #expect(!phrase.en.unicodeScalars.contains { $0.value > 0x3000 && $0.value < 0xA000 }, "\(phrase.en)")
  }
  #expect(entry.use != nil && entry.avoid != nil && entry.source != nil)
  #expect(entry.aliases.contains { $0.unicodeScalars.contains { $0.value > 0x3000 } }, "no Chinese name")
}

@Test(arguments: names) func everyParameterHasADomain(_ name: String) throws {
  let samples = try Samples(name)
  for parameter in samples.required { #expect(samples.entry.domain(of: parameter) != nil, "\(name): \(parameter)") }
}

@Test(arguments: names) func examplesAndPicturesRun(_ name: String) throws {
  let entry = try #require(LossCatalogue.standard[name])
  #expect(!entry.examples.isEmpty)
  for example in entry.examples {
    #expect(Samples.numbers(example, Session())?.elements.allSatisfy(\.isFinite) == true, "\(example)")
  }
  var session = Session()
  let reply = session.submit("plot(\(entry.plot))")
  #expect(reply.diagnostic == nil, "\(entry.plot): \(reply.output.plain)")
}

@Test func everyNameAndAliasMeansOneThing() {
  var owner: [String: String] = [:]
  for entry in entries {
    for alias in [entry.name] + entry.aliases {
      let name = canonicalName(alias)
      #expect(owner[name] == nil, "\(alias) is \(owner[name] ?? "") and \(entry.name)")
      owner[name] = entry.name
      #expect(LossCatalogue.standard[name]?.name == entry.name)
      if case .function? = StandardLibrary()[name] {} else { Issue.record("\(alias) cannot be called") }
    }
  }
}

/// `exponential` decays a rate: the loss has another name.
/// What completion offers and what help names has a value, other libraries' and Chinese names included.
@Test func everyNameOfTheLibraryHasAValue() {
  let library = Session().environment.library
  for name in library.names {
    #expect(library[name] != nil, "\(name)")
    if let target = library.canonicalName(name) { #expect(library[target] != nil, "\(name) means \(target)") }
  }
}

@Test func noEntryHidesAnOptimizerOrASchedule() {
  for name in RuleBook.standard.names { #expect(LossCatalogue.standard[name] == nil, "\(name)") }
}

/// A builtin of the same name would hide the entry.
@Test func noEntryIsHiddenByABuiltin() {
  let builtins = StandardLibrary(extra: WorkbenchBuiltins.table).builtins
  for entry in entries where builtins[entry.name] != nil {
    #expect(LossCatalogue.standard.function(entry.name) == nil, "\(entry.name) is a builtin too")
  }
}

@Test(arguments: losses) func variantsAreExplained(_ name: String) throws {
  let entry = try #require(LossCatalogue.standard[name])
  for variant in entry.variants {
    #expect(
      entry.twins.contains { variant.name == $0.framework || variant.name.hasPrefix($0.framework + "_") },
      "like=\"\(variant.name)\" has no line of its library")
  }
}
