#pragma once
#include <stdint.h>

// The loops under the expression graph. Operation numbers are the raw values of the Swift enums that name them.
// Output may be the same memory as an input, never an overlapping part of it.

void ll_unary_apply(int32_t op, const double *x, double *out, long n);
double ll_unary_scalar(int32_t op, double x);

void ll_binary_vv(int32_t op, const double *x, const double *y, double *out, long n);
void ll_binary_vs(int32_t op, const double *x, double y, double *out, long n);
void ll_binary_sv(int32_t op, double x, const double *y, double *out, long n);
double ll_binary_scalar(int32_t op, double x, double y);

/// out = c ? a : b; a stride of 0 repeats a single number.
void ll_select(const double *c, long cs, const double *a, long as, const double *b, long bs, double *out, long n);

/// Sum, product, maximum, minimum; sums are pairwise over eight running ones, so their order depends on n alone.
double ll_reduce(int32_t op, const double *x, long n);

/// out[m×n] = a[m×k] · b[k×n]
void ll_matmul(const double *a, const double *b, double *out, long m, long k, long n);
