#include "special.h"
#include <math.h>

// Functions of statistics that the C library lacks. Each is built from series without cancellation, so that the relative
// error is a few units in the last place over the whole line, not only where tables are usually printed.

// ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n+1, x) for n ≥ 1. Hurwitz' zeta is summed up to x ≥ 12, the rest by Euler and Maclaurin
// (Abramowitz & Stegun 6.4.11, 23.2.9); far to the left by the reflection 6.4.7.
static double hurwitz(double s, double x) {
  // B₂ₖ/(2k)!
  static const double ratio[] = {1.0 / 12,
                                 -1.0 / 720,
                                 1.0 / 30240,
                                 -1.0 / 1209600,
                                 1.0 / 47900160,
                                 -691.0 / 1307674368000.0,
                                 1.0 / 74724249600.0,
                                 -3617.0 / 10670622842880000.0};
  double total = 0;
  while (x < 12 + s / 4) {
    total += pow(x, -s);
    x += 1;
  }
  double edge = pow(x, -s);
  total += x * edge / (s - 1) + edge / 2;
  double rising = s, power = edge / x;
  for (int k = 0; k < 8; k++) {
    total += ratio[k] * rising * power;
    rising *= (s + 2 * k + 1) * (s + 2 * k + 2);
    power /= x * x;
  }
  return total;
}

double ll_polygamma(double n, double x, double (*digamma)(double)) {
  if (isnan(x) || !(n >= 0) || n != floor(n) || n > 100) return NAN;
  if (n == 0) return digamma(x);
  double sign = fmod(n, 2) == 0 ? -1 : 1;
  if (x <= 0 && x == floor(x)) return sign > 0 && isfinite(x) ? INFINITY : NAN;
  if (x == INFINITY) return 0;
  if (x >= -1000) return sign * tgamma(n + 1) * hurwitz(n + 1, x);
  // The n-th derivative of π·cot πx is a polynomial in c = cot πx, because c′ = −π(1 + c²).
  int order = (int)n;
  double p[104] = {0}, c = 1 / tan(M_PI * (x - floor(x)));
  p[1] = M_PI;
  for (int step = 0; step < order; step++) {
    double q[104] = {0};
    for (int k = 1; k <= step + 1; k++) {
      q[k - 1] -= M_PI * k * p[k];
      q[k + 1] -= M_PI * k * p[k];
    }
    for (int k = 0; k <= step + 2; k++) p[k] = q[k];
  }
  double cotangent = 0;
  for (int k = order + 1; k >= 0; k--) cotangent = cotangent * c + p[k];
  return (order % 2 ? -1 : 1) * ll_polygamma(n, 1 - x, digamma) - cotangent;
}

// Wichura (1988), algorithm AS 241, PPND16, with its p − ½ taken as y/2, which is exact.
double ll_erfinv(double y) {
  double q = y / 2, r, v;
  if (!(fabs(y) <= 1)) return NAN;
  if (fabs(y) == 1) return y * INFINITY;
  if (fabs(q) <= 0.425) {
    r = 0.180625 - q * q;
    v = q *
        (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
             45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r +
          133.14166789178437745) * r + 3.387132872796366608) /
        (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r +
             21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r +
          42.313330701600911252) * r + 1);
  } else {
    r = sqrt(-log((1 - fabs(y)) / 2));
    if (r <= 5) {
      r -= 1.6;
      v = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r +
               1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r +
            4.6303378461565452959) * r + 1.42343711074968357734) /
          (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r +
               0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r +
            2.05319162663775882187) * r + 1);
    } else {
      r -= 5;
      v = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r +
               0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r +
            5.4637849111641143699) * r + 6.6579046435011037772) /
          (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r +
               7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r +
            0.59983220655588793769) * r + 1);
    }
    if (q < 0) v = -v;
  }
  return v * 0.70710678118654752440;
}

// e^-|x| Iᵥ(x) for v = 0, 1: the power series has only positive terms; beyond 30 the asymptotic one (Abramowitz &
// Stegun 9.6.10, 9.7.1) reaches full precision before it diverges.
static double bessel(double x, double order) {
  double a = fabs(x), term = 1, total = 1;
  if (isnan(x)) return x;
  if (a == INFINITY) return 0;
  if (a < 30) {
    double square = a * a / 4;
    for (int k = 1; term > total * 1e-17; k++) {
      term *= square / (k * (k + order));
      total += term;
    }
    double value = total * exp(-a);
    return order == 0 ? value : value * x / 2;
  }
  double mu = 4 * order * order;
  for (int k = 1; k < 60 && fabs(term) > 1e-18; k++) {
    term *= -(mu - (2.0 * k - 1) * (2.0 * k - 1)) / (k * 8 * a);
    total += term;
  }
  double value = total / sqrt(2 * M_PI * a);
  return order == 0 || x > 0 ? value : -value;
}

double ll_i0e(double x) { return bessel(x, 0); }
double ll_i1e(double x) { return bessel(x, 1); }

// log Φ(x). Near 1 through the small other tail; far to the left, where Φ underflows, by Mills' ratio (Abramowitz &
// Stegun 26.2.12).
double ll_log_ndtr(double x) {
  if (x > -1) return log1p(-erfc(x * M_SQRT1_2) / 2);
  if (x > -20) return log(erfc(-x * M_SQRT1_2) / 2);
  if (isnan(x) || x == -INFINITY) return x;
  double i = 1 / (x * x), term = 1, series = 0;
  for (int k = 1; k < 12; k++) {
    term *= -(2 * k - 1) * i;
    series += term;
  }
  return -x * x / 2 - log(-x) - 0.91893853320467274178 + log1p(series);
}

// Equal operands include two infinities of one sign, whose difference would be NaN.
double ll_logaddexp(double a, double b) {
  if (a == b) return a + M_LN2;
  return (a > b ? a : b) + log1p(exp(-fabs(a - b)));
}
