import Interpreter
import Markup
import Syntax
import Tensors

extension Descent {
  /// Numbers a trace may keep: rows and gradients together. Beyond, it keeps every second row, or every fourth ….
  private static let limit = 1 << 23
  /// The same for wide rows, where writing memory for the first time costs more than the step.
  private static let wideLimit = 1 << 18
  /// Numbers that the memories of a method may hold along a trace.
  private static let memoryLimit = 1 << 20
  /// Above this many elements |∇| is only taken where someone asks for it.
  private static let normLimit = 4096

  /// Makes the steps. Whatever ends it, everything recorded so far is kept and finite.
  package func run(_ budget: Budget) throws(Diagnostic) -> Trace {
    let wantsNorm = elementCount <= Descent.normLimit || stop.gradient != nil
    // First a guess at the width of a row, then the real one.
    let total = steps + 1
    let keepsGradients = total <= Descent.limit && elementCount * total <= Descent.wideLimit * 8 && elementCount <= 256
    let runner = try Runner(self, wantsGradients: keepsGradients, wantsNorm: wantsNorm, budget: budget)
    let width = runner.rowWidth + (keepsGradients ? elementCount : 0)
    let allowed = (width > 64 ? Descent.wideLimit : Descent.limit) / max(width, 1)
    var stride = 1
    while (total + stride - 1) / stride > max(allowed, 8) { stride *= 2 }
    var memoryStride = stride
    let footprint = runner.method?.footprint(elementCount) ?? 0
    if footprint > 0 {
      while (total + memoryStride - 1) / memoryStride > max(Descent.memoryLimit / footprint, 8) { memoryStride *= 2 }
    }
    let memories = Memories(stride: footprint > 0 ? memoryStride : nil)
    return try stride == 1
      ? recorded(runner, keepsGradients: keepsGradients, memories, budget)
      : thinned(runner, stride: stride, memories, budget)
  }

  /// Every row is kept: a step reads a row and writes the one below.
  private func recorded(
    _ runner: Runner, keepsGradients: Bool, _ memories: Memories, _ budget: Budget
  ) throws(Diagnostic) -> Trace {
    var memories = memories
    let (width, gradientWidth) = (runner.rowWidth, runner.gradientWidth)
    // Reserved for all steps; the system gives memory as it is written. Written where it stays: a copy of a million rows
    // would need their memory twice.
    var made = Recording(entries: 0, ending: .completed)
    var failure: Diagnostic?
    var (gradients, losses, norms): ([Double], [Double], [Double]) = ([], [], [])
    let rows = filled((steps + 2) * width) { rows in
      gradients = filled(keepsGradients ? (steps + 1) * gradientWidth : 0) { gradients in
        losses = filled(steps + 1) { losses in
          norms = filled(runner.hasNorm ? steps + 1 : 0) { norms in
            do throws(Diagnostic) {
              made = try record(
                runner, rows: rows, gradients: keepsGradients ? gradients : nil, losses: losses, norms: norms,
                &memories, budget)
            } catch {
              failure = error
            }
            return runner.hasNorm ? made.entries : 0
          }
          return made.entries
        }
        return keepsGradients ? made.entries * gradientWidth : 0
      }
      return made.entries * width
    }
    if let failure { throw failure }
    return trace(
      runner, made.ending, memories, stride: 1, losses: losses, norms: norms, rows: rows, gradients: gradients)
  }

  private struct Recording {
    var entries: Int
    var ending: Trace.Ending
  }

