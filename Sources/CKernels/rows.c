#define _GNU_SOURCE
#include "include/kernels.h"
#include "functions.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Rows of a matrix: their sums, extremes and softmaxes. Rows are short in what is learned here (ten classes), so the
// work goes over a block of rows at a time: exponentials over all numbers of the block at once, folds row by row.

enum { NUMBERS = 1024, ROWS = 256 };

// MARK: Folds of one row

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx512f,avx512dq")))

WIDE static inline __mmask8 lanes(long n) { return n >= 8 ? 0xFF : (__mmask8)((1 << n) - 1); }

WIDE static inline __m512d part(const double *x, long n, double rest) {
  return _mm512_mask_loadu_pd(_mm512_set1_pd(rest), lanes(n), x);
}

// Eight rows are exactly k registers, whatever k is: what goes over all their numbers goes register by register, and
// the number of each element's row is picked from one register by its place. So nothing stored is loaded across the
// borders of what was stored, which is slow.
enum { SHORT = 64 };

// The row, 0 to 7, of each of the 8·k numbers.
WIDE static void find_rows(__m512i *row, long k) {
  __m512d place = _mm512_set_pd(7.5, 6.5, 5.5, 4.5, 3.5, 2.5, 1.5, 0.5), share = _mm512_set1_pd(1.0 / (double)k);
  for (long j = 0; j < k; j++, place = _mm512_add_pd(place, _mm512_set1_pd(8)))
    row[j] = _mm512_cvttpd_epi64(_mm512_mul_pd(place, share));
}

// The folds of eight rows of eight lanes: halves, then quarters, then neighbours, as a fold of one register goes.
#define EIGHT_ROWS(name, operation, rest)                                                                              \
  WIDE static inline __m512d name##_lanes(const double *x, long k) {                                                   \
    __m512d total = part(x, k, rest);                                                                                  \
    for (long j = 8; j < k; j += 8) total = operation(total, part(x + j, k - j, rest));                                \
    return total;                                                                                                      \
  }                                                                                                                    \
  WIDE static inline __m512d name##_halves(const double *x, const double *y, long k) {                                 \
    __m512d a = name##_lanes(x, k), b = name##_lanes(y, k);                                                            \
    return operation(_mm512_shuffle_f64x2(a, b, 0x44), _mm512_shuffle_f64x2(a, b, 0xEE));                              \
  }                                                                                                                    \
  WIDE static inline __m512d name##_quarters(const double *x, long k) {                                                \
    __m512d a = name##_halves(x, x + 2 * k, k), b = name##_halves(x + 4 * k, x + 6 * k, k);                            \
    return operation(_mm512_shuffle_f64x2(a, b, 0x88), _mm512_shuffle_f64x2(a, b, 0xDD));                              \
  }                                                                                                                    \
  WIDE static inline __m512d name##_eight(const double *x, long k) {                                                   \
    __m512d even = name##_quarters(x, k), odd = name##_quarters(x + k, k);                                             \
    return operation(_mm512_unpacklo_pd(even, odd), _mm512_unpackhi_pd(even, odd));                                    \
  }
EIGHT_ROWS(sum, _mm512_add_pd, 0)
EIGHT_ROWS(top, _mm512_max_pd, -INFINITY)

WIDE static void sums_wide(const double *x, double *out, long rows, long k) {
  long r = 0;
  for (; r + 8 <= rows; r += 8) _mm512_storeu_pd(out + r, sum_eight(x + r * k, k));
  for (; r < rows; r++) out[r] = _mm512_reduce_add_pd(sum_lanes(x + r * k, k));
}

// NaN is not looked for: whoever needs it finds it in what comes after.
WIDE static void tops_wide(const double *x, double *out, long rows, long k) {
  long r = 0;
  for (; r + 8 <= rows; r += 8) _mm512_storeu_pd(out + r, top_eight(x + r * k, k));
  for (; r < rows; r++) out[r] = _mm512_reduce_max_pd(top_lanes(x + r * k, k));
}

// exp_ of eight numbers, in the same order of arithmetic.
WIDE static inline __m512d exp_eight(__m512d x) {
#define C(number) _mm512_set1_pd(number)
#define FMA _mm512_fmadd_pd
  // In this order NaN passes.
  x = _mm512_min_pd(C(710), _mm512_max_pd(C(-746), x));
  __m512d whole = _mm512_sub_pd(FMA(x, C(0x1.71547652b82fep0), C(ROUNDER)), C(ROUNDER));
  __m512d r = _mm512_fnmadd_pd(whole, C(0x1.62e42fee00000p-1), x);
  r = _mm512_fnmadd_pd(whole, C(0x1.a39ef35793c76p-33), r);
  __m512d r2 = _mm512_mul_pd(r, r), r4 = _mm512_mul_pd(r2, r2);
  __m512d a = FMA(r, C(0x1.5555555555555p-3), C(0x1p-1)), b = FMA(r, C(0x1.1111111111111p-7), C(0x1.5555555555555p-5));
  __m512d c = FMA(r, C(0x1.a01a01a01a01ap-13), C(0x1.6c16c16c16c17p-10));
  __m512d d = FMA(r, C(0x1.71de3a556c734p-19), C(0x1.a01a01a01a01ap-16));
  __m512d e = FMA(r, C(0x1.ae64567f544e4p-26), C(0x1.27e4fb7789f5cp-22));
  __m512d f = FMA(r, C(0x1.6124613a86d09p-33), C(0x1.1eed8eff8d898p-29));
  __m512d series = FMA(r4, FMA(r4, FMA(r2, f, e), FMA(r2, d, c)), FMA(r2, b, a));
  return _mm512_scalef_pd(_mm512_add_pd(FMA(r2, series, r), C(1)), whole);
#undef C
#undef FMA
}

