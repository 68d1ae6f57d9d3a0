#include "functions.h"
#include "include/kernels.h"
#include "lanes.h"
#include <stdlib.h>
#include <string.h>

// Convolution and pooling of images, [batch, channels, height, width].
//
// With stride 1 an output row is a sum of shifted input rows, so the loops run along the width, eight numbers at a time,
// over a copy of one image with its margin of zeros; eight output channels share what is loaded. Kernels of 3 × 3 have
// loops of their own, where a row is loaded once and shifted in registers. Other strides take the plain loops.

typedef double half __attribute__((vector_size(32), aligned(8)));
enum { NEAR = 4096 };
#define TOTAL(v) ((((v)[0] + (v)[4]) + ((v)[1] + (v)[5])) + (((v)[2] + (v)[6]) + ((v)[3] + (v)[7])))

static long rounded(long n) { return (n + LANES - 1) / LANES * LANES; }

// How long a row with its margin is: whole vectors, and one more behind the last that is written.
static long row_length(long width, long margin, long ow, long kw) {
  long needed = rounded(ow) + kw + LANES, given = width + 2 * margin;
  return rounded(needed > given ? needed : given);
}

// Puts one image inside its margin, which is zero already; rows are long enough to be read eight numbers at a time.
static inline void pad(const double *x, double *to, long channels, long height, long width, long margin, long tall,
                       long wide) {
  for (long c = 0; c < channels; c++)
    for (long y = 0; y < height; y++) {
      const double *from = x + (c * height + y) * width;
      double *row = to + (c * tall + y + margin) * wide + margin;
      if (width < LANES) {
        for (long i = 0; i < width; i++) row[i] = from[i];
      } else {
        for (long i = 0; i < width - LANES; i += LANES) STORE(row + i, LOAD(from + i));
        STORE(row + width - LANES, LOAD(from + width - LANES));
      }
    }
}

// MARK: Pooling

// Of two numbers the larger; NaN where one is.
#define LARGER(a, b)                                                                                                   \
  ({                                                                                                                   \
    marks first = (marks)((a) > (b)) | (marks)((a) != (a));                                                         \
    (lanes)((first & (marks)(a)) | (~first & (marks)(b)));                                                           \
  })
#define EVEN(a, b) MIX(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODD(a, b) MIX(a, b, 1, 3, 5, 7, 9, 11, 13, 15)

// Where windows leave no row out, all planes are one tall one.
#define JOIN_PLANES                                                                                                    \
  if (size == stride && height == oh * size) oh *= planes, height *= planes, planes = 1;

// Windows of 2 × 2, side by side, two rows of four at a time; the plain loop does the others.
CLONES void ll_maxpool2d(const double *x, double *out, long planes, long height, long width, long size, long stride) {
  long oh = (height - size) / stride + 1, ow = (width - size) / stride + 1;
  JOIN_PLANES
  long wide = size == 2 && stride == 2 ? ow / 4 * 4 : 0, high = oh / 2 * 2;
  for (long p = 0; p < planes; p++) {
    for (long y = 0; y < high && wide > 0; y += 2)
      for (long i = 0; i < wide; i += 4) {
        const double *rows = x + (p * height + 2 * y) * width + 2 * i;
        lanes a = LARGER(LOAD(rows), LOAD(rows + width));
        lanes b = LARGER(LOAD(rows + 2 * width), LOAD(rows + 3 * width));
        lanes left = EVEN(a, b), right = ODD(a, b), best = LARGER(left, right);
        double *to = out + (p * oh + y) * ow + i;
        *(half *)to = MIX(best, best, 0, 1, 2, 3);
        *(half *)(to + ow) = MIX(best, best, 4, 5, 6, 7);
      }
    for (long y = wide < ow ? 0 : high; y < oh; y++)
      for (long i = y < high ? wide : 0; i < ow; i++) {
        const double *rows = x + (p * height + y * stride) * width + i * stride;
        double best = rows[0];
        for (long ky = 0; ky < size; ky++)
          for (long kx = 0; kx < size; kx++) {
            double v = rows[ky * width + kx];
            best = v > best || v != v ? v : best;
          }
        out[(p * oh + y) * ow + i] = best;
      }
  }
}

