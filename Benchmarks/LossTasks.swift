import Tensors
import Workbench

/// `mse_v`, `mse_vg` …: a loss, and a loss with its gradient, of 1e2 to 1e7 predictions.
enum LossTasks {
  private static let losses = ["mse", "huber", "bce_logits", "log_cosh", "softmax_ce10"]

  static let all: [Tasks.Task] = losses.flatMap { loss -> [Tasks.Task] in
    [("\(loss)_v", { measure(loss, gradient: false, $0) }), ("\(loss)_vg", { measure(loss, gradient: true, $0) })]
  }

  private static func measure(_ loss: String, gradient: Bool, _ harness: Harness) {
    let name = loss == "softmax_ce10" ? "cross_entropy_logits" : loss
    for exponent in 2...7 {
      let n = Int((0..<exponent).reduce(1.0) { power, _ in power * 10 })
      var session = harness.session()
      define(loss, n, &session)
      harness.measure(
        n: n, gradient ? "value_and_grad(z -> \(name)(z, t), p)" : "\(name)(p, t)", in: &session)
    }
  }

  /// Predictions p and targets t: normal ones, labels 0 and 1, or one of ten classes per row.
  private static func define(_ loss: String, _ n: Int, _ session: inout Session) {
    var random = RandomSource(seed: 7)
    let predictions = (0..<n).map { _ in 2 * random.normal() }
    switch loss {
    case "bce_logits":
      session.define("p", Tensor(vector: predictions))
      session.define("t", Tensor(vector: (0..<n).map { _ in random.uniform() < 0.5 ? 1 : 0 }))
    case "softmax_ce10":
      session.define("p", Tensor(shape: [n / 10, 10], elements: predictions))
      session.define("t", Tensor(vector: (0..<(n / 10)).map { _ in Double(1 + random.below(10)) }))
    default:
      session.define("p", Tensor(vector: predictions))
      session.define("t", Tensor(vector: (0..<n).map { _ in 2 * random.normal() }))
    }
  }
}