// The eight numbers that lie `next` further on, asked for while there is computing to do: the next block of rows is read
// first by its folds, which would wait for memory. There may be none; asking is harmless.
#define AHEAD(next) _mm_prefetch((const char *)(x + r * k + 8 * j + (next)), _MM_HINT_T0)

// out = an expression of v, from x, and of c and d, the numbers of its row.
#define BY_ROW_WIDE(name, expression)                                                                                  \
  WIDE static void name(const double *x, const double *first, const double *second, double *out, long rows, long k) {  \
    long r = 0;                                                                                                        \
    if (k <= SHORT && rows >= 8) {                                                                                     \
      __m512i row[SHORT];                                                                                              \
      find_rows(row, k);                                                                                               \
      for (; r + 8 <= rows; r += 8) {                                                                                  \
        __m512d firsts = _mm512_loadu_pd(first + r), seconds = _mm512_loadu_pd(second + r);                            \
        for (long j = 0; j < k; j++) {                                                                                 \
          __m512d v = _mm512_loadu_pd(x + r * k + 8 * j), c = _mm512_permutexvar_pd(row[j], firsts),                   \
                  d = _mm512_permutexvar_pd(row[j], seconds);                                                          \
          (void)v, (void)d;                                                                                            \
          _mm512_storeu_pd(out + r * k + 8 * j, expression);                                                           \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    for (; r < rows; r++) {                                                                                            \
      __m512d c = _mm512_set1_pd(first[r]), d = _mm512_set1_pd(second[r]);                                             \
      for (long j = 0; j < k; j += 8) {                                                                                \
        __m512d v = part(x + r * k + j, k - j, 0);                                                                     \
        (void)v, (void)d;                                                                                              \
        _mm512_mask_storeu_pd(out + r * k + j, lanes(k - j), expression);                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
BY_ROW_WIDE(less_row_wide, _mm512_sub_pd(v, c))
BY_ROW_WIDE(power_wide, (AHEAD(rows * k), exp_eight(_mm512_sub_pd(v, c))))
BY_ROW_WIDE(over_row_wide, _mm512_div_pd(v, c))
BY_ROW_WIDE(less_two_wide, _mm512_sub_pd(_mm512_sub_pd(v, c), d))

WIDE static void spread_wide(const double *x, double *out, long rows, long k) {
  long r = 0;
  if (k <= SHORT && rows >= 8) {
    __m512i row[SHORT];
    find_rows(row, k);
    for (; r + 8 <= rows; r += 8) {
      __m512d numbers = _mm512_loadu_pd(x + r);
      for (long j = 0; j < k; j++)
        _mm512_storeu_pd(out + r * k + 8 * j, _mm512_permutexvar_pd(row[j], numbers));
    }
  }
  for (; r < rows; r++)
    for (long j = 0; j < k; j += 8) _mm512_mask_storeu_pd(out + r * k + j, lanes(k - j), _mm512_set1_pd(x[r]));
}

WIDE static void tile_wide(const double *x, double *out, long rows, long k) {
  long r = 0;
  for (; r < rows && r < 8; r++)
    for (long j = 0; j < k; j += 8)
      _mm512_mask_storeu_pd(out + r * k + j, lanes(k - j), part(x + j, k - j, 0));
  // Eight rows are whole registers.
  for (; r + 8 <= rows; r += 8)
    for (long j = 0; j < k; j++) _mm512_storeu_pd(out + r * k + 8 * j, _mm512_loadu_pd(out + 8 * j));
  for (; r < rows; r++) memcpy(out + r * k, out, (size_t)k * 8);
}
#endif

static void sums_plain(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++, x += k) {
    // In the order of eight lanes, as above.
    double part[8] = {0};
    for (long j = 0; j < k; j++) part[j & 7] += x[j];
    out[r] = ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
  }
}

static void tops_plain(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++, x += k) {
    double top = -INFINITY;
    for (long j = 0; j < k; j++) top = x[j] > top ? x[j] : top;
    out[r] = top;
  }
}

static void sums(const double *x, double *out, long rows, long k) {
#if defined(__x86_64__)
  if (ll_has_wide_vectors()) {
    sums_wide(x, out, rows, k);
    return;
  }
#endif
  sums_plain(x, out, rows, k);
}

static void tops(const double *x, double *out, long rows, long k) {
#if defined(__x86_64__)
  if (ll_has_wide_vectors()) {
    tops_wide(x, out, rows, k);
    return;
  }
#endif
  tops_plain(x, out, rows, k);
}

void ll_row_sums(const double *x, double *out, long rows, long k) { sums(x, out, rows, k); }

// MARK: Softmax

#define EACH _Pragma("clang loop vectorize(assume_safety)") for (long i = 0; i < n; i++)

CLONES static void exponentials(double *x, long n) { EACH x[i] = exp_(x[i]); }
CLONES static void logarithms(double *x, long n) { EACH x[i] = log_(x[i]); }

// out = an expression of v, from x, and of c and d, the numbers of its row.
#define BY_ROW(name, expression)                                                                                       \
  CLONES static void name##_plain(const double *x, const double *first, const double *second, double *out, long rows,  \
                                  long k) {                                                                            \
    for (long r = 0; r < rows; r++) {                                                                                  \
      double c = first[r], d = second[r];                                                                              \
      (void)d;                                                                                                         \
      for (long j = 0; j < k; j++) {                                                                                   \
        double v = x[r * k + j];                                                                                       \
        out[r * k + j] = expression;                                                                                   \
      }                                                                                                                \
    }                                                                                                                  \
  }
BY_ROW(less_row, v - c)
BY_ROW(over_row, v / c)
BY_ROW(less_two, (v - c) - d)

static void power_plain(const double *x, const double *first, const double *second, double *out, long rows, long k) {
  less_row_plain(x, first, second, out, rows, k);
  exponentials(out, rows * k);
}

static void spread_plain(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++)
    for (long j = 0; j < k; j++) out[r * k + j] = x[r];
}

#if defined(__x86_64__)
#define CHOOSE(name) (ll_has_wide_vectors() ? name##_wide : name##_plain)
#else
#define CHOOSE(name) name##_plain
#endif

void ll_spread(const double *x, double *out, long rows, long k) { CHOOSE(spread)(x, out, rows, k); }

void ll_tile(const double *x, double *out, long rows, long k) {
#if defined(__x86_64__)
  if (ll_has_wide_vectors()) {
    tile_wide(x, out, rows, k);
    return;
  }
#endif
  for (long r = 0; r < rows; r++) memcpy(out + r * k, x, (size_t)k * 8);
}

void ll_row_largest(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++, x += k) {
    double top = -INFINITY;
    for (long j = 0; j < k; j++) top = maximum_(x[j], top);
    out[r] = top;
  }
}

void ll_row_softmax(int32_t kind, const double *x, double *out, long rows, long k) {
  double powers[NUMBERS], top[ROWS], total[ROWS];
  long most = k <= NUMBERS ? NUMBERS / (k > 0 ? k : 1) : 1;
  if (most > ROWS) most = ROWS;
  if (most > 8) most -= most % 8;
  for (long first = 0; first < rows; first += most) {
    long b = rows - first < most ? rows - first : most;
    const double *block = x + first * k;
    double *e = k <= NUMBERS && kind != LL_SOFTMAX ? powers : out + first * k;
    tops(block, top, b, k);
    if (kind == LL_LOGSUMEXP && k > NUMBERS) {
      // One long row, by pieces: nothing but the pieces fits.
      double sum = 0, one;
      for (long j = 0; j < k; j += NUMBERS) {
        long m = k - j < NUMBERS ? k - j : NUMBERS;
        less_row_plain(block + j, top, top, powers, 1, m);
        exponentials(powers, m);
        sums(powers, &one, 1, m);
        sum += one;
      }
      total[0] = sum;
    } else {
      if (kind == LL_LOG_SOFTMAX && k > NUMBERS) {
        CHOOSE(less_row)(block, top, top, e, b, k);
        double sum = 0, one;
        for (long j = 0; j < k; j += NUMBERS) {
          long m = k - j < NUMBERS ? k - j : NUMBERS;
          memcpy(powers, e + j, (size_t)m * 8);
          exponentials(powers, m);
          sums(powers, &one, 1, m);
          sum += one;
        }
        total[0] = sum;
      } else {
        CHOOSE(power)(block, top, top, e, b, k);
        sums(e, total, b, k);
      }
    }
    switch (kind) {
    case LL_SOFTMAX:
      CHOOSE(over_row)(e, total, total, out + first * k, b, k);
      break;
    case LL_LOG_SOFTMAX:
      logarithms(total, b);
      CHOOSE(less_two)(block, top, total, out + first * k, b, k);
      break;
    default:
      logarithms(total, b);
      // An infinite top is the result itself; −∞ − (−∞) would be NaN. A NaN shows in the sum.
      for (long r = 0; r < b; r++) {
        int hasInfiniteTop = isinf(top[r]);
        out[first + r] = hasInfiniteTop ? top[r] : top[r] + total[r];
        if (hasInfiniteTop)
          for (long j = 0; j < k; j++)
            if (isnan(block[r * k + j])) out[first + r] = NAN;
      }
    }
  }
}
