import Descent
import Interpreter
import Markup
import Tensors

/// The run left for infinity, or had nowhere to begin.
extension Examination {
  // MARK: It blew up

  func noStart() -> Diagnosis {
    Diagnosis(
      cause: .noStart,
      headline: Phrase(
        en: "there is nothing to descend from: \(name) or its gradient is not finite at the start",
        zh: "无处可降：\(name) 或它的梯度在起点不是有限的数"),
      evidence: [
        Phrase(
          en: "start: "
            + trace.descent.start.map { "\($0.name) = \(JSONText.tensor($0.value).prefix(40))" }.joined(separator: ", "),
          zh: "起点："
            + trace.descent.start.map { "\($0.name) = \(JSONText.tensor($0.value).prefix(40))" }.joined(separator: "，"))
      ])
  }

  /// The step led where a matrix has no answer: no rate is to blame for that.
  mutating func breakdown() -> Diagnosis? {
    broken = Breakdown.of(object, budget)
    guard let broken, broken.isMatrix else { return nil }
    numbers.append(("step", Double(steps)))
    betterRates = [round(trace.rate / 10), round(trace.rate / 100)]
    if broken.isStep {
      let name = trace.optimizer.name
      return Diagnosis(
        cause: .singular,
        headline: Phrase(
          en: "stopped after step \(steps): \(name) has no next step, because its matrix has no inverse",
          zh: "第 \(steps) 步之后停下：\(name) 的矩阵没有逆，走不出下一步"),
        evidence: [
          Phrase(en: "at \(broken.place): \(broken.reason.en)", zh: "\(broken.place)：\(broken.reason.zh)"),
          Phrase(
            en: "\(name)(damping=0.01) adds 0.01 to the diagonal, and then there is one",
            zh: "\(name)(damping=0.01) 在对角线上加 0.01，就有逆了"),
        ])
    }
    return Diagnosis(
      cause: .singular,
      headline: Phrase(
        en: "stopped after step \(steps): \(broken.expression) has no value where the next step leads",
        zh: "第 \(steps) 步之后停下：下一步所到之处 \(broken.expression) 没有值"),
      evidence: [
        Phrase(en: "at \(broken.place): \(broken.reason.en)", zh: "\(broken.place)：\(broken.reason.zh)"),
        Phrase(
          en: "at step \(steps) it still had one: \(place(steps)), \(name) = \(text(losses[steps]))",
          zh: "第 \(steps) 步时还有值：\(place(steps))，\(name) = \(text(losses[steps]))"),
        Phrase(
          en: "smaller steps, or a multiple of the identity added to the matrix (A + 0.1*eye(n)), keep away from there",
          zh: "步子小一些，或给矩阵加上单位阵的倍数（A + 0.1*eye(n)），就不会走到那里"),
      ])
  }

  mutating func growth() -> Diagnosis? {
    let (first, last) = (losses[0], losses[losses.count - 1])
    let isOut = trace.ending == .diverged
    let lowest = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    let third = losses.count / 3
    let grows: Bool
    if isStochastic, third > 0 {
      grows = mean((losses.count - third)..<losses.count) > 3 * mean(0..<third).magnitude
    } else {
      let span = max(first - losses[lowest], 0)
      let tail = losses.suffix(3)
      let isRising = zip(tail, tail.dropFirst()).allSatisfy { $1 > $0 }
      grows =
        last > losses[lowest] + 1e-9 * last.magnitude && last > first + 0.5 * max(span, 1e-12 * first.magnitude)
        && isRising
    }
    if let found = bottomless(isOut) { return found }
    guard isOut || grows else { return nil }

    let k = steps
    // Where the loss was lowest the curvature was still that of the valley; if it is gentle there, on the way out.
    var candidates = [lowest, min(lowest + 1, k), k / 2, k]
    candidates = candidates.enumerated().filter { !candidates.prefix($0.offset).contains($0.element) }.map(\.element)
    var steepest: (entry: Int, value: Double)?
    for entry in candidates {
      guard let value = curvature(at: entry)?.spectrum?.largest, value.isFinite else { continue }
      if steepest.map({ value > $0.value }) ?? true { steepest = (entry, value) }
      let rate = trace.rate(at: entry)
      guard let limit = limit(value), rate > limit * (1 - 1e-9) else { continue }
      numbers += [("lambda_max", value), ("limit", limit), ("rate", rate), ("step", Double(k))]
      betterRates = [round(1 / value), round(0.3 / value), round(0.1 / value)]
      return beyondLimit(value, limit, rate, entry: entry, isOut: isOut)
    }
    numbers.append(("step", Double(k)))
    if let steepest, steepest.value > 0 { betterRates = [round(1 / steepest.value), round(0.1 / steepest.value)] }
    betterRates += [round(trace.rate / 10), round(trace.rate / 100), round(trace.rate / 1000)]
    let norm = trace.gradientNorm(at: k)
    if isOut, k < 3 || momentum != nil && (steepest.flatMap { limit($0.value) }.map { trace.rate < $0 } ?? true) {
      return Diagnosis(
        cause: .overflow,
        headline: Phrase(
          en: "overflow: the numbers left the finite range at step \(k + 1)", zh: "溢出：第 \(k + 1) 步时数值超出了有限范围"),
        evidence: [
          Phrase(
            en: "at step \(k): \(place(k)), \(name) = \(text(losses[k])), |∇| = \(text(norm))",
            zh: "第 \(k) 步：\(place(k))，\(name) = \(text(losses[k]))，|∇| = \(text(norm))"),
          Phrase(
            en: "one step of rate·|∇| = \(text(trace.rate(at: k) * norm)) from there goes where \(name) is no number",
            zh: "从那里再走一步（学习率·|∇| = \(text(trace.rate(at: k) * norm))），\(name) 就不再是数"),
        ]
          + (broken.map {
            [
              Phrase(
                en: "at \($0.place) \($0.expression) is \($0.reason.en)",
                zh: "在 \($0.place) 处，\($0.expression) 是\($0.reason.zh)")
            ]
          } ?? []))
    }
    return Diagnosis(
      cause: .diverged,
      headline: Phrase(
        en: "diverged: the steps are too long, the loss grew from \(text(losses[lowest])) to \(text(losses[k]))",
        zh: "发散：步子太大，损失从 \(text(losses[lowest])) 涨到 \(text(losses[k]))"),
      evidence: [
        Phrase(
          en: "lowest at step \(lowest) (\(place(lowest))); step \(k) is at \(place(k))",
          zh: "第 \(lowest) 步最低（\(place(lowest))），第 \(k) 步到了 \(place(k))")
      ])
  }