// The gradient goes to the first element of a window, in reading order, that equals its maximum.
CLONES void ll_maxpool2d_back(const double *x, const double *top, const double *g, double *out, long planes, long height,
                              long width, long size, long stride) {
  long oh = (height - size) / stride + 1, ow = (width - size) / stride + 1;
  JOIN_PLANES
  long wide = size == 2 && stride == 2 ? ow / 4 * 4 : 0, high = oh / 2 * 2;
  // Where the windows cover everything, every element is written.
  if (wide < ow || high < oh || 2 * wide < width || 2 * high < height)
    memset(out, 0, sizeof(double) * (size_t)(planes * height * width));
  for (long p = 0; p < planes; p++) {
    for (long y = 0; y < high && wide > 0; y += 2)
      for (long i = 0; i < wide; i += 4) {
        long at = (p * height + 2 * y) * width + 2 * i, from = (p * oh + y) * ow + i;
        const double *rows = x + at;
        half b0 = *(const half *)(top + from), b1 = *(const half *)(top + from + ow);
        half g0 = *(const half *)(g + from), g1 = *(const half *)(g + from + ow);
        lanes best = MIX(b0, b1, 0, 1, 2, 3, 4, 5, 6, 7);
        marks rest = (marks)MIX(g0, g1, 0, 1, 2, 3, 4, 5, 6, 7);
        lanes a = LOAD(rows), b = LOAD(rows + width), c = LOAD(rows + 2 * width), d = LOAD(rows + 3 * width);
        // What is left of the gradient goes to each of the four in turn.
#define GIVEN(v)                                                                                                       \
  ({                                                                                                                   \
    marks hit = (marks)((v) == best);                                                                                \
    marks given = rest & hit;                                                                                         \
    rest &= ~hit;                                                                                                      \
    (lanes) given;                                                                                                     \
  })
        lanes e0 = GIVEN(EVEN(a, c)), o0 = GIVEN(ODD(a, c)), e1 = GIVEN(EVEN(b, d)), o1 = GIVEN(ODD(b, d));
#undef GIVEN
        STORE(out + at, MIX(e0, o0, 0, 8, 1, 9, 2, 10, 3, 11));
        STORE(out + at + width, MIX(e1, o1, 0, 8, 1, 9, 2, 10, 3, 11));
        STORE(out + at + 2 * width, MIX(e0, o0, 4, 12, 5, 13, 6, 14, 7, 15));
        STORE(out + at + 3 * width, MIX(e1, o1, 4, 12, 5, 13, 6, 14, 7, 15));
      }
    for (long y = wide < ow ? 0 : high; y < oh; y++)
      for (long i = y < high ? wide : 0; i < ow; i++) {
        const double *rows = x + (p * height + y * stride) * width + i * stride;
        double *to = out + (p * height + y * stride) * width + i * stride;
        for (long t = 0; t < size * size; t++) {
          long place = t / size * width + t % size;
          if (rows[place] == top[(p * oh + y) * ow + i]) {
            to[place] += g[(p * oh + y) * ow + i];
            break;
          }
        }
      }
  }
}

// Another image's values at the marks of the maxima.
void ll_maxpool2d_pick(const double *x, const double *top, const double *values, double *out, long planes, long height,
                       long width, long size, long stride) {
  long oh = (height - size) / stride + 1, ow = (width - size) / stride + 1;
  for (long p = 0; p < planes; p++)
    for (long y = 0; y < oh; y++)
      for (long i = 0; i < ow; i++) {
        long start = (p * height + y * stride) * width + i * stride, at = (p * oh + y) * ow + i;
        out[at] = NAN;
        for (long t = 0; t < size * size; t++) {
          long place = start + t / size * width + t % size;
          if (x[place] == top[at]) {
            out[at] = values[place];
            break;
          }
        }
      }
}