  /// An array whose memory `body` writes, and of which it says how much it has written.
  private func filled(_ capacity: Int, _ body: (UnsafeMutablePointer<Double>) -> Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: max(capacity, 1)) { buffer, count in
      if let base = buffer.baseAddress { count = body(base) }
    }
  }

  private func record(
    _ runner: Runner, rows: UnsafeMutablePointer<Double>, gradients: UnsafeMutablePointer<Double>?,
    losses: UnsafeMutablePointer<Double>, norms: UnsafeMutablePointer<Double>, _ memories: inout Memories,
    _ budget: Budget
  ) throws(Diagnostic) -> Recording {
    let (width, gradientWidth) = (runner.rowWidth, runner.gradientWidth)
    runner.begin(rows)
    var judge = Judge(self, runner)
    var entry = 0
    var ending: Trace.Ending?
    var movements = [Double](repeating: 0, count: Runner.stretch)
    while ending == nil {
      let row = rows + entry * width
      let gradient = gradients.map { $0 + entry * gradientWidth }
      let count = runner.isStraight ? min(Runner.stretch, steps + 1 - entry) : 1
      if runner.isStraight {
        runner.stretch(
          from: entry, count: count, row: row, loss: losses + entry, gradient: gradient,
          squaredNorm: runner.hasNorm ? norms + entry : nil, squaredMovement: &movements)
      } else {
        memories.keep(runner.method, at: entry)
        do {
          try runner.step(entry, from: row, to: row + width, loss: losses + entry, gradient: gradient)
        } catch {
          // Nothing to keep, or something that more steps would not have changed.
          guard runner.wasStopped, entry > 0 else { throw error }
          ending = .interrupted
          break
        }
        if runner.hasNorm { norms[entry] = runner.squaredNorm }
        movements[0] = runner.squaredMovement
      }
      for index in 0..<count where ending == nil {
        let squaredNorm = runner.hasNorm ? norms[entry] : 0
        ending = judge.ending(
          after: entry, loss: losses[entry], squaredNorm: squaredNorm, squaredMovement: movements[index], budget)
        if runner.hasNorm { norms[entry] = squaredNorm.squareRoot() }
        if ending != .diverged { entry += 1 }
      }
    }
    return Recording(entries: entry, ending: ending ?? .completed)
  }

  /// Every `stride`-th row is kept: the step before it writes it where it stays. The others are one row that steps move
  /// in place, or two in turn.
  private func thinned(
    _ runner: Runner, stride: Int, _ memories: Memories, _ budget: Budget
  ) throws(Diagnostic) -> Trace {
    var memories = memories
    let width = runner.rowWidth
    // A multiple of eight apart, so that both begin a cache line.
    let pitch = (width + 7) / 8 * 8
    let memory = UnsafeMutableRawPointer.allocate(byteCount: pitch * 2 * 8, alignment: 64)
      .bindMemory(to: Double.self, capacity: pitch * 2)
    let losses = UnsafeMutablePointer<Double>.allocate(capacity: steps + 1)
    let norms = UnsafeMutablePointer<Double>.allocate(capacity: runner.hasNorm ? steps + 1 : 1)
    defer {
      memory.deallocate()
      losses.deallocate()
      norms.deallocate()
    }
    let inPlace = runner.mayMoveInPlace
    var judge = Judge(self, runner)
    var entry = 0
    var ending: Trace.Ending?
    var failure: Diagnostic?
    // One row more than are kept: the last step writes behind the last entry.
    let kept = [Double](unsafeUninitializedCapacity: (steps / stride + 2) * width) { rows, count in
      guard let kept = rows.baseAddress else { return }
      runner.begin(kept)
      var row = kept
      while ending == nil {
        memories.keep(runner.method, at: entry)
        let next = entry + 1
        let target =
          next % stride == 0
          ? kept + next / stride * width : row == memory ? (inPlace ? memory : memory + pitch) : memory
        do throws(Diagnostic) {
          try runner.step(entry, from: row, to: target, loss: losses + entry, gradient: nil)
        } catch {
          // Nothing to keep, or something that more steps would not have changed.
          if !runner.wasStopped || entry == 0 { failure = error }
          ending = .interrupted
          break
        }
        if runner.hasNorm { norms[entry] = runner.squaredNorm.squareRoot() }
        ending = judge.ending(
          after: entry, loss: losses[entry], squaredNorm: runner.hasNorm ? runner.squaredNorm : 0,
          squaredMovement: runner.squaredMovement, budget)
        if ending != .diverged { entry += 1 }
        row = target
      }
      count = (entry + stride - 1) / stride * width
    }
    if let failure { throw failure }
    return trace(
      runner, ending ?? .completed, memories, stride: stride, losses: array(losses, entry),
      norms: runner.hasNorm ? array(norms, entry) : [], rows: kept, gradients: [])
  }

  private func array(_ pointer: UnsafePointer<Double>, _ count: Int) -> [Double] {
    Array(UnsafeBufferPointer(start: pointer, count: count))
  }

  private func trace(
    _ runner: Runner, _ ending: Trace.Ending, _ memories: Memories, stride: Int, losses: [Double], norms: [Double],
    rows: [Double],
    gradients: [Double]
  ) -> Trace {
    let parameterCount = runner.parameters.count
    return Trace(
      descent: self,
      learned: runner.parameters.enumerated().map {
        Trace.Piece(name: $1.name, parameter: $1.parameter, shape: $1.shape, offset: runner.offsets[$0])
      },
      kept: runner.states.enumerated().map {
        Trace.Piece(
          name: $1.name, parameter: $1.parameter, isOfSchedule: $1.isOfSchedule, shape: $1.shape,
          offset: runner.offsets[parameterCount + $0])
      },
      losses: losses, norms: norms, ending: ending, memories: memories.kept, memoryStride: memories.stride ?? 1,
      rowWidth: runner.rowWidth, stride: stride, rows: rows, gradientRows: gradients)
  }
}

/// Copies of a method on its way, so that its steps can be made again from nearby.
private struct Memories {
  /// Every how many entries one is kept; nil for methods that remember nothing.
  let stride: Int?
  private(set) var kept: [any Method] = []

  init(stride: Int?) { self.stride = stride }

  mutating func keep(_ method: (any Method)?, at entry: Int) {
    if let stride, let method, entry % stride == 0 { kept.append(method) }
  }
}

/// Decides after each step whether it was the last.
private struct Judge {
  private let steps: Int
  private let stop: Descent.Stop
  /// Steps between two looks at the clock: what a step of few numbers costs is less than the look.
  private let patience: Int
  private var lastLoss = Double.nan

  init(_ descent: Descent, _ runner: Runner) {
    steps = descent.steps
    stop = descent.stop
    patience = runner.rowWidth <= 64 ? 255 : 0
  }

  mutating func ending(
    after entry: Int, loss: Double, squaredNorm: Double, squaredMovement: Double, _ budget: Budget
  ) -> Trace.Ending? {
    guard loss.isFinite, squaredNorm.isFinite else { return .diverged }
    if let tolerance = stop.gradient, squaredNorm.squareRoot() <= tolerance {
      return .converged(.gradient, tolerance: tolerance)
    }
    if let tolerance = stop.loss, (loss - lastLoss).magnitude <= tolerance {
      return .converged(.loss, tolerance: tolerance)
    }
    if let tolerance = stop.step, squaredMovement.squareRoot() <= tolerance {
      return .converged(.step, tolerance: tolerance)
    }
    lastLoss = loss
    if entry == steps { return .completed }
    if entry & patience == 0 {
      do {
        try budget.check()
      } catch {
        return .interrupted
      }
      budget.report?(Progress(step: entry, total: steps, loss: loss))
    }
    return nil
  }
}
