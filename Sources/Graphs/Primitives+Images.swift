import Tensors

// Convolution and pooling. Each of the three convolutions is linear in either operand, and its derivatives are the other
// two, so they can be differentiated as often as wanted; the same holds for the three poolings in their values.

extension Primitive {
  static let imageRows: [(ID, Primitive)] = [
    (
      // conv2d(x, kernel, bias): attributes [stride, margin].
      .conv2d,
      Primitive(
        name: "conv2d",
        shape: { (inputs, attributes) throws(ShapeError) in
          try Images.convolved(inputs[0], inputs[1], attributes[0], attributes[1])
        },
        kernel: .general { call in
          Images(call.inputShapes[0]).kernel.convolve(
            call.inputs[0], call.inputs[1], bias: call.inputs.count > 2 ? call.inputs[2] : nil, into: call.output,
            Images.convolution(call.inputShapes[1], call.attributes))
        },
        derivative: .pullback { pullback in
          let (x, kernel, g) = (pullback.inputs[0], pullback.inputs[1], pullback.adjoint)
          var parts: [Expression?] = [
            g.apply(.conv2dInput, [kernel], attributes: pullback.attributes + x.shape),
            x.apply(.conv2dKernel, [g], attributes: pullback.attributes + kernel.shape),
          ]
          if pullback.inputs.count > 2 { parts.append(g.summed(to: [g.shape[1], 1, 1]).reshaped(to: [g.shape[1]])) }
          return parts
        })
    ),
    (
      // The gradient with respect to x, from that of the result and the kernel: attributes [stride, margin] + shape of x.
      .conv2dInput,
      Primitive(
        name: "conv2d_input", shape: { (_, attributes) in Shape(attributes.dropFirst(2)) },
        kernel: .general { call in
          Images(call.outputShape).kernel.gradientOfInput(
            call.inputs[0], call.inputs[1], into: call.output, Images.convolution(call.inputShapes[1], call.attributes))
        },
        derivative: .pullback { pullback in
          let (g, kernel, adjoint) = (pullback.inputs[0], pullback.inputs[1], pullback.adjoint)
          let move = Array(pullback.attributes.prefix(2))
          return [
            adjoint.apply(.conv2d, [kernel], attributes: move),
            adjoint.apply(.conv2dKernel, [g], attributes: move + kernel.shape),
          ]
        })
    ),
    (
      // The gradient with respect to the kernel, from x and that of the result: attributes [stride, margin] + its shape.
      .conv2dKernel,
      Primitive(
        name: "conv2d_kernel", shape: { (_, attributes) in Shape(attributes.dropFirst(2)) },
        kernel: .general { call in
          Images(call.inputShapes[0]).kernel.gradientOfKernel(
            call.inputs[0], call.inputs[1], into: call.output, Images.convolution(call.outputShape, call.attributes))
        },
        derivative: .pullback { pullback in
          let (x, g, adjoint) = (pullback.inputs[0], pullback.inputs[1], pullback.adjoint)
          let move = Array(pullback.attributes.prefix(2))
          return [
            g.apply(.conv2dInput, [adjoint], attributes: move + x.shape),
            x.apply(.conv2d, [adjoint], attributes: move),
          ]
        })
    ),
    (
      // maxpool2d(x): attributes [size, stride]. A maximum attained twice counts where it is met first.
      .maxpool2d,
      Primitive(
        name: "maxpool2d",
        shape: { (inputs, attributes) throws(ShapeError) in
          try Images.pooled(inputs[0], attributes[0], attributes[1])
        },
        kernel: .general { call in
          Images(call.inputShapes[0]).kernel.largest(
            call.inputs[0], into: call.output, size: call.attributes[0], stride: call.attributes[1])
        },
        derivative: .pullback { pullback in
          [
            pullback.inputs[0].apply(
              .maxpool2dBack, [pullback.output, pullback.adjoint], attributes: pullback.attributes)
          ]
        })
    ),
    (
      // maxpool2d_back(x, its maxima, g): g where the maxima are, 0 elsewhere.
      .maxpool2dBack,
      Primitive(
        name: "maxpool2d_back", shape: { (inputs, _) in inputs[0] },
        kernel: .general { call in
          Images(call.inputShapes[0]).kernel.gradientOfLargest(
            call.inputs[0], call.inputs[1], call.inputs[2], into: call.output, size: call.attributes[0],
            stride: call.attributes[1])
        },
        derivative: .pullback { pullback in
          [
            nil, nil,
            pullback.inputs[0].apply(
              .maxpool2dPick, [pullback.inputs[1], pullback.adjoint], attributes: pullback.attributes),
          ]
        })
    ),
    (
      // maxpool2d_pick(x, its maxima, v): v where the maxima are.
      .maxpool2dPick,
      Primitive(
        name: "maxpool2d_pick", shape: { (inputs, _) in inputs[1] },
        kernel: .general { call in
          Images(call.inputShapes[0]).kernel.pick(
            call.inputs[0], call.inputs[1], call.inputs[2], into: call.output, size: call.attributes[0],
            stride: call.attributes[1])
        },
        derivative: .pullback { pullback in
          [
            nil, nil,
            pullback.inputs[0].apply(
              .maxpool2dBack, [pullback.inputs[1], pullback.adjoint], attributes: pullback.attributes),
          ]
        })
    ),
  ]
}

