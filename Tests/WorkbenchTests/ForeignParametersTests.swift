import Testing

@testable import Interpreter
@testable import Workbench

/// A suggestion must be something that a call can take.
@Test func everySuggestedParameterBelongsToSomeFunction() {
  let library = Session().environment.library
  var known: Set<String> = []
  for name in library.names {
    guard case .function(let function) = library[name] else { continue }
    known.formUnion(function.parameters.map(\.name))
  }
  #expect(Set(ForeignParameters.table.values.joined()).subtracting(known) == [])
}
