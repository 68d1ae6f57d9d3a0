import Descent
import Interpreter
import Markup
import Tensors

/// What holds a run where it is.
extension Examination {
  // MARK: It stands still

  mutating func standstill(_ end: Curvature?) -> Diagnosis? {
    let n = losses.count
    let norm = trace.gradientNorm(at: n - 1)
    let rate = trace.rate(at: max(0, steps - 1))
    let recent = (losses[max(0, n - 1 - max(1, steps / 4))] - losses[n - 1]).magnitude
    let scale = max(losses[n - 1].magnitude, losses[0].magnitude, 1e-300)
    numbers.append(("gradient", norm))
    if let stuck = stuck() {
      if stuck.isExactlyFlat, norm == 0 {
        return Diagnosis(
          cause: .dead,
          headline: Phrase(en: "no gradient at all: every relu is off", zh: "完全没有梯度：每个 relu 都处于关闭状态"),
          evidence: [
            Phrase(
              en:
                "at \(place(n - 1)) all inputs of relu are negative, so its slope is exactly 0 and nothing moves any more",
              zh: "在 \(place(n - 1)) 处 relu 的输入全为负，斜率恰为 0，参数再也不动"),
            Phrase(
              en: "start elsewhere, take a smaller rate, or let a little through: leaky_relu",
              zh: "换个起点、减小学习率，或改用 leaky_relu 让一点梯度通过"),
          ])
      }
      if !stuck.isExactlyFlat, recent < 0.05 * scale, norm < 0.05 * max(1, scale),
        losses[n - 1] > 0.02 * losses[0].magnitude
      {
        betterRates = [round(rate * 100), round(rate * 1000)]
        return Diagnosis(
          cause: .vanishing,
          headline: Phrase(
            en: "vanishing gradient: \(stuck.name) is at its flat end", zh: "梯度消失：\(stuck.name) 处于饱和区"),
          evidence: [
            Phrase(
              en:
                "at \(place(n - 1)) the slope of \(stuck.name) is nearly 0, so |∇| = \(text(norm)) although \(name) is still \(text(losses[n - 1]))",
              zh:
                "在 \(place(n - 1)) 处 \(stuck.name) 的斜率几乎为 0，所以 |∇| = \(text(norm))，而 \(name) 仍有 \(text(losses[n - 1]))"),
            Phrase(
              en:
                "cross-entropy instead of the squared error keeps the gradient alive there; so does a start nearer to 0",
              zh: "把平方误差换成交叉熵，梯度在那里不会消失；从更靠近 0 的地方开始也行"),
          ])
      }
    }
    guard let spectrum = end?.spectrum else { return nil }
    let steepest = trace.norms.lazy.filter(\.isFinite).max() ?? norm
    let extent = max(spectrum.largest.magnitude, spectrum.smallest.magnitude)
    // How much a step changes the loss, and how fast curvature alone would carry it away.
    let gain = rate * norm * norm / scale
    let isStill = gain < 1e-5 && recent < 1e-3 * scale
    if isStill, spectrum.smallest < -1e-3 / max(rate, 1e-300) * 1e-1, spectrum.smallest < -1e-6 * extent,
      norm <= 1e-2 * max(1, steepest)
    {
      let isTop = spectrum.largest <= 0
      return Diagnosis(
        cause: .saddle,
        headline: isTop
          ? Phrase(
            en: "at rest on a maximum: the slope is 0 and every direction leads down", zh: "停在极大点：斜率为 0，往哪边走都会下降")
          : Phrase(
            en: "at rest on a saddle: the slope is 0, but not every direction leads up", zh: "停在鞍点：斜率为 0，但并非每个方向都上升"),
        evidence: [
          Phrase(
            en:
              "at \(place(n - 1)) |∇| = \(text(norm)), curvatures from \(text(spectrum.smallest)) to \(text(spectrum.largest))",
            zh: "在 \(place(n - 1)) 处 |∇| = \(text(norm))，曲率从 \(text(spectrum.smallest)) 到 \(text(spectrum.largest))"),
          Phrase(en: "a start a little to the side goes on down", zh: "起点稍微偏一点，就会继续下降"),
        ])
    }
    if isStill, extent * rate < 1e-3, norm < 1e-3 * max(1, scale),
      !(end?.remaining.map { $0.loss < 1e-4 * scale } ?? false)
    {
      betterRates = [round(rate * 1000), round(rate * 100)]
      return Diagnosis(
        cause: .plateau,
        headline: Phrase(en: "on a plateau: hardly any slope, hardly any curvature", zh: "停在平坦区：几乎没有斜率，也几乎没有曲率"),
        evidence: [
          Phrase(
            en:
              "at \(place(n - 1)) |∇| = \(text(norm)) and curvatures are at most \(text(extent)); the last quarter of the run changed \(name) by \(text(recent))",
            zh: "在 \(place(n - 1)) 处 |∇| = \(text(norm))，曲率不超过 \(text(extent))；最后四分之一的步数只让 \(name) 变化 \(text(recent))"),
          Phrase(en: "only another start, or far longer steps, lead off it", zh: "换一个起点，或者大得多的步长，才能离开"),
        ])
    }
    return nil
  }

