import CEditLine

/// Ctrl-C and its kin, as flags that loops ask for.
package enum Interrupts {
  package static func install() { ll_signals_install() }
  /// Cheap enough for hot loops.
  package static var isPending: Bool { ll_interrupted() }
  /// Clears the flag and says whether it was set.
  @discardableResult package static func take() -> Bool { ll_take_interrupt() }
  /// The signal that asks the program to end, if one came.
  package static var termination: Int32? {
    let number = ll_terminated()
    return number == 0 ? nil : number
  }
}
