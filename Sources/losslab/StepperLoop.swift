import Markup
import Terminal
import Workbench

/// A descent walked through at the terminal: by single keys where the screen can be redrawn, else page by page.
struct StepperLoop {
  private var stepper: Stepper
  private var settings: Settings
  private var capabilities: Capabilities

  /// No more than this many drawings a second: keys that repeat faster are taken together.
  private static let interval = Duration.seconds(1) / 15

  init(_ stepper: Stepper, _ settings: Settings, _ capabilities: Capabilities) {
    self.stepper = stepper
    self.settings = settings
    self.capabilities = capabilities
  }

  mutating func run(_ theme: Theme) {
    let screen = LiveScreen(theme)
    screen.begin()
    defer { screen.end() }
    screen.draw(stepper.screen(settings))
    var drawn = ContinuousClock.now
    while true {
      var event = screen.next()
      // Everything typed until the next drawing is due belongs to it.
      while true {
        switch event {
        case .key(let key): if !stepper.press(Stepper.Key(key)) { return }
        case .interrupted: return
        case .resized:
          capabilities.measure()
          settings.width = capabilities.width
          settings.height = capabilities.height
        case .nothing: break
        }
        let left = StepperLoop.interval - (ContinuousClock.now - drawn)
        guard left > .zero else { break }
        let milliseconds = Int32(left.components.attoseconds / 1_000_000_000_000_000)
        event = screen.next(milliseconds: milliseconds)
        if event == .nothing { break }
      }
      screen.draw(stepper.screen(settings))
      drawn = ContinuousClock.now
    }
  }

  /// On a terminal that only prints.
  mutating func run(_ output: Output, _ reader: LineReader) {
    while true {
      output.write(stepper.page(settings) + stepper.commands(settings) + StyledText("step> ", .prompt))
      guard case .line(let line) = reader.next(), stepper.command(line) else { return }
    }
  }
}

extension Stepper.Key {
  init(_ key: LiveScreen.Key) {
    switch key {
    case .left: self = .left
    case .right: self = .right
    case .up: self = .up
    case .down: self = .down
    case .home: self = .home
    case .end: self = .end
    case .enter: self = .enter
    case .escape: self = .escape
    case .backspace: self = .backspace
    case .character(let character): self = .character(character)
    }
  }
}
