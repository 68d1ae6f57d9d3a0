#include "include/kernels.h"
#include "functions.h"

// Rows of a matrix: their sums, extremes and softmaxes, where no machine code is made for them (see NativeRows) or they
// are long. Rows may be short (ten classes), so the work goes over a block of rows at a time: exponentials over all
// numbers of the block at once, folds row by row.

enum { NUMBERS = 1024, ROWS = 256 };

#define EACH _Pragma("clang loop vectorize(assume_safety)") for (long i = 0; i < n; i++)

// Short rows are summed from left to right, as the machine code for eight rows at a time does; long ones in eight lanes.
CLONES static void sums(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++, x += k) {
    if (k <= LL_LONGEST_ROW) {
      double sum = 0;
      for (long j = 0; j < k; j++) sum += x[j];
      out[r] = sum;
      continue;
    }
    double part[8] = {0};
    long j = 0;
    for (; j + 8 <= k; j += 8)
      for (long i = 0; i < 8; i++) part[i] += x[j + i];
    for (long i = 0; j < k; i++, j++) part[i] += x[j];
    out[r] = ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
  }
}

// NaN is not looked for: whoever needs it finds it in what comes after.
CLONES static void tops(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++, x += k) {
    double part[8], top = -INFINITY;
    for (long i = 0; i < 8; i++) part[i] = -INFINITY;
    long j = 0;
    for (; j + 8 <= k; j += 8)
      for (long i = 0; i < 8; i++) part[i] = x[j + i] > part[i] ? x[j + i] : part[i];
    for (; j < k; j++) top = x[j] > top ? x[j] : top;
    for (long i = 0; i < 8; i++) top = part[i] > top ? part[i] : top;
    out[r] = top;
  }
}

void ll_row_sums(const double *x, double *out, long rows, long k) { sums(x, out, rows, k); }

void ll_row_largest(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++, x += k) {
    double top = -INFINITY;
    for (long j = 0; j < k; j++) top = maximum_(x[j], top);
    out[r] = top;
  }
}

void ll_spread(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++)
    for (long j = 0; j < k; j++) out[r * k + j] = x[r];
}

void ll_tile(const double *x, double *out, long rows, long k) {
  for (long r = 0; r < rows; r++) memcpy(out + r * k, x, (size_t)k * 8);
}

// MARK: Softmax

CLONES static void exponentials(double *x, long n) { EACH x[i] = exp_(x[i]); }
CLONES static void logarithms(double *x, long n) { EACH x[i] = log_(x[i]); }

// out = an expression of v, from x, and of c and d, the numbers of its row.
#define BY_ROW(name, expression)                                                                                       \
  CLONES static void name(const double *x, const double *first, const double *second, double *out, long rows,          \
                          long k) {                                                                                    \
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
BY_ROW(times_row, v *c)
BY_ROW(less_two, (v - c) - d)

// Σ exp(x − top) of each row; the powers are left in `e` where there is room for all of them, rows × k numbers.
static void sum_powers(const double *x, const double *top, double *e, int has_room, double *total, long rows, long k) {
  if (has_room) {
    less_row(x, top, top, e, rows, k);
    exponentials(e, rows * k);
    sums(e, total, rows, k);
    return;
  }
  // One long row, by pieces: nothing but the pieces fits.
  total[0] = 0;
  for (long j = 0; j < k; j += NUMBERS) {
    long m = k - j < NUMBERS ? k - j : NUMBERS;
    double sum;
    less_row(x + j, top, top, e, 1, m);
    exponentials(e, m);
    sums(e, &sum, 1, m);
    total[0] += sum;
  }
}

void ll_row_softmax(int32_t kind, const double *x, double *out, long rows, long k) {
  double powers[NUMBERS], top[ROWS], total[ROWS];
  long most = k <= NUMBERS ? NUMBERS / (k > 0 ? k : 1) : 1;
  if (most > ROWS) most = ROWS;
  for (long first = 0; first < rows; first += most, x += most * k) {
    long b = rows - first < most ? rows - first : most;
    double *e = kind == LL_SOFTMAX ? out + first * k : powers;
    tops(x, top, b, k);
    sum_powers(x, top, e, kind == LL_SOFTMAX || k <= NUMBERS, total, b, k);
    switch (kind) {
    case LL_SOFTMAX:
      for (long r = 0; r < b; r++) total[r] = 1 / total[r];
      times_row(e, total, total, e, b, k);
      break;
    case LL_LOG_SOFTMAX:
      logarithms(total, b);
      less_two(x, top, total, out + first * k, b, k);
      break;
    default:
      logarithms(total, b);
      // An infinite top is the result itself; −∞ − (−∞) would be NaN. A NaN shows in the sum.
      for (long r = 0; r < b; r++) {
        int hasInfiniteTop = isinf(top[r]);
        out[first + r] = hasInfiniteTop ? top[r] : top[r] + total[r];
        if (hasInfiniteTop)
          for (long j = 0; j < k; j++)
            if (isnan(x[r * k + j])) out[first + r] = NAN;
      }
    }
  }
}
