import Tensors

// Linear algebra on the last two axes; axes before them are a batch. Derivatives are written with the same primitives,
// so that they differentiate again (Giles 2008 for solve, inverse and det; Murray 2016 for Cholesky). Where a matrix has
// no answer (singular, not positive definite) the result is NaN; who calls with known numbers is told so in a sentence
// (`Builtins+LinearAlgebra.swift`).

/// The batch and the size of square matrices.
private func square(_ shape: Shape) throws(ShapeError) -> (batch: Shape, n: Int) {
  guard shape.count >= 2, shape[shape.count - 1] == shape[shape.count - 2], Shapes.isConcrete(shape) else {
    throw ShapeError(.square, shapes: [shape])
  }
  return (Shape(shape.dropLast(2)), shape[shape.count - 1])
}

private func squareMatrix(_ inputs: [Shape], _: [Int]) throws(ShapeError) -> Shape {
  _ = try square(inputs[0])
  return inputs[0]
}

private func numberPerMatrix(_ inputs: [Shape], _: [Int]) throws(ShapeError) -> Shape { try square(inputs[0]).batch }

private func vectorPerMatrix(_ inputs: [Shape], _: [Int]) throws(ShapeError) -> Shape {
  let (batch, n) = try square(inputs[0])
  return batch + [n]
}

extension Expression {
  /// One number per matrix, stretched over the matrices.
  fileprivate func overMatrices(of shape: Shape) -> Expression {
    self.shape.isEmpty ? self : reshaped(to: self.shape + [1, 1]).broadcast(to: shape)
  }

  fileprivate func times(_ other: Expression) -> Expression { apply(.matmul, [other]) }

  /// (A + Aᵀ)/2
  fileprivate var symmetricPart: Expression { 0.5 * (self + matrixTransposed) }

  /// Each row of a batch of vectors multiplied into the columns of matrices: M · diag(v).
  fileprivate func scalingColumns(of matrices: Expression) -> Expression {
    var row = shape
    row.insert(1, at: row.count - 1)
    return matrices * reshaped(to: row).broadcast(to: matrices.shape)
  }
}

/// A number for each place of an n × n matrix.
private func pattern(_ expression: Expression, _ n: Int, _ value: (Int, Int) -> Double) -> Expression {
  var elements: [Double] = []
  elements.reserveCapacity(n * n)
  for i in 0..<n {
    for j in 0..<n { elements.append(value(i, j)) }
  }
  return expression.graph.constant(Tensor(shape: [n, n], elements: elements))
}

extension Primitive {
  private static func long(
    _ name: String, _ shape: @escaping @Sendable ([Shape], [Int]) throws(ShapeError) -> Shape,
    _ kernel: @escaping @Sendable (borrowing KernelCall, Budget) throws(Budget.Exhausted) -> Void,
    _ pullback: @escaping @Sendable (Pullback) -> [Expression?]
  ) -> Primitive {
    Primitive(name: name, shape: shape, kernel: .stoppable(kernel), derivative: .pullback(pullback))
  }

