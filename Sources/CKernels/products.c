#include "functions.h"
#include "include/kernels.h"
#include "lanes.h"
#include <string.h>

// Products of a matrix and a vector. Rows are often short (ten classes, twenty features), so eight rows are worked on
// together and their sums taken crosswise.

enum { SHORT = 32 };

// out[i] = the sum of the lanes of v[i], for eight vectors.
#define ACROSS(v, out)                                                                                                 \
  {                                                                                                                    \
    lanes b0 = MIX(v[0], v[1], 0, 8, 2, 10, 4, 12, 6, 14) + MIX(v[0], v[1], 1, 9, 3, 11, 5, 13, 7, 15);                \
    lanes b1 = MIX(v[2], v[3], 0, 8, 2, 10, 4, 12, 6, 14) + MIX(v[2], v[3], 1, 9, 3, 11, 5, 13, 7, 15);                \
    lanes b2 = MIX(v[4], v[5], 0, 8, 2, 10, 4, 12, 6, 14) + MIX(v[4], v[5], 1, 9, 3, 11, 5, 13, 7, 15);                \
    lanes b3 = MIX(v[6], v[7], 0, 8, 2, 10, 4, 12, 6, 14) + MIX(v[6], v[7], 1, 9, 3, 11, 5, 13, 7, 15);                \
    lanes c0 = MIX(b0, b1, 0, 1, 8, 9, 4, 5, 12, 13) + MIX(b0, b1, 2, 3, 10, 11, 6, 7, 14, 15);                        \
    lanes c1 = MIX(b2, b3, 0, 1, 8, 9, 4, 5, 12, 13) + MIX(b2, b3, 2, 3, 10, 11, 6, 7, 14, 15);                        \
    out = MIX(c0, c1, 0, 1, 2, 3, 8, 9, 10, 11) + MIX(c0, c1, 4, 5, 6, 7, 12, 13, 14, 15);                             \
  }

// The same sum of the lanes of one vector.
#define TOTAL(v) ((((v)[0] + (v)[1]) + ((v)[2] + (v)[3])) + (((v)[4] + (v)[5]) + ((v)[6] + (v)[7])))

// Rows of up to VECTORS · 8 numbers; the last vector of a row ends where the row does. A row is worth the same wherever
// it stands.
#define ROWS(name, VECTORS)                                                                                            \
  static inline __attribute__((always_inline)) void name(const double *a, const double *x, double *out, long rows,     \
                                                         long depth, long beyond) {                                    \
    double padded[VECTORS * LANES] = {0}, copy[VECTORS * LANES] = {0};                                                 \
    for (long k = 0; k < depth; k++) padded[k] = x[k];                                                                 \
    lanes right[VECTORS];                                                                                              \
    for (int v = 0; v < VECTORS; v++) right[v] = LOAD(padded + v * LANES);                                             \
    marks mask = {0};                                                                                                  \
    for (long k = 0; k < depth - (VECTORS - 1) * LANES; k++) mask[k] = -1;                                             \
    long i = 0;                                                                                                        \
    /* A whole vector of the last rows would reach behind the matrix. */                                               \
    for (; i + LANES <= rows && (i + LANES - 1) * depth + VECTORS * LANES <= rows * depth + beyond; i += LANES) {      \
      lanes sum[LANES];                                                                                                \
      for (int r = 0; r < LANES; r++) {                                                                                \
        const double *row = a + (i + r) * depth;                                                                       \
        lanes s = FIRST(LOAD(row + (VECTORS - 1) * LANES), mask) * right[VECTORS - 1];                                 \
        for (int v = 0; v < VECTORS - 1; v++) s += LOAD(row + v * LANES) * right[v];                                   \
        sum[r] = s;                                                                                                    \
      }                                                                                                                \
      lanes total;                                                                                                     \
      ACROSS(sum, total)                                                                                               \
      STORE(out + i, total);                                                                                           \
    }                                                                                                                  \
    for (; i < rows; i++) {                                                                                            \
      for (long k = 0; k < depth; k++) copy[k] = a[i * depth + k];                                                     \
      lanes s = LOAD(copy + (VECTORS - 1) * LANES) * right[VECTORS - 1];                                               \
      for (int v = 0; v < VECTORS - 1; v++) s += LOAD(copy + v * LANES) * right[v];                                    \
      out[i] = TOTAL(s);                                                                                               \
    }                                                                                                                  \
  }
ROWS(rows_1, 1)
ROWS(rows_2, 2)
ROWS(rows_3, 3)
ROWS(rows_4, 4)

CLONES static void dot_short(const double *a, const double *x, double *out, long rows, long depth, long beyond) {
  switch ((depth + LANES - 1) / LANES) {
  case 1: return rows_1(a, x, out, rows, depth, beyond);
  case 2: return rows_2(a, x, out, rows, depth, beyond);
  case 3: return rows_3(a, x, out, rows, depth, beyond);
  case 4: return rows_4(a, x, out, rows, depth, beyond);
  }
  memset(out, 0, sizeof(double) * (size_t)rows);
}

