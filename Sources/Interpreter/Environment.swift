import Synchronization
import Tensors

/// The names a learner has given values, over a library that is the same for everyone.
package struct Environment: Sendable {
  package private(set) var variables: [String: Value] = [:]
  /// Which giving of a value a name has at present. Equal stamps mean the same value, in whatever copy.
  private var stamps: [String: UInt64] = [:]
  /// Changes with every variable: environments of equal stamp are equal.
  package private(set) var stamp: UInt64 = 0
  /// Where the names that are looked up are written down, while a line is evaluated.
  package var reads: ReadLog?
  /// Builtins, losses, constants and their aliases.
  package let library: any Library
  /// Where random numbers without `seed=` come from: a session's own stream, the same in every session until
  /// `:set seed` starts it anew.
  private var random = RandomSource(seed: 1)

  package init(library: any Library) { self.library = library }

  package subscript(name: String) -> Value? {
    get {
      reads?.stamps[name] = .some(stamps[name])
      return variables[name] ?? library[name]
    }
    set {
      variables[name] = newValue
      stamp = Environment.nextStamp()
      stamps[name] = newValue == nil ? nil : stamp
    }
  }

  package mutating func seed(_ seed: Int) { random = RandomSource(seed: UInt64(max(seed, 0))) }

  /// The next whole number of the stream below 2^52: what one unseeded call of `rand` and its like is seeded with.
  package mutating func nextSeed() -> Double { Double(random.next() >> 12) }

  package mutating func remove(_ name: String) { self[name] = nil }

  /// Whether everything that was read is still what it was.
  package func agrees(with reads: [String: UInt64?]) -> Bool { reads.allSatisfy { stamps[$0.key] == $0.value } }

  private static let lastStamp = Atomic<UInt64>(0)
  private static func nextStamp() -> UInt64 { lastStamp.add(1, ordering: .relaxed).newValue }
}

/// The names an evaluation has looked up, each with the stamp of its variable or nil for a name of the library.
///
/// Unchecked: it belongs to one evaluator, on one thread; it travels in an environment only to be found there.
package final class ReadLog: @unchecked Sendable {
  package fileprivate(set) var stamps: [String: UInt64?] = [:]
  package init() {}
}

/// What every session knows from the start.
package protocol Library: Sendable {
  subscript(name: String) -> Value? { get }
  /// Everything that may be typed, for suggestions and completion.
  var names: [String] { get }
  /// The name an alias stands for, `MSELoss` for `mse`; nil for what is no alias.
  func canonicalName(_ alias: String) -> String?
}
