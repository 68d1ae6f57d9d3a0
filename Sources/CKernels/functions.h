#pragma once
#include "special.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

// The functions of the language, one body each, inlined into loops over arrays and into code on single numbers, so that
// both give the same bits. exp, log and what is made of them are written out in arithmetic that compilers turn into
// vector instructions (the C library's calls cannot be), with errors below 3 units in the last place.

#if defined(__x86_64__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, 8);
  return x;
}
INLINE uint64_t to_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  return bits;
}

// Adding it rounds to a whole number, which is then in the low bits.
#define ROUNDER 0x1.8p52

// x = k·ln 2 + r with |r| ≤ ½ ln 2; e^r − 1 − r = r²·q(r) by its Taylor series.
INLINE double exp_rest(double x, double *whole) {
  double k = x * 0x1.71547652b82fep0 + ROUNDER - ROUNDER;
  double r = x - k * 0x1.62e42fee00000p-1;
  *whole = k;
  return r - k * 0x1.a39ef35793c76p-33;
}
INLINE double exp_series(double r) {
  double r2 = r * r, r4 = r2 * r2;
  double a = 0x1p-1 + r * 0x1.5555555555555p-3;
  double b = 0x1.5555555555555p-5 + r * 0x1.1111111111111p-7;
  double c = 0x1.6c16c16c16c17p-10 + r * 0x1.a01a01a01a01ap-13;
  double d = 0x1.a01a01a01a01ap-16 + r * 0x1.71de3a556c734p-19;
  double e = 0x1.27e4fb7789f5cp-22 + r * 0x1.ae64567f544e4p-26;
  double f = 0x1.1eed8eff8d898p-29 + r * 0x1.6124613a86d09p-33;
  return (a + r2 * b) + r4 * ((c + r2 * d) + r4 * (e + r2 * f));
}
INLINE double power_of_two(double k) { return from_bits((to_bits(k + ROUNDER) + 1023) << 52); }

INLINE double exp_(double x) {
  double c = x < -746.0 ? -746.0 : x;
  c = c > 710.0 ? 710.0 : c;
  double k, r = exp_rest(c, &k);
  double e = 1.0 + (r + r * r * exp_series(r));
  // In two halves: results below 2^-1022 and above 2^1023 round as they should.
  double half = k * 0.5 + ROUNDER - ROUNDER;
  return e * power_of_two(half) * power_of_two(k - half);
}

INLINE double expm1_(double x) {
  double c = x < -50.0 ? -50.0 : x;
  c = c > 710.0 ? 710.0 : c;
  double k, r = exp_rest(c, &k);
  double p = r + r * r * exp_series(r);
  double scale = power_of_two(k - 1);
  double result = 2 * (scale * p + (scale - 0.5));
  return fabs(x) < 0x1p-54 ? x : result;
}

