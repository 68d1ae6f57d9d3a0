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
      throw Unsupported("neither a loss nor an activation")
    } catch {
      return id + "\"unsupported\":" + JSONText.string(error.reason) + "}"
    }
  }
}
