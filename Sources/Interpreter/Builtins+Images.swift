import Graphs
import Markup
import Syntax
import Tensors

// Convolution and pooling: `[batch, channels, height, width]`, or without the batch, or one plane.

extension Builtins {
  static let images: [Builtin] = [
    Builtin(
      "conv2d",
      [
        x, Function.Parameter("kernel"), Function.Parameter("bias", fallback: .absent),
        Function.Parameter("stride", fallback: .value(.number(1))),
        Function.Parameter("padding", fallback: .value(.number(0))),
      ],
      doc: Phrase(
        en: "cross-correlation of images with kernels [out, in, height, width], as PyTorch's conv2d",
        zh: "图像与卷积核 [输出, 输入, 高, 宽] 的互相关，与 PyTorch 的 conv2d 一致"),
      example: "conv2d([1,2,3; 4,5,6; 7,8,9], [1,0; 0,-1])"
    ) { (call) throws(Diagnostic) in
      let (x, original) = try call.images("x")
      let stride = try call.whole("stride", from: 1)
      let padding = try call.whole("padding", from: 0)
      // One plane as kernel: one output and one input channel.
      var kernel = try call.evaluator.expression(call.operand("kernel"), at: call.place("kernel"))
      let isPlane = kernel.shape.count == 2
      if isPlane { kernel = kernel.reshaped(to: [1, 1] + kernel.shape) }
      var operands: [Value] = [.traced(x.id), .traced(kernel.id)]
      var places = [call.place("x"), call.place("kernel")]
      if call.has("bias") {
        var bias = try call.evaluator.expression(call.operand("bias"), at: call.place("bias"))
        if bias.shape.isEmpty { bias = bias.reshaped(to: [1]) }
        guard kernel.shape.count == 4, bias.shape == [kernel.shape[0]] else {
          throw call.diagnostic(
            "E203",
            Phrase(
              en:
                "one bias per output channel: \(Shapes.describe(bias.shape)) for kernels \(Shapes.describe(kernel.shape))",
              zh: "每个输出通道一个偏置：偏置 \(Shapes.describe(bias.shape))，卷积核 \(Shapes.describe(kernel.shape))"), at: "bias")
        }
        operands.append(.traced(bias.id))
        places.append(call.place("bias"))
      }
      let result = try call.evaluator.apply(.conv2d, operands, places, attributes: [stride, padding], at: call.span)
      return try call.restored(result, original, dropsChannels: isPlane)
    },
    Builtin(
      "maxpool2d",
      [
        x, Function.Parameter("size", fallback: .value(.number(2))), Function.Parameter("stride", fallback: .absent),
      ],
      doc: Phrase(
        en: "the largest of every size×size window; stride=size, so that windows do not overlap",
        zh: "每个 size×size 窗口中的最大值；默认 stride=size，窗口不重叠"),
      example: "maxpool2d([1,2,5,6; 3,4,7,8])"
    ) { (call) throws(Diagnostic) in
      let (x, original) = try call.images("x")
      let size = try call.whole("size", from: 1)
      let stride = call.has("stride") ? try call.whole("stride", from: 1) : size
      let result = try call.evaluator.apply(
        .maxpool2d, [.traced(x.id)], [call.place("x")], attributes: [size, stride], at: call.span)
      return try call.restored(result, original, dropsChannels: true)
    },
  ]
}

extension Call {
  /// An argument as `[batch, channels, height, width]`, and how many axes it had.
  fileprivate func images(_ name: String) throws(Diagnostic) -> (Expression, rank: Int) {
    let x = try evaluator.expression(operand(name), at: place(name))
    guard (2...4).contains(x.shape.count) else {
      throw diagnostic(
        "E203",
        Phrase(
          en:
            "\(function) takes images: [height, width], [channels, height, width] or a batch of these, not \(Shapes.describe(x.shape))",
          zh: "\(function) 需要图像：[高, 宽]、[通道, 高, 宽] 或它们的批，不能是 \(Shapes.describe(x.shape))"), at: name,
        help: Phrase(
          en: "reshape(x, count, 1, height, width) makes images of rows", zh: "reshape(x, 数量, 1, 高, 宽) 把行变成图像"))
    }
    return (x.reshaped(to: Shape(repeating: 1, count: 4 - x.shape.count) + x.shape), x.shape.count)
  }

  fileprivate func whole(_ name: String, from lowest: Int) throws(Diagnostic) -> Int {
    try evaluator.integer(operand(name), at: place(name), called: name, from: lowest, to: 1 << 20)
  }

  /// A result without the axes that its operand did not have.
  fileprivate func restored(_ result: Value, _ rank: Int, dropsChannels: Bool) throws(Diagnostic) -> Value {
    let expression = try evaluator.expression(result, at: span)
    var shape = expression.shape
    if rank < 4 { shape.removeFirst() }
    if rank == 2, dropsChannels { shape.removeFirst() }
    return .traced(expression.reshaped(to: shape).id)
  }
}