// MARK: Convolution

static inline __attribute__((always_inline)) void convolve_part(
    const double *padded, const double *kernel, const double *bias, double *out, long channels, long tall, long wide,
    long kh, long kw, long oh, long ow, const int many) {
  long taps = channels * kh * kw;
  for (long y = 0; y < oh; y++)
    for (long x = 0; x < ow; x += LANES) {
      lanes sum[LANES];
      for (int i = 0; i < many; i++) sum[i] = SPLAT(bias ? bias[i] : 0);
      const double *k = kernel;
      for (long c = 0; c < channels; c++)
        for (long ky = 0; ky < kh; ky++) {
          const double *row = padded + (c * tall + y + ky) * wide + x;
          for (long kx = 0; kx < kw; kx++, k++) {
            lanes v = LOAD(row + kx);
            for (int i = 0; i < many; i++) sum[i] += v * SPLAT(k[i * taps]);
          }
        }
      for (int i = 0; i < many; i++) {
        double *to = out + (i * oh + y) * ow + x;
        if (ow - x >= LANES)
          STORE(to, sum[i]);
        else
          for (long j = 0; j < ow - x; j++) to[j] = sum[i][j];
      }
    }
}

// Eight kernels of 3 × 3, one per lane: an input pixel meets up to nine of their numbers, all in registers. The result
// has the channels side by side and is turned before it is stored.
static inline __attribute__((always_inline)) void convolve_3(const double *padded, const double *kernel,
                                                             const double *bias, double *out, long channels, long tall,
                                                             long wide, long oh, long ow) {
  double side[LANES * LANES] __attribute__((aligned(64)));
  for (long y = 0; y < oh; y++)
    for (long x = 0; x < ow; x += LANES) {
      lanes sum[LANES];
      for (int i = 0; i < LANES; i++) sum[i] = bias ? LOAD(bias) : SPLAT(0);
      for (long c = 0; c < channels; c++)
#pragma clang loop unroll(full)
        for (int ky = 0; ky < 3; ky++) {
          const double *row = padded + (c * tall + y + ky) * wide + x, *k = kernel + (c * 9 + ky * 3) * LANES;
          lanes k0 = LOAD(k), k1 = LOAD(k + LANES), k2 = LOAD(k + 2 * LANES);
#pragma clang loop unroll(full)
          for (int j = 0; j < LANES + 2; j++) {
            lanes v = SPLAT(row[j]);
            if (j < LANES) sum[j] += v * k0;
            if (j >= 1 && j <= LANES) sum[j - 1] += v * k1;
            if (j >= 2) sum[j - 2] += v * k2;
          }
        }
      for (int i = 0; i < LANES; i++) STORE(side + i * LANES, sum[i]);
      if (ow - x >= LANES) {
        turn(side, LANES, out + y * ow + x, oh * ow);
      } else {
        for (int i = 0; i < LANES; i++)
          for (long j = 0; j < ow - x; j++) out[(i * oh + y) * ow + x + j] = side[j * LANES + i];
      }
    }
}

CLONES static void convolve(const double *padded, const double *kernel, const double *turned, const double *bias,
                            double *out, long channels, long tall, long wide, long outs, long kh, long kw, long oh,
                            long ow) {
  long taps = channels * kh * kw, o = 0;
  if (turned)
    for (; o + LANES <= outs; o += LANES)
      convolve_3(padded, turned + o * taps, bias ? bias + o : 0, out + o * oh * ow, channels, tall, wide, oh, ow);
#define PART(many)                                                                                                     \
  for (; o + many <= outs; o += many)                                                                                  \
    convolve_part(padded, kernel + o * taps, bias ? bias + o : 0, out + o * oh * ow, channels, tall, wide, kh, kw, oh, \
                  ow, many);
  PART(8)
  PART(4)
  PART(1)
#undef PART
}

