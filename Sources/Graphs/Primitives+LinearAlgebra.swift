import Tensors

// Linear algebra on the last two axes; axes before them are a batch. Derivatives are written with the same primitives,
// so that they differentiate again. Where a matrix has no answer (singular, not positive definite) the result is NaN;
// who calls with known numbers is told so in a sentence (`Builtins+LinearAlgebra.swift`).

extension Primitive {
  static let linearAlgebraRows: [(ID, Primitive)] = []
}