  func beyondLimit(
    _ curvature: Double, _ limit: Double, _ rate: Double, entry: Int, isOut: Bool
  ) -> Diagnosis {
    let beta = momentum?.share ?? 0
    let formula = beta == 0 ? "2/λmax" : momentum?.isNesterov == true ? "2(1+β)/((1+2β)λmax)" : "2(1+β)/λmax"
    var evidence = [
      Phrase(
        en: "steepest curvature λmax = \(text(curvature)) (Hessian of \(name) at step \(entry), \(place(entry)))",
        zh: "最大曲率 λmax = \(text(curvature))（\(name) 在第 \(entry) 步 \(place(entry)) 处的 Hessian）")
    ]
    if beta == 0 {
      evidence.append(
        Phrase(
          en:
            "on the parabola that fits there, every step multiplies the distance to its bottom by 1 - rate·λmax = \(text(1 - rate * curvature))",
          zh: "按那里的抛物线近似，每一步把到谷底的距离乘以 1 - 学习率·λmax = \(text(1 - rate * curvature))"))
    }
    evidence.append(
      isOut
        ? Phrase(
          en: "after step \(steps) the numbers left the finite range (\(name) was \(text(losses[steps])))",
          zh: "第 \(steps) 步之后数值超出有限范围（此前 \(name) = \(text(losses[steps]))）")
        : Phrase(
          en: "\(name): \(text(losses[0])) → \(text(losses[steps])) in \(steps) steps",
          zh: "\(steps) 步内 \(name)：\(text(losses[0])) → \(text(losses[steps]))"))
    return Diagnosis(
      cause: .diverged,
      headline: Phrase(
        en: "diverged: the rate \(text(rate)) is larger than \(formula) = \(text(limit))",
        zh: "发散：学习率 \(text(rate)) 大于 \(formula) = \(text(limit))"),
      evidence: evidence)
  }

  /// The loss falls and falls, ever faster or at least no slower.
  mutating func bottomless(_ isOut: Bool) -> Diagnosis? {
    let n = losses.count
    guard n >= 4, losses[n - 1] < losses[0], losses[n - 1] < 0 else { return nil }
    let (early, late) = (losses[n / 2 - 1] - losses[n / 2], losses[n - 2] - losses[n - 1])
    guard late >= 0.99 * early, early > 0, losses[0] - losses[n - 1] > 0.5 * losses[0].magnitude else { return nil }
    numbers.append(("step", Double(steps)))
    let spectrum = curvature(at: n - 1)?.spectrum
    guard isOut || (spectrum.map { $0.smallest <= 1e-12 * max(1, $0.largest.magnitude) } ?? true) else { return nil }
    var evidence = [
      Phrase(
        en:
          "\(name): \(text(losses[0])) → \(text(losses[n - 1])), and the last step took as much as one halfway (\(text(late)) after \(text(early)))",
        zh: "\(name)：\(text(losses[0])) → \(text(losses[n - 1]))，最后一步降得不比中途少（\(text(late))，中途 \(text(early))）")
    ]
    if let spectrum, spectrum.smallest <= 0 {
      evidence.append(
        Phrase(
          en: "curvature there \(text(spectrum.smallest)): no parabola holds it",
          zh: "那里的曲率为 \(text(spectrum.smallest))：没有碗底"))
    }
    return Diagnosis(
      cause: .unbounded,
      headline: Phrase(en: "\(name) has no lowest value in this direction", zh: "\(name) 在这个方向上没有最低值"),
      evidence: evidence
        + [Phrase(en: "a square or a penalty on the parameters would give it one", zh: "加一个平方项或对参数的惩罚，就会有最低点")])
  }
}
