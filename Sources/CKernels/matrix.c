#include "functions.h"
#include "include/kernels.h"
#include <string.h>

// The matrix product, and what is made of the same parts.
//
// Tiles of 8 × 16 numbers are kept in registers while the inner dimension runs (38–47 GFLOP/s at AVX-512 width, where a
// BLAS makes 48–57). Operands are addressed by two strides, so a transposed one is read where it is; of the right one,
// panels that are transposed, that end in a broken row, or that many rows will read, are copied first, at most
// DEPTH × 16 numbers at a time. The order of summation depends on the sizes alone.

typedef double lanes __attribute__((vector_size(64), aligned(8)));
enum { LANES = 8, WIDTH = 16, DEPTH = 256, HEIGHT = 128 };

// Macros, because a function that passes vectors by value has another ABI per clone.
#define LOAD(p) (*(const lanes *)(p))
#define STORE(p, v) (*(lanes *)(p) = (v))
#define SPLAT(x) ((lanes){0} + (x))

// rows × (16 or 8) of the result: out = seed + a·b, where the seed is the result so far, a row of bias, or 0.
#define TILE(name, ROWS, VECTORS)                                                                                      \
  static inline __attribute__((always_inline)) void name(                                                              \
      const double *a, long ar, long ac, const double *b, long br, double *out, long ld, long depth,                   \
      const double *seed, long seed_ld, long columns) {                                                                \
    lanes sum[ROWS][VECTORS];                                                                                          \
    if (seed && columns == VECTORS * LANES) {                                                                          \
      for (int i = 0; i < ROWS; i++)                                                                                   \
        for (int v = 0; v < VECTORS; v++) sum[i][v] = LOAD(seed + i * seed_ld + v * LANES);                            \
    } else {                                                                                                           \
      for (int i = 0; i < ROWS; i++)                                                                                   \
        for (int v = 0; v < VECTORS; v++) sum[i][v] = SPLAT(0);                                                        \
      if (seed)                                                                                                        \
        for (int i = 0; i < ROWS; i++)                                                                                 \
          for (long j = 0; j < columns; j++) sum[i][j / LANES][j % LANES] = seed[i * seed_ld + j];                     \
    }                                                                                                                  \
    for (long k = 0; k < depth; k++) {                                                                                 \
      lanes right[VECTORS];                                                                                            \
      for (int v = 0; v < VECTORS; v++) right[v] = LOAD(b + k * br + v * LANES);                                       \
      for (int i = 0; i < ROWS; i++) {                                                                                 \
        lanes left = SPLAT(a[i * ar + k * ac]);                                                                        \
        for (int v = 0; v < VECTORS; v++) sum[i][v] += left * right[v];                                                \
      }                                                                                                                \
    }                                                                                                                  \
    if (columns == VECTORS * LANES) {                                                                                  \
      for (int i = 0; i < ROWS; i++)                                                                                   \
        for (int v = 0; v < VECTORS; v++) STORE(out + i * ld + v * LANES, sum[i][v]);                                  \
    } else {                                                                                                           \
      for (int i = 0; i < ROWS; i++) {                                                                                 \
        double row[VECTORS * LANES];                                                                                   \
        for (int v = 0; v < VECTORS; v++) STORE(row + v * LANES, sum[i][v]);                                           \
        memcpy(out + i * ld, row, sizeof(double) * (size_t)columns);                                                   \
      }                                                                                                                \
    }                                                                                                                  \
  }
TILE(tile_8_2, 8, 2)
TILE(tile_8_1, 8, 1)
TILE(tile_4_2, 4, 2)
TILE(tile_4_1, 4, 1)
TILE(tile_1_2, 1, 2)
TILE(tile_1_1, 1, 1)

// One panel of up to 16 columns against all rows of a block.
static inline __attribute__((always_inline)) void panel(
    const double *a, long ar, long ac, const double *b, long br, double *out, long ld, long rows, long depth,
    const double *seed, long seed_ld, long columns) {
  long i = 0;
#define RUN(ROWS, two, one)                                                                                            \
  for (; i + ROWS <= rows; i += ROWS) {                                                                                \
    const double *from = seed ? seed + i * seed_ld : 0;                                                                \
    if (columns > LANES)                                                                                               \
      two(a + i * ar, ar, ac, b, br, out + i * ld, ld, depth, from, seed_ld, columns);                                 \
    else                                                                                                               \
      one(a + i * ar, ar, ac, b, br, out + i * ld, ld, depth, from, seed_ld, columns);                                 \
  }
  RUN(8, tile_8_2, tile_8_1)
  RUN(4, tile_4_2, tile_4_1)
  RUN(1, tile_1_2, tile_1_1)
#undef RUN
}

