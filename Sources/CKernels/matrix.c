#include "functions.h"
#include "include/kernels.h"
#include "lanes.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The matrix product, and what is made of the same parts.
//
// Tiles of 8 × 16 numbers are kept in registers while the inner dimension runs (38–47 GFLOP/s at AVX-512 width, where a
// BLAS makes 48–57). Operands are addressed by two strides, so a transposed one is read where it is; of the right one,
// panels that are transposed, that end in a broken row, or that many rows will read, are copied first, at most
// DEPTH × 16 numbers at a time. The order of summation depends on the sizes alone.

enum { WIDTH = 16, DEPTH = 256, HEIGHT = 128 };

// The first `columns` numbers of a row of vectors, where they end within one.
#define STORE_PART(to, row, columns, VECTORS)                                                                          \
  for (int v = 0; v < VECTORS; v++) {                                                                                  \
    if ((v + 1) * LANES <= columns) {                                                                                  \
      STORE(to + v * LANES, row[v]);                                                                                   \
    } else {                                                                                                           \
      double rest[LANES];                                                                                              \
      STORE(rest, row[v]);                                                                                             \
      for (long j = v * LANES; j < columns; j++) (to)[j] = rest[j - v * LANES];                                        \
    }                                                                                                                  \
  }

// rows × (16 or 8) of the result: out = seed + a·b, where the seed is the result so far, a row of bias, or 0. A bias is
// readable over whole vectors. Where the panel is all of a narrow result, a row may be stored over the beginning of those
// that are stored later, but not behind the tile.
#define TILE(name, ROWS, VECTORS)                                                                                      \
  static inline __attribute__((always_inline)) void name(                                                              \
      const double *a, long ar, long ac, const double *b, long br, double *out, long ld, long depth,                   \
      const double *seed, long seed_ld, long columns) {                                                                \
    lanes sum[ROWS][VECTORS];                                                                                          \
    if (!seed) {                                                                                                       \
      for (int i = 0; i < ROWS; i++)                                                                                   \
        for (int v = 0; v < VECTORS; v++) sum[i][v] = SPLAT(0);                                                        \
    } else if (seed_ld == 0 || columns == VECTORS * LANES) {                                                           \
      for (int i = 0; i < ROWS; i++)                                                                                   \
        for (int v = 0; v < VECTORS; v++) sum[i][v] = LOAD(seed + i * seed_ld + v * LANES);                            \
    } else {                                                                                                           \
      for (int i = 0; i < ROWS; i++) {                                                                                 \
        double row[VECTORS * LANES] = {0};                                                                             \
        for (long j = 0; j < columns; j++) row[j] = seed[i * seed_ld + j];                                             \
        for (int v = 0; v < VECTORS; v++) sum[i][v] = LOAD(row + v * LANES);                                           \
      }                                                                                                                \
    }                                                                                                                  \
    for (long k = 0; k < depth; k++) {                                                                                 \
      lanes right[VECTORS];                                                                                            \
      for (int v = 0; v < VECTORS; v++) right[v] = LOAD(b + k * br + v * LANES);                                       \
      for (int i = 0; i < ROWS; i++) {                                                                                 \
        lanes left = SPLAT(a[i * ar + k * ac]);                                                                        \
        for (int v = 0; v < VECTORS; v++) sum[i][v] += left * right[v];                                                \
      }                                                                                                                \
    }                                                                                                                  \
    for (int i = 0; i < ROWS; i++) {                                                                                   \
      if (columns == VECTORS * LANES || (ld == columns && (ROWS - 1 - i) * ld >= VECTORS * LANES - columns)) {         \
        for (int v = 0; v < VECTORS; v++) STORE(out + i * ld + v * LANES, sum[i][v]);                                  \
      } else {                                                                                                         \
        STORE_PART(out + i * ld, sum[i], columns, VECTORS)                                                             \
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

static inline __attribute__((always_inline)) void turned(const double *x, long from, double *out, long to, long rows,
                                                         long columns) {
  long i = 0;
  for (; i + LANES <= rows; i += LANES) {
    long j = 0;
    for (; j + LANES <= columns; j += LANES) turn(x + i * from + j, from, out + j * to + i, to);
    for (; j < columns; j++)
      for (long p = i; p < i + LANES; p++) out[j * to + p] = x[p * from + j];
  }
  for (; i < rows; i++)
    for (long j = 0; j < columns; j++) out[j * to + i] = x[i * from + j];
}

// A panel of the right operand, `deep` rows of `wide` columns, filled up with zeros to `padded`.
static inline __attribute__((always_inline)) void pack(const double *b, long br, long bc, double *out, long deep,
                                                       long wide, long padded) {
  if (bc != 1 && br == 1) {
    turned(b, bc, out, padded, wide, deep);
  } else if (bc != 1) {
    for (long p = 0; p < deep; p++)
      for (long q = 0; q < wide; q++) out[p * padded + q] = b[p * br + q * bc];
  } else {
    marks mask[2];
    for (int v = 0; v < 2; v++)
      for (int i = 0; i < LANES; i++) mask[v][i] = v * LANES + i < wide ? -1 : 0;
    for (long p = 0; p < deep; p++) {
      double *to = out + p * padded;
      const double *from = b + p * br;
      // A whole vector of the last rows would reach behind the matrix.
      if (p * br + padded <= (deep - 1) * br + wide) {
        for (int v = 0; v * LANES < padded; v++) STORE(to + v * LANES, FIRST(LOAD(from + v * LANES), mask[v]));
      } else {
        for (long q = 0; q < padded; q++) to[q] = q < wide ? from[q] : 0;
      }
    }
    return;
  }
  if (wide < padded)
    for (long p = 0; p < deep; p++)
      for (long q = wide; q < padded; q++) out[p * padded + q] = 0;
}

// Results of a few columns that fill no vectors, from a transposed left operand: rows lie side by side, so a register holds
// eight of them, and nothing is multiplied that does not count. The order of summation is that of the tiles.
#define THIN(COLUMNS)                                                                                                  \
  static inline __attribute__((always_inline)) void thin_##COLUMNS(const double *a, long ac, const double *b, long br, \
                                                                   double *out, long depth, const double *bias) {      \
    lanes sum[COLUMNS];                                                                                                \
    for (int j = 0; j < COLUMNS; j++) sum[j] = bias ? SPLAT(bias[j]) : SPLAT(0);                                       \
    for (long k = 0; k < depth; k++) {                                                                                 \
      lanes left = LOAD(a + k * ac);                                                                                   \
      for (int j = 0; j < COLUMNS; j++) sum[j] += left * SPLAT(b[k * br + j]);                                         \
    }                                                                                                                  \
    double side[COLUMNS * LANES] __attribute__((aligned(64)));                                                         \
    for (int j = 0; j < COLUMNS; j++) STORE(side + j * LANES, sum[j]);                                                 \
    turn(side, LANES, out, COLUMNS);                                                                                   \
    for (int i = 0; i < LANES; i++)                                                                                    \
      for (int j = LANES; j < COLUMNS; j++) out[i * COLUMNS + j] = side[j * LANES + i];                                \
  }
#define WIDTHS(X) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
WIDTHS(THIN)

// How many of the rows have been done so.
static inline __attribute__((always_inline)) long thin(const double *a, long ac, const double *b, long br, double *out,
                                                       long rows, long depth, long columns, const double *bias) {
  long i = 0;
  switch (columns) {
#define CASE(n)                                                                                                        \
  case n:                                                                                                              \
    for (; i + LANES <= rows; i += LANES) thin_##n(a + i, ac, b, br, out + i * n, depth, bias);                        \
    break;
    WIDTHS(CASE)
#undef CASE
  }
  return i;
}

CLONES void ll_gemm(const double *a, long ar, long ac, const double *b, long br, long bc, double *out, long rows,
                    long depth, long columns, const double *bias) {
  double packed[DEPTH * WIDTH] __attribute__((aligned(64)));
  double seeds[WIDTH] __attribute__((aligned(64)));
  if (depth == 0)
    for (long i = 0; i < rows; i++)
      for (long j = 0; j < columns; j++) out[i * columns + j] = bias ? bias[j] : 0;
  if (ar == 1 && bc == 1 && columns > LANES && columns < WIDTH) {
    long done = thin(a, ac, b, br, out, rows, depth, columns, bias);
    a += done, out += done * columns, rows -= done;
  }
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
          pack(right, br, bc, packed, deep, wide, padded);
          right = packed;
          stride = padded;
        }
        double *to = out + i * columns + j;
        const double *seed = 0;
        if (k > 0) {
          seed = to;
        } else if (bias) {
          for (long q = 0; q < padded; q++) seeds[q] = q < wide ? bias[j + q] : 0;
          seed = seeds;
        }
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

CLONES void ll_transpose(const double *x, double *out, long rows, long columns, long pitch) {
  turned(x, columns, out, pitch, rows, columns);
}

// MARK: Rows by number

// A row number that is none gives NaN: it is seen in the result instead of standing for another row.
static inline __attribute__((always_inline)) void take(const double *x, const double *index, double *out, long count,
                                                       long rows, long width) {
  // Rows are apart, so the memory of those to come is asked for early.
  enum { AHEAD = 4 };
  for (long k = 0; k < count; k++) {
    double at = index[k], next = k + AHEAD < count ? index[k + AHEAD] : -1;
    double *to = out + k * width;
    if (next >= 0 && next < (double)rows)
      for (long i = 0; i < width && i < 16 * LANES; i += LANES) __builtin_prefetch(x + (long)next * width + i);
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

// Single numbers, gathered eight at a time where the processor can.
#if defined(__x86_64__)
__attribute__((target("avx512f,avx512dq"))) static long gather(const double *x, const double *index, double *out,
                                                               long count, long rows) {
  long k = 0;
  for (; k + LANES <= count; k += LANES) {
    __m512d at = _mm512_loadu_pd(index + k);
    __mmask8 is_row = _mm512_cmp_pd_mask(at, _mm512_setzero_pd(), _CMP_GE_OQ) &
                      _mm512_cmp_pd_mask(at, _mm512_set1_pd((double)rows), _CMP_LT_OQ);
    __m512d found = _mm512_mask_i64gather_pd(_mm512_set1_pd(NAN), is_row, _mm512_cvttpd_epi64(at), x, 8);
    _mm512_storeu_pd(out + k, found);
  }
  return k;
}
#else
static long gather(const double *x, const double *index, double *out, long count, long rows) { return 0; }
#endif

CLONES void ll_take_rows(const double *x, const double *index, double *out, long count, long rows, long width) {
  if (width == 1) {
    for (long k = ll_has_wide_vectors() ? gather(x, index, out, count, rows) : 0; k < count; k++) {
      double at = index[k];
      out[k] = at >= 0 && at < (double)rows ? x[(long)at] : NAN;
    }
  } else if (width == 2 * LANES) {
    take(x, index, out, count, rows, 2 * LANES);
  } else {
    take(x, index, out, count, rows, width);
  }
}

static inline __attribute__((always_inline)) void add(const double *x, const double *index, double scale, double *out,
                                                      long count, long rows, long width) {
  for (long k = 0; k < count; k++) {
    double at = index[k];
    if (!(at >= 0 && at < (double)rows)) continue;
    double *to = out + (long)at * width;
    const double *from = x + k * width;
    long i = 0;
    for (; i + LANES <= width; i += LANES) STORE(to + i, LOAD(to + i) + SPLAT(scale) * LOAD(from + i));
    for (; i < width; i++) to[i] += scale * from[i];
  }
}

CLONES void ll_add_rows(const double *x, const double *index, double scale, double *out, long count, long rows,
                        long width) {
  if (width == 2 * LANES)
    add(x, index, scale, out, count, rows, 2 * LANES);
  else
    add(x, index, scale, out, count, rows, width);
}
