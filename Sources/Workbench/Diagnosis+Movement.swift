import Descent
import Interpreter
import Markup
import Tensors

/// How a run moves that neither blew up nor stands still: noise, arrival, circles, valleys.
extension Examination {
  // MARK: Noise

  mutating func noise() -> Diagnosis? {
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

  // MARK: It has arrived

  mutating func arrival(_ end: Curvature?) -> Diagnosis? {
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
    let course =
      fallen > 1e-12 * losses[0].magnitude
      ? Phrase(
        en: "\(name) fell from \(text(losses[0])) to \(text(losses[n - 1])) in \(steps) steps",
        zh: "\(steps) 步内 \(name) 从 \(text(losses[0])) 降到 \(text(losses[n - 1]))")
      : Phrase(
        en: "\(name) is \(text(losses[n - 1])), as at the start", zh: "\(name) 为 \(text(losses[n - 1]))，与起点相同")
    var evidence = [
      Phrase(
        en: "|∇| = \(text(norm)) at \(place(n - 1)); \(course.en)",
        zh: "在 \(place(n - 1)) 处 |∇| = \(text(norm))；\(course.zh)")
    ]
    var headline = Phrase(en: "converged", zh: "已收敛")
    if norm == 0 {
      headline = Phrase(en: "converged: the gradient is exactly 0", zh: "已收敛：梯度恰为 0")
    } else if let remaining {
      numbers += [("loss_left", remaining.loss), ("distance_left", remaining.distance)]
      headline = Phrase(
        en: "converged to within about \(text(remaining.loss)) of a minimum", zh: "已收敛，离极小值约 \(text(remaining.loss))")
      evidence.append(
        Phrase(
          en:
            "by the curvature there, \(name) is about \(text(remaining.loss)) above the minimum and the parameters about \(text(remaining.distance)) from it",
          zh: "按那里的曲率估计，\(name) 比极小值高约 \(text(remaining.loss))，参数离极小点约 \(text(remaining.distance))"))
    }
    if let spectrum = end?.spectrum, isBowl(spectrum) {
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
  mutating func circling(_ end: Curvature?) -> Diagnosis? {
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

  mutating func movement(_ end: Curvature?) -> Diagnosis {
    let n = losses.count
    let rate = trace.rate(at: max(0, steps - 1))
    numbers.append(("rate", rate))
    guard let end, let spectrum = end.spectrum, spectrum.largest > 0 else { return onTheWay(nil) }
    let (high, low) = (spectrum.largest, max(spectrum.smallest, 0))
    let product = rate * high
    let turns = reversals
    betterRates = [round(1 / high), round(1.8 / (high + low))]
    guard momentum != nil else { return shortSteps(end) ?? onTheWay(end) }
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
    if reach < 0.3, losses[n - 1] < losses[0] || n == 1 { return slow(end, spectrum, rate) }
    return onTheWay(end)
  }

  /// Newton's method goes where the slope is 0, whether that is up or down.
  func towardsASaddle() -> Diagnosis? {
    guard trace.optimizer.name == "newton", trace.ending != .diverged,
      let spectrum = curvature(at: losses.count - 1)?.spectrum,
      spectrum.smallest < -1e-6 * max(spectrum.largest.magnitude, 1e-300)
    else {
      return nil
    }
    let n = losses.count
    return Diagnosis(
      cause: .saddle,
      headline: Phrase(
        en: "heads for a saddle or a maximum: newton goes where the slope is 0, whether that is down or up",
        zh: "正走向鞍点或极大点：牛顿法只找斜率为 0 的地方，不管是往下还是往上"),
      evidence: [
        Phrase(
          en:
            "at \(place(n - 1)) curvatures are from \(text(spectrum.smallest)) to \(text(spectrum.largest)): along the negative ones its steps lead up",
          zh:
            "在 \(place(n - 1)) 处曲率从 \(text(spectrum.smallest)) 到 \(text(spectrum.largest))：沿负曲率的方向，它的步子是往上走的"),
        Phrase(
          en: "a start where all curvatures are positive, or plain descent, goes down",
          zh: "从曲率全为正的地方开始，或改用普通梯度下降，就会下降"),
      ])
  }

  /// The rate is far below what the curvature bears, where the curvature says anything about the way that is left.
  private mutating func slow(_ end: Curvature, _ spectrum: Curvature.Spectrum, _ rate: Double) -> Diagnosis {
    let (high, low) = (spectrum.largest, max(spectrum.smallest, 0))
    let headline = Phrase(
      en: "slow: the rate \(text(rate)) is far below what the slope bears", zh: "太慢：学习率 \(text(rate)) 远小于坡度所允许的")
    guard isParabolic(end, spectrum) else {
      betterRates = [round(rate * 100), round(rate * 10), round(rate * 3)]
      let norm = trace.gradientNorm(at: losses.count - 1)
      return Diagnosis(
        cause: .slow, headline: headline,
        evidence: [
          Phrase(
            en: "each step is rate·|∇| = \(text(rate * norm)) long, and |∇| is \(text(norm))",
            zh: "每步的长度是 学习率·|∇| = \(text(rate * norm))，其中 |∇| = \(text(norm))"),
          Phrase(
            en:
              "the curvature, \(text(high)) there, changes on the way: it does not say how far it is, nor which rate is the largest",
            zh: "那里的曲率 \(text(high)) 一路在变：由它看不出还有多远，也看不出学习率最大能取多少"),
        ])
    }
    let needed = 1 / (rate * (low > 0 ? low : high))
    let along = end.count > 1
    return Diagnosis(
      cause: .slow,
      headline: Phrase(
        en: "slow: the rate \(text(rate)) is far below what the curvature bears", zh: "太慢：学习率 \(text(rate)) 远小于曲率所允许的"),
      evidence: [
        Phrase(
          en:
            "λmax = \(text(high)): rates up to 2/λmax = \(text(2 / high)) are stable, 1/λmax = \(text(1 / high)) is a good one",
          zh: "λmax = \(text(high))：学习率小于 2/λmax = \(text(2 / high)) 都稳定，1/λmax = \(text(1 / high)) 较合适"),
        Phrase(
          en:
            "now each step keeps \(text(1 - rate * high)) of the distance\(along ? " along the steepest direction" : ""): about \(shortNumber((2.3 * needed).rounded(.up))) steps for one more digit\(along ? " in all" : "")",
          zh:
            "现在每一步\(along ? "在最陡方向上" : "")还剩 \(text(1 - rate * high)) 的距离：\(along ? "各方向" : "")多一位精度约需 \(shortNumber((2.3 * needed).rounded(.up))) 步"
        ),
      ])
  }

  /// Whether the slope one step of 1/λmax further on is what the parabola that fits here says it is.
  private func isParabolic(_ end: Curvature, _ spectrum: Curvature.Spectrum) -> Bool {
    guard let values = trace.entry(losses.count - 1)?.values, let image = end.product(end.gradient) else {
      return false
    }
    var offset = 0
    let further = values.map { value -> Tensor in
      defer { offset += value.count }
      let moved = value.elements.enumerated().map { $1 - end.gradient[offset + $0] / spectrum.largest }
      return Tensor(shape: value.shape, elements: moved)
    }
    guard let there = Curvature(trace.descent, at: further, budget: budget) else { return false }
    let promised = zip(end.gradient, image).map { $0 - $1 / spectrum.largest }
    let error = Examination.norm(zip(promised, there.gradient).map { $0 - $1 })
    return error <= 0.3 * Examination.norm(end.gradient)
  }

  /// Optimizers whose steps are about as long as the rate, with far more to go than that takes them.
  private mutating func shortSteps(_ end: Curvature) -> Diagnosis? {
    guard !trace.optimizer.lines.isEmpty, let remaining = end.remaining, reversals < 0.25, steps >= 5 else {
      return nil
    }
    let moves = moves(12)
    let length = moves.reduce(0) { $0 + Examination.norm($1) / Double(max(1, moves.count)) }
    let rate = trace.rate(at: steps - 1)
    guard length > 0, remaining.distance > 2 * length * Double(steps) else { return nil }
    numbers += [("step_length", length), ("distance_left", remaining.distance)]
    let wanted = rate * remaining.distance / (length * Double(steps))
    betterRates = [round(3 * wanted), round(wanted), round(10 * wanted)]
    return Diagnosis(
      cause: .slow,
      headline: Phrase(
        en: "slow: steps of \(text(length)), and about \(text(remaining.distance)) to go",
        zh: "太慢：每步只走 \(text(length))，而还有约 \(text(remaining.distance)) 要走"),
      evidence: [
        Phrase(
          en: "the steps of \(trace.optimizer.name) are set by its rate, \(text(rate)), rather than by the slope",
          zh: "\(trace.optimizer.name) 的步长由学习率 \(text(rate)) 决定，而不是由坡度决定"),
        Phrase(
          en: "at this pace about \(shortNumber((remaining.distance / length).rounded(.up), digits: 3)) steps are left",
          zh: "照这样还要约 \(shortNumber((remaining.distance / length).rounded(.up), digits: 3)) 步"),
      ])
  }

  /// Whether the curvature accounts for the fall: near an inflection, or at the bottom of a fourth power, it is positive
  /// without saying that there is a minimum.
  private func isBowl(_ spectrum: Curvature.Spectrum) -> Bool {
    guard spectrum.smallest > 0, let first = trace.entry(0), let last = trace.entry(losses.count - 1) else {
      return false
    }
    let distance = Examination.norm(zip(flat(first.values), flat(last.values)).map { $1 - $0 })
    return spectrum.smallest * distance * distance >= 1e-6 * (losses[0] - losses[losses.count - 1]).magnitude
  }

  /// Nothing is wrong but that it was stopped.
  mutating func onTheWay(_ end: Curvature?) -> Diagnosis {
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
    let lowest = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    let isLower = losses[n - 1] < losses[0] || n == 1
    return Diagnosis(
      cause: .descending,
      headline: isLower
        ? Phrase(en: "still on its way down: the steps ran out first", zh: "还在下降途中：只是步数用完了")
        : Phrase(
          en:
            "no lower than at the start when the steps ran out; lowest at step \(lowest), \(name) = \(text(losses[lowest]))",
          zh: "步数用完时并不比起点低；最低在第 \(lowest) 步，\(name) = \(text(losses[lowest]))"),
      evidence: evidence)
  }
}
