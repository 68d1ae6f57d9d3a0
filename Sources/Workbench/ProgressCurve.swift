import Glibc
import Markup
import Plots
import Tensors

/// How a long descent is going, on one line: steps, loss, the losses so far as a small curve, the time left.
package struct ProgressCurve: Sendable {
  /// Columns of the curve.
  private static let width = 20

  private var losses: [Double] = []
  /// Every how many reports one is kept: doubles when the curve is full.
  private var stride = 1
  private var count = 0
  private var latest: Progress?

  package init() {}

  /// Whether a report belongs to another descent than those before.
  package func isAnother(_ progress: Progress) -> Bool { latest.map { progress.step < $0.step } ?? false }

  package mutating func add(_ progress: Progress) {
    latest = progress
    if count % stride == 0 { losses.append(progress.loss) }
    count += 1
    guard losses.count >= 2 * ProgressCurve.width else { return }
    losses = losses.indices.filter { $0 % 2 == 0 }.map { losses[$0] }
    stride *= 2
  }

  /// - Parameter seconds: since the first step.
  package func line(seconds: Double, _ settings: Settings) -> StyledText {
    guard let latest else { return StyledText() }
    var text = StyledText(" ")
    text.append(Phrase(en: "step ", zh: "第 ")[settings.language], .dim)
    text.append("\(latest.step)", .number)
    text.append(Phrase(en: "/\(latest.total)", zh: "/\(latest.total) 步")[settings.language], .dim)
    text.append(Phrase(en: "  loss ", zh: "  损失 ")[settings.language], .dim)
    text.append(loss(latest.loss), .number)
    text.append(" " + curve(ascii: settings.glyphs == .ascii) + "  ", .series(0))
    if latest.step > 0 {
      let left = seconds * Double(latest.total - latest.step) / Double(latest.step)
      text.append(ProgressCurve.duration(left)[settings.language], .plain)
    }
    text.append(Phrase(en: "  Ctrl-C keeps them", zh: "  Ctrl-C 停止并保留")[settings.language], .dim)
    return text.truncated(to: settings.width - 1, ellipsis: settings.glyphs == .ascii ? "~" : "…")
  }

  /// Of one width: digits that come and go would make the line jump.
  private func loss(_ value: Double) -> String {
    let text = PictureNumber.text(value)
    return text + String(repeating: " ", count: max(0, 10 - text.count))
  }

  /// The losses as bars of eight heights; by their logarithms where all are positive.
  private func curve(ascii: Bool) -> String {
    let values = losses.allSatisfy { $0 > 0 } ? losses.map { log($0) } : losses
    guard let low = values.min(), let high = values.max(), high > low else { return "" }
    let marks = Array(ascii ? "_.-=^" : "▁▂▃▄▅▆▇█")
    let step = max(1, (values.count + ProgressCurve.width - 1) / ProgressCurve.width)
    return String(
      Swift.stride(from: 0, to: values.count, by: step).map { index in
        marks[Int(((values[index] - low) / (high - low) * Double(marks.count - 1)).rounded())]
      })
  }

  private static func duration(_ seconds: Double) -> Phrase {
    guard seconds.isFinite, seconds < 360_000 else { return Phrase(en: "long to go", zh: "还要很久") }
    let whole = Int(seconds.rounded(.up))
    if whole < 100 { return Phrase(en: "\(whole) s left", zh: "还剩 \(whole) 秒") }
    if whole < 6000 { return Phrase(en: "\((whole + 30) / 60) min left", zh: "还剩 \((whole + 30) / 60) 分钟") }
    return Phrase(en: "\((whole + 1800) / 3600) h left", zh: "还剩 \((whole + 1800) / 3600) 小时")
  }
}
