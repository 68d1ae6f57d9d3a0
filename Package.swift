// swift-tools-version: 6.2
import PackageDescription

// The loops of these targets run a million times a second; their classes are used by one thread, and the check that no
// property is read while it is written costs a fifth of a step. Debug builds and tests keep it.
let hot: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

// The layers of the house: imports run downward only, and targets (unlike folders) enforce it. Every import is named as
// a dependency: what is only reached through others is not rebuilt with them.
let package = Package(
  name: "losslab",
  products: [
    .executable(name: "losslab", targets: ["losslab"]), .executable(name: "benchmarks", targets: ["benchmarks"]),
    .executable(name: "conformance", targets: ["conformance"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // MARK: 5  the command line
    .executableTarget(
      name: "losslab",
      dependencies: [
        "Terminal", "Lessons", "Workbench", "Markup", "Files", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .executableTarget(
      name: "benchmarks", dependencies: ["Workbench", "Interpreter", "Syntax", "Tensors", "PseudoTerminal"],
      path: "Benchmarks"),
    // Figures of other libraries, computed here; a tool of the builders.
    .executableTarget(name: "conformance", dependencies: ["Workbench", "Descent"]),

    // MARK: 4  lessons over a session; the terminal over libedit
    .target(
      name: "Lessons", dependencies: ["Workbench", "Descent", "Interpreter", "Syntax", "Tensors", "Markup", "Files"],
      plugins: ["EmbedTexts"]),
    .target(name: "Terminal", dependencies: ["Markup", "Files", "CEditLine"]),

    // MARK: 3  one session, without input or output
    .target(
      name: "Workbench",
      dependencies: [
        "Losses", "Descent", "Plots", "Notation", "Interpreter", "Graphs", "Syntax", "Tensors", "Markup", "Files",
      ],
      plugins: ["EmbedTexts"]),

    // MARK: 2  what a learner computes with
    .target(
      name: "Losses", dependencies: ["Interpreter", "Syntax", "Markup"], exclude: ["Prelude"], plugins: ["EmbedTexts"]),
    .target(
      name: "Descent", dependencies: ["Interpreter", "Graphs", "Syntax", "Tensors", "Markup"], exclude: ["Prelude"],
      swiftSettings: hot, plugins: ["EmbedTexts"]),
    .target(name: "Notation", dependencies: ["Interpreter", "Graphs", "Syntax", "Tensors", "Markup"]),
    .target(name: "Interpreter", dependencies: ["Syntax", "Graphs", "Tensors", "Markup"]),

    // MARK: 1  the expression graph, the text of the language, pictures
    .target(name: "Graphs", dependencies: ["Tensors", "CKernels"], swiftSettings: hot),
    .target(name: "Syntax", dependencies: ["Markup", "CStack"]),
    .target(name: "Plots", dependencies: ["Markup"]),

    // MARK: 0  numbers, styled text, files, C
    .target(name: "Tensors", dependencies: ["CKernels"]),
    .target(name: "Markup"),
    .target(name: "Files"),
    // -O3 in debug too: interpreted kernels would make the tests 45 times slower.
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
    .target(name: "CStack"),
    .target(name: "CEditLine", linkerSettings: [.linkedLibrary("edit")]),

    // MARK: Building: texts into the binary
    .executableTarget(name: "TextEmbedder"),
    .plugin(name: "EmbedTexts", capability: .buildTool(), dependencies: ["TextEmbedder"]),

    // MARK: Tests
    .target(name: "PseudoTerminal", path: "Tests/PseudoTerminal"),
    .testTarget(name: "MarkupTests", dependencies: ["Markup"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels"]),
    .testTarget(name: "SyntaxTests", dependencies: ["Syntax"]),
    .testTarget(name: "GraphsTests", dependencies: ["Graphs", "Tensors", "CKernels"]),
    .testTarget(name: "PlotsTests", dependencies: ["Plots"], exclude: ["Screens"]),
    .testTarget(name: "InterpreterTests", dependencies: ["Interpreter"]),
    .testTarget(
      name: "LossesTests", dependencies: ["Losses", "Descent", "Workbench", "conformance"],
      exclude: ["conformance.json"]),
    .testTarget(
      name: "DescentTests", dependencies: ["Descent", "Workbench", "conformance"],
      exclude: ["trajectories.json", "schedules.json"]),
    .testTarget(name: "WorkbenchTests", dependencies: ["Workbench"]),
    .testTarget(name: "LessonsTests", dependencies: ["Lessons", "Workbench"]),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal", "PseudoTerminal"]),
    .testTarget(name: "losslabTests", dependencies: ["losslab", "PseudoTerminal"]),
  ],
  swiftLanguageModes: [.v6]
)