// log of a positive, normal, finite x: x = 2^k·(1 + f) with 1 + f between √½ and √2 (after Sun's fdlibm).
INLINE double log_normal(double x, double shift) {
  uint64_t bits = to_bits(x), offset = bits - 0x3fe6a09e667f3bcdULL + (0x400ULL << 52);
  double k = from_bits(0x4330000000000000ULL | (offset >> 52)) - (0x1p52 + 1024) + shift;
  double f = from_bits(bits - ((offset & 0xfff0000000000000ULL) - (0x400ULL << 52))) - 1.0;
  double s = f / (2.0 + f), z = s * s, w = z * z;
  double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  double odd = z * (6.666666666666735130e-01
                    + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  double half = 0.5 * f * f;
  return k * 6.93147180369123816490e-01
         - ((half - (s * (half + (even + odd)) + k * 1.90821492927058770002e-10)) - f);
}

INLINE double log_(double x) {
  int small = x < 0x1p-1022;
  double r = log_normal(small ? x * 0x1p54 : x, small ? -54.0 : 0.0);
  r = x == 0 ? -INFINITY : r;
  r = x < 0 ? NAN : r;
  return x < INFINITY ? r : x;
}

// log(1 + x) = log u plus what rounding u = 1 + x has lost.
INLINE double log1p_(double x) {
  double u = 1.0 + x, lost = x - (u - 1.0);
  double r = log_normal(u > 0x1p-1022 ? u : 1.0, 0) + lost / u;
  r = fabs(x) < 0x1p-54 ? x : r;
  r = x == -1 ? -INFINITY : r;
  r = x < -1 ? NAN : r;
  return x < INFINITY ? r : x;
}

// For 0 ≤ x ≤ 1, as it comes out of exp(−|x|), with a single division: t = 2x/(2+x) and log(1+x) = t + t³/12 + t⁵/80 +
// …, from 1 below √2 − 1 and from 2 above.
INLINE double log1p_unit(double x) {
  int upper = x > 0x1.a827999fcef34p-2;
  double t = 2 * (upper ? x - 1.0 : x) / (x + (upper ? 3.0 : 2.0)), z = t * t, w = z * z, v = w * w;
  double a = 1. / 12 + z * (1. / 80), b = 1. / 448 + z * (1. / 2304), c = 1. / 11264 + z * (1. / 53248),
         d = 1. / 245760 + z * (1. / 1114112);
  double series = (a + w * b) + v * ((c + w * d) + v * (1. / 4980736));
  return (upper ? 0x1.62e42fefa39efp-1 : 0.0) + (t + t * z * series);
}

INLINE double tanh_(double x) {
  double t = expm1_(-2 * fabs(x));
  return copysign(t / (2 + t), x);
}

// Both tails through exp of a negative number: nothing overflows and the small tail keeps its digits.
INLINE double sigmoid_(double x) {
  double t = exp_(-fabs(x)), r = 1.0 / (1.0 + t);
  return x < 0 ? t * r : r;
}

INLINE double softplus_(double x) { return (x > 0 ? x : 0.0) + log1p_unit(exp_(-fabs(x))); }

INLINE double sign_(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }
INLINE double relu_(double x) { return x > 0 ? x : x == x ? 0.0 : x; }
INLINE double minimum_(double x, double y) { return x < y || x != x ? x : y; }
INLINE double maximum_(double x, double y) { return x > y || x != x ? x : y; }
INLINE double xlogy_(double x, double y) { return x == 0 && y == y ? 0.0 : x * log_(y); }

// Floored, like Python's: the result has the sign of y.
INLINE double modulo_(double x, double y) {
  double r = fmod(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

INLINE double power_(double x, double y) {
  if (y == 2) return x * x;
  if (y == 1) return x;
  if (y == -1) return 1 / x;
  return pow(x, y);
}

double ll_digamma(double x);

#define UNARY(F)                                                                                                       \
  F(0, -v) F(1, fabs(v)) F(2, sign_(v)) F(3, sqrt(v)) F(4, exp_(v)) F(5, expm1_(v)) F(6, log_(v)) F(7, log1p_(v))      \
  F(8, log2(v)) F(9, log10(v)) F(10, sin(v)) F(11, cos(v)) F(12, tan(v)) F(13, tanh_(v)) F(14, sinh(v))                \
  F(15, cosh(v)) F(16, asin(v)) F(17, acos(v)) F(18, atan(v)) F(19, sigmoid_(v)) F(20, softplus_(v)) F(21, relu_(v))   \
  F(22, floor(v)) F(23, ceil(v)) F(24, rint(v)) F(25, erf(v)) F(26, lgamma(v)) F(27, ll_digamma(v))                    \
  F(28, (v) == 0 ? 1.0 : 0.0) F(29, asinh(v)) F(30, acosh(v)) F(31, atanh(v)) F(32, erfc(v)) F(33, ll_erfinv(v))       \
  F(34, ll_i0e(v)) F(35, ll_i1e(v)) F(36, ll_log_ndtr(v))

#define BINARY(F)                                                                                                      \
  F(0, a + b) F(1, a - b) F(2, a *b) F(3, a / b) F(4, power_(a, b)) F(5, minimum_(a, b)) F(6, maximum_(a, b))          \
  F(7, modulo_(a, b)) F(8, xlogy_(a, b)) F(9, a < b ? 1.0 : 0.0) F(10, a <= b ? 1.0 : 0.0) F(11, a > b ? 1.0 : 0.0)    \
  F(12, a >= b ? 1.0 : 0.0) F(13, a == b ? 1.0 : 0.0) F(14, a != b ? 1.0 : 0.0)                                        \
  F(15, a != 0 && b != 0 ? 1.0 : 0.0) F(16, a != 0 || b != 0 ? 1.0 : 0.0)                                        \
  F(17, ll_polygamma(a, b, ll_digamma)) F(18, ll_logaddexp(a, b)) F(19, atan2(a, b))
