import Syntax

/// What other libraries call a parameter of ours: `lr`, `reduction`, `y_pred`.
package enum ForeignParameters {
  /// Up to three parameters that a written name may have been meant to be, likeliest first.
  package static func suggestions(for name: String, among parameters: [String]) -> [String] {
    let meant = (table[name.lowercased()] ?? []).filter(parameters.contains)
    if !meant.isEmpty { return Array(meant.prefix(3)) }
    return Suggestions.nearest(to: name, among: parameters.filter { $0 != "…" })
  }

  static let table: [String: [String]] = {
    // Ours, then how PyTorch, Keras, optax, scikit-learn and SciPy call it.
    let rows: [(ours: [String], theirs: String)] = [
      (["rate"], "lr learning_rate eta η α alpha step_size stepsize eta0 base_lr initial_learning_rate 学习率"),
      (["steps"], "epochs epoch iterations iters iter n_iter num_iter max_iter maxiter n_steps num_steps step 步数"),
      (["with"], "optimizer optim opt method solver algorithm by 优化器"),
      (["stop"], "tol tolerance ftol gtol xtol atol rtol until"),
      (["data"], "batch batches dataset loader dataloader train 数据"),
      (["reduce"], "reduction red mode agg aggregate size_average 归约"),
      (
        ["prediction", "logits", "scores", "score"],
        "y_pred ypred yhat y_hat ŷ pred preds predictions input inputs output outputs 预测"
      ),
      (["logits", "scores", "prediction"], "logit logits score scores"),
      (["target"], "y_true ytrue y label labels targets actual truth ground_truth true 真实值 目标"),
      (["weight", "weights"], "sample_weight sample_weights weights w 权重"),
      (["class_weight", "weight"], "class_weights pos_weight"),
      (["smoothing", "label_smoothing"], "label_smoothing smooth_factor"),
      (["delta", "threshold", "beta"], "beta threshold delta d δ"),
      (["q", "tau", "alpha"], "quantile tau alpha level"),
      (["temperature"], "temp t tau"),
      (["axis"], "dim dims axes"),
      (["seed"], "random_state rng key random_seed generator"),
      (["correction"], "ddof unbiased"),
      (["beta", "beta1"], "momentum mu β beta1 beta_1 b1"),
      (["beta2"], "beta_2 b2"),
      (["eps", "epsilon"], "eps epsilon ε eps_root"),
    ]
    var table: [String: [String]] = [:]
    for row in rows {
      for name in row.theirs.split(separator: " ") {
        let known = table[String(name), default: []]
        table[String(name)] = known + row.ours.filter { !known.contains($0) && $0 != name }
      }
    }
    return table
  }()
}
