import Markup
import Synchronization
import Tensors
import Terminal
import Workbench

/// The line under a typed one while its descent takes long: drawn from the second second on, at most fifteen times a
/// second, and gone when the result comes.
final class ProgressLine: Sendable {
  private struct State {
    var curve = ProgressCurve()
    var started: ContinuousClock.Instant?
    var drawn: ContinuousClock.Instant?
  }

  private static let patience = Duration.seconds(1)
  private static let interval = Duration.seconds(1) / 15

  private let state = Mutex(State())
  private let settings: Settings
  private let output: Output

  init(_ settings: Settings, _ output: Output) {
    self.settings = settings
    self.output = output
  }

  func report(_ progress: Progress) {
    state.withLock { state in
      let now = ContinuousClock.now
      if state.curve.isAnother(progress) {
        state.curve = ProgressCurve()
        state.started = now
      }
      let started = state.started ?? now
      state.started = started
      state.curve.add(progress)
      let elapsed = now - started
      guard elapsed > ProgressLine.patience, state.drawn.map({ now - $0 > ProgressLine.interval }) ?? true else {
        return
      }
      state.drawn = now
      let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
      output.redrawLine(state.curve.line(seconds: seconds, settings))
    }
  }

  /// Takes the line off the screen.
  func clear() {
    state.withLock { state in
      if state.drawn != nil { output.redrawLine(StyledText()) }
      state = State()
    }
  }
}
