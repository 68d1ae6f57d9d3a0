import Markup
import Syntax

/// Something that can be called.
package struct Function: Sendable {
  package indirect enum Body: Sendable {
    /// An expression of the language, with what its definition had in scope.
    case defined(Tree, Tree.ID, captured: [String: Value])
    case builtin(Builtin)
    /// The gradient of a function with respect to one parameter, or to all that are numbers.
    case gradient(Function, wrt: String?)
    /// The matrix of all first derivatives, a row per result; the matrix of all second derivatives.
    case jacobian(Function)
    case hessian(Function)
  }

  package struct Parameter: Sendable {
    package var name: String
    package var fallback: Fallback?
    /// Takes all remaining positional arguments.
    package var isVariadic = false
    /// Something every loss takes; a signature leaves it out.
    package var isMinor = false

    /// Takes the name that stands there rather than its value: `derive(L, w)`.
    package var takesName = false

    package init(_ name: String, fallback: Fallback? = nil, isVariadic: Bool = false, takesName: Bool = false) {
      self.name = name
      self.fallback = fallback
      self.isVariadic = isVariadic
      self.takesName = takesName
    }
  }

  /// What a parameter is when it is not given.
  package enum Fallback: Sendable {
    /// An expression in the tree of the function.
    case expression(Tree.ID)
    case value(Value)
    /// The body finds out by itself.
    case absent
  }

  package var name: String?
  package var parameters: [Parameter]
  package var body: Body
  /// What `like="torch"` and its kin choose among.
  package var variants: Variants?
  /// Looks over the arguments before the body runs, to say in a sentence what the numbers would say badly.
  package var check: (@Sendable (Call) throws(Diagnostic) -> Void)?

  /// How other libraries compute a function that has one name everywhere.
  package struct Variants: Sendable {
    /// By the library's name.
    package var different: [String: Function]
    /// The libraries that agree with the plain definition.
    package var same: Set<String>

    package init(different: [String: Function], same: Set<String>) {
      self.different = different
      self.same = same
    }

    package var names: [String] { (Array(different.keys) + same).sorted() }
  }

  package init(name: String?, parameters: [Parameter], body: Body) {
    self.name = name
    self.parameters = parameters
    self.body = body
  }

  /// Whether two functions written in Swift are the same one (`reduce == mean`); nil where it is not for us to say.
  func isNamesake(of other: Function) -> Bool? {
    guard case .builtin(let own) = body, case .builtin(let theirs) = other.body else { return nil }
    return own.name == theirs.name
  }

  package var requiredCount: Int { parameters.count { $0.fallback == nil && !$0.isVariadic } }

  /// Makes one number of a vector: `mean(x, axis=)`.
  package var foldsVector: Bool { requiredCount == 1 && parameters.contains { $0.name == "axis" } }

  /// `f(x, y=…)`, for messages and help.
  package var signature: String {
    (name ?? "") + "(" + parameters.filter { !$0.isMinor }.map(text(of:)).joined(separator: ", ") + ")"
  }

  /// A parameter as a signature shows it: `delta=1`.
  package func text(of parameter: Parameter) -> String {
    let name = printedName(parameter.name)
    if parameter.isVariadic { return name + "…" }
    switch parameter.fallback {
    case nil: return name
    case .absent: return name == "…" ? "…" : name + "="
    case .value(let value): return name + "=" + (value.numbers.map { shortNumber($0.elements[0]) } ?? "…")
    case .expression(let id):
      if case .defined(let tree, _, _) = body { return name + "=" + tree.shown(id) }
      return name + "="
    }
  }
}

/// A function written in Swift: one row with its name, its parameters and what it does.
package struct Builtin: Sendable {
  package let name: String
  package let parameters: [Function.Parameter]
  package let doc: Phrase
  package let example: String
  package let body: @Sendable (inout Call) throws(Diagnostic) -> Value
  /// Whether its result depends on its arguments alone: not on files, settings or a random source.
  package var isPure = true

  package init(
    _ name: String, _ parameters: [Function.Parameter], doc: Phrase, example: String = "",
    body: @escaping @Sendable (inout Call) throws(Diagnostic) -> Value
  ) {
    self.name = name
    self.parameters = parameters
    self.doc = doc
    self.example = example
    self.body = body
  }

  package var function: Function { Function(name: name, parameters: parameters, body: .builtin(self)) }
}

/// The arguments of one call of a builtin, by parameter name.
package struct Call {
  package let evaluator: Evaluator
  package let function: String
  /// Where the call stands, for errors.
  package let span: Range<Int>
  package var values: [String: Value]
  package var spans: [String: Range<Int>]
  /// What a variadic parameter took.
  package var rest: [Value] = []
  package var restSpans: [Range<Int>] = []
  /// Named arguments that are no parameter, where the builtin allows them (`descend(L, w=0)`), in order.
  package var extra: [(name: String, value: Value)] = []
  /// Where the names of those stand.
  package var extraSpans: [String: Range<Int>] = [:]

  package func has(_ name: String) -> Bool { values[name] != nil }

  /// Marks an error at an argument.
  package func diagnostic(_ code: String, _ message: Phrase, at name: String? = nil, help: Phrase? = nil) -> Diagnostic
  {
    Diagnostic(code, message, at: [Diagnostic.Label(name.flatMap { spans[$0] } ?? span)], help: help)
  }

  /// A named argument that is neither a parameter of the builtin nor one of the function it is given.
  package func unknownArgument(_ name: String, of function: Function) -> Diagnostic {
    let span = extraSpans[name] ?? span
    guard case .function(let outer) = evaluator.environment.library[self.function] else {
      return .unknownParameter(name, function, at: span)
    }
    return .unknownParameter(name, function, within: outer, at: span)
  }
}
