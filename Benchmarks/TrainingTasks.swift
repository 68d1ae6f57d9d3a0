import Descent
import Glibc
import Interpreter
import Syntax
import Tensors
import Workbench

/// `gd_…`: whole descents as a learner types them, per step: tracing, compiling, every step and its recording.
enum TrainingTasks {
  private struct Task {
    let name: String
    let steps: Int
    /// The mean of so many last losses is the figure that everyone's must agree with.
    let last: Int
    /// Names of the data and the shapes of their parts, in the order of the file; indices are 32-bit integers.
    let file: String?
    let parts: [(name: String, shape: [Int], isIndex: Bool)]
    let before: [String]
    let descent: String
  }

  static let all: [Tasks.Task] = tasks.map { task in (task.name, { run(task, $0) }) }

  private static let digits: [(name: String, shape: [Int], isIndex: Bool)] = [
    ("X", [1797, 64], false), ("y", [1797], true),
  ]

  private static let tasks: [Task] = [
    Task(
      name: "gd_scalar", steps: 100_000, last: 1, file: nil, parts: [], before: ["L(w) = (w - 3)^2"],
      descent: "descend(L, w=0, rate=1e-4, steps=100000)"),
    Task(
      name: "gd_linreg_1000x10", steps: 10_000, last: 1, file: "linreg",
      parts: [("X", [1000, 10], false), ("y", [1000], false)], before: ["L(w, b) = mse(X @ w + b, y)"],
      descent: "descend(L, w=zeros(10), b=0, rate=0.05, steps=10000)"),
    Task(
      name: "gd_logreg_100000x20", steps: 100, last: 1, file: "logreg",
      parts: [("X", [100_000, 20], false), ("y", [100_000], false)], before: ["L(w, b) = bce_logits(X @ w + b, y)"],
      descent: "descend(L, w=zeros(20), b=0, rate=1, steps=100)"),
    Task(
      name: "gd_softmax_1797x64x10", steps: 500, last: 1, file: "digits", parts: digits,
      before: ["L(W, b) = cross_entropy_logits(X @ W + b, y)"],
      descent: "descend(L, W=zeros(64, 10), b=zeros(10), rate=0.5, steps=500)"),
    Task(
      name: "gd_mlp_64_32_10_adam_b32", steps: 560, last: 56, file: "mlp",
      parts: [("W1", [64, 32], false), ("W2", [32, 10], false), ("order", [560, 32], true)],
      before: ["L(W1, b1, W2, b2, x, t) = cross_entropy_logits(relu(x @ W1 + b1) @ W2 + b2, t)"],
      descent:
        "descend(L, W1=W1, b1=zeros(32), W2=W2, b2=zeros(10), data=batches(X, y, order=order), rate=1e-3, steps=560, with=adam)"
    ),
    Task(
      name: "gd_cnn_8x8_b32", steps: 280, last: 56, file: "cnn",
      parts: [("K", [8, 1, 3, 3], false), ("W", [128, 10], false), ("order", [280, 32], true)],
      before: [
        "features(x, K, k) = maxpool2d(relu(conv2d(reshape(x, 32, 1, 8, 8), K, k, padding=1)))",
        "L(K, k, W, b, x, t) = cross_entropy_logits(reshape(features(x, K, k), 32, 128) @ W + b, t)",
      ],
      descent:
        "descend(L, K=K, k=zeros(8), W=W, b=zeros(10), data=batches(X, y, order=order), rate=0.1, steps=280)"),
    Task(
      name: "gd_rnn_v200_h32_l20_b32", steps: 186, last: 62, file: "rnn",
      parts: [
        ("T", [2000, 21], true), ("E", [200, 32], false), ("Wx", [32, 32], false), ("Wh", [32, 32], false),
        ("Wo", [32, 200], false), ("order", [186, 32], true),
      ],
      before: [
        "inputs(E, Wx, b, s) = reshape(E[flatten(transpose(s[:, 1..20])), :] @ Wx + b, 20, 32, 32)",
        "states(E, Wx, Wh, b, s) = scan((h, x) -> tanh(x + h @ Wh), inputs(E, Wx, b, s), zeros(32, 32))",
        "L(E, Wx, Wh, b, Wo, c, s) = cross_entropy_logits(reshape(states(E, Wx, Wh, b, s), 640, 32) @ Wo + c, flatten(transpose(s[:, 2..21])))",
      ],
      descent:
        "descend(L, E=E, Wx=Wx, Wh=Wh, b=zeros(32), Wo=Wo, c=zeros(200), data=batches(T, order=order), rate=3e-3, steps=186, with=adam)"
    ),
    Task(
      name: "gd_mf_943x1682_r16_b1024", steps: 485, last: 97, file: "mf",
      parts: [
        ("u", [100_000], true), ("v", [100_000], true), ("r", [100_000], false), ("U", [943, 16], false),
        ("V", [1682, 16], false), ("order", [485, 1024], true),
      ],
      before: ["L(U, V, i, j, r) = mse(sum(U[i,:] * V[j,:], axis=2), r)"],
      descent: "descend(L, U=U, V=V, data=batches(u, v, r, order=order), rate=20, steps=485)"),
  ]

