import Markup
import Terminal
import Workbench

/// A descent walked through at the terminal: by single keys where the screen can be redrawn, else page by page.
struct StepperLoop {
  private var stepper: Stepper
  private var settings: Settings
  private var capabilities: Capabilities

  init(_ stepper: Stepper, _ settings: Settings, _ capabilities: Capabilities) {
    self.stepper = stepper
    self.settings = settings
    self.capabilities = capabilities
  }

  mutating func run(_ theme: Theme, _ keyboard: Keyboard) {
    let screen = LiveScreen(theme, keyboard)
    screen.begin()
    defer { screen.end() }
    while true {
      switch screen.next({ stepper.screen(settings) }) {
      case .key(let key): if !stepper.press(Stepper.Key(key)) { return }
      case .interrupted: return
      case .resized:
        capabilities.measure()
        settings.width = capabilities.width
        settings.height = capabilities.height
      }
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
