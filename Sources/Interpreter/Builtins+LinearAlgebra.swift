import Graphs
import Markup
import Syntax
import Tensors

// Linear algebra with its conditions said aloud: where the numbers are known, a matrix that has no answer is an error
// with the reason, and one whose answer cannot be trusted to the digits printed gets a note.

extension Builtins {
  private static let a = Function.Parameter("A")

  static let linearAlgebra: [Builtin] = [
    Builtin(
      "solve", [a, Function.Parameter("b")],
      doc: Phrase(
        en: "the x with A @ x = b, by elimination with pivoting: better than inverse(A) @ b",
        zh: "解方程组 A @ x = b（列主元消去）；比 inverse(A) @ b 更准更快"),
      example: "solve([2,1;1,3], [3,5])"
    ) { (call) throws(Diagnostic) in
      try call.checkInvertible()
      return try call.evaluator.apply(
        .solve, [call.operand("A"), call.operand("b")], [call.place("A"), call.place("b")], at: call.span)
    },
    Builtin(
      "inverse", [a], doc: Phrase(en: "the matrix that undoes A", zh: "逆矩阵"), example: "inverse([2,1;1,1])"
    ) { (call) throws(Diagnostic) in
      try call.checkInvertible()
      return try call.applyToMatrix(.inverse)
    },
    Builtin(
      "det", [a], doc: Phrase(en: "determinant; 0 for a singular matrix", zh: "行列式；奇异矩阵得 0"), example: "det([2,1;1,3])"
    ) { (call) throws(Diagnostic) in try call.applyToMatrix(.det) },
    Builtin(
      "logdet", [a],
      doc: Phrase(
        en: "log of the determinant without overflow; NaN if it is negative", zh: "行列式的对数，不会溢出；行列式为负时得 NaN"),
      example: "logdet([2,1;1,3])"
    ) { (call) throws(Diagnostic) in try call.applyToMatrix(.logdet) },
    Builtin(
      "cholesky", [a],
      doc: Phrase(
        en: "lower triangular L with L @ L' = A, for a symmetric positive definite A", zh: "下三角 L，满足 L @ L' = A；A 须对称正定"
      ),
      example: "cholesky([4,2;2,3])"
    ) { (call) throws(Diagnostic) in
      try call.checkSymmetric()
      let result = try call.applyToMatrix(.cholesky)
      if let shape = call.evaluator.shape(of: result), try call.isKnown(),
        try call.evaluator.tensor(result, at: call.span).elements.contains(where: \.isNaN), !shape.contains(0)
      {
        throw call.diagnostic(
          "E218", Phrase(en: "this matrix is not positive definite", zh: "这个矩阵不是正定的"), at: "A",
          help: Phrase(en: "all of eigenvalues(A) must be above 0", zh: "eigenvalues(A) 须全部大于 0"))
      }
      return result
    },
    Builtin(
      "eigenvalues", [a],
      doc: Phrase(en: "of a symmetric matrix, in ascending order", zh: "对称矩阵的特征值，从小到大"),
      example: "eigenvalues([2,1;1,2])"
    ) { (call) throws(Diagnostic) in
      try call.checkSymmetric()
      return try call.applyToMatrix(.eigenvalues)
    },
    Builtin(
      "eigenvectors", [a],
      doc: Phrase(
        en: "of a symmetric matrix, one column for each of eigenvalues(A), of length 1",
        zh: "对称矩阵的特征向量，每列对应 eigenvalues(A) 中的一个，长度为 1"), example: "eigenvectors([2,1;1,2])"
    ) { (call) throws(Diagnostic) in
      try call.checkSymmetric()
      return try call.applyToMatrix(.eigenvectors)
    },
    Builtin(
      "cond", [a],
      doc: Phrase(
        en: "condition number: how many times larger solve can make a relative error (1-norm, estimated)",
        zh: "条件数：solve 最多把相对误差放大多少倍（1-范数，估计值）"), example: "cond([1,2;3,4])"
    ) { (call) throws(Diagnostic) in
      let matrix = try call.matrix("A")
      guard let condition = try call.conditions(matrix)?.first else {
        throw call.diagnostic("E217", Phrase(en: "cond needs known numbers", zh: "cond 需要已知的数"), at: "A")
      }
      return .number(condition)
    },
  ]
}

extension Call {
  fileprivate func applyToMatrix(_ primitive: Primitive.ID) throws(Diagnostic) -> Value {
    try evaluator.apply(primitive, [operand("A")], [place("A")], at: span)
  }

