#define _GNU_SOURCE
#include "include/kernels.h"
#include "functions.h"
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>

// Reflection below ½, recurrence up to 12, then the asymptotic series (Abramowitz & Stegun 6.3.18).
double ll_digamma(double x) {
  if (isnan(x) || x == -INFINITY) return NAN;
  if (x <= 0 && x == floor(x)) return NAN;
  if (x < 0.5) return ll_digamma(1 - x) - M_PI / tan(M_PI * x);
  double shift = 0;
  while (x < 12) {
    shift -= 1 / x;
    x += 1;
  }
  double i = 1 / (x * x);
  double series = i * (1.0 / 12 - i * (1.0 / 120 - i * (1.0 / 252 - i * (1.0 / 240 - i * (1.0 / 132)))));
  return shift + log(x) - 0.5 / x - series;
}

// Arrays either are the same memory or do not overlap, so a loop may be vectorised without asking. Loops over the C
// library's functions stay loops; no warning about those.
#pragma clang diagnostic ignored "-Wpass-failed"
#define EACH _Pragma("clang loop vectorize(assume_safety)") for (long i = 0; i < n; i++)

#define RETURN(number, expression)                                                                                     \
  case number:                                                                                                         \
    return expression;
#define UNARY_LOOP(number, expression)                                                                                 \
  case number:                                                                                                         \
    EACH {                                                                                                             \
      double v = x[i];                                                                                                 \
      out[i] = expression;                                                                                             \
    }                                                                                                                  \
    return;
#define VV_LOOP(number, expression)                                                                                    \
  case number:                                                                                                         \
    EACH {                                                                                                             \
      double a = x[i], b = y[i];                                                                                       \
      out[i] = expression;                                                                                             \
    }                                                                                                                  \
    return;
#define VS_LOOP(number, expression)                                                                                    \
  case number:                                                                                                         \
    EACH {                                                                                                             \
      double a = x[i], b = y;                                                                                          \
      out[i] = expression;                                                                                             \
    }                                                                                                                  \
    return;
#define SV_LOOP(number, expression)                                                                                    \
  case number:                                                                                                         \
    EACH {                                                                                                             \
      double a = x, b = y[i];                                                                                          \
      out[i] = expression;                                                                                             \
    }                                                                                                                  \
    return;

CLONES void ll_unary_apply(int32_t op, const double *x, double *out, long n) {
  switch (op) { UNARY(UNARY_LOOP) }
}
CLONES void ll_binary_vv(int32_t op, const double *x, const double *y, double *out, long n) {
  switch (op) { BINARY(VV_LOOP) }
}
CLONES void ll_binary_vs(int32_t op, const double *x, double y, double *out, long n) {
  switch (op) { BINARY(VS_LOOP) }
}
CLONES void ll_binary_sv(int32_t op, double x, const double *y, double *out, long n) {
  switch (op) { BINARY(SV_LOOP) }
}
CLONES double ll_unary_scalar(int32_t op, double v) {
  switch (op) { UNARY(RETURN) }
  return NAN;
}
CLONES double ll_binary_scalar(int32_t op, double a, double b) {
  switch (op) { BINARY(RETURN) }
  return NAN;
}

CLONES void ll_select(const double *c, long cs, const double *a, long as, const double *b, long bs, double *out,
                      long n) {
  switch ((cs != 0) | (as != 0) << 1 | (bs != 0) << 2) {
  case 7:
    EACH out[i] = c[i] != 0 ? a[i] : b[i];
    return;
  case 5: {
    double value = a[0];
    EACH out[i] = c[i] != 0 ? value : b[i];
    return;
  }
  case 3: {
    double value = b[0];
    EACH out[i] = c[i] != 0 ? a[i] : value;
    return;
  }
  case 1: {
    double one = a[0], other = b[0];
    EACH out[i] = c[i] != 0 ? one : other;
    return;
  }
  default:
    for (long i = 0; i < n; i++) out[i] = c[i * cs] != 0 ? a[i * as] : b[i * bs];
  }
}

// MARK: Folds

enum { LANES = 32 };

INLINE double folded(double *part) {
  for (long width = LANES / 2; width > 0; width /= 2)
    for (long j = 0; j < width; j++) part[j] += part[j + width];
  return part[0];
}

INLINE double block_sum(const double *x, long n) {
  double part[LANES] = {0};
  long i = 0;
  for (; i + LANES <= n; i += LANES)
    for (long j = 0; j < LANES; j++) part[j] += x[i + j];
  for (long j = 0; i < n; i++, j++) part[j] += x[i];
  return folded(part);
}

