#define _GNU_SOURCE
#include "kernels.h"
#include "special.h"
#include <math.h>
#include <string.h>

// One body per function, instantiated for arrays and for single numbers, so that both give the same bits.

static inline double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x == 0 ? 0.0 : x; }

// Both tails through exp of a negative number: nothing overflows and the small tail keeps its digits.
static inline double sigmoid(double x) {
  double t = exp(-fabs(x));
  return x >= 0 ? 1.0 / (1.0 + t) : x < 0 ? t / (1.0 + t) : x;
}

static inline double softplus(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }

// Reflection below ½, recurrence up to 12, then the asymptotic series (Abramowitz & Stegun 6.3.18).
static double digamma(double x) {
  if (isnan(x) || x == -INFINITY) return NAN;
  if (x <= 0 && x == floor(x)) return NAN;
  if (x < 0.5) return digamma(1 - x) - M_PI / tan(M_PI * x);
  double shift = 0;
  while (x < 12) {
    shift -= 1 / x;
    x += 1;
  }
  double i = 1 / (x * x);
  double series = i * (1.0 / 12 - i * (1.0 / 120 - i * (1.0 / 252 - i * (1.0 / 240 - i * (1.0 / 132)))));
  return shift + log(x) - 0.5 / x - series;
}

static inline double relu(double x) { return x > 0 ? x : x == x ? 0.0 : x; }
static inline double minimum(double x, double y) { return x < y || x != x ? x : y; }
static inline double maximum(double x, double y) { return x > y || x != x ? x : y; }

// Floored, like Python's: the result has the sign of y.
static inline double modulo(double x, double y) {
  double r = fmod(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

static inline double xlogy(double x, double y) { return x == 0 && y == y ? 0.0 : x * log(y); }

static inline double power(double x, double y) {
  if (y == 2) return x * x;
  if (y == 1) return x;
  if (y == -1) return 1 / x;
  return pow(x, y);
}

#define UNARY(F)                                                                                                       \
  F(0, -v) F(1, fabs(v)) F(2, sign(v)) F(3, sqrt(v)) F(4, exp(v)) F(5, expm1(v)) F(6, log(v)) F(7, log1p(v))           \
  F(8, log2(v)) F(9, log10(v)) F(10, sin(v)) F(11, cos(v)) F(12, tan(v)) F(13, tanh(v)) F(14, sinh(v)) F(15, cosh(v))  \
  F(16, asin(v)) F(17, acos(v)) F(18, atan(v)) F(19, sigmoid(v)) F(20, softplus(v)) F(21, relu(v)) F(22, floor(v))     \
  F(23, ceil(v)) F(24, rint(v)) F(25, erf(v)) F(26, lgamma(v)) F(27, digamma(v)) F(28, (v) == 0 ? 1.0 : 0.0)          \
  F(29, asinh(v)) F(30, acosh(v)) F(31, atanh(v)) F(32, erfc(v)) F(33, ll_erfinv(v)) F(34, ll_i0e(v))                  \
  F(35, ll_i1e(v)) F(36, ll_log_ndtr(v))

#define BINARY(F)                                                                                                      \
  F(0, a + b) F(1, a - b) F(2, a *b) F(3, a / b) F(4, power(a, b)) F(5, minimum(a, b)) F(6, maximum(a, b))             \
  F(7, modulo(a, b)) F(8, xlogy(a, b)) F(9, a < b ? 1.0 : 0.0) F(10, a <= b ? 1.0 : 0.0) F(11, a > b ? 1.0 : 0.0)      \
  F(12, a >= b ? 1.0 : 0.0) F(13, a == b ? 1.0 : 0.0) F(14, a != b ? 1.0 : 0.0)                                        \
  F(15, a != 0 && b != 0 ? 1.0 : 0.0) F(16, a != 0 || b != 0 ? 1.0 : 0.0) F(17, ll_polygamma(a, b, digamma))           \
  F(18, ll_logaddexp(a, b)) F(19, atan2(a, b))

double ll_unary_scalar(int32_t op, double v) {
  switch (op) {
#define F(number, expression)                                                                                          \
  case number:                                                                                                         \
    return expression;
    UNARY(F)
#undef F
  }
  return NAN;
}

void ll_unary_apply(int32_t op, const double *x, double *out, long n) {
  switch (op) {
#define F(number, expression)                                                                                          \
  case number:                                                                                                         \
    for (long i = 0; i < n; i++) {                                                                                     \
      double v = x[i];                                                                                                 \
      out[i] = expression;                                                                                             \
    }                                                                                                                  \
    return;
    UNARY(F)
#undef F
  }
}

double ll_binary_scalar(int32_t op, double a, double b) {
  switch (op) {
#define F(number, expression)                                                                                          \
  case number:                                                                                                         \
    return expression;
    BINARY(F)
#undef F
  }
  return NAN;
}

#define LOOP(name, left, right)                                                                        \
  void name(int32_t op, left, right, double *out, long n) {                                                            \
    switch (op) { BINARY(F) }                                                                                          \
  }

#define F(number, expression)                                                                                          \
  case number:                                                                                                         \
    for (long i = 0; i < n; i++) {                                                                                     \
      double a = x[i], b = y[i];                                                                                       \
      out[i] = expression;                                                                                             \
    }                                                                                                                  \
    return;
LOOP(ll_binary_vv, const double *x, const double *y)
#undef F
#define F(number, expression)                                                                                          \
  case number:                                                                                                         \
    for (long i = 0; i < n; i++) {                                                                                     \
      double a = x[i], b = y;                                                                                          \
      out[i] = expression;                                                                                             \
    }                                                                                                                  \
    return;
LOOP(ll_binary_vs, const double *x, double y)
#undef F
#define F(number, expression)                                                                                          \
  case number:                                                                                                         \
    for (long i = 0; i < n; i++) {                                                                                     \
      double a = x, b = y[i];                                                                                          \
      out[i] = expression;                                                                                             \
    }                                                                                                                  \
    return;
LOOP(ll_binary_sv, double x, const double *y)
#undef F

void ll_select(const double *c, long cs, const double *a, long as, const double *b, long bs, double *out, long n) {
  for (long i = 0; i < n; i++) out[i] = c[i * cs] != 0 ? a[i * as] : b[i * bs];
}

static double sum(const double *x, long n) {
  if (n > 512) {
    long half = (n / 2 + 511) / 512 * 512;
    return sum(x, half) + sum(x + half, n - half);
  }
  double part[8] = {0};
  long i = 0;
  for (; i + 8 <= n; i += 8)
    for (int j = 0; j < 8; j++) part[j] += x[i + j];
  for (int j = 0; i < n; i++, j++) part[j] += x[i];
  return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}

double ll_reduce(int32_t op, const double *x, long n) {
  double r;
  switch (op) {
  case 0:
    return sum(x, n);
  case 1:
    r = 1;
    for (long i = 0; i < n; i++) r *= x[i];
    return r;
  case 2:
    r = -INFINITY;
    for (long i = 0; i < n; i++) r = maximum(x[i], r);
    return r;
  default:
    r = INFINITY;
    for (long i = 0; i < n; i++) r = minimum(x[i], r);
    return r;
  }
}

void ll_matmul(const double *a, const double *b, double *out, long m, long k, long n) {
  memset(out, 0, sizeof(double) * (size_t)(m * n));
  for (long i = 0; i < m; i++)
    for (long p = 0; p < k; p++) {
      double f = a[i * k + p];
      for (long j = 0; j < n; j++) out[i * n + j] += f * b[p * n + j];
    }
}
