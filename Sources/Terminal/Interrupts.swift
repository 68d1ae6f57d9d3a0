import CEditLine

/// Ctrl-C and its kin, as flags that loops ask for.
package enum Interrupts {
  package static func install() { ll_signals_install() }
  /// Opens what was closed of standard input, output and error, so that no file of ours takes its place.
  package static func openDescriptors() { ll_descriptors_open() }
  /// Cheap enough for hot loops.
  package static var isPending: Bool { ll_interrupted() }
  /// Clears the flag and says whether it was set.
  @discardableResult package static func take() -> Bool { ll_take_interrupt() }
  /// The signal that asks the program to end, if one came: 128 and its number are then the exit status, as in a shell.
  package static var termination: Int32? {
    let number = ll_terminated()
    return number == 0 ? nil : number
  }
}