INLINE double block_dot(const double *x, const double *y, long n) {
  double part[LANES] = {0};
  long i = 0;
  for (; i + LANES <= n; i += LANES)
    for (long j = 0; j < LANES; j++) part[j] += x[i + j] * y[i + j];
  for (long j = 0; i < n; i++, j++) part[j] += x[i] * y[i];
  return folded(part);
}

INLINE double block_finite(const double *x, long n) {
  double part[LANES] = {0};
  long i = 0;
  for (; i + LANES <= n; i += LANES)
    for (long j = 0; j < LANES; j++) part[j] += 0 * x[i + j];
  for (long j = 0; i < n; i++, j++) part[j] += 0 * x[i];
  return folded(part);
}

INLINE double block_largest(const double *x, long n) {
  if (n < LANES) {
    double r = -INFINITY;
    for (long i = 0; i < n; i++) r = maximum_(x[i], r);
    return r;
  }
  double part[LANES];
  for (long j = 0; j < LANES; j++) part[j] = -INFINITY;
  for (long i = 0; i + LANES <= n; i += LANES)
    for (long j = 0; j < LANES; j++) part[j] = maximum_(x[i + j], part[j]);
  for (long j = 0; j < LANES; j++) part[j] = maximum_(x[n - LANES + j], part[j]);
  double r = part[0];
  for (long j = 1; j < LANES; j++) r = maximum_(part[j], r);
  return r;
}

INLINE double block_smallest(const double *x, long n) {
  double r = INFINITY;
  for (long i = 0; i < n; i++) r = minimum_(x[i], r);
  return r;
}

INLINE double block_product(const double *x, long n) {
  double r = 1;
  for (long i = 0; i < n; i++) r *= x[i];
  return r;
}

CLONES static double sum_of_block(const double *x, long n) { return block_sum(x, n); }

static double sum(const double *x, long n) {
  if (n <= LL_BLOCK) return sum_of_block(x, n);
  long half = (n / 2 + LL_BLOCK - 1) / LL_BLOCK * LL_BLOCK;
  return sum(x, half) + sum(x + half, n - half);
}

CLONES double ll_reduce(int32_t op, const double *x, long n) {
  switch (op) {
  case 0: return sum(x, n);
  case 1: return block_product(x, n);
  case 2: return block_largest(x, n);
  default: return block_smallest(x, n);
  }
}

CLONES double ll_finite(const double *x, long n) { return block_finite(x, n); }

// MARK: Instructions

CLONES void ll_numbers_run(const ll_instruction *code, long count, double *r) {
  for (const ll_instruction *at = code, *end = code + count; at < end; at++) {
    switch (at->op) {
#define U(number, expression)                                                                                          \
  case number: {                                                                                                       \
    double v = r[at->a];                                                                                               \
    r[at->out] = expression;                                                                                           \
    break;                                                                                                             \
  }
#define B(number, expression)                                                                                          \
  case LL_BINARY + number: {                                                                                           \
    double a = r[at->a], b = r[at->b];                                                                                 \
    r[at->out] = expression;                                                                                           \
    break;                                                                                                             \
  }
      UNARY(U)
      BINARY(B)
    case LL_SELECT:
      r[at->out] = r[at->a] != 0 ? r[at->b] : r[at->c];
      break;
    case LL_COPY:
      r[at->out] = r[at->a];
      break;
    }
  }
}

void ll_numbers_repeat(const ll_instruction *code, long count, double *numbers, const ll_stream *loads, long load_count,
                       const ll_stream *stores, long store_count, long times) {
  for (long t = 0; t < times; t++) {
    for (long i = 0; i < load_count; i++) numbers[loads[i].number] = loads[i].base[t * loads[i].stride];
    ll_numbers_run(code, count, numbers);
    for (long i = 0; i < store_count; i++) stores[i].base[t * stores[i].stride] = numbers[stores[i].number];
  }
}

