import Foundation
import PackagePlugin

/// Puts text files into the binary, so that it runs alone: the prelude of a target (`Sources/<Target>/Prelude`), for
/// Lessons and Workbench the `lessons` folder and its data. A new file is found by itself.
@main
struct EmbedTexts: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let package = context.package.directoryURL
    let folder =
      switch target.name {
      case "Lessons": package.appending(path: "lessons")
      case "Workbench": package.appending(path: "lessons/data")
      default: package.appending(path: "Sources/\(target.name)/Prelude")
      }
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { ["loss", "md", "csv"].contains($0.pathExtension) }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedTexts.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(files.count) texts in \(target.name)",
        executable: try context.tool(named: "TextEmbedder").url,
        arguments: [output.path] + files.map(\.path), inputFiles: files, outputFiles: [output])
    ]
  }
}
