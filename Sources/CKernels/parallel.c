#define _GNU_SOURCE
#include "include/kernels.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

// A handful of threads that share the pieces of one job. Each has a range of its own, the same one whenever the same job
// comes again, so that what it reads is still in its cache; who is done helps the others. Between jobs the threads look
// around for a tenth of a millisecond, which is how long a line typed again takes to come back, and then sleep.

enum { MOST = 64, CLOSED = 1 << 16, TURNS = 4000 };

/// The pieces of a thread that nobody has taken yet. Alone on its cache lines.
typedef struct {
  _Alignas(128) atomic_long next;
  long end;
} ll_range;

// What one thread writes while another waits for it or reads beside it is on lines of its own.
static struct {
  /// Counts jobs: what helpers look at.
  _Alignas(128) atomic_uint job;
  /// How many helpers are inside the job; CLOSED while there is none.
  _Alignas(128) atomic_int inside;
  // The job, written before it is counted.
  _Alignas(128) ll_piece body;
  void *context;
  int threads;
  atomic_bool ended;
  _Alignas(128) pthread_mutex_t lock;
  pthread_cond_t wake;
  int started;
  /// How many helpers sleep, or are about to.
  atomic_int asleep;
  /// Whether some thread is giving a job.
  atomic_flag busy;
  ll_range ranges[MOST];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .inside = CLOSED, .busy = ATOMIC_FLAG_INIT};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static void work(int worker) {
  for (int turn = 0; turn < pool.threads; turn++) {
    ll_range *range = &pool.ranges[(worker + turn) % pool.threads];
    for (;;) {
      if (atomic_load_explicit(&pool.ended, memory_order_relaxed)) return;
      // Reading first leaves the line to its owner where nothing is left.
      if (atomic_load_explicit(&range->next, memory_order_relaxed) >= range->end) break;
      long piece = atomic_fetch_add(&range->next, 1);
      if (piece >= range->end) break;
      if (pool.body(pool.context, piece, worker)) atomic_store(&pool.ended, 1);
    }
  }
}

static void *helper(void *number) {
  int worker = (int)(intptr_t)number;
  unsigned seen = 0;
  for (;;) {
    for (int turn = 0; turn < TURNS && atomic_load(&pool.job) == seen; turn++) pause_briefly();
    if (atomic_load(&pool.job) == seen) {
      pthread_mutex_lock(&pool.lock);
      atomic_fetch_add(&pool.asleep, 1);
      while (atomic_load(&pool.job) == seen) pthread_cond_wait(&pool.wake, &pool.lock);
      atomic_fetch_sub(&pool.asleep, 1);
      pthread_mutex_unlock(&pool.lock);
    }
    seen = atomic_load(&pool.job);
    int inside = atomic_load(&pool.inside);
    while (!(inside & CLOSED) && !atomic_compare_exchange_weak(&pool.inside, &inside, inside + 1)) {}
    if (inside & CLOSED) continue;
    if (worker < pool.threads) work(worker);
    atomic_fetch_sub(&pool.inside, 1);
  }
  return NULL;
}

static void start(int helpers) {
  // Signals are for the thread that runs the session.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool.started < helpers) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, helper, (void *)(intptr_t)(pool.started + 1)) != 0) break;
    pthread_detach(thread);
    pool.started++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void ll_parallel(long count, int threads, ll_piece body, void *context) {
  if (threads > MOST) threads = MOST;
  if (threads > count) threads = (int)count;
  if (threads <= 1 || atomic_flag_test_and_set(&pool.busy)) {
    for (long piece = 0; piece < count; piece++)
      if (body(context, piece, 0)) return;
    return;
  }
  start(threads - 1);
  pool.body = body;
  pool.context = context;
  pool.threads = threads;
  atomic_store_explicit(&pool.ended, 0, memory_order_relaxed);
  for (int k = 0; k < threads; k++) {
    atomic_store_explicit(&pool.ranges[k].next, count * k / threads, memory_order_relaxed);
    pool.ranges[k].end = count * (k + 1) / threads;
  }
  atomic_store_explicit(&pool.inside, 0, memory_order_release);
  atomic_fetch_add(&pool.job, 1);
  // Who falls asleep now has either been counted or sees the new job.
  if (atomic_load(&pool.asleep) > 0) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
  }
  work(0);
  // Who has not come by now need not come.
  atomic_fetch_or(&pool.inside, CLOSED);
  for (int turn = 0; atomic_load(&pool.inside) != CLOSED; turn++) {
    pause_briefly();
    // On a busy machine the other may be waiting for this processor.
    if (turn > TURNS / 4) sched_yield();
  }
  atomic_flag_clear(&pool.busy);
}
