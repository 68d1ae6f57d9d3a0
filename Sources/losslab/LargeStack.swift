import Glibc

/// Runs a closure on a thread with a stack of 256 MB, reserved and used only as far as it is touched.
enum LargeStack {
  private final class Job {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  static func run(_ body: @escaping () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 256 << 20)
    var thread = pthread_t()
    let job = Unmanaged.passRetained(Job(body))
    let failed = pthread_create(
      &thread, &attributes,
      { pointer in
        if let pointer { Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().body() }
        return nil
      }, job.toOpaque())
    pthread_attr_destroy(&attributes)
    if failed != 0 {
      // No room for the stack: the ordinary one has to do; depth is checked against whatever it is.
      job.takeRetainedValue().body()
      return
    }
    // Signals go to the thread that waits for keys, whose wait they must end.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    pthread_join(thread, nil)
  }
}
