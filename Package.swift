// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "losslab",
  targets: [
    .target(name: "Markup"),
    .testTarget(name: "MarkupTests", dependencies: ["Markup"]),
  ],
  swiftLanguageModes: [.v6]
)
