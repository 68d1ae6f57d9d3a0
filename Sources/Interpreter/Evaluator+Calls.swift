import Graphs
import Markup
import Syntax
import Tensors

/// An argument as given, evaluated.
package struct Given {
  package var name: String?
  package var value: Value
  package var span: Range<Int>
  /// Where the name stands, if there is one.
  package var nameSpan: Range<Int>?

  package init(name: String?, value: Value, span: Range<Int>, nameSpan: Range<Int>? = nil) {
    self.name = name
    self.value = value
    self.span = span
    self.nameSpan = nameSpan
  }
}

extension Evaluator {
  func call(
    _ callee: Tree.ID, _ arguments: [Argument], first: (Value, Range<Int>)? = nil, at id: Tree.ID, _ frame: inout Frame
  ) throws(Diagnostic) -> Value {
    let span = frame.tree.span(id)
    let function: Value
    if case .name(let name) = frame.tree[callee] {
      function = try value(of: name, at: callee, &frame)
    } else {
      var inner = frame
      function = try descend(at: span) { () throws(Diagnostic) in try evaluate(callee, &inner) }
    }
    var given: [Given] = []
    if let first { given.append(Given(name: nil, value: first.0, span: first.1)) }
    given += try evaluated(arguments, function, after: given.count, &frame)
    if frame.tree.isLaTeX, shape(of: function) != nil, given.count == 1, given[0].name == nil {
      // λ(w_1 + w_2) in print is a product where λ is a number.
      return try apply(.multiply, [function, given[0].value], [frame.tree.span(callee), given[0].span], at: span)
    }
    return try invoke(function, given, at: span, callee: frame.tree.span(callee))
  }

  /// Arguments of a call. Where a builtin takes a name rather than a value (`derive(L, w)`), a name is a text.
  func evaluated(
    _ arguments: [Argument], _ function: Value?, after first: Int = 0, _ frame: inout Frame
  ) throws(Diagnostic) -> [Given] {
    var given: [Given] = []
    var taking = 0..<0
    if case .function(let called)? = function, case .builtin = called.body {
      taking = 0..<(called.parameters.firstIndex(where: \.isVariadic) ?? called.parameters.count)
    }
    for (place, argument) in arguments.enumerated() {
      var inner = frame
      let span = frame.tree.span(argument.value)
      if case .function(let called)? = function, case .builtin = called.body,
        case .name(let name) = frame.tree[argument.value],
        called.parameters.contains(where: { $0.takesName && $0.name == argument.name })
          || argument.name == nil && taking.contains(place + first) && called.parameters[place + first].takesName
      {
        given.append(Given(name: argument.name, value: .text(name), span: span))
        continue
      }
      if argument.name == "reduce", case .name(let name) = frame.tree[argument.value], bound(name, frame) == nil {
        // What a loss says to a reduction that there is none of helps more than a name without a value.
        given.append(Given(name: argument.name, value: .text(name), span: span))
        continue
      }
      let value = try descend(at: span) { () throws(Diagnostic) in try evaluate(argument.value, &inner) }
      given.append(Given(name: argument.name, value: value, span: span, nameSpan: frame.tree.nameSpan(of: argument)))
    }
    return given
  }

  /// Calls a value with evaluated arguments.
  package func invoke(
    _ callee: Value, _ given: [Given], at span: Range<Int>, callee calleeSpan: Range<Int>? = nil
  ) throws(Diagnostic) -> Value {
    guard case .function(let called) = callee else {
      throw Diagnostic.notCallable(callee, at: calleeSpan ?? span)
    }
    let (function, given) = try chosen(called, given)
    return try descend(at: span) { () throws(Diagnostic) in
      switch function.body {
      case .builtin(let builtin): return try run(builtin, function, given, at: span)
      case .defined(let tree, let body, let captured):
        return try run(function, tree, body, captured, given, at: span)
      case .gradient(let inner, let wrt): return try gradient(of: inner, wrt: wrt, given, at: span)
      case .jacobian(let inner): return try jacobian(of: inner, given, at: span)
      case .hessian(let inner): return try hessian(of: inner, given, at: span)
      }
    }
  }

  /// The variant that `like=` asks for, and the arguments that remain for it.
  func chosen(_ function: Function, _ given: [Given]) throws(Diagnostic) -> (Function, [Given]) {
    guard let variants = function.variants, let place = given.firstIndex(where: { $0.name == "like" }) else {
      return (function, given)
    }
    var rest = given
    let like = rest.remove(at: place)
    guard case .text(let name) = like.value else {
      throw Diagnostic.wrongKind(
        like.value, Phrase(en: "like= names a library in quotes", zh: "like= 后面是加引号的库名"), at: like.span)
    }
    if let variant = variants.different[name] { return (variant, rest) }
    guard name.isEmpty || name == "exact" || variants.same.contains(name) else {
      let list = variants.names.map { "\"\($0)\"" }.joined(separator: ", ")
      throw Diagnostic(
        "E202",
        Phrase(
          en: "\(function.name ?? "this") has no variant like \"\(Diagnostic.shorten(name))\"",
          zh: "\(function.name ?? "这里") 没有 \"\(Diagnostic.shorten(name))\" 这种变体"), at: [Diagnostic.Label(like.span)],
        help: variants.names.isEmpty ? nil : Phrase(en: "there are \(list)", zh: "可以用 \(list)"))
    }
    return (function, rest)
  }

