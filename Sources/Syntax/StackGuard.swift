import CStack

/// How deep recursion may go on the thread at hand.
///
/// Stack overflow cannot be caught in Swift, and stacks differ: 8 MB at a prompt, 512 KB on a pool thread, whatever
/// `ulimit -s` says. Recursive code asks before each level instead of trusting a count tuned for one of them.
package struct StackGuard: Sendable {
  private let floor: UInt

  /// - Parameter reserve: bytes left for what a level calls before it asks again.
  package init(reserve: UInt = 160 * 1024) {
    floor = UInt(ll_stack_floor()) + reserve
  }

  /// Whether one more level fits.
  package var allowsDescent: Bool {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) } > floor
  }
}