  private static func run(_ task: Task, _ harness: Harness) {
    var session = harness.session()
    if let file = task.file {
      let usesDigits = ["mlp", "cnn"].contains(file)
      if usesDigits { define(digits, from: "digits", harness, &session) }
      define(task.parts, from: file, harness, &session)
    }
    harness.submit(task.before, to: &session)
    let seconds: Double
    do {
      seconds = try harness.median(budget: 1.5) { () throws(Diagnostic) in try session.evaluate(task.descent) }
    } catch {
      harness.fail(error.message.en)
    }
    guard let value = session.submit(task.descent).value, case .object(let object) = value,
      case .tensor(let losses)? = object.field("loss")
    else { harness.fail("no trace") }
    let counted = losses.elements[(task.steps - task.last)..<task.steps]
    harness.report(
      n: task.steps, seconds: seconds / Double(task.steps),
      more: ",\"final_loss\":\(counted.reduce(0, +) / Double(task.last))")
  }

  // MARK: Data

  /// Where `data.py` has written what all programs share.
  private static let folders = [
    String(cString: getenv("LOSSLAB_BENCH_DATA") ?? strdup("")), "../shared/bench/data", "data",
  ]

  private static func define(
    _ parts: [(name: String, shape: [Int], isIndex: Bool)], from file: String, _ harness: Harness,
    _ session: inout Session
  ) {
    guard var bytes = folders.lazy.compactMap({ read($0 + "/\(file).bin") }).first?[...] else {
      harness.fail(
        "\(file).bin is not there: run bench/data.py and set LOSSLAB_BENCH_DATA to the folder it writes")
    }
    for (name, shape, isIndex) in parts {
      let count = shape.reduce(1, *)
      let size = count * (isIndex ? 4 : 8)
      guard bytes.count >= size else { harness.fail("\(file).bin is too short") }
      let elements: [Double] = bytes.prefix(size).withUnsafeBytes { raw in
        isIndex
          // Counted from 0 there, from 1 here.
          ? (0..<count).map { Double(raw.loadUnaligned(fromByteOffset: $0 * 4, as: Int32.self)) + 1 }
          : (0..<count).map { raw.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
      }
      bytes = bytes.dropFirst(size)
      session.define(name, Tensor(shape: shape, elements: elements))
    }
  }

  private static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let size = Int(lseek(file, 0, SEEK_END))
    lseek(file, 0, SEEK_SET)
    return [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
      while count < size {
        let got = Glibc.read(file, buffer.baseAddress.map { $0 + count }, size - count)
        guard got > 0 else { return }
        count += got
      }
    }
  }
}
