import Glibc
import Tensors

// benchmarks THREADS float64 [TASK…]: one line of JSON per measurement. See Harness.swift.
let arguments = Array(CommandLine.arguments.dropFirst())
guard let threads = arguments.first.flatMap({ Int($0) }), threads > 0 else {
  Harness.complain("usage: benchmarks THREADS float64 [TASK…]\ntasks: \(Tasks.names.joined(separator: " "))")
  exit(2)
}
// Everything is computed in double precision; a run for another type has nothing to say.
guard arguments.count < 2 || arguments[1] == "float64" else { exit(0) }
Machine.keepMemory()
exit(Tasks.run(Array(arguments.dropFirst(2)), threads: threads) ? 0 : 2)
