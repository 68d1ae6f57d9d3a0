import Testing

@testable import Syntax

/// The tree of a line in prefix form, for comparison.
private func shape(_ line: String) throws -> String {
  let tree = try Parser.parse(Source(line))
  func text(_ id: Tree.ID) -> String {
    switch tree[id] {
    case .number(let number): return number == number.rounded() ? String(Int(number)) : String(number)
    case .name(let name): return name
    case .negate(let a): return "(neg \(text(a)))"
    case .binary(let symbol, let a, let b): return "(\(symbol.rawValue) \(text(a)) \(text(b)))"
    case .call(let f, let arguments):
      return "(call \(text(f)) "
        + arguments.map { ($0.name.map { $0 + "=" } ?? "") + text($0.value) }.joined(separator: " ") + ")"
    case .index(let a, let i): return "(at \(text(a)) \(i.map(text).joined(separator: " ")))"
    case .prime(let a): return "(prime \(text(a)))"
    case .big(let big, let body): return "(\(big.kind) \(big.index ?? "-") \(text(body)))"
    case .range(let a, let b, _): return "(.. \(text(a)) \(text(b)))"
    case .conditional(let c, let a, let b): return "(if \(text(c)) \(text(a)) \(text(b)))"
    case .lambda(let names, let body): return "(\(names.joined(separator: ",")) -> \(text(body)))"
    case .gradient(let f, let with, let at):
      return "(grad \(text(f)) \(with ?? "-") \(at.map { $0.map { text($0.value) }.joined() } ?? "-"))"
    case .define(let name, let value): return "\(name) := \(text(value))"
    default: return "?"
    }
  }
  return text(tree.root)
}

private func code(_ line: String) -> String {
  do {
    _ = try Parser.parse(Source(line))
    return "parsed"
  } catch {
    return error.code
  }
}

@Test(arguments: [
  ("1 + 2 * 3", "(+ 1 (* 2 3))"), ("-2^2", "(neg (^ 2 2))"), ("2^3^2", "(^ 2 (^ 3 2))"), ("2^-1", "(^ 2 (neg 1))"),
  ("a - b - c", "(- (- a b) c)"), ("2x^2", "(* 2 (^ x 2))"), ("3(a + b)", "(* 3 (+ a b))"), ("x²", "(^ x 2)"),
  ("f(x, delta=1)", "(call f x delta=1)"), ("f'(2)", "(call (prime f) 2)"), ("a < b + 1", "(< a (+ b 1))"),
  ("1..n", "(.. 1 n)"), ("1..5", "(.. 1 5)"), ("x -> x^2", "(x -> (^ x 2))"), ("(x, y) -> x*y", "(x,y -> (* x y))"),
  ("if a then b else c", "(if a b c)"),
])
func operatorsBindAsInPrint(_ line: String, _ expected: String) throws { #expect(try shape(line) == expected) }

@Test(arguments: [
  ("1/n * Σ(a - b)^2", "(* (/ 1 n) (sum - (^ (- a b) 2)))"), ("Σ_{i=1}^n y[i]", "(sum i (at y i))"),
  ("Σ_i y[i]^2 + 1", "(+ (sum i (^ (at y i) 2)) 1)"),
])
func sigmaTakesTheProductThatFollows(_ line: String, _ expected: String) throws { #expect(try shape(line) == expected) }

@Test(arguments: [
  ("grad f", "(grad f - -)"), ("grad f at 2", "(grad f - 2)"), ("∂f/∂w", "(grad f w -)"), ("∇f wrt w", "(grad f w -)"),
  ("grad(f)(2)", "(call (grad f - -) 2)"),
])
func gradientsHaveSeveralSpellings(_ line: String, _ expected: String) throws { #expect(try shape(line) == expected) }

@Test func fullWidthPunctuationReadsAsItsASCIITwin() throws {
  #expect(try shape("（１＋２）×３") == "(* (+ 1 2) 3)")
  #expect(try shape("损失＝ŷ－y") == "损失 := (- y_hat y)")
}

@Test(arguments: [
  ("1/2x", "E109"), ("2^3x", "E109"), ("w x", "E108"), ("f (x)", "E108"), ("(1 + 2", "E103"), ("1 + 2)", "E103"),
  ("\"abc", "E104"), ("1e400", "E105"), ("1 +", "E107"), ("a < b < c", "E107"), ("2 = x", "E110"),
  ("f(x, x) = x", "E111"), ("a\u{200B}b", "E102"), ("1 + \u{1B}", "E102"), ("$", "E101"), ("let x = 1", "E108"),
])
func whatCannotBeReadIsRefusedByCode(_ line: String, _ expected: String) { #expect(code(line) == expected) }

@Test func bothReadingsOfAnAmbiguousLineAreOffered() {
  #expect { try Parser.parse(Source("1/2x")) } throws: { error in
    (error as? Diagnostic)?.help?.en == "write 1/2*x or 1/(2*x)"
  }
}

@Test func nestingIsRefusedAtTheLimitAndNotBefore() {
  // A hundred brackets fit any stack the tests may run on.
  #expect(code(String(repeating: "(", count: 40) + "1" + String(repeating: ")", count: 40)) == "parsed")
  #expect(code(String(repeating: "(", count: 1_000_000) + "1") == "E106")
  #expect(code(String(repeating: "-", count: 1_000_000) + "1") == "E106")
}

@Test func aSumOfAHundredThousandTermsNeedsNoStack() {
  #expect(code("1" + String(repeating: "+1", count: 100_000)) == "parsed")
}

@Test func randomBytesNeverCrashTheParser() {
  var state: UInt64 = 42
  for _ in 0..<3_000 {
    var bytes: [UInt8] = []
    for _ in 0..<40 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let alphabet = Array("([{)]}1x+-*/^,;:='\"|Σ∂_.#if en\u{302}".utf8)
      bytes.append(
        state >> 60 < 12 ? alphabet[Int(state >> 33) % alphabet.count] : UInt8(truncatingIfNeeded: state >> 40))
    }
    _ = code(String(decoding: bytes, as: UTF8.self))
  }
}

@Test(arguments: [
  "f(", "[1, 2", "f(x) = (x +", "f(x) =", "x ->", "repeat 3 {", "mse([1, (2", "（1＋", "f(x) = # a comment",
  "[1, # )\n 2",
])
func linesThatGoOn(_ line: String) {
  #expect(isUnfinished(line))
}

@Test(arguments: ["", "1 +", "f(x)", "(]", "1)", ":help (", "?f(", "\"(\"", "# (", "[1, # (\n 2]", "a = 1"])
func linesThatAreDone(_ line: String) {
  #expect(!isUnfinished(line))
}

@Test func aCommentEndsItsRow() throws {
  let source = Source("[1, # one\n 2]")
  #expect(try Lexer.tokens(of: source).count == 6)
}
