import Markup

/// w ← w − η·g (Cauchy, 1847).
package struct GradientDescent: Optimizer {
  static let row = Optimizers.Row(
    name: "sgd", settings: [],
    doc: Phrase(en: "gradient descent: w - rate·gradient", zh: "梯度下降：w - 学习率·梯度"), make: { _ in GradientDescent() })

  package let name = "sgd"
  package let rule = ["w ← w - rate·g"]

  package init() {}
  package func initialState(count: Int) -> [[Double]] { [] }

  package func step(_ parameters: inout [Double], _ gradient: [Double], _ state: inout [[Double]], rate: Double) {
    for index in parameters.indices { parameters[index] -= rate * gradient[index] }
  }

  package func substituted(_ parameter: Double, _ gradient: Double, _ state: [Double], rate: Double)
    -> [SubstitutedLine]
  {
    [SubstitutedLine(left: "w", base: parameter, factor: -rate, operand: gradient)]
  }
}
