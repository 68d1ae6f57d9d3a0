import CKernels
import Tensors

extension Program {
  // MARK: Many runs

  /// An input or output that moves on from run to run.
  package struct Stream {
    /// The number of the input, or the index of the output.
    package let port: Int
    package let base: UnsafeMutablePointer<Double>
    /// Elements from one run to the next.
    package let stride: Int

    package init(port: Int, base: UnsafeMutablePointer<Double>, stride: Int) {
      self.port = port
      self.base = base
      self.stride = stride
    }
  }

  /// Whether everything is numbers: then many runs are one call of `runs`.
  package var isStraight: Bool {
    copies.isEmpty && inputs.allSatisfy { $0 == nil || $0?.number != nil } && outputs.allSatisfy { $0.number != nil }
      && steps.allSatisfy { $0 is NumbersStep }
  }

  /// So many runs in a row, each reading and writing one place further along its streams. A run may read what the one
  /// before it wrote.
  package func runs(_ count: Int, reading: [Stream], writing: [Stream]) {
    let loads = reading.compactMap { stream in
      inputs[stream.port].flatMap { port in
        port.number.map { ll_stream(number: $0, base: stream.base, stride: stream.stride) }
      }
    }
    let stores = writing.compactMap { stream in
      outputs[stream.port].number.map { ll_stream(number: $0, base: stream.base, stride: stream.stride) }
    }
    ll_numbers_repeat(code, code.count, numbers, loads, loads.count, stores, stores.count, count)
  }

  /// Where the address of an input's memory is kept: writing there is what `bind` does.
  package func place(ofInput number: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<Double>?>? {
    inputs[number].map { slots + $0.slot }
  }

  package func place(ofOutput index: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<Double>?> {
    slots + outputs[index].slot
  }
}
