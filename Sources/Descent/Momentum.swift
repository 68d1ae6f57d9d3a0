import Markup

/// v ← β·v + g, w ← w − η·v: the heavy ball (Polyak, 1964), in the form of torch.optim.SGD without dampening.
package struct Momentum: Optimizer {
  static let row = Optimizers.Row(
    name: "momentum", settings: [(name: "beta", fallback: 0.9)],
    doc: Phrase(en: "gradient descent with momentum: keeps a share beta of its speed", zh: "动量法：保留上一步速度的 beta 倍"),
    make: { Momentum(beta: $0[0]) })

  package let name = "momentum"
  package let beta: Double
  package let rule = ["v ← beta·v + g", "w ← w - rate·v"]

  package init(beta: Double) { self.beta = beta }
  package func initialState(count: Int) -> [[Double]] { [[Double](repeating: 0, count: count)] }

  package func step(_ parameters: inout [Double], _ gradient: [Double], _ state: inout [[Double]], rate: Double) {
    for index in parameters.indices {
      state[0][index] = beta * state[0][index] + gradient[index]
      parameters[index] -= rate * state[0][index]
    }
  }

  package func substituted(_ parameter: Double, _ gradient: Double, _ state: [Double], rate: Double)
    -> [SubstitutedLine]
  {
    let speed = SubstitutedLine(left: "v", base: gradient, factor: beta, operand: state[0])
    return [speed, SubstitutedLine(left: "w", base: parameter, factor: -rate, operand: speed.value)]
  }
}
