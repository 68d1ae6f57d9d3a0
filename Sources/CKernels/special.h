#pragma once

// Statistical functions behind the elementwise kernels.

/// ψ⁽ⁿ⁾(x), the n-th derivative of digamma; NaN unless n is a whole number from 0 to 100.
double ll_polygamma(double n, double x, double (*digamma)(double));
double ll_erfinv(double y);
/// e^-|x| I₀(x) and e^-|x| I₁(x), modified Bessel functions of the first kind.
double ll_i0e(double x);
double ll_i1e(double x);
/// The logarithm of the standard normal distribution function.
double ll_log_ndtr(double x);
/// log(eᵃ + eᵇ)
double ll_logaddexp(double a, double b);