  // MARK: Defined functions

  private func run(
    _ function: Function, _ tree: Tree, _ body: Tree.ID, _ captured: [String: Value], _ given: [Given],
    at span: Range<Int>
  ) throws(Diagnostic) -> Value {
    var frame = Frame(tree: tree, body: body, locals: captured)
    var spans: [String: Range<Int>] = [:]
    let bound = try bind(function, given, at: span, allowsExtra: false)
    if libraryDepth == 0 { try function.check?(bound) }
    if tree.source.isLibrary { libraryDepth += 1 }
    defer { if tree.source.isLibrary { libraryDepth -= 1 } }
    do {
      for parameter in function.parameters {
        if let argument = bound.values[parameter.name] {
          frame.locals[parameter.name] = argument
          spans[parameter.name] = bound.spans[parameter.name]
        } else if case .expression(let fallback) = parameter.fallback {
          frame.locals[parameter.name] = try evaluate(fallback, &frame)
        }
      }
      return try evaluate(body, &frame)
    } catch {
      throw relocated(error, function, tree, bound, at: span)
    }
  }

  /// An error inside a function that was defined on another line points at the arguments of the call instead.
  private func relocated(
    _ error: Diagnostic, _ function: Function, _ tree: Tree, _ bound: Call, at span: Range<Int>
  ) -> Diagnostic {
    guard tree.source != line else { return error }
    var moved = error
    let first = error.labels.map(\.span.lowerBound).min() ?? 0
    let inside = tree.source[first..<max(first, error.labels.map(\.span.upperBound).max() ?? 0)]
    if error.code == "E203" || error.code == "E204" {
      moved.labels = function.parameters.compactMap { parameter in
        guard let place = bound.spans[parameter.name], let value = bound.values[parameter.name],
          let shape = shape(of: value), !shape.isEmpty
        else { return nil }
        return Diagnostic.Label(place, Diagnostic.shapeText(shape))
      }
      if let sentence = Diagnostic.unequalCounts(
        function.parameters.compactMap { parameter in
          bound.values[parameter.name].flatMap(shape(of:)).map { (parameter.name, $0) }
        })
      {
        // The labels say it all; where in the function it happened adds nothing.
        moved.message = sentence.message
        moved.help = sentence.help
        return moved
      }
    } else {
      moved.labels = []
    }
    if moved.labels.isEmpty { moved.labels = [Diagnostic.Label(span)] }
    if error.code == "E211" {
      // Where exactly the depth ran out says nothing.
      moved.inside = function.name
    } else if let name = function.name, !inside.isEmpty, error.inside == nil {
      moved.inside = "\(name): \(Diagnostic.shorten(inside))"
    }
    return moved
  }

  // MARK: Arguments

  /// Which argument belongs to which parameter.
  package func bind(
    _ function: Function, _ given: [Given], at span: Range<Int>, allowsExtra: Bool
  ) throws(Diagnostic) -> Call {
    var call = Call(evaluator: self, function: function.name ?? "", span: span, values: [:], spans: [:])
    var positional = function.parameters[...]
    for argument in given {
      if let name = argument.name {
        if function.parameters.contains(where: { $0.name == name }) {
          if call.values[name] != nil { throw Diagnostic.givenTwice(name, at: argument.nameSpan ?? argument.span) }
          call.values[name] = argument.value
          call.spans[name] = argument.span
        } else if allowsExtra {
          call.extra.append((name, argument.value))
          call.spans[name] = argument.span
          call.extraSpans[name] = argument.nameSpan
        } else {
          throw Diagnostic.unknownParameter(name, function, at: argument.nameSpan ?? argument.span)
        }
        continue
      }
      while let next = positional.first, call.values[next.name] != nil { positional = positional.dropFirst() }
      guard let next = positional.first else { throw Diagnostic.tooMany(given.count, function, at: argument.span) }
      if next.isVariadic {
        call.rest.append(argument.value)
        call.restSpans.append(argument.span)
        continue
      }
      positional = positional.dropFirst()
      call.values[next.name] = argument.value
      call.spans[next.name] = argument.span
    }
    for parameter in function.parameters where call.values[parameter.name] == nil && !parameter.isVariadic {
      switch parameter.fallback {
      case nil: throw Diagnostic.missing(parameter.name, function, given.count, at: span)
      case .value(let value): call.values[parameter.name] = value
      case .expression, .absent: break
      }
    }
    return call
  }

  private func run(
    _ builtin: Builtin, _ function: Function, _ given: [Given], at span: Range<Int>
  ) throws(Diagnostic) -> Value {
    var call = try bind(function, given, at: span, allowsExtra: builtin.parameters.contains { $0.name == "…" })
    if !builtin.isPure { isRepeatable = false }
    return try builtin.body(&call)
  }
}
