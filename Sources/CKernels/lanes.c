#include "include/kernels.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Eight rows side by side: column after column of eight numbers, one of each row, so that what goes along a row is plain
// arithmetic on registers and nothing is folded within one.

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx512f,avx512dq")))

// Two numbers of each of the rows 0, 2, 4, 6 (or, from x + k, of 1, 3, 5, 7).
WIDE static inline __m512d pairs(const double *x, long k) {
  __m512d v = _mm512_castpd128_pd512(_mm_loadu_pd(x));
  v = _mm512_mask_broadcast_f64x2(v, 0x0C, _mm_loadu_pd(x + 2 * k));
  v = _mm512_mask_broadcast_f64x2(v, 0x30, _mm_loadu_pd(x + 4 * k));
  return _mm512_mask_broadcast_f64x2(v, 0xC0, _mm_loadu_pd(x + 6 * k));
}

// Columns come in pairs; the last pair of an odd number of columns (k > 1) holds the one before it again.
#define PAIRS for (long i = 0, j = 0; i < k; i += 2, j = i + 2 > k ? k - 2 : i)

WIDE static inline void eight_to_lanes(const double *x, double *out, long k) {
  PAIRS {
    __m512d even = pairs(x + j, k), odd = pairs(x + j + k, k);
    _mm512_store_pd(out + 8 * j, _mm512_unpacklo_pd(even, odd));
    _mm512_store_pd(out + 8 * j + 8, _mm512_unpackhi_pd(even, odd));
  }
}

WIDE static inline void put_pairs(double *out, long k, __m512d v) {
  _mm_storeu_pd(out, _mm512_castpd512_pd128(v));
  _mm_storeu_pd(out + 2 * k, _mm512_extractf64x2_pd(v, 1));
  _mm_storeu_pd(out + 4 * k, _mm512_extractf64x2_pd(v, 2));
  _mm_storeu_pd(out + 6 * k, _mm512_extractf64x2_pd(v, 3));
}

WIDE static inline void eight_to_rows(const double *x, double *out, long k) {
  PAIRS {
    __m512d first = _mm512_load_pd(x + 8 * j), second = _mm512_load_pd(x + 8 * j + 8);
    put_pairs(out + j, k, _mm512_unpacklo_pd(first, second));
    put_pairs(out + j + k, k, _mm512_unpackhi_pd(first, second));
  }
}

WIDE static void groups_to_lanes(const double *x, double *out, long rows, long k) {
  for (long r = 0; r + 8 <= rows; r += 8) eight_to_lanes(x + r * k, out + r * k, k);
}
WIDE static void groups_to_rows(const double *x, double *out, long rows, long k) {
  for (long r = 0; r + 8 <= rows; r += 8) eight_to_rows(x + r * k, out + r * k, k);
}

// Whole lines of memory past the caches: none is read only to be written over.
WIDE static void write_past(const double *x, double *out, long n) {
  long i = 0;
  for (; i < n && ((uintptr_t)(out + i) & 63); i++) out[i] = x[i];
  for (; i + 8 <= n; i += 8) _mm512_stream_pd(out + i, _mm512_loadu_pd(x + i));
  for (; i < n; i++) out[i] = x[i];
}
static void end_past(void) { _mm_sfence(); }
#else
static void write_past(const double *x, double *out, long n) { memcpy(out, x, (size_t)n * 8); }
static void end_past(void) {}
static void groups_to_lanes(const double *x, double *out, long rows, long k) {
  for (long r = 0; r + 8 <= rows; r += 8)
    for (long i = 0; i < 8 * k; i++) out[r * k + i / k + i % k * 8] = x[r * k + i];
}
static void groups_to_rows(const double *x, double *out, long rows, long k) {
  for (long r = 0; r + 8 <= rows; r += 8)
    for (long i = 0; i < 8 * k; i++) out[r * k + i] = x[r * k + i / k + i % k * 8];
}
#endif

void ll_rows_to_lanes(const double *x, double *out, long rows, long k) {
  groups_to_lanes(x, out, rows, k);
  long whole = rows / 8 * 8;
  for (long j = 0; whole < rows && j < k; j++)
    for (long r = 0; r < 8; r++) out[whole * k + 8 * j + r] = whole + r < rows ? x[(whole + r) * k + j] : 0;
}

void ll_lanes_to_rows(const double *x, double *out, long rows, long k) {
  groups_to_rows(x, out, rows, k);
  long whole = rows / 8 * 8;
  for (long r = 0; whole + r < rows; r++)
    for (long j = 0; j < k; j++) out[(whole + r) * k + j] = x[whole * k + 8 * j + r];
}

void ll_row_cluster_run(const ll_row_cluster *cluster, double *const *slots, const double *numbers, double *frame,
                        double *partials, long first, long last) {
  const ll_row_array *arrays = cluster->arrays, *end = arrays + cluster->array_count;
  for (const ll_row_array *at = arrays; at < end; at++)
    if (at->use == LL_REPEATED)
      for (long i = 0; i < 8 * at->width; i++) frame[at->place + i] = slots[at->slot][i / 8];
  for (long block = first; block < last; block++) {
    long row = block * cluster->block, rows = cluster->rows - row, groups;
    if (rows > cluster->block) rows = cluster->block;
    groups = (rows + 7) / 8;
    const double *ahead[LL_AHEAD];
    long asked = 0;
    for (const ll_row_array *at = arrays; at < end; at++) {
      if (!(at->use & LL_READ)) continue;
      const double *x = slots[at->slot] + row * at->width;
      if (at->width == 1) {
        memcpy(frame + at->place, x, (size_t)rows * 8);
      } else {
        ll_rows_to_lanes(x, frame + at->place, rows, at->width);
        if (asked < LL_AHEAD) ahead[asked++] = x + cluster->block * at->width;
      }
    }
    cluster->code(ahead, numbers, groups, partials + block * cluster->lanes, frame, 0xFF >> (groups * 8 - rows));
    for (const ll_row_array *at = arrays; at < end; at++) {
      if (!(at->use & LL_WRITTEN)) continue;
      double *out = slots[at->slot] + row * at->width;
      if (at->width == 1) {
        memcpy(out, frame + at->place, (size_t)rows * 8);
      } else if (cluster->past) {
        ll_lanes_to_rows(frame + at->place, frame + cluster->past, rows, at->width);
        write_past(frame + cluster->past, out, rows * at->width);
      } else {
        ll_lanes_to_rows(frame + at->place, out, rows, at->width);
      }
    }
  }
  if (cluster->past) end_past();
}