extension Primitive {
  /// conv2d_kernel(x, maxpool2d_back(z, top, g)) at once, of x, g, z and top: attributes [stride, margin] of the
  /// convolution, [size, stride] of the pooling.
  @Sendable static func gradientOfPooledKernel(_ call: borrowing KernelCall) {
    let (move, pool) = (Array(call.attributes.prefix(2)), Array(call.attributes.suffix(2)))
    Images(call.inputShapes[0]).kernel.gradientOfKernel(
      call.inputs[0], pooled: call.inputs[1], call.inputs[2], top: call.inputs[3], size: pool[0], stride: pool[1],
      into: call.output, Images.convolution(call.outputShape, move))
  }
}

/// `[batch, channels, height, width]` as numbers with names.
private struct Images {
  let shape: Shape

  init(_ shape: Shape) { self.shape = shape }

  var kernel: ImageKernel {
    ImageKernel(batch: shape[0], channels: shape[1], height: shape[2], width: shape[3])
  }

  static func convolution(_ kernel: Shape, _ attributes: [Int]) -> ImageKernel.Convolution {
    ImageKernel.Convolution(
      outs: kernel[0], height: kernel[2], width: kernel[3], stride: attributes[0], margin: attributes[1])
  }

  static func convolved(_ x: Shape, _ kernel: Shape, _ stride: Int, _ margin: Int) throws(ShapeError) -> Shape {
    guard x.count == 4, kernel.count == 4 else { throw ShapeError(.rank, shapes: [x, kernel]) }
    guard x[1] == kernel[1] else { throw ShapeError(.inner, shapes: [x, kernel]) }
    let height = x[2] + 2 * margin - kernel[2]
    let width = x[3] + 2 * margin - kernel[3]
    guard height >= 0, width >= 0, kernel[2] > 0, kernel[3] > 0 else {
      throw ShapeError(.mismatch, shapes: [x, kernel])
    }
    return [x[0], kernel[0], height / stride + 1, width / stride + 1]
  }

  static func pooled(_ x: Shape, _ size: Int, _ stride: Int) throws(ShapeError) -> Shape {
    guard x.count == 4 else { throw ShapeError(.rank, shapes: [x]) }
    guard x[2] >= size, x[3] >= size else { throw ShapeError(.mismatch, shapes: [x, [size, size]]) }
    return [x[0], x[1], (x[2] - size) / stride + 1, (x[3] - size) / stride + 1]
  }
}
