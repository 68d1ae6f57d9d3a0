#include "functions.h"
#include "include/kernels.h"
#include <stdlib.h>
#include <string.h>

// Convolution and pooling of images, [batch, channels, height, width].
//
// With stride 1 an output row is a sum of shifted input rows, so the loops run along the width, eight numbers at a time,
// over a copy of one image with its margin of zeros; eight output channels share what is loaded. Other strides take the
// plain loops.

typedef double lanes __attribute__((vector_size(64), aligned(8)));
typedef double half __attribute__((vector_size(32), aligned(8)));
typedef long long places __attribute__((vector_size(64), aligned(8)));
enum { LANES = 8, NEAR = 4096 };
#define LOAD(p) (*(const lanes *)(p))
#define STORE(p, v) (*(lanes *)(p) = (v))
#define SPLAT(x) ((lanes){0} + (x))
#define TOTAL(v) ((((v)[0] + (v)[4]) + ((v)[1] + (v)[5])) + (((v)[2] + (v)[6]) + ((v)[3] + (v)[7])))

static long rounded(long n) { return (n + LANES - 1) / LANES * LANES; }

// One image with a margin; rows are long enough to be read eight numbers at a time.
static void pad(const double *x, double *to, long channels, long height, long width, long margin, long tall, long wide) {
  memset(to, 0, sizeof(double) * (size_t)(channels * tall * wide));
  for (long c = 0; c < channels; c++)
    for (long y = 0; y < height; y++)
      memcpy(to + (c * tall + y + margin) * wide + margin, x + (c * height + y) * width, sizeof(double) * (size_t)width);
}

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

