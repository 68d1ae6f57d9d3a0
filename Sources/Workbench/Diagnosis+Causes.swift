import Descent
import Interpreter
import Markup
import Tensors

/// The questions, in the order in which a teacher would ask them: did it blow up, is there noise, has it arrived, what
/// holds it where it is, how does it move.
extension Examination {
  mutating func diagnosis() -> Diagnosis {
    if losses.isEmpty { return noStart() }
    if steps == 0, trace.ending == .completed {
      return Diagnosis(cause: .descending, headline: Phrase(en: "no step was made", zh: "一步也没有走"))
    }
    if let found = growth() { return found }
    if let found = noise() { return found }
    let end = curvature(at: losses.count - 1)
    if let spectrum = end?.spectrum {
      numbers.append(("lambda_max", spectrum.largest))
      numbers.append(("lambda_min", spectrum.smallest))
      if spectrum.smallest > 0 { numbers.append(("condition", spectrum.largest / spectrum.smallest)) }
      if let limit = limit(spectrum.largest) { numbers.append(("limit", limit)) }
    }
    if let found = standstill(end) { return found }
    if let found = kink() { return found }
    if let found = arrival(end) { return found }
    if let found = circling(end) { return found }
    return movement(end)
  }

  // MARK: It blew up

  private func noStart() -> Diagnosis {
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

  private mutating func growth() -> Diagnosis? {
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
        ])
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