  static let linearAlgebraRows: [(ID, Primitive)] = [
    (
      .solve,
      // x = A⁻¹b: b̄ = A⁻ᵀx̄ and Ā = −b̄·xᵀ.
      long(
        "solve",
        { (inputs, _) throws(ShapeError) in
          _ = try square(inputs[0])
          guard !inputs[1].isEmpty else { throw ShapeError(.rank, shapes: inputs) }
          return try MatrixProduct(inputs[0], inputs[1]).shape
        }, LinearAlgebraKernels.solve,
        { pullback in
          let (a, b) = (pullback.inputs[0], pullback.inputs[1])
          let isVector = b.shape.count == 1
          func asColumns(_ x: Expression) -> Expression { isVector ? x.reshaped(to: x.shape + [1]) : x }
          let solved = a.matrixTransposed.apply(.solve, [asColumns(pullback.adjoint)])
          let toRight = (isVector ? solved.reshaped(to: Shape(solved.shape.dropLast())) : solved).summed(to: b.shape)
          let toLeft = -solved.times(asColumns(pullback.output).matrixTransposed)
          return [toLeft.summed(to: a.shape), toRight]
        })
    ),
    (
      .inverse,
      long(
        "inverse", squareMatrix,
        LinearAlgebraKernels.inverse,
        { pullback in
          let transposed = pullback.output.matrixTransposed
          return [-transposed.times(pullback.adjoint).times(transposed)]
        })
    ),
    (
      .det,
      long(
        "det", numberPerMatrix,
        LinearAlgebraKernels.determinant,
        { pullback in
          let cofactors = pullback.inputs[0].apply(.cofactor)
          return [pullback.adjoint.overMatrices(of: cofactors.shape) * cofactors]
        })
    ),
    (
      // C = det A · A⁻ᵀ, so Ā = det A · (⟨C̄, B⟩B − B·C̄ᵀ·B) with B = A⁻ᵀ: only this second derivative needs an inverse.
      .cofactor,
      long(
        "cofactor", squareMatrix,
        LinearAlgebraKernels.cofactor,
        { pullback in
          let a = pullback.inputs[0]
          let inverse = a.apply(.inverse).matrixTransposed
          let rank = a.shape.count
          let alignment = (pullback.adjoint * inverse).apply(.sum, attributes: [rank - 1]).apply(
            .sum, attributes: [rank - 2])
          let turned = inverse.times(pullback.adjoint.matrixTransposed).times(inverse)
          let bracket = alignment.overMatrices(of: a.shape) * inverse - turned
          return [a.apply(.det).overMatrices(of: a.shape) * bracket]
        })
    ),
    (
      .logdet,
      long(
        "logdet", numberPerMatrix,
        LinearAlgebraKernels.logDeterminant,
        { pullback in
          let a = pullback.inputs[0]
          return [pullback.adjoint.overMatrices(of: a.shape) * a.apply(.inverse).matrixTransposed]
        })
    ),
    (
      // Ā = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, made symmetric; Φ keeps the lower triangle and half of the diagonal.
      .cholesky,
      long(
        "cholesky", squareMatrix,
        LinearAlgebraKernels.cholesky,
        { pullback in
          let factor = pullback.output
          let upper = factor.matrixTransposed
          let n = factor.shape[factor.shape.count - 1]
          let lowerHalf = pattern(factor, n) { i, j in i > j ? 1 : i == j ? 0.5 : 0 }
          let middle = upper.times(pullback.adjoint) * lowerHalf
          let left = upper.apply(.solve, [middle])
          return [upper.apply(.solve, [left.matrixTransposed]).symmetricPart]
        })
    ),
    (
      // λ̄ᵢ of A = V·diag(λ)·Vᵀ: Ā = V·diag(λ̄)·Vᵀ.
      .eigenvalues,
      long(
        "eigenvalues", vectorPerMatrix,
        LinearAlgebraKernels.eigenvalues,
        { pullback in
          let vectors = pullback.inputs[0].apply(.eigenvectors)
          return [pullback.adjoint.scalingColumns(of: vectors).times(vectors.matrixTransposed)]
        })
    ),
    (
      // Ā = V·(F ∘ VᵀV̄)·Vᵀ with Fᵢⱼ = 1/(λⱼ − λᵢ) off the diagonal. Where two eigenvalues are equal their vectors may be
      // turned at will and have no derivative: NaN.
      .eigenvectors,
      long(
        "eigenvectors", squareMatrix,
        LinearAlgebraKernels.eigenvectors,
        { pullback in
          let vectors = pullback.output
          let shape = vectors.shape
          let n = shape[shape.count - 1]
          let values = pullback.inputs[0].apply(.eigenvalues)
          let batch = Shape(shape.dropLast(2))
          let across = values.reshaped(to: batch + [1, n]).broadcast(to: shape)
          let down = values.reshaped(to: batch + [n, 1]).broadcast(to: shape)
          let identity = pattern(vectors, n) { $0 == $1 ? 1 : 0 }.broadcast(to: shape)
          let turn = vectors.matrixTransposed.times(pullback.adjoint)
          let rotation = vectors.constant(0).where_(identity, else: turn / (across - down + identity))
          return [vectors.times(rotation).times(vectors.matrixTransposed).symmetricPart]
        })
    ),
  ]
}
