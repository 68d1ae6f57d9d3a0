import Graphs
import Interpreter
import Markup
import Notation
import Syntax
import Tensors

/// A function traced without values: what formulas and code are read from.
struct FunctionGraph {
  let graph: Graph
  let parameters: [Code.Parameter]
  /// The node of the result, or of each field of a record.
  let results: [(name: String, id: Graph.ID)]
  let isRecord: Bool

  /// Tries vectors of a common length first (what a loss takes), then numbers; examples give shapes of their own.
  /// - Parameter call: the call as typed up to where examples go, `derive(L, w`, for the error that asks for one.
  /// - Throws: what the last attempt ran into.
  init(
    _ function: Function, in evaluator: Evaluator, examples: [Value] = [], prefersNumbers: Bool = false,
    keeping kept: Set<String>? = nil, call: String? = nil, at span: Range<Int>
  ) throws(Diagnostic) {
    var failures: [Diagnostic] = []
    let attempts: [Shape?] = examples.isEmpty ? (prefersNumbers ? [[], [-1]] : [[-1], []]) : [nil]
    var elementwise: FunctionGraph?
    for shape in attempts {
      do throws(Diagnostic) {
        let traced = try FunctionGraph.tracedOrSettled(function, evaluator, shape, examples, kept, at: span)
        if shape == [-1], traced.results.allSatisfy({ traced.graph[$0.id].shape == [-1] }) {
          // Element by element: the formula of one number says it all, and reads better.
          elementwise = traced
          continue
        }
        // The order of a number is no order: what sorts or picks was meant for vectors.
        if shape == [], examples.isEmpty, !prefersNumbers, let call, traced.orders {
          throw FunctionGraph.needsExample(function, call, at: span)
        }
        self = traced
        return
      } catch {
        failures.append(error)
      }
    }
    if let elementwise {
      self = elementwise
      return
    }
    // What is said about a vector of unknown length makes no sense to whoever named none; what is wrong with numbers
    // too is wrong.
    if failures.count > 1, failures[0].message != failures[1].message, let call,
      failures.contains(where: { ["E203", "E208", "E217", "E230"].contains($0.code) })
    {
      throw FunctionGraph.needsExample(function, call, at: span)
    }
    throw failures.last
      ?? Diagnostic("E217", Phrase(en: "the function cannot be traced", zh: "无法展开这个函数"), at: [.init(span)])
  }

  static func needsExample(_ function: Function, _ call: String, at span: Range<Int>) -> Diagnostic {
    Diagnostic(
      "E203",
      Phrase(
        en: "the shapes in \(function.name ?? "the function") depend on those of its arguments",
        zh: "\(function.name.map { $0 + " " } ?? "这个函数")里的形状取决于参数的形状"), at: [.init(span)],
      help: Phrase(en: "add an example: \(call), [0, 0])", zh: "加一个例子：\(call), [0, 0])"))
  }

  /// Whether something goes by the places of elements.
  private var orders: Bool {
    graph.reachable(from: results.map(\.id)).contains {
      [.sort, .argsort, .cumsum, .cumprod, .logcumsumexp, .reverse, .takeAlong].contains(graph[$0].primitive)
    }
  }

  private init(
    graph: Graph, parameters: [Code.Parameter], results: [(name: String, id: Graph.ID)], isRecord: Bool
  ) {
    self.graph = graph
    self.parameters = parameters
    self.results = results
    self.isRecord = isRecord
  }

  /// Where a setting decides how the formula goes on (ignore_index), settings are taken at their defaults.
  private static func tracedOrSettled(
    _ function: Function, _ evaluator: Evaluator, _ shape: Shape?, _ examples: [Value], _ kept: Set<String>?,
    at span: Range<Int>
  ) throws(Diagnostic) -> FunctionGraph {
    do throws(Diagnostic) {
      return try traced(function, evaluator, shape, examples, kept, at: span)
    } catch {
      guard error.code == "E217", kept == nil else { throw error }
      let needed = Set(function.parameters.filter { $0.fallback == nil }.map(\.name))
      return try traced(function, evaluator, shape, examples, needed, at: span)
    }
  }

  private static func traced(
    _ function: Function, _ outer: Evaluator, _ shape: Shape?, _ examples: [Value], _ kept: Set<String>?,
    at span: Range<Int>
  ) throws(Diagnostic) -> FunctionGraph {
    let evaluator = Evaluator(environment: outer.environment, budget: outer.budget)
    var given: [Given] = []
    var parameters: [Code.Parameter] = []
    for (number, parameter) in function.parameters.enumerated() {
      var own = shape ?? []
      var fallback: Double?
      if shape == nil, number < examples.count {
        guard let example = outer.shape(of: examples[number]) else {
          given.append(Given(name: parameter.name, value: examples[number], span: span))
          continue
        }
        own = example
      } else if parameter.fallback != nil {
        if kept.map({ !$0.contains(parameter.name) }) ?? parameter.isMinor { continue }
        // A number by default stays a parameter; a function by default (reduce=mean) is taken as it is.
        guard let value = numericFallback(parameter, function) else { continue }
        (own, fallback) = ([], value)
      }
      let symbol = evaluator.symbol(parameter.name, shape: own)
      parameters.append(Code.Parameter(name: parameter.name, input: symbol.id, fallback: fallback))
      given.append(Given(name: parameter.name, value: .traced(symbol.id), span: span))
    }
    let value = try evaluator.invoke(.function(function), given, at: span)
    if case .record(let record) = value {
      var results: [(name: String, id: Graph.ID)] = []
      for field in record.fields { results.append((field.name, try evaluator.expression(field.value, at: span).id)) }
      return FunctionGraph(graph: evaluator.graph, parameters: parameters, results: results, isRecord: true)
    }
    let result = try evaluator.expression(value, at: span)
    return FunctionGraph(graph: evaluator.graph, parameters: parameters, results: [("", result.id)], isRecord: false)
  }

  private static func numericFallback(_ parameter: Function.Parameter, _ function: Function) -> Double? {
    switch parameter.fallback {
    case .value(.number(let number)): return number
    case .expression(let id):
      guard case .defined(let tree, _, _) = function.body else { return nil }
      switch tree[id] {
      case .number(let number): return number
      case .negate(let inner):
        if case .number(let number) = tree[inner] { return -number }
        return nil
      default: return nil
      }
    default: return nil
    }
  }
}
