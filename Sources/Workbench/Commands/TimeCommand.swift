import Interpreter
import Markup
import Syntax

extension Command {
  /// `:time EXPR`: the value and how long it took, once and on average.
  static let timeCommand = Command(
    ["time"], "EXPR", Phrase(en: "the value and how long it takes", zh: "求值并计时"), kind: .expression
  ) { (session, rest, source) throws(Diagnostic) in
    guard !rest.isEmpty, !rest.hasPrefix(":") else {
      throw Diagnostic(
        "E402", Phrase(en: ":time needs an expression", zh: ":time 后面要有表达式"),
        at: [.init(0..<source.scalars.count)], help: Phrase(verbatim: ":time mse([1,2,3], [2,3,4])"))
    }
    let clock = ContinuousClock()
    let before = session
    var reply = Reply()
    let first = seconds(clock.measure { reply = session.submit(rest) })
    guard reply.diagnostic == nil else { return reply }
    var text = Phrase(en: "took \(duration(first))", zh: "用时 \(duration(first))")
    // What changes nothing can be run again: the first run parses and compiles, later ones only compute.
    if first < 0.1, session.environment.variables.count == before.environment.variables.count, reply.value != nil,
      !definesSomething(rest)
    {
      var times: [Double] = []
      var copy = session
      let start = clock.now
      while times.count < 1_000, seconds(start.duration(to: clock.now)) < 0.2, !session.isInterrupted() {
        var again = Reply()
        times.append(seconds(clock.measure { again = copy.submit(rest) }))
        if again.diagnostic != nil { break }
      }
      if times.count > 2 {
        let median = times.sorted()[times.count / 2]
        text = Phrase(
          en: "first run \(duration(first)), then \(duration(median)) (median of \(times.count))",
          zh: "第一次 \(duration(first))，之后 \(duration(median))（\(times.count) 次的中位数）")
      }
    }
    reply.body.append(text[session.language] + "\n", .dim)
    return reply
  }

  private static func definesSomething(_ line: String) -> Bool {
    guard let tree = try? Parser.parse(Source(line)) else { return true }
    switch tree[tree.root] {
    case .define, .defineFunction, .repeat: return true
    default: return false
    }
  }

  private static func seconds(_ duration: Duration) -> Double {
    let parts = duration.components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }

  /// Three digits and a unit: `12.3 µs`.
  private static func duration(_ seconds: Double) -> String {
    let (factor, unit): (Double, String) =
      seconds >= 1 ? (1, "s") : seconds >= 1e-3 ? (1e3, "ms") : seconds >= 1e-6 ? (1e6, "µs") : (1e9, "ns")
    return shortNumber(seconds * factor, digits: 3) + " " + unit
  }
}
