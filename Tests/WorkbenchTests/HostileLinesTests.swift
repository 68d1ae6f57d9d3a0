import Markup
import Testing

@testable import Workbench

// What people and machines type to break a calculator: each line has one short answer and leaves the session as it was.

private let refused: [(String, String)] = [
  (String(repeating: "(", count: 100_000), "E106"), (String(repeating: "-", count: 100_000) + "1", "E106"),
  ("abs" + String(repeating: "(abs", count: 5_000) + "(1", "E106"),
  ("1" + String(repeating: "^1", count: 50_000), "E106"),
  ("1e400", "E105"), ("1e99999999999999999999", "E105"), ("0x1p3", "E105"), ("zeros(1000000000)", "E210"),
  ("zeros(9223372036854775807, 2)", "E210"), ("zeros(2305843009213693952)", "E210"), ("zeros(-1)", "E209"),
  ("zeros(0/0)", "E209"), ("zeros(2.5)", "E209"), ("[1,2,3][5]", "E208"), ("[1,2,3][1e300]", "E208"),
  ("[1,2,3][0/0]", "E208"), ("[1,2,3,4][3:1]", "E107"), ("zeros(2,3) @ zeros(2,3)", "E203"),
  ("zeros(100000,1) + zeros(1,100000)", "E204"), ("sum(0..1e12)", "E210"), ("0..10 step 0", "E208"),
  ("0..1 step 1e-300", "E210"), ("Σ_{i=1}^{1e9} i^2", "E210"), ("(x -> [x, x])'(1)", "E212"), ("[[1,2],[3]]", "E203"),
  ("mean([])", "E209"), ("max([])", "E209"), ("std([])", "E209"), ("var([1], correction=1)", "E209"),
  ("rand(3, seed=18446744073709551616)", "E209"), ("randn(1e10)", "E210"), ("\"a\" < 1", "E205"), ("\"abc", "E104"),
  ("1 + \u{0}2", "E102"), ("foo\u{1B}[2J", "E102"), ("\"\u{9B}2J\"", "E102"), ("a\u{200B}b = 1", "E102"),
  ("1+1\r2+2", "E102"), ("!rm -rf ~", "E101"), ("١٢ + 1", "E101"), ("x = x", "E201"), ("repeat 1e18 { 1 }", "E209"),
  ("repeat -1 { 1 }", "E209"), ("descend(w -> w^2, w=1, rate=0/0)", "E301"), ("1 + * 2", "E107"), (")", "E107"),
  ("reshape(1..6, 4, 2)", "E203"), ("fold((a, b) -> a + b, 1..1e9)", "E210"), ("load(\"/dev/zero\")", "E304"),
  ("code(v -> fold((a, b) -> a + b, 0, v))", "E203"),
  (#"\frac{1}{"#, "E103"), (#"\left("#, "E103"), (#"\hat"#, "E107"), (#"\|∇\|"#, "E107"),
]

@Test(arguments: refused.indices) func aHostileLineIsRefusedInOneSentence(_ index: Int) {
  let (line, code) = refused[index]
  for language in [Language.en, .zh] {
    var session = Session(language: language)
    _ = session.submit("kept = 7")
    let reply = session.submit(line)
    #expect(reply.diagnostic?.code == code, "\(line.prefix(40))")
    #expect(reply.output.plain.count <= 500, "\(line.prefix(40))")
    #expect(session.submit("kept").value?.numbers?.elements == [7])
  }
}

private let computed: [(String, Double)] = [
  ("sum(1e308..1)", 0), ("sum(0.1..1e-308 step 1e-308)", 0), ("sum(5..-9223372036854775808)", 0),
  ("1" + String(repeating: "+1", count: 50_000), 50_001), ("99999999999999999999999999", 1e26),
  ("9223372036854775807 + 1", 9.223372036854775807e18), ("abs(-9223372036854775808)", 9.223372036854775808e18),
  ("-9223372036854775808 / -1", 9.223372036854775808e18), ("1/0", .infinity), ("0^0", 1), ("10^400", .infinity),
  ("max(" + String(repeating: "1,", count: 20_000) + "1)", 1), ("sum(sort([3, 0/0, 1])[1..2])", 4),
  ("grad(x -> |x|)(0)", 0),
  ("grad(x -> √x)(0)", .infinity), ("mse([1e200], [-1e200])", .infinity),
  ("softmax([1000, 1001, 999])[2]", 0.6652409557748219),
]

@Test(arguments: computed.indices) func aHostileLineIsComputed(_ index: Int) throws {
  let (line, expected) = computed[index]
  var session = Session()
  let value = try #require(session.submit(line).value?.numbers?.elements.first, "\(line.prefix(40))")
  #expect(value == expected || abs(value - expected) < 1e-12 * abs(expected), "\(line.prefix(40))")
}

@Test func aTextThatDoublesIsStopped() {
  var session = Session()
  _ = session.submit("s = \"ab\"")
  #expect(session.submit("repeat 60 { s = s + s }").diagnostic?.code == "E210")
  guard case .text("ab")? = session.submit("s").value else {
    Issue.record("the text changed")
    return
  }
}

@Test func deepDifferentiationEnds() {
  var session = Session()
  session.settings.timeLimit = 20
  let line = String(repeating: "grad(", count: 8) + "x -> tan(x)" + String(repeating: ")", count: 8) + "(0.5)"
  // tan has the derivatives tan′ = 1 + tan², …; the eighth at 0.5, by recurrence over the polynomials in tan.
  var polynomial = [0.0, 1.0]
  for _ in 0..<8 {
    var next = [Double](repeating: 0, count: polynomial.count + 1)
    for (power, coefficient) in polynomial.enumerated() where power > 0 {
      next[power - 1] += coefficient * Double(power)
      next[power + 1] += coefficient * Double(power)
    }
    polynomial = next
  }
  let t = 0.5463024898437905  // tan 0.5
  let expected = polynomial.reversed().reduce(0) { $0 * t + $1 }
  let value = session.submit(line).value?.numbers?.elements.first ?? .nan
  #expect(abs(value - expected) < 1e-9 * abs(expected))
}