static inline double at(const double *x, long height, long width, long y, long i) {
  return y >= 0 && y < height && i >= 0 && i < width ? x[y * width + i] : 0;
}

void ll_conv2d(const double *x, const double *kernel, const double *bias, double *out, long batch, long channels,
               long height, long width, long outs, long kh, long kw, long stride, long margin) {
  long oh = (height + 2 * margin - kh) / stride + 1, ow = (width + 2 * margin - kw) / stride + 1;
  if (stride == 1) {
    long tall = height + 2 * margin, wide = row_length(width, margin, ow, kw);
    long taps = channels * kh * kw, lane = kh == 3 && kw == 3 ? outs / LANES * LANES : 0;
    long image = rounded(channels * tall * wide), size = image + lane * taps;
    double near[NEAR] __attribute__((aligned(64)));
    double *padded = size <= NEAR ? near : aligned_alloc(64, sizeof(double) * (size_t)rounded(size));
    if (padded) {
      // Kernels with one of eight in each lane.
      double *turned = lane > 0 ? padded + image : 0;
      for (long o = 0; o < lane; o++)
        for (long t = 0; t < taps; t++)
          turned[o / LANES * LANES * taps + t * LANES + o % LANES] = kernel[o * taps + t];
      memset(padded, 0, sizeof(double) * (size_t)image);
      for (long n = 0; n < batch; n++) {
        pad(x + n * channels * height * width, padded, channels, height, width, margin, tall, wide);
        convolve(padded, kernel, turned, bias, out + n * outs * oh * ow, channels, tall, wide, outs, kh, kw, oh, ow);
      }
      if (padded != near) free(padded);
      return;
    }
  }
  for (long n = 0; n < batch; n++)
    for (long o = 0; o < outs; o++)
      for (long y = 0; y < oh; y++)
        for (long i = 0; i < ow; i++) {
          double sum = bias ? bias[o] : 0;
          for (long c = 0; c < channels; c++)
            for (long ky = 0; ky < kh; ky++)
              for (long kx = 0; kx < kw; kx++)
                sum += kernel[((o * channels + c) * kh + ky) * kw + kx] *
                       at(x + (n * channels + c) * height * width, height, width, y * stride + ky - margin,
                          i * stride + kx - margin);
          out[((n * outs + o) * oh + y) * ow + i] = sum;
        }
}

// What reaches the input: each output's gradient goes back to the pixels it was made of.
CLONES void ll_conv2d_input(const double *g, const double *kernel, double *out, long batch, long channels, long height,
                            long width, long outs, long kh, long kw, long stride, long margin) {
  long oh = (height + 2 * margin - kh) / stride + 1, ow = (width + 2 * margin - kw) / stride + 1;
  memset(out, 0, sizeof(double) * (size_t)(batch * channels * height * width));
  for (long n = 0; n < batch; n++)
    for (long c = 0; c < channels; c++)
      for (long o = 0; o < outs; o++)
        for (long ky = 0; ky < kh; ky++)
          for (long kx = 0; kx < kw; kx++) {
            double k = kernel[((o * channels + c) * kh + ky) * kw + kx];
            for (long y = 0; y < oh; y++) {
              long row = y * stride + ky - margin;
              if (row < 0 || row >= height) continue;
              const double *from = g + ((n * outs + o) * oh + y) * ow;
              double *to = out + ((n * channels + c) * height + row) * width;
              long shift = kx - margin, first = 0, last = ow;
              while (first < last && first * stride + shift < 0) first++;
              while (last > first && (last - 1) * stride + shift >= width) last--;
              if (stride == 1) {
                double *start = to + shift;
#pragma clang loop vectorize(assume_safety)
                for (long i = first; i < last; i++) start[i] += k * from[i];
              } else {
                for (long i = first; i < last; i++) to[i * stride + shift] += k * from[i];
              }
            }
          }
}

