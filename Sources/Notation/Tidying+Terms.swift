import Graphs
import Interpreter
import Tensors

// The arithmetic of terms: sums collected, products of powers, and nodes made of them again.

extension Tidying {
  func scaled(_ term: Term, _ number: Double) -> Term {
    Term(number: ExactNumber.snapped(term.number * number), factors: term.factors)
  }

  func collected(_ terms: [Term]) -> [Term] {
    var places: [Set<Factor>: Int] = [:]
    var result: [Term] = []
    for term in terms {
      if let place = places[term.key] {
        let sum = result[place].number + term.number
        let scale = max(result[place].number.magnitude, term.number.magnitude)
        result[place].number = abs(sum) <= 1e-14 * scale ? 0 : ExactNumber.snapped(sum)
      } else {
        places[term.key] = result.count
        result.append(term)
      }
    }
    return result.filter { $0.number != 0 }
  }

  func product(_ a: Term, _ b: Term) -> Term {
    var result = Term(number: ExactNumber.snapped(a.number * b.number), factors: a.factors)
    for factor in b.factors { result = merging(result, factor) }
    return rows.isEmpty ? result : picked(result)
  }

  func merging(_ term: Term, _ factor: Factor) -> Term {
    var result = term
    if let place = term.factors.firstIndex(where: { $0.base == factor.base }) {
      result.factors[place].exponent += factor.exponent
      if result.factors[place].exponent == 0 { result.factors.remove(at: place) }
    } else {
      result.factors.append(factor)
    }
    return result
  }

  mutating func product(_ a: [Term], _ b: [Term]) -> [Term] {
    guard !a.isEmpty, !b.isEmpty else { return [] }
    return [product(single(a), single(b))]
  }

  mutating func power(_ terms: [Term], _ exponent: Int) -> [Term] {
    guard !terms.isEmpty else { return [] }
    let base = single(terms)
    var number = 1.0
    for _ in 0..<abs(exponent) { number *= base.number }
    return [
      Term(
        number: ExactNumber.snapped(exponent < 0 ? 1 / number : number),
        factors: base.factors.map { Factor(base: $0.base, exponent: $0.exponent * exponent) })
    ]
  }

  /// A sum as one term: what all its terms share, times what is left, which becomes a factor.
  mutating func single(_ terms: [Term]) -> Term {
    guard terms.count > 1 else { return terms.first ?? Term(number: 0) }
    var shared = Term(number: content(terms))
    for factor in terms[0].factors {
      let exponents = terms.map { term in term.factors.first { $0.base == factor.base }?.exponent ?? 0 }
      guard let least = exponents.min(), let most = exponents.max() else { continue }
      // n in the denominator of all of them, or p in all of them.
      let common = least > 0 ? least : most < 0 ? most : 0
      if common != 0 { shared.factors.append(Factor(base: factor.base, exponent: common)) }
    }
    let inverse = Term(
      number: 1 / shared.number, factors: shared.factors.map { Factor(base: $0.base, exponent: -$0.exponent) })
    var rest = terms.map { product($0, inverse) }
    if let base = known[canonical(rest.map { scaled($0, -1) })] {
      shared.number = -shared.number
      rest = sums[base] ?? rest
      return product(
        Term(number: shared.number, factors: [Factor(base: base, exponent: 1)]),
        Term(number: 1, factors: shared.factors))
    }
    let base = known[canonical(rest)] ?? built(rest).id
    known[canonical(rest)] = base
    sums[base] = rest
    // The sum goes first: (p - y)·x.
    return product(
      Term(number: shared.number, factors: [Factor(base: base, exponent: 1)]), Term(number: 1, factors: shared.factors))
  }

  func canonical(_ terms: [Term]) -> [Term] {
    terms.map {
      Term(number: $0.number, factors: $0.factors.sorted { ($0.base, $0.exponent) < ($1.base, $1.exponent) })
    }
    .sorted { a, b in
      let (left, right) = (a.factors.map(\.base), b.factors.map(\.base))
      return left == right ? a.number < b.number : left.lexicographicallyPrecedes(right)
    }
  }

  /// The largest number that all terms are whole multiples of; 1 where they are no fractions.
  func content(_ terms: [Term]) -> Double {
    var over = 0
    var under = 1
    for term in terms {
      // 0.2·w + 0.5 stays: whole numbers and fractions are what is taken out.
      guard let ratio = ExactNumber.ratio(term.number), ratio.denominator == 1 || isFraction(term.number)
      else {
        return 1
      }
      over = Tidying.divisor(over, abs(ratio.numerator))
      under = under / Tidying.divisor(under, ratio.denominator) * ratio.denominator
      guard under <= 1_000, over != 0 else { return 1 }
    }
    let content = Double(over) / Double(under)
    return terms.allSatisfy { $0.number < 0 } ? -content : content
  }

  /// Whether a number reads better as a fraction: x/3 and x/2, but 0.1·x.
  func isFraction(_ number: Double) -> Bool {
    ExactNumber.fraction(number) != nil || [2, 4, 8].contains(ExactNumber.ratio(number)?.denominator)
  }

  static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }

  // MARK: Back to nodes

  /// Terms with a plus first, p - y rather than -y + p, and a number last unless it has to lead: 1 - p.
  func built(_ terms: [Term]) -> Expression {
    let numbers = terms.filter { $0.factors.isEmpty }
    let rest = terms.filter { !$0.factors.isEmpty }
    let plus = rest.filter { $0.number > 0 }
    let minus = rest.filter { $0.number <= 0 }
    let order = plus.isEmpty ? numbers + minus : plus + minus + numbers
    guard let first = order.first else { return graph.constant(0) }
    var sum = first.number < 0 ? -built(scaled(first, -1)) : built(first)
    for term in order.dropFirst() {
      sum = term.number < 0 ? sum - built(scaled(term, -1)) : sum + built(term)
    }
    return sum
  }

  func built(_ term: Term) -> Expression {
    var over: Expression?
    var under: Expression?
    for factor in term.factors {
      let base = graph.expression(factor.base)
      let power = abs(factor.exponent) == 1 ? base : base.power(Double(abs(factor.exponent)))
      if factor.exponent > 0 {
        over = over.map { $0 * power } ?? power
      } else {
        under = under.map { $0 * power } ?? power
      }
    }
    // x/3 rather than 1/3·x, and 2/(3·n) as 2/3/n.
    if let unit = ExactNumber.ratio(term.number), unit.numerator == 1, isFraction(term.number) {
      let divisor = graph.constant(Double(unit.denominator))
      under = under.map { divisor * $0 } ?? divisor
    } else if term.number != 1 || over == nil {
      let number = graph.constant(term.number)
      over = over.map { number * $0 } ?? number
    }
    let numerator = over ?? graph.constant(1)
    return under.map { numerator / $0 } ?? numerator
  }
}