  // MARK: A kink

  /// Gradients that turn round between neighbouring steps although neither side is curved.
  mutating func kink() -> Diagnosis? {
    let n = losses.count
    guard n >= 6, !isStochastic, momentum != nil else { return nil }
    let entries = ((n - 6)..<n).compactMap { trace.entry($0) }
    guard entries.count == 6 else { return nil }
    var jumps = 0
    var sides: (Double, Double)?
    for (a, b) in zip(entries, entries.dropFirst()) {
      let (before, after) = (flat(a.gradients), flat(b.gradients))
      let (from, to) = (flat(a.values), flat(b.values))
      let distance = Examination.norm(zip(from, to).map { $1 - $0 })
      let change = Examination.norm(zip(before, after).map { $1 - $0 })
      guard distance > 0, change > 0.5 * Examination.norm(before) else { continue }
      let curvatures = [a, b].map { entry -> Double in
        guard let spectrum = Curvature(trace.descent, at: entry.values, budget: budget)?.spectrum else { return 0 }
        return max(spectrum.largest.magnitude, spectrum.smallest.magnitude)
      }
      if change / distance > 4 * (curvatures.max() ?? 0) {
        jumps += 1
        if before.count == 1 { sides = (min(before[0], after[0]), max(before[0], after[0])) }
      }
    }
    guard jumps >= 2 else { return nil }
    let rate = trace.rate(at: steps - 1)
    numbers.append(("rate", rate))
    betterRates = [round(rate / 10), round(rate / 100)]
    var evidence = [
      Phrase(
        en:
          "the slope jumps between steps although the curvature on either side is far too small for it: |x| and relu are made so",
        zh: "相邻两步之间斜率突变，而两侧的曲率远不足以解释：|x| 和 relu 就是这样")
    ]
    if let sides {
      evidence.insert(
        Phrase(
          en: "near \(place(n - 1)) the slope is \(text(sides.0)) on one side and \(text(sides.1)) on the other",
          zh: "在 \(place(n - 1)) 附近，一侧斜率 \(text(sides.0))，另一侧 \(text(sides.1))"), at: 0)
    }
    evidence.append(
      Phrase(
        en:
          "steps of rate·|∇| = \(text(rate * trace.gradientNorm(at: n - 1))) cannot come closer than that; a rate that shrinks can",
        zh: "步长 学习率·|∇| = \(text(rate * trace.gradientNorm(at: n - 1)))，再近就做不到了；学习率逐渐减小就可以"))
    return Diagnosis(
      cause: .kink,
      headline: Phrase(en: "stalls at a kink: to and fro over a point where the slope jumps", zh: "卡在拐点：在斜率突变处来回跳动"),
      evidence: evidence)
  }
}