// One instruction over the rows of one block. Which operands are single numbers is told by their strides.
INLINE void run_instruction(const ll_instruction *at, double **places, const long *strides, long rows, long width,
                            double *partials, long blocks, long block) {
  long n = rows * at->width;
  const double *x = places[at->a], *y = places[at->b];
  double *out = places[at->out];
  switch (at->op) {
#define BB(number, expression)                                                                                         \
  case LL_BINARY + number:                                                                                             \
    if (strides[at->a] == 0) {                                                                                         \
      double a = x[0];                                                                                                 \
      EACH {                                                                                                           \
        double b = y[i];                                                                                               \
        out[i] = expression;                                                                                           \
      }                                                                                                                \
    } else if (strides[at->b] == 0) {                                                                                  \
      double b = y[0];                                                                                                 \
      EACH {                                                                                                           \
        double a = x[i];                                                                                               \
        out[i] = expression;                                                                                           \
      }                                                                                                                \
    } else {                                                                                                           \
      EACH {                                                                                                           \
        double a = x[i], b = y[i];                                                                                     \
        out[i] = expression;                                                                                           \
      }                                                                                                                \
    }                                                                                                                  \
    return;
    UNARY(UNARY_LOOP)
    BINARY(BB)
  case LL_SELECT:
    ll_select(x, strides[at->a], y, strides[at->b], places[at->c], strides[at->c], out, n);
    return;
  case LL_COPY:
    EACH out[i] = x[i];
    return;
  case LL_FOLD + 0:
    partials[at->out * blocks + block] = block_sum(x, n);
    return;
  case LL_FOLD + 1:
    partials[at->out * blocks + block] = block_product(x, n);
    return;
  case LL_FOLD + 2:
    partials[at->out * blocks + block] = block_largest(x, n);
    return;
  case LL_FOLD + 3:
    partials[at->out * blocks + block] = block_smallest(x, n);
    return;
  case LL_DOT:
    partials[at->out * blocks + block] = block_dot(x, y, n);
    return;
  case LL_ROW_SUM:
    ll_row_sums(x, out, rows, width);
    return;
  case LL_ROW_LARGEST:
    ll_row_largest(x, out, rows, width);
    return;
  case LL_ROW_SOFTMAX:
  case LL_ROW_LOG_SOFTMAX:
  case LL_ROW_LOGSUMEXP:
    ll_row_softmax(at->op - LL_ROW_SOFTMAX, x, out, rows, width);
    return;
  case LL_SPREAD:
    ll_spread(x, out, rows, width);
    return;
  case LL_TILE:
    ll_tile(x, out, rows, width);
    return;
  case LL_FINITE:
    partials[at->out * blocks + block] = block_finite(x, n);
    return;
  }
}

CLONES void ll_cluster_run(const ll_cluster *cluster, double *const *slots, double *numbers, double *scratch,
                           double **places, double *partials, long first, long last) {
  const ll_instruction *code = cluster->code, *end = code + cluster->code_count;
  long operands = cluster->operand_count, size = cluster->block;
  long blocks = (cluster->rows + size - 1) / size;
  // Behind the pointers: how far an operand moves from block to block, and whether it moves within one.
  long *moves = (long *)(places + operands), *strides = moves + operands;
  for (long k = 0; k < operands; k++) {
    ll_operand operand = cluster->operands[k];
    strides[k] = operand.kind != LL_NUMBER;
    moves[k] = operand.kind == LL_ARRAY ? size * operand.width : 0;
    switch (operand.kind) {
    case LL_ARRAY:
    case LL_WHOLE:
      places[k] = slots[operand.index] + first * moves[k];
      break;
    case LL_NUMBER:
      places[k] = numbers + operand.index;
      break;
    default:
      places[k] = scratch + operand.index * size * cluster->width;
    }
  }
  for (long block = first; block < last; block++) {
    long rows = cluster->rows - block * size;
    if (rows > size) rows = size;
    for (const ll_instruction *at = code; at < end; at++)
      run_instruction(at, places, strides, rows, cluster->width, partials, blocks, block);
    for (long k = 0; k < operands; k++) places[k] += moves[k];
  }
}

int ll_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return 1;
}

int ll_has_wide_vectors(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
#else
  return 0;
#endif
}

void ll_keep_memory(void) {
#if defined(__GLIBC__)
  // One heap, no mappings of their own for large pieces, and none of the heap returned below this size.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 29);
  mallopt(M_TOP_PAD, 1 << 20);
#endif
}

void ll_prefer_large_pages(void *start, long bytes) {
  const uintptr_t page = 2 << 20;
  uintptr_t first = ((uintptr_t)start + page - 1) & ~(page - 1), last = ((uintptr_t)start + (uintptr_t)bytes) & ~(page - 1);
  if (last > first) madvise((void *)first, last - first, MADV_HUGEPAGE);
}