// A row and the two that begin one and two numbers further.
#define SHIFTED(row, v)                                                                                                \
  {                                                                                                                    \
    lanes here = LOAD(row), next = LOAD((row) + LANES);                                                                \
    v[0] = here;                                                                                                       \
    v[1] = MIX(here, next, 1, 2, 3, 4, 5, 6, 7, 8);                                                                    \
    v[2] = MIX(here, next, 2, 3, 4, 5, 6, 7, 8, 9);                                                                    \
  }

// Sums of products of gradient planes with shifted image rows, over some images; 3 × 3 keeps the sums of two planes in
// registers. Strides: from plane to plane of the gradient and of the sums, from image to image of both operands.
typedef struct {
  long planes, sums, gradients, images;
} apart;

static inline __attribute__((always_inline)) void taps_3(const double *g, const double *plane, lanes *sums, apart by,
                                                         long count, long wide, long oh, const int many) {
  lanes sum[2][9];
  for (int o = 0; o < many; o++)
    for (int t = 0; t < 9; t++) sum[o][t] = sums[o * by.sums + t];
  for (long n = 0; n < count; n++)
    for (long y = 0; y < oh; y++)
      for (int ky = 0; ky < 3; ky++) {
        lanes v[3];
        SHIFTED(plane + n * by.images + (y + ky) * wide, v)
        for (int o = 0; o < many; o++)
          for (int kx = 0; kx < 3; kx++)
            sum[o][ky * 3 + kx] += LOAD(g + n * by.gradients + o * by.planes + y * LANES) * v[kx];
      }
  for (int o = 0; o < many; o++)
    for (int t = 0; t < 9; t++) sums[o * by.sums + t] = sum[o][t];
}

static inline __attribute__((always_inline)) void taps_any(const double *g, const double *plane, lanes *sums, apart by,
                                                           long count, long wide, long oh, long kh, long kw) {
  for (long n = 0; n < count; n++)
    for (long y = 0; y < oh; y++) {
      lanes v = LOAD(g + n * by.gradients + y * LANES);
      for (long ky = 0; ky < kh; ky++)
        for (long kx = 0; kx < kw; kx++) sums[ky * kw + kx] += v * LOAD(plane + n * by.images + (y + ky) * wide + kx);
    }
}

// `columns` has room for two planes' columns of each image, eight wide.
CLONES static void correlate(const double *padded, const double *g, double *columns, lanes *sums, long count,
                             long channels, long tall, long wide, long outs, long kh, long kw, long oh, long ow) {
  for (long o = 0; o < outs;) {
    long many = kh == 3 && kw == 3 && o + 2 <= outs ? 2 : 1;
    for (long x = 0; x < ow; x += LANES) {
      long width = ow - x < LANES ? ow - x : LANES;
      apart by = {oh * LANES, channels * 9, outs * oh * ow, channels * tall * wide};
      const double *rows = g + o * oh * ow + x;
      // A column of the plane, eight wide, zeros beyond its end.
      if (ow != LANES) {
        for (long n = 0; n < count; n++)
          for (long r = 0; r < many * oh; r++)
            for (long j = 0; j < LANES; j++)
              columns[(n * 2 * oh + r) * LANES + j] = j < width ? rows[n * outs * oh * ow + r * ow + j] : 0;
        rows = columns;
        by.gradients = 2 * oh * LANES;
      }
      for (long c = 0; c < channels; c++) {
        const double *plane = padded + c * tall * wide + x;
        lanes *own = sums + (o * channels + c) * kh * kw;
        if (many == 2)
          taps_3(rows, plane, own, by, count, wide, oh, 2);
        else if (kh == 3 && kw == 3)
          taps_3(rows, plane, own, by, count, wide, oh, 1);
        else
          taps_any(rows, plane, own, by, count, wide, oh, kh, kw);
      }
    }
    o += many;
  }
}

CLONES static void total_taps(const lanes *sums, double *out, long count) {
  for (long t = 0; t < count; t++) out[t] = TOTAL(sums[t]);
}

