#pragma once
#include <stdint.h>

// The loops under the expression graph. Operation numbers are the raw values of the Swift enums that name them; in
// instructions, functions of two numbers start at LL_BINARY.
// Output may be the same memory as an input, never an overlapping part of it.

void ll_unary_apply(int32_t op, const double *x, double *out, long n);
double ll_unary_scalar(int32_t op, double x);

void ll_binary_vv(int32_t op, const double *x, const double *y, double *out, long n);
void ll_binary_vs(int32_t op, const double *x, double y, double *out, long n);
void ll_binary_sv(int32_t op, double x, const double *y, double *out, long n);
double ll_binary_scalar(int32_t op, double x, double y);

/// out = c ? a : b; a stride of 0 repeats a single number.
void ll_select(const double *c, long cs, const double *a, long as, const double *b, long bs, double *out, long n);

/// Sum, product, maximum, minimum; sums are pairwise over running ones, so their order depends on n alone.
double ll_reduce(int32_t op, const double *x, long n);

/// Σ 0·x: 0 if every element is finite, else NaN.
double ll_finite(const double *x, long n);

// MARK: Instructions

enum {
  LL_BLOCK = 512,
  LL_BINARY = 64,
  LL_SELECT = 100,
  LL_COPY = 101,
  // Folds of a block: those of ll_reduce, then Σ a·b, then Σ 0·a, which is 0 if and only if every element is finite.
  LL_FOLD = 110,
  LL_DOT = 114,
  LL_FINITE = 115,
  // Along each row of a block.
  LL_ROW_SUM = 120,
  LL_ROW_LARGEST,
  LL_ROW_SOFTMAX,
  LL_ROW_LOG_SOFTMAX,
  LL_ROW_LOGSUMEXP,
  /// One number per row, repeated along it.
  LL_SPREAD,
  /// One row, repeated for all.
  LL_TILE,
};

/// out = op(a, b, c). In a program of numbers these are places among the numbers, in a cluster places in its operands,
/// and the operation is on `width` elements per row: one or all.
typedef struct {
  int32_t op, out, a, b, c, width;
} ll_instruction;

/// Runs straight-line code on numbers.
void ll_numbers_run(const ll_instruction *code, long count, double *numbers);

/// A number that is read or written one place further in every run.
typedef struct {
  long number;
  double *base;
  long stride;
} ll_stream;
/// Runs straight-line code again and again: reads, computes, writes.
void ll_numbers_repeat(const ll_instruction *code, long count, double *numbers, const ll_stream *loads, long load_count,
                       const ll_stream *stores, long store_count, long times);

/// Where an operand of a cluster lives: in an array of `width` elements per row, in an array that every block reads whole,
/// in a number, or in the memory of the block.
enum { LL_ARRAY, LL_WHOLE, LL_NUMBER, LL_BLOCK_MEMORY };
typedef struct {
  int32_t kind, index, width;
} ll_operand;

/// Code over the rows of arrays, run block by block. Plain arrays have rows of one element.
typedef struct {
  const ll_instruction *code;
  const ll_operand *operands;
  long code_count, operand_count, rows, width, block;
} ll_cluster;

/// Runs blocks first ..< last. `scratch` has room for the block memory, `places` for a pointer per operand; fold `out`
/// of block j goes to partials[out · blocks + j].
void ll_cluster_run(const ll_cluster *cluster, double *const *slots, double *numbers, double *scratch, double **places,
                    double *partials, long first, long last);

/// How many processors this process may run on.
int ll_processors(void);

/// Whether this processor has the 512-bit registers that machine code is made for.
int ll_has_wide_vectors(void);

/// One piece of a job; anything but 0 ends the job. `worker` is 0 for the thread that gave it.
typedef int (*ll_piece)(void *context, long piece, int worker);

/// Calls `body` for every piece 0 ..< count on up to `threads` threads, this one among them.
void ll_parallel(long count, int threads, ll_piece body, void *context);

/// The longest row that is summed from left to right.
enum { LL_LONGEST_ROW = 512 };
/// The sum, and the largest, of each row of a rows × k matrix.
void ll_row_sums(const double *x, double *out, long rows, long k);
void ll_row_largest(const double *x, double *out, long rows, long k);
/// x[row] along each row, and the k numbers of x in each row.
void ll_spread(const double *x, double *out, long rows, long k);
void ll_tile(const double *x, double *out, long rows, long k);

// MARK: Rows in lanes

/// Rows of k > 1 numbers in groups of eight, each group column by column; the last group is filled up with zeros. And back.
/// What is in lanes starts a cache line.
void ll_rows_to_lanes(const double *x, double *out, long rows, long k);
void ll_lanes_to_rows(const double *x, double *out, long rows, long k);

