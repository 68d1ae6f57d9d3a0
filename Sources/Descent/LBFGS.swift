import Syntax

/// Limited-memory BFGS (Nocedal, 1980): the two-loop recursion over the last steps and changes of the gradient, which
/// stand in for the second derivatives. The first step is as long as min(1, 1/|g|₁) allows, as in torch.optim.LBFGS.
struct LBFGS: Method {
  private let memory: Int
  private var steps: [[Double]] = []
  private var changes: [[Double]] = []
  private var lastGradient: [Double] = []
  private var lastStep: [Double] = []
  private var scale = 1.0

  init(_ chosen: ChosenRule) { memory = Int(min(max(chosen.number("history_size"), 1), 1000)) }

  func footprint(_ count: Int) -> Int { (2 * memory + 2) * count }

  mutating func move(
    _ step: Int, from row: UnsafePointer<Double>, gradient: UnsafePointer<Double>, loss: Double,
    to next: UnsafeMutablePointer<Double>, count: Int, rate: Double,
    objective: (UnsafePointer<Double>) throws(Diagnostic) -> Double
  ) throws(Diagnostic) {
    let g = Array(UnsafeBufferPointer(start: gradient, count: count))
    // A gradient of nothing: there is nowhere to go, and 0/0 below.
    guard g.contains(where: { $0.magnitude > 1e-7 }) else {
      next.update(from: row, count: count)
      return
    }
    if !lastGradient.isEmpty { learn(g) }
    let direction = lastGradient.isEmpty ? g.map { -$0 } : recursion(g)
    let length = lastGradient.isEmpty ? min(1, 1 / g.reduce(0) { $0 + $1.magnitude }) * rate : rate
    lastGradient = g
    lastStep = direction.map { $0 * length }
    for index in 0..<count { next[index] = row[index] + lastStep[index] }
  }

  private mutating func learn(_ g: [Double]) {
    let change = zip(g, lastGradient).map { $0 - $1 }
    let curvature = dot(change, lastStep)
    guard curvature > 1e-10 else { return }
    if steps.count == memory {
      steps.removeFirst()
      changes.removeFirst()
    }
    steps.append(lastStep)
    changes.append(change)
    scale = curvature / dot(change, change)
  }

  private func recursion(_ g: [Double]) -> [Double] {
    var q = g.map { -$0 }
    var shares = [Double](repeating: 0, count: steps.count)
    for index in steps.indices.reversed() {
      shares[index] = dot(steps[index], q) / dot(changes[index], steps[index])
      for k in q.indices { q[k] -= shares[index] * changes[index][k] }
    }
    for k in q.indices { q[k] *= scale }
    for index in steps.indices {
      let share = shares[index] - dot(changes[index], q) / dot(changes[index], steps[index])
      for k in q.indices { q[k] += share * steps[index][k] }
    }
    return q
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }
}