  fileprivate func isKnown() throws(Diagnostic) -> Bool {
    evaluator.isKnown(try evaluator.expression(operand("A"), at: place("A")).id)
  }

  /// The matrices of `A` where it is known, square and finite; nil otherwise, which is for others to complain about.
  private func knownMatrices() throws(Diagnostic) -> (tensor: Tensor, n: Int)? {
    let expression = try evaluator.expression(operand("A"), at: place("A"))
    let shape = expression.shape
    guard shape.count >= 2, shape[shape.count - 1] == shape[shape.count - 2], Shapes.isConcrete(shape), try isKnown()
    else { return nil }
    let tensor = try evaluator.tensor(operand("A"), at: place("A"))
    return tensor.elements.allSatisfy(\.isFinite) ? (tensor, shape[shape.count - 1]) : nil
  }

  /// The condition number of each matrix.
  fileprivate func conditions(_ expression: Expression) throws(Diagnostic) -> [Double]? {
    guard let (tensor, n) = try knownMatrices() else { return nil }
    guard n > 0 else { return [] }
    return try evaluator.exhausted(at: span) { () throws(Budget.Exhausted) in
      var result: [Double] = []
      var failure: Budget.Exhausted?
      tensor.elements.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        do throws(Budget.Exhausted) {
          for index in 0..<(tensor.count / (n * n)) {
            result.append(try LUFactorization(base + index * n * n, n, budget: evaluator.budget).condition)
          }
        } catch { failure = error }
      }
      if let failure { throw failure }
      return result
    }
  }

  /// Refuses a matrix that is singular to the precision of the numbers, and notes one whose solutions are not good to
  /// the six digits that are printed.
  fileprivate func checkInvertible() throws(Diagnostic) {
    let expression = try evaluator.expression(operand("A"), at: place("A"))
    guard let worst = try conditions(expression)?.max() else { return }
    if worst > 1 / Double.ulpOfOne {
      let n = expression.shape.last ?? 0
      let help = Phrase(
        en: "its rows depend on each other; A + 1e-6 * eye(\(n)) (ridge) has an inverse",
        zh: "它的行线性相关；A + 1e-6 * eye(\(n))（岭）就有逆了")
      throw diagnostic(
        "E218",
        worst.isFinite
          ? Phrase(
            en: "this matrix is singular to 16 digits: condition number about \(roughly(worst))",
            zh: "这个矩阵在 16 位精度下是奇异的：条件数约 \(roughly(worst))")
          : Phrase(en: "this matrix is singular: it has no inverse", zh: "这个矩阵是奇异的，没有逆"), at: "A", help: help)
    }
    if worst > 1e10 {
      let digits = max(0, 16 - Int(UnaryKernel.log10(worst).rounded(.up)))
      evaluator.note(
        Phrase(
          en:
            "ill-conditioned: with condition number \(roughly(worst)), about \(digits) digits of the result are right",
          zh: "病态矩阵：条件数约 \(roughly(worst))，结果大约只有 \(digits) 位数字可信"))
    }
  }

  /// The order of magnitude: more is not known of an estimate.
  private func roughly(_ number: Double) -> String { "1e\(Int(UnaryKernel.log10(number).rounded()))" }

  /// Refuses a matrix that is not symmetric up to rounding: its eigenvalues may not even be real.
  fileprivate func checkSymmetric() throws(Diagnostic) {
    guard let (tensor, n) = try knownMatrices() else { return }
    let largest = tensor.elements.reduce(0) { max($0, $1.magnitude) }
    for start in stride(from: 0, to: tensor.count, by: max(n * n, 1)) {
      for i in 0..<n {
        for j in 0..<i {
          let (lower, upper) = (tensor.elements[start + i * n + j], tensor.elements[start + j * n + i])
          guard (lower - upper).magnitude > 1e-10 * largest else { continue }
          throw diagnostic(
            "E218",
            Phrase(
              en:
                "\(function) is for symmetric matrices: element [\(j + 1),\(i + 1)] is \(shortNumber(upper)), [\(i + 1),\(j + 1)] is \(shortNumber(lower))",
              zh:
                "\(function) 只用于对称矩阵：[\(j + 1),\(i + 1)] 是 \(shortNumber(upper))，[\(i + 1),\(j + 1)] 是 \(shortNumber(lower))"
            ), at: "A",
            help: Phrase(en: "(A + A')/2 is symmetric", zh: "(A + A')/2 是对称的"))
        }
      }
    }
  }
}