// Where `pool` is given, g is the gradient of the pooled result and is put in its places a few images at a time.
static int kernel_gradient(const double *x, const double *g, const ll_pooling *pool, double *out, long batch,
                           long channels, long height, long width, long outs, long kh, long kw, long margin) {
  enum { GROUP = 4 };
  long oh = height + 2 * margin - kh + 1, ow = width + 2 * margin - kw + 1, taps = outs * channels * kh * kw;
  long tall = height + 2 * margin, wide = row_length(width, margin, ow, kw), plane = outs * oh * ow;
  long image = channels * tall * wide, size = taps * LANES + GROUP * (image + 2 * oh * LANES + (pool ? plane : 0));
  double near[2 * NEAR] __attribute__((aligned(64)));
  double *memory = size <= 2 * NEAR ? near : aligned_alloc(64, sizeof(double) * (size_t)rounded(size));
  if (!memory) return 0;
  double *padded = memory + taps * LANES, *columns = padded + GROUP * image, *placed = columns + GROUP * 2 * oh * LANES;
  memset(memory, 0, sizeof(double) * (size_t)(taps * LANES + GROUP * image));
  for (long n = 0; n < batch; n += GROUP) {
    long count = batch - n < GROUP ? batch - n : GROUP;
    const double *from = g + n * plane;
    if (pool) {
      long step = outs * ((oh - pool->size) / pool->stride + 1) * ((ow - pool->size) / pool->stride + 1);
      ll_maxpool2d_back(pool->x + n * plane, pool->top + n * step, g + n * step, placed, count * outs, oh, ow,
                        pool->size, pool->stride);
      from = placed;
    }
    // Images and their channels follow each other in both.
    pad(x + n * channels * height * width, padded, count * channels, height, width, margin, tall, wide);
    correlate(padded, from, columns, (lanes *)memory, count, channels, tall, wide, outs, kh, kw, oh, ow);
  }
  total_taps((lanes *)memory, out, taps);
  if (memory != near) free(memory);
  return 1;
}

void ll_conv2d_kernel(const double *x, const double *g, double *out, long batch, long channels, long height, long width,
                      long outs, long kh, long kw, long stride, long margin) {
  if (stride == 1 && kernel_gradient(x, g, 0, out, batch, channels, height, width, outs, kh, kw, margin)) return;
  long oh = (height + 2 * margin - kh) / stride + 1, ow = (width + 2 * margin - kw) / stride + 1;
  for (long o = 0; o < outs; o++)
    for (long c = 0; c < channels; c++)
      for (long ky = 0; ky < kh; ky++)
        for (long kx = 0; kx < kw; kx++) {
          double sum = 0;
          for (long n = 0; n < batch; n++)
            for (long y = 0; y < oh; y++)
              for (long i = 0; i < ow; i++)
                sum += g[((n * outs + o) * oh + y) * ow + i] *
                       at(x + (n * channels + c) * height * width, height, width, y * stride + ky - margin,
                          i * stride + kx - margin);
          out[((o * channels + c) * kh + ky) * kw + kx] = sum;
        }
}

void ll_conv2d_kernel_pooled(const double *x, const double *g, ll_pooling pool, double *out, long batch, long channels,
                             long height, long width, long outs, long kh, long kw, long stride, long margin) {
  if (stride == 1 && kernel_gradient(x, g, &pool, out, batch, channels, height, width, outs, kh, kw, margin)) return;
  long oh = (height + 2 * margin - kh) / stride + 1, ow = (width + 2 * margin - kw) / stride + 1;
  double *placed = malloc(sizeof(double) * (size_t)(batch * outs * oh * ow));
  // Without memory there is no gradient; NaN says so.
  for (long i = 0; !placed && i < outs * channels * kh * kw; i++) out[i] = NAN;
  if (!placed) return;
  ll_maxpool2d_back(pool.x, pool.top, g, placed, batch * outs, oh, ow, pool.size, pool.stride);
  ll_conv2d_kernel(x, placed, out, batch, channels, height, width, outs, kh, kw, stride, margin);
  free(placed);
}