enum { LL_READ = 1, LL_WRITTEN = 2, LL_REPEATED = 4 };
/// An array of `width` numbers per row and its place in a frame; a repeated one is one row for all.
typedef struct {
  int32_t slot, place, width, use;
} ll_row_array;

/// Machine code for one block of rows in lanes: `ahead` are the next blocks of what is read, `last_lanes` has a bit for
/// each row of the last group.
typedef void (*ll_row_code)(const double *const *ahead, const double *numbers, long groups, double *partials,
                            double *frame, long last_lanes);
enum { LL_AHEAD = 3 };
typedef struct {
  ll_row_code code;
  const ll_row_array *arrays;
  long array_count, rows, width, block, lanes;
  /// Where in the frame rows are put together that are then written past the caches; 0 if they stay in them.
  long past;
} ll_row_cluster;

/// Runs blocks first ..< last in a frame that starts a cache line.
void ll_row_cluster_run(const ll_row_cluster *cluster, double *const *slots, const double *numbers, double *frame,
                        double *partials, long first, long last);

enum { LL_SOFTMAX, LL_LOG_SOFTMAX, LL_LOGSUMEXP };
/// softmax and log softmax of each row (out is rows × k), or its logsumexp (out has rows numbers).
void ll_row_softmax(int32_t kind, const double *x, double *out, long rows, long k);

/// Keeps freed memory for the next allocation instead of giving it back page by page: a gradient of 80 MB costs as much
/// to fault in anew as to compute.
void ll_keep_memory(void);

/// Asks for large pages behind a large array.
void ll_prefer_large_pages(void *start, long bytes);

// MARK: Matrices

/// out[rows×columns] = a[rows×depth] · b[depth×columns] (+ bias, a row added to every row, or null). Operands by two
/// strides, from row to row and from column to column; out is dense.
void ll_gemm(const double *a, long ar, long ac, const double *b, long br, long bc, double *out, long rows, long depth,
             long columns, const double *bias);
/// out[rows] = a[rows×depth] · x. So many numbers `beyond` the matrix may be read, though they do not count.
void ll_matvec(const double *a, const double *x, double *out, long rows, long depth, long beyond);
/// out[columns] = x · a[rows×columns]. What stands `ahead` elements further is asked for from memory on the way, if not 0.
void ll_vecmat(const double *x, const double *a, double *out, long rows, long columns, long beyond, long ahead);
/// Every row of out is `row`.
void ll_repeat_rows(const double *row, double *out, long rows, long columns);
void ll_repeat_each(const double *column, double *out, long rows, long times);
/// out[columns] = the sum of the rows
void ll_sum_rows(const double *x, double *out, long rows, long columns);
/// out[length] = the sums of outer × length × inner over outer and inner
void ll_sum_middle(const double *x, double *out, long outer, long length, long inner);
/// Rows of out are `pitch` numbers apart.
void ll_transpose(const double *x, double *out, long rows, long columns, long pitch);
/// out[k] = row index[k] of x, counted from 0; NaN where there is none.
void ll_take_rows(const double *x, const double *index, double *out, long count, long rows, long width);
/// out[index[k]] += scale · row k of x; rows that are none are left out.
void ll_add_rows(const double *x, const double *index, double scale, double *out, long count, long rows, long width);

// MARK: Images, [batch, channels, height, width]

/// Cross-correlation with kernels [outs, channels, kh, kw] on an image with a margin of zeros; bias per output channel,
/// or null.
void ll_conv2d(const double *x, const double *kernel, const double *bias, double *out, long batch, long channels,
               long height, long width, long outs, long kh, long kw, long stride, long margin);
/// The gradient of ll_conv2d with respect to x, and with respect to the kernel.
void ll_conv2d_input(const double *g, const double *kernel, double *out, long batch, long channels, long height,
                     long width, long outs, long kh, long kw, long stride, long margin);
void ll_conv2d_kernel(const double *x, const double *g, double *out, long batch, long channels, long height, long width,
                      long outs, long kh, long kw, long stride, long margin);
/// The gradient with respect to the kernel where the result was pooled: g is that of the pooled result, `top`, of the
/// images x in windows of a size, a stride apart.
typedef struct {
  const double *x, *top;
  long size, stride;
} ll_pooling;
void ll_conv2d_kernel_pooled(const double *x, const double *g, ll_pooling pool, double *out, long batch, long channels,
                             long height, long width, long outs, long kh, long kw, long stride, long margin);
/// The largest of each window; its gradient; and another image's values where the maxima are.
void ll_maxpool2d(const double *x, double *out, long planes, long height, long width, long size, long stride);
void ll_maxpool2d_back(const double *x, const double *top, const double *g, double *out, long planes, long height,
                       long width, long size, long stride);
void ll_maxpool2d_pick(const double *x, const double *top, const double *values, double *out, long planes, long height,
                       long width, long size, long stride);
