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

WIDE static void sums_wide(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++, x += k) {
    __m512d total = part(x, k, 0);
    for (long j = 8; j < k; j += 8) total = _mm512_add_pd(total, part(x + j, k - j, 0));
    out[r] = _mm512_reduce_add_pd(total);
  }
}

// NaN is not looked for: whoever needs it finds it in what comes after.
WIDE static void tops_wide(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++, x += k) {
    __m512d top = part(x, k, -INFINITY);
    for (long j = 8; j < k; j += 8) top = _mm512_max_pd(top, part(x + j, k - j, -INFINITY));
    out[r] = _mm512_reduce_max_pd(top);
  }
}

// out = an expression of x and c, the number of its row, eight at a time.
#define BY_ROW_WIDE(name, input, expression)                                                                           \
  WIDE static void name(const double *x, const double *number, double *out, long rows, long k) {                       \
    for (long r = 0; r < rows; r++) {                                                                                  \
      __m512d c = _mm512_set1_pd(number[r]);                                                                           \
      for (long j = 0; j < k; j += 8) {                                                                                \
        __m512d v = input;                                                                                             \
        (void)v, (void)c;                                                                                              \
        _mm512_mask_storeu_pd(out + r * k + j, lanes(k - j), expression);                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
BY_ROW_WIDE(less_row_wide, part(x + r * k + j, k - j, 0), _mm512_sub_pd(v, c))
BY_ROW_WIDE(over_row_wide, part(x + r * k + j, k - j, 0), _mm512_div_pd(v, c))
BY_ROW_WIDE(spread_wide, c, c)
BY_ROW_WIDE(tile_wide, part(x + j, k - j, 0), v)

// out = (x − a) − b, numbers of the row; in one pass, because rows just stored are slow to load across their borders.
WIDE static void less_two_wide(const double *x, const double *a, const double *b, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++) {
    __m512d first = _mm512_set1_pd(a[r]), second = _mm512_set1_pd(b[r]);
    for (long j = 0; j < k; j += 8) {
      __m512d v = _mm512_sub_pd(_mm512_sub_pd(part(x + r * k + j, k - j, 0), first), second);
      _mm512_mask_storeu_pd(out + r * k + j, lanes(k - j), v);
    }
  }
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

// out = x op number of its row
#define BY_ROW(name, input, expression)                                                                                \
  CLONES static void name##_plain(const double *x, const double *number, double *out, long rows, long k) {                     \
    for (long r = 0; r < rows; r++) {                                                                                  \
      double c = number[r];                                                                                            \
      for (long j = 0; j < k; j++) {                                                                                   \
        double v = input;                                                                                              \
        out[r * k + j] = expression;                                                                                   \
      }                                                                                                                \
    }                                                                                                                  \
  }
BY_ROW(less_row, x[r * k + j], v - c)
BY_ROW(over_row, x[r * k + j], v / c)
BY_ROW(spread, c, v)

static void less_two_plain(const double *x, const double *a, const double *b, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++)
    for (long j = 0; j < k; j++) out[r * k + j] = (x[r * k + j] - a[r]) - b[r];
}

#if defined(__x86_64__)
#define CHOOSE(name) (ll_has_wide_vectors() ? name##_wide : name##_plain)
#else
#define CHOOSE(name) name##_plain
#endif

void ll_spread(const double *x, double *out, long rows, long k) { CHOOSE(spread)(x, x, out, rows, k); }

void ll_tile(const double *x, double *out, long rows, long k) {
#if defined(__x86_64__)
  // The number of each row is not looked at.
  if (ll_has_wide_vectors()) {
    tile_wide(x, out, out, rows, k);
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
  for (long first = 0; first < rows; first += most) {
    long b = rows - first < most ? rows - first : most, n = b * k;
    const double *block = x + first * k;
    double *e = k <= NUMBERS && kind != LL_SOFTMAX ? powers : out + first * k;
    tops(block, top, b, k);
    if (kind == LL_LOGSUMEXP && k > NUMBERS) {
      // One long row, by pieces: nothing but the pieces fits.
      double sum = 0, one;
      for (long j = 0; j < k; j += NUMBERS) {
        long m = k - j < NUMBERS ? k - j : NUMBERS;
        less_row_plain(block + j, top, powers, 1, m);
        exponentials(powers, m);
        sums(powers, &one, 1, m);
        sum += one;
      }
      total[0] = sum;
    } else {
      CHOOSE(less_row)(block, top, e, b, k);
      if (kind == LL_LOG_SOFTMAX && k > NUMBERS) {
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
        exponentials(e, n);
        sums(e, total, b, k);
      }
    }
    switch (kind) {
    case LL_SOFTMAX:
      CHOOSE(over_row)(e, total, out + first * k, b, k);
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
