import Workbench

/// Why a case cannot be computed.
struct Unsupported: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// One case of a file, whatever it is of.
enum Case {
  /// One line of JSON; never fails.
  static func answer(_ json: JSON) -> String {
    let id = "{\"id\":" + JSONText.string(json["id"]?.text ?? "") + ","
    do throws(Unsupported) {
      if json["loss"]?.text != nil { return id + (try LossCase(json).answer()) + "}" }
      if json["activation"]?.text != nil { return id + (try ActivationCase(json).answer()) + "}" }
      if json["schedule"]?.text != nil { return id + (try ScheduleCase(json).answer()) + "}" }
      if json["optimizer"]?.text != nil { return id + (try TrajectoryCase(json).answer()) + "}" }
      throw Unsupported("neither a loss, an activation, a schedule nor an optimizer")
    } catch {
      return id + "\"unsupported\":" + JSONText.string(error.reason) + "}"
    }
  }
}
