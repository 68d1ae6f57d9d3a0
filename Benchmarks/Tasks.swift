/// Every measurement by its name. A family of tasks is a file, and a line here.
enum Tasks {
  /// What one task does: it measures and prints through the harness.
  typealias Task = (name: String, run: @Sendable (Harness) -> Void)

  static let table: [Task] = LossTasks.all + TrainingTasks.all + ProgramTasks.all + PromptTasks.all
  static var names: [String] { table.map(\.name) }

  /// Runs the named tasks, or all; false if a name is not known.
  static func run(_ wanted: [String], threads: Int) -> Bool {
    if let unknown = wanted.first(where: { !names.contains($0) }) {
      Harness.complain("no task \(unknown); there are: \(names.joined(separator: " "))")
      return false
    }
    for task in table where wanted.isEmpty || wanted.contains(task.name) {
      task.run(Harness(task: task.name, threads: threads))
    }
    return true
  }
}
