#pragma once

// Eight numbers at a time: what the kernels of matrices and images are written with. Macros, because a function that
// passes vectors by value has another ABI per clone.

typedef double lanes __attribute__((vector_size(64), aligned(8)));
typedef long long marks __attribute__((vector_size(64), aligned(8)));
enum { LANES = 8 };
#define LOAD(p) (*(const lanes *)(p))
#define STORE(p, v) (*(lanes *)(p) = (v))
#define SPLAT(x) ((lanes){(x), (x), (x), (x), (x), (x), (x), (x)})
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
// Some of the lanes; the others 0, whatever they hold.
#define FIRST(v, mask) ((lanes)((marks)(v) & (mask)))

// out[j][i] = x[i][j] for 8 × 8 numbers.
static inline __attribute__((always_inline)) void turn(const double *x, long from, double *out, long to) {
  lanes r[LANES], t[LANES], u[LANES];
  for (int i = 0; i < LANES; i++) r[i] = LOAD(x + i * from);
  for (int i = 0; i < LANES; i += 2) {
    t[i] = MIX(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    t[i + 1] = MIX(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < LANES; i += 4)
    for (int j = 0; j < 2; j++) {
      u[i + j] = MIX(t[i + j], t[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      u[i + j + 2] = MIX(t[i + j], t[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int j = 0; j < 4; j++) {
    STORE(out + j * to, MIX(u[j], u[j + 4], 0, 1, 2, 3, 8, 9, 10, 11));
    STORE(out + (j + 4) * to, MIX(u[j], u[j + 4], 4, 5, 6, 7, 12, 13, 14, 15));
  }
}
