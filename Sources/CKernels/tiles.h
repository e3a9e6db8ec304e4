/*
 * Small matrix products held in registers, compiled for each width (no include guard on purpose;
 * include it where lanes are in scope, and pairs.h before any width is). A tile is `rows` x `vectors`
 * accumulators of sixteen lanes; both numbers are constants in all calls, so that every loop over
 * them unrolls. The combinations of rows and vectors differ between widths with the number of
 * registers; the order of each element's sum does not.
 */
#undef TILE_VECTORS
#undef TILE_ROWS
#if DJ_WIDTH == 4
#define TILE_VECTORS 4 /* 24 of 32 registers are accumulators */
#define TILE_ROWS(vectors) ((vectors) == 4 ? 6 : (vectors) == 3 ? 8 : 12)
#else
#define TILE_VECTORS 1 /* 12 of 16 half-width registers */
#define TILE_ROWS(vectors) 6
#endif
#define TILE_UNROLL _Pragma("clang loop unroll(full)")

#define tile_multiply DJ(tile_multiply)
#define tile_transpose DJ(tile_transpose)
#define tile_widest DJ(tile_widest)
#define padded DJ(padded)

/* Columns padded to whole vectors. */
LANE size_t padded(size_t columns) { return padded_columns(columns, LANES); }

/* The number of vectors of the strip at vector `from` of `of`, evenly divided. */
LANE size_t tile_widest(size_t from, size_t of) {
    return strip_vectors(from, of, TILE_VECTORS);
}

/*
 * c[r] += or = sum over t of a[r][t * step] * b[t * stride ...], for rows r and `vectors` vectors
 * of b and c. Terms are added one by one in the order of t.
 */
LANE void tile_multiply(
    const size_t rows, const size_t vectors, const float *const *a, size_t step, const float *b,
    size_t stride, size_t depth, float *const *c, const int accumulate) {
    f16 sum[12][4];
    TILE_UNROLL for (size_t r = 0; r < rows; r++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++)
            sum[r][v] = accumulate ? lane_load(c[r] + LANES * v) : lane_splat(0);
    for (size_t t = 0; t < depth; t++) {
        f16 w[4];
        TILE_UNROLL for (size_t v = 0; v < vectors; v++)
            w[v] = lane_load(b + t * stride + LANES * v);
        TILE_UNROLL for (size_t r = 0; r < rows; r++) {
            f16 x = lane_splat(a[r][t * step]);
            TILE_UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] = lane_fma(x, w[v], sum[r][v]);
        }
    }
    TILE_UNROLL for (size_t r = 0; r < rows; r++)
        TILE_UNROLL for (size_t v = 0; v < vectors; v++) lane_store(c[r] + LANES * v, sum[r][v]);
}

/* Sixteen rows of sixteen values become columns: to[j * rows_to + i] = from[i * rows_from + j]. */
LANE void tile_transpose(const float *from, size_t rows_from, float *to, size_t rows_to) {
    f16 m[LANES], n[LANES];
    TILE_UNROLL for (size_t i = 0; i < LANES; i++) m[i] = lane_load(from + i * rows_from);
    /* Four rounds that interleave row i with row i + 8: a perfect shuffle of the 256 values each,
       which after four rounds has exchanged the four bits of row and column. */
    TILE_UNROLL for (size_t round = 0; round < 4; round++) {
        TILE_UNROLL for (size_t i = 0; i < 8; i++) {
            n[2 * i] = __builtin_shufflevector(
                m[i], m[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            n[2 * i + 1] = __builtin_shufflevector(
                m[i], m[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        TILE_UNROLL for (size_t i = 0; i < LANES; i++) m[i] = n[i];
    }
    TILE_UNROLL for (size_t j = 0; j < LANES; j++) lane_store(to + j * rows_to, m[j]);
}