  private func beyondLimit(
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
            "along it every step multiplies the distance to the minimum by 1 - rate·λmax = \(text(1 - rate * curvature))",
          zh: "在这个方向上，每一步把到最小点的距离乘以 1 - 学习率·λmax = \(text(1 - rate * curvature))"))
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
  private mutating func bottomless(_ isOut: Bool) -> Diagnosis? {
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

  // MARK: Noise

  private mutating func noise() -> Diagnosis? {
    guard isStochastic, losses.count >= 12, let end = curvature(at: losses.count - 1),
      let entry = trace.entry(losses.count - 1)
    else { return nil }
    let n = losses.count
    let (third, fourth) = (mean((n / 2)..<(3 * n / 4)), mean((3 * n / 4)..<n))
    let spread = losses[(n / 2)...].reduce(0) { $0 + ($1 - (third + fourth) / 2) * ($1 - (third + fourth) / 2) }
    let deviation = (spread / Double(n - n / 2)).squareRoot()
    // Chance cancels in the mean gradient of many batches; a slope that is still to go down does not.
    let sample = stride(from: n / 2, to: n, by: max(1, n / 128)).compactMap { trace.entry($0) }.map {
      flat($0.gradients)
    }
    let batch = sample.reduce(0) { $0 + Examination.norm($1) / Double(sample.count) }
    var together = [Double](repeating: 0, count: sample.first?.count ?? 0)
    for gradient in sample { together = zip(together, gradient).map { $0 + $1 / Double(sample.count) } }
    let common = Examination.norm(together)
    let start = mean(0..<max(1, n / 8))
    guard third - fourth < 0.5 * deviation, fourth > 1e-6 * start, batch > 2.5 * common, entry.loss.isFinite
    else { return nil }
    numbers += [("noise", deviation), ("batch_gradient", batch), ("mean_gradient", common), ("rate", trace.rate)]
    betterRates = [round(trace.rate / 10)]
    let size = trace.descent.data?.size ?? 0
    return Diagnosis(
      cause: .noise,
      headline: Phrase(
        en: "at the noise floor of its batches: the loss no longer falls, it scatters by ±\(text(deviation))",
        zh: "到了小批量的噪声下限：损失不再下降，只在 ±\(text(deviation)) 内跳动"),
      evidence: [
        Phrase(
          en:
            "the gradients of single batches of \(size) are about \(text(batch)) long, their mean only \(text(common)): most of each step is chance",
          zh: "大小为 \(size) 的单个批次梯度长约 \(text(batch))，平均起来只有 \(text(common))：每一步大半是偶然"),
        Phrase(
          en:
            "mean loss in the third quarter \(text(third)), in the last \(text(fourth)); on all data \(text(end.loss))",
          zh: "第三个四分之一的平均损失 \(text(third))，最后四分之一 \(text(fourth))；全部数据上为 \(text(end.loss))"),
        Phrase(
          en: "a rate that shrinks, or larger batches, lower the floor",
          zh: "让学习率逐渐减小，或加大批次，都能降低这个下限"),
      ])
  }

  // MARK: It stands still

  private mutating func standstill(_ end: Curvature?) -> Diagnosis? {
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
  private mutating func kink() -> Diagnosis? {
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

  // MARK: It has arrived

  private mutating func arrival(_ end: Curvature?) -> Diagnosis? {
    let n = losses.count
    let norm = trace.gradientNorm(at: n - 1)
    let remaining = end?.remaining
    let fallen = losses[0] - losses[n - 1]
    let isThere: Bool
    if norm == 0 {
      isThere = true
    } else if let remaining {
      isThere =
        remaining.loss <= 1e-4 * (max(fallen, 0) + remaining.loss) || remaining.loss <= 1e-12 * losses[n - 1].magnitude
    } else {
      isThere = trace.ending != .completed && trace.ending != .interrupted && trace.ending != .diverged
    }
    guard isThere else { return nil }
    var evidence = [
      Phrase(
        en:
          "|∇| = \(text(norm)) at \(place(n - 1)); \(name) fell from \(text(losses[0])) to \(text(losses[n - 1])) in \(steps) steps",
        zh: "在 \(place(n - 1)) 处 |∇| = \(text(norm))；\(steps) 步内 \(name) 从 \(text(losses[0])) 降到 \(text(losses[n - 1]))"
      )
    ]
    var headline = Phrase(en: "converged", zh: "已收敛")
    if norm == 0 {
      headline = Phrase(en: "converged: the gradient is exactly 0", zh: "已收敛：梯度恰为 0")
    } else if let remaining {
      numbers += [("loss_left", remaining.loss), ("distance_left", remaining.distance)]
      headline = Phrase(
        en: "converged to within \(text(remaining.loss)) of the minimum", zh: "已收敛，离最小值不到 \(text(remaining.loss))")
      evidence.append(
        Phrase(
          en:
            "by the curvature there, \(name) is within \(text(remaining.loss)) of the minimum and the parameters within \(text(remaining.distance))",
          zh: "按那里的曲率估计，\(name) 离最小值不到 \(text(remaining.loss))，参数离最小点不到 \(text(remaining.distance))"))
    }
    if let spectrum = end?.spectrum, spectrum.smallest > 0 {
      evidence.append(
        spectrum.largest > spectrum.smallest * 1.01
          ? Phrase(
            en:
              "every direction leads up (curvatures \(text(spectrum.smallest)) to \(text(spectrum.largest))): a minimum",
            zh: "每个方向都上升（曲率 \(text(spectrum.smallest)) 到 \(text(spectrum.largest))）：是极小点")
          : Phrase(
            en: "the curvature is \(text(spectrum.largest)) > 0: a minimum", zh: "曲率 \(text(spectrum.largest)) > 0：是极小点"
          ))
    }
    return Diagnosis(
      cause: .converged, headline: headline, evidence: evidence)
  }

  // MARK: How it moves

  /// Optimizers whose steps are about as long as the rate, however small the gradient.
  private mutating func circling(_ end: Curvature?) -> Diagnosis? {
    guard momentum == nil, !trace.optimizer.lines.isEmpty else { return nil }
    let moves = moves(12)
    guard moves.count >= 6, reversals >= 0.25 else { return nil }
    let lengths = moves.map(Examination.norm)
    let average = lengths.reduce(0, +) / Double(lengths.count)
    let n = losses.count
    guard average > 0, mean((3 * n / 4)..<n) >= 0.9 * mean((n / 2)..<(3 * n / 4)) else { return nil }
    numbers += [("step_length", average), ("rate", trace.rate)]
    betterRates = [round(trace.rate / 10)]
    return Diagnosis(
      cause: .hovers,
      headline: Phrase(
        en: "circles the minimum: the steps of \(trace.optimizer.name) do not shrink with the gradient",
        zh: "绕着最小点转：\(trace.optimizer.name) 的步长不随梯度变小"),
      evidence: [
        Phrase(
          en:
            "the last steps are \(text(average)) long at a rate of \(text(trace.rate)), and turn round again and again",
          zh: "学习率 \(text(trace.rate)) 下，最后几步长约 \(text(average))，方向反复掉转"),
        Phrase(en: "a rate that shrinks lets it settle", zh: "让学习率逐渐减小，就能停下来"),
      ])
  }

  private mutating func movement(_ end: Curvature?) -> Diagnosis {
    let n = losses.count
    let rate = trace.rate(at: max(0, steps - 1))
    numbers.append(("rate", rate))
    guard let end, let spectrum = end.spectrum, spectrum.largest > 0 else { return onTheWay(nil) }
    let (high, low) = (spectrum.largest, max(spectrum.smallest, 0))
    let product = rate * high
    let turns = reversals
    betterRates = [round(1 / high), round(1.8 / (high + low))]
    guard momentum != nil else { return onTheWay(end) }
    // Along the steepest direction alone: there the pendulum swings while the rest creeps.
    let across = moves(12).map { Examination.dot($0, spectrum.steepest) }
    let swings = zip(across, across.dropFirst()).count { $0 * $1 < 0 }
    let isSwinging = Double(swings) >= 0.6 * Double(max(1, across.count - 1)) && across.count >= 2 && turns > 0
    let condition = low > 0 ? high / low : .infinity
    if end.count > 1, condition >= 10, isSwinging || product >= 0.3 {
      let slowest = low > 0 ? text(1 - rate * low) : "1"
      return Diagnosis(
        cause: .valley,
        headline: isSwinging
          ? Phrase(
            en: "oscillates across a valley with condition number κ = \(text(condition))",
            zh: "在条件数 κ = \(text(condition)) 的狭谷里来回摆动")
          : Phrase(
            en: "creeps along a valley with condition number κ = \(text(condition))",
            zh: "在条件数 κ = \(text(condition)) 的狭谷里缓慢前行"),
        evidence: [
          Phrase(
            en:
              "curvature across λmax = \(text(high)), along λmin = \(text(low)): rate·λmax = \(text(product)) leaves no room for a larger rate (limit 2)",
            zh: "横向曲率 λmax = \(text(high))，纵向 λmin = \(text(low))：学习率·λmax = \(text(product))，已接近上限 2，不能再大"),
          Phrase(
            en: "along the valley each step keeps 1 - rate·λmin = \(slowest) of the distance",
            zh: "沿谷底每一步还剩 1 - 学习率·λmin = \(slowest) 的距离"),
          Phrase(
            en: "momentum, scaled features or newton even the directions out",
            zh: "动量法、特征缩放或 newton 可以让各方向步调一致"),
        ])
    }
    if isSwinging, product > 1 || (momentum?.share ?? 0) > 0 {
      let factor = 1 - product
      let isEdge = (factor.magnitude - 1).magnitude < 0.01
      return Diagnosis(
        cause: .overshoots,
        headline: isEdge
          ? Phrase(
            en: "oscillates without end: the rate \(text(rate)) is exactly at the limit 2/λmax = \(text(2 / high))",
            zh: "无休止地振荡：学习率 \(text(rate)) 正好等于上限 2/λmax = \(text(2 / high))")
          : Phrase(en: "overshoots: every step jumps over the minimum and back", zh: "冲过头：每一步都越过最小点又跳回来"),
        evidence: [
          Phrase(
            en: "λmax = \(text(high)): rate·λmax = \(text(product)), between 1 (arrives at once) and 2 (never)",
            zh: "λmax = \(text(high))：学习率·λmax = \(text(product))，介于 1（一步到位）和 2（永不收敛）之间"),
          Phrase(
            en: "every step multiplies the distance by 1 - rate·λmax = \(text(factor))",
            zh: "每一步把距离乘以 1 - 学习率·λmax = \(text(factor))"),
        ])
    }
    let reach = product / (1 - (momentum?.share ?? 0))
    if reach < 0.3, losses[n - 1] < losses[0] || n == 1 {
      let needed = low > 0 ? 1 / (rate * low) : 1 / (rate * high)
      return Diagnosis(
        cause: .slow,
        headline: Phrase(
          en: "slow: the rate \(text(rate)) is far below what the curvature bears", zh: "太慢：学习率 \(text(rate)) 远小于曲率所允许的"
        ),
        evidence: [
          Phrase(
            en:
              "λmax = \(text(high)): rates up to 2/λmax = \(text(2 / high)) are stable, 1/λmax = \(text(1 / high)) is a good one",
            zh: "λmax = \(text(high))：学习率小于 2/λmax = \(text(2 / high)) 都稳定，1/λmax = \(text(1 / high)) 较合适"),
          Phrase(
            en:
              "now each step keeps \(text(1 - rate * high)) of the distance: about \(shortNumber((2.3 * needed).rounded(.up))) steps for one more digit",
            zh: "现在每一步还剩 \(text(1 - rate * high)) 的距离：多一位精度约需 \(shortNumber((2.3 * needed).rounded(.up))) 步"),
        ])
    }
    return onTheWay(end)
  }

  /// Nothing is wrong but that it was stopped.
  private mutating func onTheWay(_ end: Curvature?) -> Diagnosis {
    let n = losses.count
    var evidence = [
      Phrase(
        en:
          "\(name): \(text(losses[0])) → \(text(losses[n - 1])) in \(steps) steps, |∇| = \(text(trace.gradientNorm(at: n - 1)))",
        zh:
          "\(steps) 步内 \(name)：\(text(losses[0])) → \(text(losses[n - 1]))，|∇| = \(text(trace.gradientNorm(at: n - 1)))"
      )
    ]
    if let remaining = end?.remaining {
      numbers.append(("loss_left", remaining.loss))
      evidence.append(
        Phrase(
          en: "by the curvature there about \(text(remaining.loss)) is left to fall",
          zh: "按那里的曲率估计，还能再降约 \(text(remaining.loss))"))
    }
    betterRates = []
    return Diagnosis(
      cause: .descending,
      headline: Phrase(en: "still on its way down: the steps ran out first", zh: "还在下降途中：只是步数用完了"), evidence: evidence)
  }

  /// One significant digit, downwards: a rate anyone would type.
  private func round(_ rate: Double) -> Double {
    guard rate > 0, rate.isFinite else { return 0 }
    let text = rounded(rate, toSignificant: 1)
    guard text > rate else { return text }
    return rounded(rate * 0.75, toSignificant: 1)
  }
}
