import Glibc
import Tensors
import Terminal

// Sessions run on a thread of their own with a large stack: how deep a learner's calls may go is then the same for
// everyone, whatever `ulimit -s` says.
Interrupts.openDescriptors()
setenv("SWIFT_BACKTRACE", "enable=no", 0)
Machine.keepMemory()
LargeStack.run {
  // A start without arguments has none to parse: the first prompt comes a sixth sooner.
  if CommandLine.argc == 1 { exit(Repl.start(nil)) }
  LosslabCommand.main()
}