CLONES static void convolve(const double *padded, const double *kernel, const double *bias, double *out, long channels,
                            long tall, long wide, long outs, long kh, long kw, long oh, long ow) {
  long taps = channels * kh * kw, o = 0;
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
    long tall = height + 2 * margin, wide = rounded(ow) + kw + LANES;
    if (wide < width + 2 * margin) wide = width + 2 * margin;
    long size = channels * tall * wide;
    double near[NEAR], *padded = size <= NEAR ? near : malloc(sizeof(double) * (size_t)size);
    if (padded) {
      for (long n = 0; n < batch; n++) {
        pad(x + n * channels * height * width, padded, channels, height, width, margin, tall, wide);
        convolve(padded, kernel, bias, out + n * outs * oh * ow, channels, tall, wide, outs, kh, kw, oh, ow);
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

// Sums of products of one gradient plane with shifted image rows; 3 × 3 keeps its nine sums in registers.
#define TAPS(name, KH, KW)                                                                                             \
  static inline __attribute__((always_inline)) void name(const double *g, const double *plane, lanes *sums, long wide, \
                                                         long oh, long kh, long kw) {                                  \
    lanes sum[KH * KW];                                                                                                \
    for (int t = 0; t < KH * KW; t++) sum[t] = sums[t];                                                                \
    for (long y = 0; y < oh; y++) {                                                                                    \
      lanes v = LOAD(g + y * LANES);                                                                                   \
      for (int ky = 0; ky < KH; ky++)                                                                                  \
        for (int kx = 0; kx < KW; kx++) sum[ky * KW + kx] += v * LOAD(plane + (y + ky) * wide + kx);                   \
    }                                                                                                                  \
    for (int t = 0; t < KH * KW; t++) sums[t] = sum[t];                                                                \
  }
TAPS(taps_3, 3, 3)

static inline __attribute__((always_inline)) void taps_any(const double *g, const double *plane, lanes *sums, long wide,
                                                           long oh, long kh, long kw) {
  for (long y = 0; y < oh; y++) {
    lanes v = LOAD(g + y * LANES);
    for (long ky = 0; ky < kh; ky++)
      for (long kx = 0; kx < kw; kx++) sums[ky * kw + kx] += v * LOAD(plane + (y + ky) * wide + kx);
  }
}

CLONES static void correlate(const double *padded, const double *g, double *columns, lanes *sums, long channels,
                             long tall, long wide, long outs, long kh, long kw, long oh, long ow) {
  for (long o = 0; o < outs; o++)
    for (long x = 0; x < ow; x += LANES) {
      long many = ow - x < LANES ? ow - x : LANES;
      const double *rows = g + o * oh * ow + x;
      // A column of the plane, eight wide, zeros beyond its end.
      if (ow != LANES) {
        for (long y = 0; y < oh; y++)
          for (long j = 0; j < LANES; j++) columns[y * LANES + j] = j < many ? rows[y * ow + j] : 0;
        rows = columns;
      }
      for (long c = 0; c < channels; c++) {
        const double *plane = padded + c * tall * wide + x;
        lanes *own = sums + (o * channels + c) * kh * kw;
        if (kh == 3 && kw == 3)
          taps_3(rows, plane, own, wide, oh, kh, kw);
        else
          taps_any(rows, plane, own, wide, oh, kh, kw);
      }
    }
}

CLONES static void total_taps(const lanes *sums, double *out, long count) {
  for (long t = 0; t < count; t++) out[t] = TOTAL(sums[t]);
}

void ll_conv2d_kernel(const double *x, const double *g, double *out, long batch, long channels, long height, long width,
                      long outs, long kh, long kw, long stride, long margin) {
  long oh = (height + 2 * margin - kh) / stride + 1, ow = (width + 2 * margin - kw) / stride + 1;
  long taps = outs * channels * kh * kw;
  if (stride == 1) {
    long tall = height + 2 * margin, wide = rounded(ow) + kw + LANES;
    if (wide < width + 2 * margin) wide = width + 2 * margin;
    long size = taps * LANES + channels * tall * wide + oh * LANES;
    double near[NEAR] __attribute__((aligned(64))), *memory = size <= NEAR ? near : malloc(sizeof(double) * (size_t)size);
    if (memory) {
      double *padded = memory + taps * LANES, *columns = padded + channels * tall * wide;
      memset(memory, 0, sizeof(double) * (size_t)(taps * LANES));
      for (long n = 0; n < batch; n++) {
        pad(x + n * channels * height * width, padded, channels, height, width, margin, tall, wide);
        correlate(padded, g + n * outs * oh * ow, columns, (lanes *)memory, channels, tall, wide, outs, kh, kw, oh, ow);
      }
      total_taps((lanes *)memory, out, taps);
      if (memory != near) free(memory);
      return;
    }
  }
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

// MARK: Pooling


// Where NaN is among a window, the window is NaN; the plain loop says so, the wide one is for windows of 2 × 2.
CLONES void ll_maxpool2d(const double *x, double *out, long planes, long height, long width, long size, long stride) {
  long oh = (height - size) / stride + 1, ow = (width - size) / stride + 1;
  for (long p = 0; p < planes; p++)
    for (long y = 0; y < oh; y++) {
      const double *rows = x + (p * height + y * stride) * width;
      double *to = out + (p * oh + y) * ow;
      long i = 0;
      if (size == 2 && stride == 2) {
        for (; i + 4 <= ow; i += 4) {
          lanes a = LOAD(rows + 2 * i), b = LOAD(rows + width + 2 * i);
          lanes top = (lanes)((((places)(a > b | a != a)) & (places)a) | (~((places)(a > b | a != a)) & (places)b));
          for (int j = 0; j < 4; j++) {
            double l = top[2 * j], r = top[2 * j + 1];
            to[i + j] = l > r || l != l ? l : r;
          }
        }
      }
      for (; i < ow; i++) {
        double best = rows[i * stride];
        for (long ky = 0; ky < size; ky++)
          for (long kx = 0; kx < size; kx++) {
            double v = rows[ky * width + i * stride + kx];
            best = v > best || v != v ? v : best;
          }
        to[i] = best;
      }
    }
}

// The gradient goes to the first element of a window, in reading order, that equals its maximum.
CLONES void ll_maxpool2d_back(const double *x, const double *top, const double *g, double *out, long planes, long height,
                              long width, long size, long stride) {
  long oh = (height - size) / stride + 1, ow = (width - size) / stride + 1;
  memset(out, 0, sizeof(double) * (size_t)(planes * height * width));
  for (long p = 0; p < planes; p++)
    for (long y = 0; y < oh; y++) {
      const double *rows = x + (p * height + y * stride) * width;
      double *to = out + (p * height + y * stride) * width;
      const double *best = top + (p * oh + y) * ow, *from = g + (p * oh + y) * ow;
      long i = 0;
      if (size == 2 && stride == 2) {
        // Of each pair of columns and rows the first that equals the maximum, in reading order.
        const places odd = {0, -1, 0, -1, 0, -1, 0, -1};
        for (; i + 4 <= ow; i += 4) {
          half b4 = *(const half *)(best + i), v4 = *(const half *)(from + i);
          lanes b = __builtin_shufflevector(b4, b4, 0, 0, 1, 1, 2, 2, 3, 3);
          lanes v = __builtin_shufflevector(v4, v4, 0, 0, 1, 1, 2, 2, 3, 3);
          places h0 = (places)(LOAD(rows + 2 * i) == b), h1 = (places)(LOAD(rows + width + 2 * i) == b);
          places left0 = __builtin_shufflevector(h0, h0, 0, 0, 2, 2, 4, 4, 6, 6);
          places right0 = __builtin_shufflevector(h0, h0, 1, 1, 3, 3, 5, 5, 7, 7);
          places left1 = __builtin_shufflevector(h1, h1, 0, 0, 2, 2, 4, 4, 6, 6);
          places above = left0 | right0;
          STORE(to + 2 * i, (lanes)(h0 & ~(left0 & odd) & (places)v));
          STORE(to + width + 2 * i, (lanes)(h1 & ~(left1 & odd) & ~above & (places)v));
        }
      }
      for (; i < ow; i++)
        for (long t = 0; t < size * size; t++) {
          long place = t / size * width + i * stride + t % size;
          if (rows[place] == best[i]) {
            to[place] += from[i];
            break;
          }
        }
    }
}

// Another image's values at the places of the maxima.
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