CLONES void ll_gemm(const double *a, long ar, long ac, const double *b, long br, long bc, double *out, long rows,
                    long depth, long columns, const double *bias) {
  double packed[DEPTH * WIDTH] __attribute__((aligned(64)));
  if (depth == 0)
    for (long i = 0; i < rows; i++)
      for (long j = 0; j < columns; j++) out[i * columns + j] = bias ? bias[j] : 0;
  for (long k = 0; k < depth; k += DEPTH) {
    long deep = depth - k < DEPTH ? depth - k : DEPTH;
    for (long i = 0; i < rows; i += HEIGHT) {
      long high = rows - i < HEIGHT ? rows - i : HEIGHT;
      for (long j = 0; j < columns; j += WIDTH) {
        long wide = columns - j < WIDTH ? columns - j : WIDTH;
        const double *right = b + k * br + j * bc;
        long stride = br;
        long padded = wide > LANES ? WIDTH : LANES;
        if (bc != 1 || wide < padded || (high > 32 && br > 64)) {
          if (bc == 1 && wide == padded) {
            for (long p = 0; p < deep; p++) memcpy(packed + p * padded, right + p * br, sizeof(double) * (size_t)wide);
          } else if (bc == 1) {
            for (long p = 0; p < deep; p++)
              for (long q = 0; q < padded; q++) packed[p * padded + q] = q < wide ? right[p * br + q] : 0;
          } else {
            for (long q = 0; q < wide; q++)
              for (long p = 0; p < deep; p++) packed[p * padded + q] = right[p * br + q * bc];
            for (long q = wide; q < padded; q++)
              for (long p = 0; p < deep; p++) packed[p * padded + q] = 0;
          }
          right = packed;
          stride = padded;
        }
        double *to = out + i * columns + j;
        const double *seed = k > 0 ? to : bias ? bias + j : 0;
        panel(a + i * ar + k * ac, ar, ac, right, stride, to, columns, high, deep, seed, k > 0 ? columns : 0, wide);
      }
    }
  }
}

// MARK: Rows over a matrix

CLONES void ll_repeat_rows(const double *row, double *out, long rows, long columns) {
  for (long i = 0; i < rows; i++) memcpy(out + i * columns, row, sizeof(double) * (size_t)columns);
}

CLONES void ll_repeat_each(const double *column, double *out, long rows, long times) {
  for (long i = 0; i < rows; i++) {
    lanes v = SPLAT(column[i]);
    double *to = out + i * times;
    long j = 0;
    for (; j + LANES <= times; j += LANES) STORE(to + j, v);
    for (; j < times; j++) to[j] = column[i];
  }
}

CLONES void ll_sum_rows(const double *x, double *out, long rows, long columns) {
  long j = 0;
  for (; j + 4 * LANES <= columns; j += 4 * LANES) {
    lanes s[4] = {{0}};
    for (long i = 0; i < rows; i++)
      for (int v = 0; v < 4; v++) s[v] += LOAD(x + i * columns + j + v * LANES);
    for (int v = 0; v < 4; v++) STORE(out + j + v * LANES, s[v]);
  }
  for (; j + LANES <= columns; j += LANES) {
    lanes s = SPLAT(0), t = SPLAT(0);
    long i = 0;
    for (; i + 2 <= rows; i += 2) {
      s += LOAD(x + i * columns + j);
      t += LOAD(x + (i + 1) * columns + j);
    }
    if (i < rows) s += LOAD(x + i * columns + j);
    STORE(out + j, s + t);
  }
  for (; j < columns; j++) {
    double s = 0, t = 0;
    long i = 0;
    for (; i + 2 <= rows; i += 2) s += x[i * columns + j], t += x[(i + 1) * columns + j];
    if (i < rows) s += x[i * columns + j];
    out[j] = s + t;
  }
}

CLONES void ll_transpose(const double *x, double *out, long rows, long columns) {
  for (long i = 0; i < rows; i += LANES)
    for (long j = 0; j < columns; j += LANES)
      for (long p = i; p < rows && p < i + LANES; p++)
        for (long q = j; q < columns && q < j + LANES; q++) out[q * rows + p] = x[p * columns + q];
}

// MARK: Rows by number

// A row number that is none gives NaN: it is seen in the result instead of standing for another row.
CLONES void ll_take_rows(const double *x, const double *index, double *out, long count, long rows, long width) {
  for (long k = 0; k < count; k++) {
    double at = index[k];
    double *to = out + k * width;
    if (at >= 0 && at < (double)rows) {
      const double *from = x + (long)at * width;
      long i = 0;
      for (; i + LANES <= width; i += LANES) STORE(to + i, LOAD(from + i));
      for (; i < width; i++) to[i] = from[i];
    } else {
      for (long i = 0; i < width; i++) to[i] = NAN;
    }
  }
}

CLONES void ll_add_rows(const double *x, const double *index, double *out, long count, long rows, long width) {
  for (long k = 0; k < count; k++) {
    double at = index[k];
    if (!(at >= 0 && at < (double)rows)) continue;
    double *to = out + (long)at * width;
    const double *from = x + k * width;
    long i = 0;
    for (; i + LANES <= width; i += LANES) STORE(to + i, LOAD(to + i) + LOAD(from + i));
    for (; i < width; i++) to[i] += from[i];
  }
}