CLONES static void dot_long(const double *a, const double *x, double *out, long rows, long depth) {
  for (long i = 0; i < rows; i++) {
    const double *row = a + i * depth;
    lanes s0 = SPLAT(0), s1 = SPLAT(0), s2 = SPLAT(0), s3 = SPLAT(0);
    long k = 0;
    for (; k + 4 * LANES <= depth; k += 4 * LANES) {
      s0 += LOAD(row + k) * LOAD(x + k);
      s1 += LOAD(row + k + LANES) * LOAD(x + k + LANES);
      s2 += LOAD(row + k + 2 * LANES) * LOAD(x + k + 2 * LANES);
      s3 += LOAD(row + k + 3 * LANES) * LOAD(x + k + 3 * LANES);
    }
    lanes s = (s0 + s1) + (s2 + s3);
    double t = ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
    for (; k < depth; k++) t += row[k] * x[k];
    out[i] = t;
  }
}

void ll_matvec(const double *a, const double *x, double *out, long rows, long depth, long beyond) {
  if (depth <= SHORT)
    dot_short(a, x, out, rows, depth, beyond);
  else
    dot_long(a, x, out, rows, depth);
}

// Short results stay in registers, one set for each of SETS rows; longer ones are read and written once per four rows.
#define KEPT(name, VECTORS, SETS)                                                                                      \
  static inline __attribute__((always_inline)) void name(const double *x, const double *a, double *out, long rows,     \
                                                         long columns, long beyond, long ahead) {                      \
    lanes sum[SETS][VECTORS];                                                                                          \
    for (int s = 0; s < SETS; s++)                                                                                     \
      for (int v = 0; v < VECTORS; v++) sum[s][v] = SPLAT(0);                                                          \
    long i = 0;                                                                                                        \
    for (; i + SETS <= rows && (i + SETS - 1) * columns + VECTORS * LANES <= rows * columns + beyond; i += SETS) {     \
      if (ahead)                                                                                                       \
        for (long l = 0; l < SETS * columns; l += LANES) __builtin_prefetch(a + ahead + i * columns + l, 0, 2);        \
      for (int s = 0; s < SETS; s++)                                                                                   \
        for (int v = 0; v < VECTORS; v++)                                                                              \
          sum[s][v] += SPLAT(x[i + s]) * LOAD(a + (i + s) * columns + v * LANES);                                      \
    }                                                                                                                  \
    double copy[SETS][VECTORS * LANES] = {{0}}, rest[SETS] = {0};                                                      \
    while (i < rows) {                                                                                                 \
      for (int s = 0; s < SETS; s++) {                                                                                 \
        rest[s] = i + s < rows ? x[i + s] : 0;                                                                         \
        for (long j = 0; j < columns; j++) copy[s][j] = i + s < rows ? a[(i + s) * columns + j] : 0;                   \
      }                                                                                                                \
      for (int s = 0; s < SETS; s++)                                                                                   \
        for (int v = 0; v < VECTORS; v++) sum[s][v] += SPLAT(rest[s]) * LOAD(copy[s] + v * LANES);                     \
      i += SETS;                                                                                                       \
    }                                                                                                                  \
    double total[VECTORS * LANES];                                                                                     \
    for (int v = 0; v < VECTORS; v++) {                                                                                \
      for (int step = 1; step < SETS; step *= 2)                                                                       \
        for (int s = 0; s + step < SETS; s += 2 * step) sum[s][v] += sum[s + step][v];                                 \
      STORE(total + v * LANES, sum[0][v]);                                                                             \
    }                                                                                                                  \
    for (long j = 0; j < columns; j++) out[j] = total[j];                                                              \
  }
KEPT(kept_1, 1, 8)
KEPT(kept_2, 2, 8)
KEPT(kept_3, 3, 8)
KEPT(kept_4, 4, 4)

CLONES void ll_vecmat(const double *x, const double *a, double *out, long rows, long columns, long beyond,
                      long ahead) {
  if (columns <= 0) return;
  switch ((columns + LANES - 1) / LANES) {
  case 1: return kept_1(x, a, out, rows, columns, beyond, ahead);
  case 2: return kept_2(x, a, out, rows, columns, beyond, ahead);
  case 3: return kept_3(x, a, out, rows, columns, beyond, ahead);
  case 4: return kept_4(x, a, out, rows, columns, beyond, ahead);
  }
  memset(out, 0, sizeof(double) * (size_t)columns);
  long i = 0;
  for (; i + 4 <= rows; i += 4) {
    const double *r = a + i * columns;
    double x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
#pragma clang loop vectorize(assume_safety)
    for (long j = 0; j < columns; j++)
      out[j] += (x0 * r[j] + x1 * r[columns + j]) + (x2 * r[2 * columns + j] + x3 * r[3 * columns + j]);
  }
  for (; i < rows; i++)
#pragma clang loop vectorize(assume_safety)
    for (long j = 0; j < columns; j++) out[j] += x[i] * a[i * columns + j];
}

// Sums over the last of outer × length × inner and over the first: a bias per channel.
CLONES void ll_sum_middle(const double *x, double *out, long outer, long length, long inner) {
  for (long k = 0; k < length; k++) {
    lanes s = SPLAT(0), t = SPLAT(0);
    double rest = 0;
    for (long o = 0; o < outer; o++) {
      const double *row = x + (o * length + k) * inner;
      long i = 0;
      for (; i + 2 * LANES <= inner; i += 2 * LANES) s += LOAD(row + i), t += LOAD(row + i + LANES);
      for (; i < inner; i++) rest += row[i];
    }
    s += t;
    out[k] = (((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))) + rest;
  }
}
